"""Independent laws side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.linalg import block_diag
from torch import Tensor

from gantheory.distributions.algebra.carry import (
    carried,
    joined_edges,
    shared,
    total,
    with_flat_support,
    worst,
)
from gantheory.distributions.algebra.derived import Derived, all_of, components_of, density, without_density
from gantheory.distributions.algebra.modes import MOST, few, product_modes
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.empirical import Empirical
from gantheory.distributions.facts import WHOLE_SPACE, Edge, Fact, Facts, Modes, Topology
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.points import check_points
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Product(Derived):
    """Independent laws, their coordinates one after the other.

    Equation: ``p(x_1, ..., x_k) = p_1(x_1) ... p_k(x_k)``. Entropies add, labels combine (the last law's
    fastest; a law without labels counts as one), supports and modes multiply, Betti numbers follow
    Kuenneth's formula, reach and tail index are the smallest, curvature and the score's Lipschitz constant
    the largest of the laws'. It is a `Density` where all of them are.

    Raises `ValueError` without laws.

    Reference: Hatcher (2002), Kuenneth's formula; Federer (1959), reach.

    Example:
        >>> from gantheory import Circles, Product
        >>> Product((Circles((1.0,)), Circles((2.0,)))).facts().topology.value.betti  # a torus
        (1, 2, 1)
    """

    laws: tuple[Distribution, ...]

    def check(self) -> None:
        if not self.laws:
            raise ValueError("Product needs at least one law, got none")

    @property
    def dim(self) -> int:
        return sum(law.dim for law in self.laws)

    @property
    def no_density(self) -> str:
        return without_density(self.laws)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        draws = [law.sample(n, key.child("law", i), start=start) for i, law in enumerate(self.laws)]
        return torch.cat(draws, dim=-1)

    def _parts(self, x: Tensor) -> tuple[Tensor, ...]:
        return check_points(x, self.dim).split([law.dim for law in self.laws], dim=-1)

    def _log_prob(self, x: Tensor) -> Tensor:
        pairs = zip(self.laws, self._parts(x))
        return torch.stack([density(law).log_prob(part) for law, part in pairs]).sum(0)

    def _score(self, x: Tensor) -> Tensor:
        pairs = zip(self.laws, self._parts(x))
        return torch.cat([density(law).score(part) for law, part in pairs], dim=-1)

    def components(self) -> Modes | None:
        parts = all_of(components_of(law) for law in self.laws)
        return product_modes(parts) if parts and few(parts) else None

    def blurred(self, scale: float) -> Product | None:
        laws = all_of(law.blurred(scale) for law in self.laws)
        return Product(tuple(laws)) if laws else None

    def tempered(self, temperature: float) -> Product | None:
        laws = all_of(law.tempered(temperature) for law in self.laws)
        return Product(tuple(laws)) if laws else None

    def facts(self) -> Facts:
        parts = [law.facts() for law in self.laws]
        if any(part.support_distance != WHOLE_SPACE for part in parts):
            parts = [with_flat_support(part) for part in parts]
        of = {field: [getattr(part, field) for part in parts] for field in Facts.__dataclass_fields__}
        mode_of, labels = self._labels(of["mode_of"], of["labels"])
        return Facts(
            mean=carried(lambda *m: np.concatenate(m), *of["mean"], error=worst(of["mean"])),
            covariance=carried(lambda *c: block_diag(*c), *of["covariance"], error=worst(of["covariance"])),
            entropy=carried(lambda *h: float(sum(h)), *of["entropy"], error=total(of["entropy"])),
            modes=_modes(of["modes"]),
            mode_of=mode_of,
            labels=labels,
            support_distance=carried(self._distance, *of["support_distance"]),
            project=carried(self._each, *of["project"]),
            noise=shared(of["noise"], "the noise differs between the laws"),
            intrinsic_dimension=carried(lambda *d: sum(d), *of["intrinsic_dimension"]),
            topology=carried(_kuenneth, *of["topology"]),
            reach=carried(lambda *r: min(r), *of["reach"], error=worst(of["reach"])),
            curvature=carried(lambda *c: max(c), *of["curvature"], error=worst(of["curvature"])),
            tail_index=carried(lambda *a: min(a), *of["tail_index"]),
            smoothness=carried(lambda *s: min(s), *of["smoothness"]),
            score_lipschitz=carried(
                lambda *v: max(v), *of["score_lipschitz"], error=worst(of["score_lipschitz"])
            ),
            isoperimetric=Fact(None, reason="no bound is known for the pieces of a product"),
            edge=self._edge(of["edge"]),
        )

    def _labels(self, numbers: list[Fact], shares: list[Fact]) -> tuple[Fact, Fact]:
        """The combined labels: numbers in mixed radix, and their shares."""
        counts = [1 if fact.value is None else len(fact.value) for fact in shares]
        none = all(fact.value is None for fact in shares)
        if none or math.prod(counts) > MOST**2:
            missing = Fact(None, reason=shares[0].reason if none else f"more than {MOST**2} labels")
            return missing, missing
        share = np.ones(1)
        for fact in shares:
            share = np.outer(share, [1.0] if fact.value is None else fact.value).ravel()

        def mode_of(x: Tensor) -> Tensor:
            label = torch.zeros(x.shape[:-1], dtype=torch.int64, device=x.device)
            for part, count, fact in zip(self._parts(x), counts, numbers):
                label = label if fact.value is None else label * count + fact.value(part)
            return label

        return Fact(mode_of, min(1.0, total(numbers))), Fact(share)

    def _distance(self, *distances: Callable) -> Callable:
        return lambda x: torch.stack([f(part) for f, part in zip(distances, self._parts(x))]).norm(dim=0)

    def _each(self, *functions: Callable) -> Callable:
        return lambda x: torch.cat([f(part) for f, part in zip(functions, self._parts(x))], dim=-1)

    def _edge(self, edges: list[Fact]) -> Fact:
        if self.no_density:
            return Fact(None, reason=f"no density: {self.no_density}")
        return joined_edges(
            lambda *known: Edge(np.concatenate([e.flux for e in known]), sum(e.reach for e in known)),
            edges,
            [law.dim for law in self.laws],
        )

    @classmethod
    def examples(cls) -> list[Product]:
        pair = GaussianMixture(((-1.0,), (2.0,)), (((0.25,),), ((1.0,),)), (1.0, 2.0))
        return [
            cls((Ring(modes=3), pair)),
            cls((pair, Checkerboard(gap=0.5))),
            cls((pair, Empirical.examples()[0])),
        ]


def _modes(facts: list[Fact]) -> Fact:
    parts = carried(lambda *modes: modes, *facts)
    if parts.value is not None and not few(parts.value):
        return Fact(None, reason=f"the product has more than {MOST} modes")
    return carried(product_modes, parts)


def _kuenneth(*shapes: Topology) -> Topology:
    """Over a field, the Poincare polynomial of a product is the product of the polynomials."""
    betti, mod2 = np.ones(1, dtype=int), np.ones(1, dtype=int)
    for shape in shapes:
        betti, mod2 = np.convolve(betti, shape.over(0)), np.convolve(mod2, shape.over(2))
    sets = " times ".join(dict.fromkeys(shape.of for shape in shapes))
    twisted = any(shape.mod2 is not None for shape in shapes)
    return Topology(tuple(betti.tolist()), sets, tuple(mod2.tolist()) if twisted else None)
