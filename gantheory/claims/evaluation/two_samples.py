"""Telling samples apart: classifiers, and collisions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import theory
from gantheory.claims.atoms import Counts, best_logits, counted, masses, samples_of
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.games import Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class ClassifierAccuracy(Claim):
    """The best classifier of two laws is right with probability ``1/2 + TV/2``.

    The neighbour is tested on the few samples that it was trained on (``tested="on training samples"``).

    Reference: Lopez-Paz, Oquab (2017).

    Example:
        >>> ClassifierAccuracy().predicted(((1, 3), (3, 1)))
        0.75
    """

    tested: Literal["on the laws", "on training samples"] = "on the laws"

    part: ClassVar[str] = "J05"
    statement: ClassVar[str] = (
        "The sign of the trained critic tells data from generated samples with probability 1/2 + TV/2, and no "
        "classifier does better"
    )
    latex: ClassVar[str] = (
        r"\max_D\; \tfrac12 P(D > 0) + \tfrac12 Q(D \le 0) = \tfrac12 + \tfrac12\mathrm{TV}(p, q)"
    )
    reference: ClassVar[str] = "Lopez-Paz, Oquab (2017)"
    assumptions: ClassVar[str] = "equal priors; tested on fresh samples"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted()

    def predicted(self, instance: Counts) -> float:
        return float(theory.two_sample_accuracy(*masses(instance)))

    def observed(self, instance: Counts, key: Key) -> float:
        """Train the logits of the atoms on the library's critic loss, and count what their signs get right."""
        counts = instance
        if self.tested == "on training samples":
            # one more of each everywhere keeps the best logits finite
            p, q = (_drawn(part, key.child(name)) for part, name in zip(instance, ("real", "fake")))
            counts = tuple(p), tuple(q)

        def loss(logits: Tensor) -> Tensor:
            return Minimax().critic_loss(*samples_of(counts, logits))

        taken = best_logits(loss, len(counts[0])).numpy() > 0
        p, q = masses(counts)
        return float(p[taken].sum() + q[~taken].sum()) / 2

    @property
    def neighbour(self) -> ClassifierAccuracy | None:
        return self.replace(tested="on training samples") if self.tested == "on the laws" else None

    @classmethod
    def examples(cls) -> tuple[ClassifierAccuracy, ...]:
        return (cls(),)


def _drawn(part: tuple[int, ...], key: Key) -> list[int]:
    """Return the counts of ten samples of a law, and one more of each atom."""
    below = np.cumsum(part) / sum(part)
    atoms = np.searchsorted(below, key.uniform(10).numpy())
    return (1 + np.bincount(atoms, minlength=len(part))[: len(part)]).tolist()


Birthday = tuple[tuple[int, ...], int]
"""Weights of the atoms, and the number of draws."""


@dataclass(frozen=True)
class BirthdayBound(Claim):
    """The probability that m draws from a law on N atoms are all different is at most ``exp(-(m^2 - m)/2N)``.

    The neighbour is the bound as it was printed for laws with only a part of their mass on N atoms,
    ``exp(-(m^2 - m) rho/2N)`` (``share=0.5``): each of two draws must be among the atoms, so rho comes twice.

    Reference: Arora, Risteski, Zhang (2018); Munford (1977).

    Example:
        >>> round(BirthdayBound().predicted(((1, 1, 1, 1), 2)), 4)
        0.7788
    """

    share: float = 1.0

    part: ClassVar[str] = "J07"
    statement: ClassVar[str] = (
        "m draws from any law on N atoms are all different with probability at most exp(-(m^2 - m)/2N): collisions "
        "bound the support from above"
    )
    latex: ClassVar[str] = r"P(\text{no collision in } m \text{ draws}) \le e^{-(m^2 - m)/2N}"
    reference: ClassVar[str] = "Arora, Risteski, Zhang (2018); Munford (1977)"
    assumptions: ClassVar[str] = "all mass is on the N atoms"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[Birthday]:
        # a uniform law on many atoms comes near to the bound
        uniform = st.integers(1, 40).map(lambda n: (1,) * n)
        weights = uniform | st.lists(st.integers(1, 5), min_size=1, max_size=12).map(tuple)
        return st.tuples(weights, st.integers(2, 8))

    def predicted(self, instance: Birthday) -> float:
        weights, draws = instance
        return 1 - theory.collision_bound(draws, len(weights) / self.share)

    def observed(self, instance: Birthday, key: Key) -> float:
        """Add up, over how many draws fall among the atoms, the probability that those all differ."""
        weights, draws = instance
        p = self.share * torch.tensor(weights, dtype=torch.float64) / sum(weights)
        different = p.new_zeros(draws + 1)  # of k draws from the atoms, divided by k!
        different[0] = 1
        for mass in p:
            different = different + mass * torch.cat([p.new_zeros(1), different[:-1]])
        k = np.arange(draws + 1)
        orders = np.array([math.perm(draws, int(j)) for j in k], dtype=np.float64)
        outside = (1 - self.share) ** (draws - k)
        return float((orders * outside * different.numpy()).sum())

    def curve(self) -> Curve:
        return Curve("draws", tuple(range(2, 9)), lambda m: ((1,) * 20, int(m)))

    @property
    def neighbour(self) -> BirthdayBound | None:
        return self.replace(share=0.5) if self.share == 1 else None

    @classmethod
    def examples(cls) -> tuple[BirthdayBound, ...]:
        return (cls(),)
