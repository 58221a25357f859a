"""The best discriminator and the value that it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim
from gantheory.games import Minimax
from gantheory.random import Key


Instance = tuple[tuple[int, ...], tuple[int, ...]]
"""Counts of real and of generated samples on the same atoms, at least one of each on every atom."""


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

    def instances(self) -> st.SearchStrategy[Instance]:
        atoms = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=10)
        return atoms.map(lambda rows: tuple(zip(*rows)))  # type: ignore[return-value]

    def predicted(self, instance: Instance) -> np.ndarray:
        p, q = (np.array(counts) / sum(counts) for counts in instance)
        value = theory.optimal_value(p, q) + (self.jsd_multiple - 2) * theory.jensen_shannon(p, q)
        return np.concatenate([[value], theory.optimal_discriminator(p, q)])

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        """Minimise the library's critic loss over the logits of the atoms, by Newton's method.

        The atoms are repeated as often as they were counted, for the objective averages over samples.
        """
        real, fake = (torch.from_numpy(np.repeat(np.arange(len(counts)), counts)) for counts in instance)
        logits = torch.zeros(len(instance[0]), dtype=torch.float64)
        # No line search is needed: from 0 to a positive optimum the gradient is concave (convex to a
        # negative one), so Newton's iterates approach it from one side.
        for _ in range(50):
            a = logits.clone().requires_grad_()
            loss = Minimax().critic_loss(a[real], a[fake])
            (slope,) = torch.autograd.grad(loss, a, create_graph=True)
            (curvature,) = torch.autograd.grad(slope.sum(), a)  # one logit a sample: the Hessian is diagonal
            step = slope.detach() / curvature
            logits = logits - step
            if step.abs().max() < 1e-13:
                break
        loss = Minimax().critic_loss(logits[real], logits[fake])
        return torch.cat([-loss[None], logits.sigmoid()]).numpy()

    @property
    def neighbour(self) -> OptimalDiscriminator | None:
        return self.replace(jsd_multiple=1.0) if self.jsd_multiple == 2 else None

    @classmethod
    def examples(cls) -> tuple[OptimalDiscriminator, ...]:
        return (cls(),)
