"""Mixtures in one pass: to the bit what separate passes give, and modes by exact arithmetic."""

from bisect import bisect_right
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from gantheory.ops import mixture, philox
from gantheory.ops.mixture import mixture_reference


SHARES = [1.0], [1.0, 3.0], [1e-9, 1.0, 2.0, 1e-9], list(range(1, 300))


def keys(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, size=(rows, 4), dtype=np.uint32)


def numbers(*shape: int, dtype=torch.float64) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(sum(shape)).normal(size=shape), dtype=dtype)


@given(
    rows=st.integers(0, 3),
    first=st.one_of(st.integers(0, 40), st.integers(2**34 - 40, 2**34)),
    count=st.integers(0, 150),
    d=st.sampled_from([1, 2, 3, 8, 2500]),
    modes=st.sampled_from([{}, {"digits": 2}, {"digits": 5}, *({"weights": np.array(w)} for w in SHARES)]),
    single=st.tuples(st.booleans(), st.booleans()),
    scaled=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_one_pass_gives_the_bits_of_separate_passes(rows, first, count, d, modes, single, scaled, dtype):
    if d == 2500:
        count, scaled = count % 4, True
    k = len(modes["weights"]) if "weights" in modes else {1: 7, 2: 25, 5: 32}[modes.get("digits", 1)]
    some = [1 if one else rows for one in single]
    centres = numbers(some[0], k, d, dtype=dtype)
    factors = (
        numbers(some[1], dtype=dtype)
        if scaled
        else numbers(1, 1, d, d, dtype=dtype).tril().repeat(some[1], k, 1, 1)
    )
    at = keys(rows), keys(rows, 1), first, count, centres, factors
    assert torch.equal(mixture(*at, **modes), mixture_reference(*at, **modes))


@pytest.mark.parametrize("shares", SHARES, ids=len)
def test_modes_by_weights_are_those_of_exact_arithmetic(shares):
    """With centres 0, 1, ... and no noise the points are the modes: their partial sums in fractions."""
    centres = torch.arange(len(shares), dtype=torch.float64).reshape(1, -1, 1)
    at = keys(1), keys(1, 1), 5, 3000
    found = mixture(*at, centres, torch.zeros(1).double(), weights=np.array(shares)).flatten()
    edges = (np.array(shares) / sum(shares)).cumsum()[:-1]
    words = philox.words(keys(1, 1), 5, 3000)[0].tolist()
    fractions = [Fraction(float(edge)) for edge in edges]
    wanted = [bisect_right(fractions, Fraction(2 * (w >> 8) + 1, 2**25)) for w in words]
    assert found.tolist() == wanted


def test_modes_of_digits_are_those_of_integers():
    centres = torch.arange(27, dtype=torch.float64).reshape(1, -1, 1)
    found = mixture(keys(2), keys(2, 1), 4, 2000, centres, torch.zeros(1).double(), digits=3)
    a, b, c = philox.integers(keys(2, 1), 3, 12, 6000).reshape(2, 2000, 3).unbind(-1)
    assert torch.equal(found.flatten(1), (9 * a + 3 * b + c).double())


def test_points_do_not_depend_on_chunks_or_threads(two_threads):
    at = numbers(1, 8, 2, dtype=torch.float32), numbers(1, dtype=torch.float32)
    whole = mixture(keys(2), keys(2, 1), 3, 70_001, *at)
    parts = [mixture(keys(2), keys(2, 1), a, b - a, *at) for a, b in ((3, 40_000), (40_000, 70_004))]
    assert torch.equal(torch.cat(parts, 1), whole)
    torch.set_num_threads(1)
    assert torch.equal(mixture(keys(2), keys(2, 1), 3, 70_001, *at), whole)


def test_wrong_arguments_are_named():
    centres, one = numbers(1, 8, 2), torch.ones(1).double()

    def draw(centres=centres, factors=one, rows=2, first=0, **more):
        return mixture(keys(2), keys(rows), first, 3, centres, factors, **more)

    for wanted, wrong in {
        "centres must be": {"centres": numbers(3, 8, 2)},
        "factors must be": {"factors": numbers(1, 8, 2, 3)},
        "one dtype": {"factors": torch.ones(1)},
        "as many keys": {"rows": 3},
        "dtype must be": {"centres": centres.half(), "factors": one.half()},
        "8 positive numbers": {"weights": np.ones(7)},
        "not all numbers of 2 digits": {"digits": 2},
        "of 0 digits": {"digits": 0},
        "first and count": {"first": -1},
    }.items():
        with pytest.raises(ValueError, match=wanted):
            draw(**wrong)
