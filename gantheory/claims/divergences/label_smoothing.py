"""What smoothed labels do to the generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, best_logits, costs, counted, masses
from gantheory.claims.claim import Claim, Kind
from gantheory.games import Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class LabelSmoothing(Claim):
    """Smoothing the labels of real samples alone leaves the differences of ``log D*`` as they are.

    The neighbour smooths the labels of generated samples too (``generated=0.1``).

    Reference: Salimans et al. (2016); Goodfellow (2016).

    Example:
        >>> LabelSmoothing().predicted((((1, 1), (1, 3)), 0.1)).round(6).tolist()
        [0.0, -0.510826]
    """

    generated: float = 0.0

    part: ClassVar[str] = "A10"
    statement: ClassVar[str] = (
        "The best critic with a share alpha of real labels smoothed is (1 - alpha) p/(p + q): the gradient of log D* "
        "in the sample, which the non-saturating generator follows, is that without smoothing"
    )
    latex: ClassVar[str] = (
        r"D^* = \frac{(1 - \alpha)\,p + \beta\,q}{p + q},\qquad \beta = 0 \;\Rightarrow\; "
        r"\nabla_x \log D^* = \nabla_x \log\frac{p}{p + q}"
    )
    reference: ClassVar[str] = "Salimans et al. (2016); Goodfellow (2016), section 4.2"
    assumptions: ClassVar[str] = "labels of generated samples are not smoothed"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Counts, float]]:
        return st.tuples(counted(), st.integers(0, 9).map(lambda tenths: tenths / 10))

    def predicted(self, instance: tuple[Counts, float]) -> np.ndarray:
        log_critic = np.log(theory.optimal_discriminator(*masses(instance[0])))
        return log_critic - log_critic[0]

    def observed(self, instance: tuple[Counts, float], key: Key) -> np.ndarray:
        """Minimise the library's critic loss with smoothed labels over the logits of the atoms."""
        counts, smoothed = instance
        p, q = (torch.from_numpy(part) for part in masses(counts))

        def loss(logits: torch.Tensor) -> torch.Tensor:
            real, fake = costs(Minimax(), logits)
            of_real = (1 - smoothed) * real + smoothed * fake
            of_fake = self.generated * real + (1 - self.generated) * fake
            return p @ of_real + q @ of_fake

        log_critic = -costs(Minimax(), best_logits(loss, len(p)))[0]
        return (log_critic - log_critic[0]).numpy()

    @property
    def neighbour(self) -> LabelSmoothing | None:
        return self.replace(generated=0.1) if self.generated == 0 else None

    @classmethod
    def examples(cls) -> tuple[LabelSmoothing, ...]:
        return (cls(),)
