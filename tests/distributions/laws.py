"""Laws, points and comparisons that the tests of the algebra share."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import torch
from hypothesis import strategies as st

import gantheory as gt
from gantheory.distributions import Fact, Topology


PAIR = gt.GaussianMixture(((-1.0,), (1.5,)), (((0.3,),), ((1.0,),)), (1, 2))
PLANE = gt.GaussianMixture(((0.0, 0.0), (3.0, 1.0)), (((1.0, 0.6), (0.6, 1.0)), ((0.5, 0.0), (0.0, 2.0))))

numbers = st.floats(-2, 2).map(lambda v: round(v, 3))
rows = st.tuples(numbers, numbers)
matrices = st.tuples(rows, rows).filter(lambda m: abs(np.linalg.det(m)) > 0.05)


@dataclass(frozen=True)
class Stated(gt.Distribution):
    """A law on the line that states what a test needs, and is never drawn."""

    betti: tuple[int, ...] = (1,)
    mod2: tuple[int, ...] | None = None
    tail: float = math.inf
    smooth: float = math.inf

    @property
    def dim(self):
        return 1

    def sample(self, n, key, *, start=0):
        raise NotImplementedError

    def facts(self):
        return gt.Facts(
            topology=Fact(Topology(self.betti, "the support", self.mod2)),
            tail_index=Fact(self.tail),
            smoothness=Fact(self.smooth),
            isoperimetric=Fact(lambda slope: 1 / (1 + slope)),
        )

    @classmethod
    def examples(cls):
        return [cls()]


def points(d, n=40):
    return 2 * gt.Key(5).normal(n, d, dtype=torch.float64)


def assert_same_facts(one, other):
    """Every fact of two laws, functions by their values at points."""
    first, second = one.facts(), other.facts()
    for name in (field.name for field in fields(gt.Facts)):
        a, b = getattr(first, name), getattr(second, name)
        assert (a.value is None) == (b.value is None), (name, a, b)
        slack = a.error + b.error + 1e-10
        if name == "modes" and a.value is not None:
            for part in ("centres", "covariances", "weights"):
                np.testing.assert_allclose(getattr(a.value, part), getattr(b.value, part), atol=slack)
        elif callable(a.value):
            x = points(one.dim)
            torch.testing.assert_close(a.value(x), b.value(x), rtol=1e-9, atol=1e-9)
        elif isinstance(a.value, Topology) or a.value is None:
            assert a.value == b.value
        else:
            np.testing.assert_allclose(a.value, b.value, atol=slack, rtol=1e-10)


def assert_same_law(one, other):
    x = points(one.dim)
    torch.testing.assert_close(one.log_prob(x), other.log_prob(x), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(one.score(x), other.score(x), rtol=1e-8, atol=1e-8)
