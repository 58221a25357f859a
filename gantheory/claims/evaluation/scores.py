"""What scores of samples measure: the Frechet distance, the Inception score, precision and recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, costs, counted, masses, measured
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.estimate import Estimate
from gantheory.games import Hinge
from gantheory.random import Key
from gantheory.statistics import sample_mean


@dataclass(frozen=True)
class FrechetBias(Claim):
    """The Frechet distance of a law to its own sample is about ``3/(2n)`` on the average, not 0.

    The neighbour takes it for unbiased (``unbiased=True``).

    Reference: Binkowski, Sutherland, Arbel, Gretton (2018).

    Example:
        >>> round(FrechetBias().predicted(20), 4)
        0.0761
    """

    unbiased: bool = False

    part: ClassVar[str] = "J01"
    statement: ClassVar[str] = (
        "On the line, the squared Frechet distance of the standard normal law to n of its own samples has the mean "
        "1/n + 2(1 - c_n), about 3/(2n)"
    )
    latex: ClassVar[str] = (
        r"E\big[\hat m^2 + (\hat s - 1)^2\big] = \tfrac1n + 2\,(1 - c_n),\qquad "
        r"c_n = \sqrt{\tfrac{2}{n - 1}}\,\frac{\Gamma(n/2)}{\Gamma((n - 1)/2)}"
    )
    reference: ClassVar[str] = "Binkowski, Sutherland, Arbel, Gretton (2018)"
    assumptions: ClassVar[str] = "one dimension; the variance with n - 1 degrees of freedom"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(2, 40)

    def predicted(self, instance: int) -> float:
        return 0.0 if self.unbiased else theory.frechet_bias(instance)

    def observed(self, instance: int, key: Key) -> Estimate:
        runs = 400_000 // instance
        x = key.normal(runs, instance, dtype=torch.float64)
        distance = x.mean(-1).square() + (x.std(-1) - 1).square()
        return sample_mean(distance)

    def curve(self) -> Curve:
        return Curve("samples", (2, 3, 5, 8, 12, 20, 30, 40), lambda n: int(n), log="xy")

    @property
    def neighbour(self) -> FrechetBias | None:
        return None if self.unbiased else self.replace(unbiased=True)

    @classmethod
    def examples(cls) -> tuple[FrechetBias, ...]:
        return (cls(),)


Table = tuple[tuple[int, ...], ...]
"""How often each image (row) got each label (column)."""


@dataclass(frozen=True)
class InceptionScore(Claim):
    """The logarithm of the Inception score is the mutual information of image and label.

    The neighbour takes the entropy of the labels alone (``of="labels"``), as if every image had one for sure.

    Reference: Salimans et al. (2016); Barratt, Sharma (2018).

    Example:
        >>> round(InceptionScore().predicted(((1, 0), (0, 1))), 6)
        0.693147
    """

    of: Literal["both", "labels"] = "both"

    part: ClassVar[str] = "J02"
    statement: ClassVar[str] = (
        "The logarithm of the Inception score, the mean divergence of an image's labels from all labels, is the "
        "mutual information I(x; y) = H(y) - E H(y|x): it cannot see what differs within a class"
    )
    latex: ClassVar[str] = (
        r"\log \mathrm{IS} = E_x\,\mathrm{KL}\big(p(y|x)\,\|\,p(y)\big) = I(x; y) = H(y) - E\,H(y|x)"
    )
    reference: ClassVar[str] = "Salimans et al. (2016); Barratt, Sharma (2018)"
    assumptions: ClassVar[str] = "the classifier is any conditional law of labels"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Table]:
        def table(size: tuple[int, int]) -> st.SearchStrategy[Table]:
            row = st.tuples(*[st.integers(0, 5)] * size[1])
            return st.lists(row, min_size=size[0], max_size=size[0]).map(tuple)

        sizes = st.tuples(st.integers(1, 3), st.integers(2, 3))
        return sizes.flatmap(table).filter(lambda rows: any(map(any, rows)))

    def predicted(self, instance: Table) -> float:
        joint = np.array(instance) / np.sum(instance)
        return theory.mutual_information(joint if self.of == "both" else np.diag(joint.sum(0)))

    def observed(self, instance: Table, key: Key) -> float:
        """Measure the joint law against the product of its margins by the best critic of the divergence."""
        counts = np.array(instance)
        product = np.outer(counts.sum(1), counts.sum(0)).ravel()
        joint = counts.ravel() * counts.sum()
        kept = product > 0
        return measured((tuple(joint[kept].tolist()), tuple(product[kept].tolist())), "KL")

    @property
    def neighbour(self) -> InceptionScore | None:
        return self.replace(of="labels") if self.of == "both" else None

    @classmethod
    def examples(cls) -> tuple[InceptionScore, ...]:
        return (cls(),)


@dataclass(frozen=True)
class PrecisionRecall(Claim):
    """A point of the precision-recall curve is the least weighted error of a critic.

    The neighbour judges by supports alone (``by="supports"``).

    Reference: Sajjadi, Bachem, Lucic, Bousquet, Gelly (2018); Simon, Webster, Rabin (2019).

    Example:
        >>> PrecisionRecall().predicted((((1, 1), (2, 0)), 1.0))
        0.5
    """

    by: Literal["masses", "supports"] = "masses"

    part: ClassVar[str] = "J06"
    statement: ClassVar[str] = (
        "The precision at slope l, sum min(l p, q), is the least sum of l times the error on data and the error on "
        "generated samples; at l = 1 it is 1 - TV, at large l what is generated within the data's support"
    )
    latex: ClassVar[str] = (
        r"\alpha(\lambda) = \sum_i \min(\lambda p_i, q_i) = \min_D\; \lambda\, P(D < 0) + Q(D > 0)"
    )
    reference: ClassVar[str] = (
        "Sajjadi, Bachem, Lucic, Bousquet, Gelly (2018), theorem 2; Simon, Webster, Rabin (2019)"
    )
    assumptions: ClassVar[str] = "finitely many atoms"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[tuple[Counts, float]]:
        return st.tuples(counted(least=0), st.integers(1, 40).map(lambda l: l / 10) | st.just(1000.0))

    def predicted(self, instance: tuple[Counts, float]) -> float:
        counts, slope = instance
        return theory.precision_curve(*masses(counts), slope if self.by == "masses" else np.inf)

    def observed(self, instance: tuple[Counts, float], key: Key) -> float:
        """Minimise half the hinge loss with weighted data: between -1 and 1 it is an error, weighted linearly."""
        counts, slope = instance
        p, q = (torch.from_numpy(part) for part in masses(counts))
        real, fake = costs(Hinge(), torch.linspace(-1, 1, 5, dtype=torch.float64))
        loss = slope * p[:, None] * real + q[:, None] * fake
        return (loss / 2).min(dim=1).values.sum().item()

    @property
    def neighbour(self) -> PrecisionRecall | None:
        return self.replace(by="supports") if self.by == "masses" else None

    @classmethod
    def examples(cls) -> tuple[PrecisionRecall, ...]:
        return (cls(),)
