"""How hard each generator's loss pulls at the critic's logit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.games import MaximumLikelihoodCost, Minimax, NonSaturating, Objective
from gantheory.random import Key


Loss = Literal["minimax", "non-saturating", "maximum likelihood"]
OBJECTIVES: dict[Loss, Objective] = {
    "minimax": Minimax(),
    "non-saturating": NonSaturating(),
    "maximum likelihood": MaximumLikelihoodCost(),
}
Logits = tuple[float, ...]


@dataclass(frozen=True)
class GeneratorSlope(Claim):
    """The slope of a generator's loss in the logit is ``-D``, ``-(1 - D)`` or ``-D/(1 - D)``.

    The neighbour ascribes to a loss the slope of another (``ascribed_to``): to the non-saturating one that of
    the minimax loss, which vanishes where the critic is sure, and to both others the non-saturating one.

    Reference: Goodfellow (2016).

    Example:
        >>> GeneratorSlope("minimax").predicted((0.0,)).tolist()
        [-0.5]
    """

    loss: Loss = "minimax"
    ascribed_to: Loss | None = None

    part: ClassVar[str] = "A02"
    statement: ClassVar[str] = (
        "In the logit of D, the minimax generator's loss log(1 - D) has the slope -D, the non-saturating "
        "loss -log D the slope -(1 - D), and the maximum-likelihood cost the slope -D/(1 - D)"
    )
    latex: ClassVar[str] = (
        r"\tfrac{d}{da}\log(1 - \sigma) = -\sigma,\quad \tfrac{d}{da}(-\log\sigma) = -(1 - \sigma),\quad "
        r"\tfrac{d}{da}(-e^a) = -\tfrac{\sigma}{1 - \sigma}"
    )
    reference: ClassVar[str] = "Goodfellow (2016), section 3.2"
    assumptions: ClassVar[str] = "the critic is held, and D is the sigmoid of its logit"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[Logits]:
        return st.lists(st.integers(-200, 200).map(lambda a: a / 10), min_size=1, max_size=32).map(tuple)

    def predicted(self, instance: Logits) -> np.ndarray:
        return theory.logit_slope(instance, loss=self.ascribed_to or self.loss)

    def observed(self, instance: Logits, key: Key) -> np.ndarray:
        """Differentiate the objective's mean over the logits; each has an equal share in it."""
        a = torch.tensor(instance, dtype=torch.float64, requires_grad=True)
        loss = OBJECTIVES[self.loss].generator_loss(None, a)
        return torch.autograd.grad(loss, a)[0].numpy() * len(instance)

    def curve(self) -> Curve:
        return Curve("logit", tuple(np.linspace(-4, 3, 29).tolist()), lambda a: (a,))

    @property
    def neighbour(self) -> GeneratorSlope | None:
        wrong = "minimax" if self.loss == "non-saturating" else "non-saturating"
        return self.replace(ascribed_to=wrong) if self.ascribed_to is None else None

    @classmethod
    def examples(cls) -> tuple[GeneratorSlope, ...]:
        return tuple(cls(loss) for loss in OBJECTIVES)
