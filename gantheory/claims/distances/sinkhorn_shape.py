"""The shape of the Sinkhorn divergence: it is not negative, and convex in each measure, but not in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.random import Key


Atoms = tuple[tuple[float, ...], ...]
"""Of every atom its place on the line and its masses in each measure, before they are divided by their sums."""


def _atoms(measures: int) -> st.SearchStrategy[Atoms]:
    place, mass = st.integers(0, 8).map(lambda k: k / 4), st.sampled_from((0.01, 1.0, 3.0))
    return st.lists(st.tuples(place, *[mass] * measures), min_size=2, max_size=4).map(tuple)


def _cost(x: torch.Tensor, p: torch.Tensor, q: torch.Tensor, *, epsilon: float, power: float) -> float:
    cost = (x[:, None] - x).abs() ** power
    return ops.sinkhorn(None, None, epsilon=epsilon, a=p, b=q, cost=cost, tolerance=1e-9).value.item()


@dataclass(frozen=True)
class SinkhornPositive(Claim):
    """Half the entropic costs of two measures with themselves are at most their cost with each other.

    The neighbour's cost is the sixth power of the distance (``power=6.0``), whose kernel is not positive.

    Reference: Feydy et al. (2019).

    Example:
        >>> round(SinkhornPositive().predicted((1.0, ((0.0, 1.0, 1.0), (1.0, 1.0, 1.0)))), 6)
        0.379885
    """

    power: float = 2.0

    part: ClassVar[str] = "F04"
    statement: ClassVar[str] = (
        "The Sinkhorn divergence is not negative: OT(p, p)/2 + OT(q, q)/2 is at most OT(p, q), for costs whose kernel "
        "exp(-c/epsilon) is positive definite"
    )
    latex: ClassVar[str] = (
        r"\tfrac12\mathrm{OT}_\epsilon(p, p) + \tfrac12\mathrm{OT}_\epsilon(q, q) \le \mathrm{OT}_\epsilon(p, q)"
    )
    reference: ClassVar[str] = "Feydy et al. (2019), theorem 1"
    assumptions: ClassVar[str] = "the distance or its square as cost, and converged potentials"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-7

    def instances(self) -> st.SearchStrategy[tuple[float, Atoms]]:
        return st.tuples(st.sampled_from((0.25, 1.0, 4.0)), _atoms(2))

    def predicted(self, instance: tuple[float, Atoms]) -> float:
        epsilon, atoms = instance
        x, p, q = np.array(atoms).T
        return theory.entropic_cost(np.abs(x[:, None] - x) ** self.power, p, q, epsilon=epsilon)

    def observed(self, instance: tuple[float, Atoms], key: Key) -> float:
        epsilon, atoms = instance
        x, *measures = torch.tensor(atoms, dtype=torch.float64).T
        return sum(_cost(x, p, p, epsilon=epsilon, power=self.power) for p in measures) / 2

    @property
    def neighbour(self) -> SinkhornPositive | None:
        return self.replace(power=6.0) if self.power != 6 else None

    @classmethod
    def examples(cls) -> tuple[SinkhornPositive, ...]:
        return cls(1.0), cls(2.0)


@dataclass(frozen=True)
class SinkhornConvex(Claim):
    """The Sinkhorn divergence is convex in each of its measures.

    The neighbour moves both measures at once: jointly it is not convex, as `check` found.

    Reference: Feydy et al. (2019).

    Example:
        >>> pair = (0.0, 1.0, 3.0, 3.0, 3.0), (1.0, 3.0, 1.0, 1.0, 1.0)
        >>> 0 < SinkhornConvex().predicted((1.0, pair))
        True
    """

    moved: Literal["one", "both"] = "one"

    part: ClassVar[str] = "F04"
    statement: ClassVar[str] = (
        "The Sinkhorn divergence of the middle of two measures from a third is at most the mean of both divergences"
    )
    latex: ClassVar[str] = (
        r"S_\epsilon\big(\tfrac{p + p'}2, q\big) \le \tfrac12 S_\epsilon(p, q) + \tfrac12 S_\epsilon(p', q)"
    )
    reference: ClassVar[str] = "Feydy et al. (2019), theorem 1"
    assumptions: ClassVar[str] = "the squared distance as cost, and the same third measure"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-7
    power: ClassVar[float] = 2.0

    def instances(self) -> st.SearchStrategy[tuple[float, Atoms]]:
        """Draw epsilon, and atoms with their masses in p, q, p' and q'."""
        if self.moved == "both":  # all of the mass in one place or two
            place, mass = st.integers(0, 8).map(lambda k: k / 4), st.sampled_from((0.01, 1.0))
            atoms = st.lists(
                st.tuples(place, mass, mass, mass, mass), min_size=3, max_size=4, unique_by=lambda a: a[0]
            )
            return st.tuples(st.just(0.25), atoms.map(tuple))
        # equal measures make an equality
        equal = _atoms(2).map(lambda atoms: tuple((x, p, q, p, q) for x, p, q in atoms))
        shared = _atoms(3).map(lambda atoms: tuple((x, p, q, other, q) for x, p, q, other in atoms))
        return st.tuples(st.sampled_from((0.25, 1.0, 4.0)), equal | shared)

    def predicted(self, instance: tuple[float, Atoms]) -> float:
        epsilon, atoms = instance
        x, p, q, other_p, other_q = np.array(atoms).T
        options = {"epsilon": epsilon, "power": self.power}
        first = theory.sinkhorn_divergence(x[:, None], p, q, **options)
        return (first + theory.sinkhorn_divergence(x[:, None], other_p, other_q, **options)) / 2

    def observed(self, instance: tuple[float, Atoms], key: Key) -> float:
        epsilon, atoms = instance
        x, *measures = torch.tensor(atoms, dtype=torch.float64).T
        p, q, other_p, other_q = (m / m.sum() for m in measures)
        p, q = (p + other_p) / 2, (q + other_q) / 2
        options = {"epsilon": epsilon, "power": self.power}
        own = _cost(x, p, p, **options) + _cost(x, q, q, **options)
        return _cost(x, p, q, **options) - own / 2

    @property
    def neighbour(self) -> SinkhornConvex | None:
        return self.replace(moved="both") if self.moved == "one" else None

    @classmethod
    def examples(cls) -> tuple[SinkhornConvex, ...]:
        return (cls(),)
