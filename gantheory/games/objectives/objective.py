"""What every adversarial objective offers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.notation import Noun


@dataclass(frozen=True)
class Objective(Noun, ABC):
    """A pair of losses of the critic's logits on real and on generated samples, both minimised.

    The critic's logit is high on data. Logits may have any shape; losses are means over all of them. An
    objective of your own gives `generator_loss`, `critic_loss` and `optimal_logit` (`None` if unknown).

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Exponential(Objective):
        ...     divergence = "int (sqrt p - sqrt q)^2"
        ...     def generator_loss(self, real_logits, fake_logits):
        ...         return -(fake_logits / 2).exp().mean()
        ...     def critic_loss(self, real_logits, fake_logits):
        ...         return (-real_logits / 2).exp().mean() + (fake_logits / 2).exp().mean()
        ...     def optimal_logit(self, log_ratio):
        ...         return log_ratio
        >>> from gantheory import MLP, Adam, AdversarialGame, Key, Ring, Simultaneous, simulate
        >>> game = AdversarialGame(MLP(2, (8,), 2), MLP(2, (8,), 1), Ring(), Exponential(), batch=128)
        >>> runs = simulate(game, Simultaneous(Adam(1e-2)), steps=30, population=4, key=Key(0))
        >>> bool((runs.losses[:, -1, 1] < runs.losses[:, 0, 1]).all())
        True
    """

    pairs: ClassVar[bool] = False
    """Whether the generator's loss reads the logits of real samples too."""

    divergence: ClassVar[str]
    """The divergence between data and generator that the best critic's value measures, in words."""

    classifies: ClassVar[bool] = False
    """Whether the critic's loss is the cross-entropy of a classifier, up to a constant: real 1, generated 0."""

    smooth: ClassVar[bool] = True
    """Whether the critic's loss has a gradient everywhere, and one best logit."""

    largest: ClassVar[float] = math.inf
    """The size of a logit up to which means of losses stay finite in float32."""

    @property
    def contested(self) -> tuple[float, float]:
        """The open interval of logits in which both players pull: outside, one of them rests or turns."""
        return -math.inf, math.inf

    @abstractmethod
    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        """Return the generator's loss; ``real_logits`` may be `None` unless the objective `pairs`."""

    @abstractmethod
    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Return the critic's loss."""

    @abstractmethod
    def optimal_logit(self, log_ratio: Tensor) -> Tensor | None:
        """Return the best critic's logit where ``log p/q`` is ``log_ratio``; `None` where that alone does
        not determine it."""

    def losses(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the losses ``(generator, critic)``."""
        return self.generator_loss(real_logits, fake_logits), self.critic_loss(real_logits, fake_logits)

    @classmethod
    def examples(cls) -> Iterable[Objective]:
        """Return instances, for the contract tests."""
        return [cls()]
