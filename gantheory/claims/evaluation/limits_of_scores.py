"""What bounds scores: the Frechet distance by transport, the Inception score by labels, annealed weights by Z."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import measured
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.random import Key


@dataclass(frozen=True)
class FrechetBelow(Claim):
    """The Frechet distance, which sees two moments, is at most the squared Wasserstein-2 distance.

    The neighbour asks it of the squared Wasserstein-1 distance (``power=1.0``).

    Reference: Gelbrich (1990); Heusel et al. (2017).

    Example:
        >>> FrechetBelow().predicted((((0.0,), (2.0,)), ((1.0,), (3.0,))))
        1.0
    """

    power: float = 2.0

    part: ClassVar[str] = "J01"
    statement: ClassVar[str] = (
        "The squared Frechet distance of any two laws is at most their squared Wasserstein-2 distance, equal to it for "
        "laws that differ by a shift and a scale, and 0 for different laws with the same two moments"
    )
    latex: ClassVar[str] = (
        r"|m - m'|^2 + \mathrm{tr}\big(A + B - 2(A^{1/2} B A^{1/2})^{1/2}\big) \le W_2^2(p, q)"
    )
    reference: ClassVar[str] = "Gelbrich (1990); Heusel et al. (2017), for the use"
    assumptions: ClassVar[str] = "both are of the second power"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Points, Points]]:
        def drawn(size: tuple[int, int]) -> st.SearchStrategy[tuple[Points, Points]]:
            free = st.tuples(points(*size), points(*size))
            return free | free.map(lambda two: (two[0], _moved(two[0], *two[1][:1])))

        return st.tuples(st.integers(1, 2), st.integers(1, 6)).flatmap(drawn)

    def predicted(self, instance: tuple[Points, Points]) -> float:
        lengths = theory.assignment_distances(*instance, power=self.power)
        return float((lengths**self.power).mean() ** (2 / self.power))

    def observed(self, instance: tuple[Points, Points], key: Key) -> float:
        """Take the trace from the singular values of the product of both clouds, centred."""
        x, y = (torch.tensor(cloud, dtype=torch.float64) for cloud in instance)
        u, v = x - x.mean(0), y - y.mean(0)
        spread = u.square().sum() + v.square().sum() - 2 * torch.linalg.svdvals(u @ v.T).sum()
        return ((x.mean(0) - y.mean(0)).square().sum() + spread / len(x)).item()

    @property
    def neighbour(self) -> FrechetBelow | None:
        return self.replace(power=1.0) if self.power == 2 else None

    @classmethod
    def examples(cls) -> tuple[FrechetBelow, ...]:
        return (cls(),)


def _moved(cloud: Points, by: tuple[float, ...]) -> Points:
    """Return the points at twice their distance from the origin, shifted."""
    return tuple(tuple(round(2 * a + b, 1) for a, b in zip(point, by)) for point in cloud)


Table = tuple[tuple[int, ...], ...]
"""How often each image (row) got each label (column)."""


@dataclass(frozen=True)
class InceptionRange(Claim):
    """The Inception score is at most the number of labels, which one memorised image a class attains.

    The neighbour claims a smaller power of their number (``power=0.9``).

    Reference: Barratt, Sharma (2018).

    Example:
        >>> round(InceptionRange().predicted(((1, 0), (0, 1))), 9)
        2.0
    """

    power: float = 1.0

    part: ClassVar[str] = "J02"
    statement: ClassVar[str] = (
        "The Inception score is at most the number of labels, and of images; one image a class, memorised, has the "
        "largest score there is"
    )
    latex: ClassVar[str] = r"1 \le \mathrm{IS} = e^{I(x; y)} \le \min(n, K)"
    reference: ClassVar[str] = "Salimans et al. (2016); Barratt, Sharma (2018)"
    assumptions: ClassVar[str] = "K labels and n different images"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Table]:
        def table(size: tuple[int, int]) -> st.SearchStrategy[Table]:
            row = st.tuples(*[st.integers(0, 5)] * size[1])
            return st.lists(row, min_size=size[0], max_size=size[0]).map(tuple)

        free = st.tuples(st.integers(1, 4), st.integers(2, 4)).flatmap(table)
        memorised = st.integers(2, 5).map(lambda k: tuple(map(tuple, np.eye(k, dtype=int).tolist())))
        return memorised | free.filter(lambda rows: any(map(any, rows)))

    def predicted(self, instance: Table) -> float:
        k = min(np.shape(instance))
        return float(np.exp(self.power * theory.mutual_information(np.eye(k) / k)))

    def observed(self, instance: Table, key: Key) -> float:
        """Measure the joint law against the product of its margins by the best critic of the divergence."""
        counts = np.array(instance)
        product = np.outer(counts.sum(1), counts.sum(0)).ravel()
        joint = counts.ravel() * counts.sum()
        kept = product > 0
        return float(np.exp(measured((tuple(joint[kept].tolist()), tuple(product[kept].tolist())), "KL")))

    @property
    def neighbour(self) -> InceptionRange | None:
        return self.replace(power=0.9) if self.power == 1 else None

    @classmethod
    def examples(cls) -> tuple[InceptionRange, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AnnealedBound(Claim):
    """The mean logarithm of annealed importance weights is at most the log ratio of the normalisers.

    The neighbour moves by kernels that do not leave the laws between as they are (``invariant=False``).

    Reference: Neal (2001); Grosse, Ghahramani, Adams (2015).

    Example:
        >>> round(AnnealedBound().predicted(((1, 1, 2), (1, 3, 4))), 6)
        1.098612
    """

    invariant: bool = True

    part: ClassVar[str] = "J03"
    statement: ClassVar[str] = (
        "The mean logarithm of annealed importance weights is at most log Z_T/Z_0, with equality for functions in "
        "proportion: a likelihood estimated so is too small on the average, never too large"
    )
    latex: ClassVar[str] = r"E\log w \le \log E w = \log\frac{Z_T}{Z_0}"
    reference: ClassVar[str] = "Neal (2001); Grosse, Ghahramani, Adams (2015)"
    assumptions: ClassVar[str] = "the kernel after step t leaves f_t as it is"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[tuple[int, ...], ...]]:
        """Draw the values of each of some positive functions, from first to last, on every state."""

        def states(steps: int) -> st.SearchStrategy[tuple[tuple[int, ...], ...]]:
            row = st.tuples(*[st.integers(1, 20)] * steps)
            factors = st.tuples(row, st.lists(st.integers(1, 9), min_size=2, max_size=4))
            in_proportion = factors.map(lambda drawn: tuple(tuple(x * f for x in drawn[0]) for f in drawn[1]))
            return in_proportion | st.lists(row, min_size=2, max_size=5).map(tuple)

        return st.integers(3, 5).flatmap(states)

    def predicted(self, instance: tuple[tuple[int, ...], ...]) -> float:
        functions = np.array(instance).T
        return float(np.log(theory.importance_mean(functions[0], functions[-1])))

    def observed(self, instance: tuple[tuple[int, ...], ...], key: Key) -> float:
        """Carry the law of the states through all steps, with Metropolis kernels that propose evenly."""
        functions = torch.tensor(instance, dtype=torch.float64).T
        carried, total = functions[0] / functions[0].sum(), 0.0
        for before, after in itertools.pairwise(functions):
            total += (carried @ (after / before).log()).item()
            n = len(after)
            moves = (
                (after / after[:, None]).clamp(max=1) / n if self.invariant else after.new_full((n, n), 1 / n)
            )
            carried = carried @ (moves + torch.diag(1 - moves.sum(1)))
        return total

    @property
    def neighbour(self) -> AnnealedBound | None:
        return self.replace(invariant=False) if self.invariant else None

    @classmethod
    def examples(cls) -> tuple[AnnealedBound, ...]:
        return (cls(),)
