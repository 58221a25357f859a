"""The best discriminator and the value that it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, best_logits, counted, masses, samples_of
from gantheory.claims.claim import Claim
from gantheory.games import Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class OptimalDiscriminator(Claim):
    """The discriminator that minimises the minimax critic's loss is p/(p+q), its value 2 JSD - log 4.

    Both sides list the value first, then D* atom by atom. The neighbour counts the divergence once
    (``jsd_multiple=1``).

    Reference: Goodfellow et al. (2014), proposition 1 and theorem 1.

    Example:
        >>> OptimalDiscriminator().predicted(((1, 1), (1, 3))).round(6).tolist()
        [-1.31865, 0.666667, 0.4]
    """

    jsd_multiple: float = 2.0

    part: ClassVar[str] = "A01"
    statement: ClassVar[str] = (
        "For fixed data p and generator q, E_p log D + E_q log(1 - D) is largest at D* = p/(p+q), "
        "where it is 2 JSD(p, q) - log 4"
    )
    latex: ClassVar[str] = (
        r"\max_D\; E_p \log D + E_q \log(1 - D) = 2\,\mathrm{JSD}(p, q) - \log 4,\qquad D^* = \frac{p}{p + q}"
    )
    reference: ClassVar[str] = "Goodfellow et al. (2014)"
    assumptions: ClassVar[str] = "finitely many atoms, all with mass; D takes any value on each"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted()

    def predicted(self, instance: Counts) -> np.ndarray:
        p, q = masses(instance)
        value = theory.optimal_value(p, q) + (self.jsd_multiple - 2) * theory.jensen_shannon(p, q)
        return np.concatenate([[value], theory.optimal_discriminator(p, q)])

    def observed(self, instance: Counts, key: Key) -> np.ndarray:
        """Minimise the library's critic loss over the logits of the atoms."""

        def loss(logits: torch.Tensor) -> torch.Tensor:
            return Minimax().critic_loss(*samples_of(instance, logits))

        logits = best_logits(loss, len(instance[0]))
        return torch.cat([-loss(logits)[None], logits.sigmoid()]).numpy()

    @property
    def neighbour(self) -> OptimalDiscriminator | None:
        return self.replace(jsd_multiple=1.0) if self.jsd_multiple == 2 else None

    @classmethod
    def examples(cls) -> tuple[OptimalDiscriminator, ...]:
        return (cls(),)
