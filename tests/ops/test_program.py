"""A program's operations: their errors, their edges, and no trace of where in a vector a number lies."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch

from gantheory.ops import native
from gantheory.ops.program import OPERATIONS, Program, apply
from tests.ops.oracles import points


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())

DTYPES = [torch.float32, torch.float64]
EDGES = (0.0, -0.0, 1.0, -1.0, 1e-320, 20.0, 20.5, 1e5, -1e5, 1e300, math.inf, -math.inf, math.nan)


def _softplus(x):
    return x if x > 20 else mpmath.log1p(mpmath.exp(x))


def _slope(x):
    return mpmath.mpf(1) if x > 20 else 1 / (1 + mpmath.exp(-x))


# the truth, and where the function is neither 0 nor infinite in float32 and in float64
FUNCTIONS = {
    "exp": (mpmath.exp, (-100, 88), (-740, 709)),
    "log": (mpmath.log, (1e-37, 1e37), (1e-300, 1e300)),
    "sin": (mpmath.sin, (-1e6, 1e6), (-1e6, 1e6)),
    "cos": (mpmath.cos, (-1e6, 1e6), (-1e6, 1e6)),
    "tanh": (mpmath.tanh, (-12, 12), (-25, 25)),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), (-100, 40), (-740, 40)),
    "softplus": (_softplus, (-100, 40), (-740, 40)),
    "softplus_slope": (_slope, (-100, 40), (-740, 40)),
    "erf": (mpmath.erf, (-4, 4), (-6, 6)),
    "root": (mpmath.sqrt, (0, 1e30), (0, 1e300)),
}


def _arguments(low: float, high: float, dtype: torch.dtype) -> torch.Tensor:
    """Numbers over the whole range, of the size of 1, and near 0."""
    u = points(600, 3, seed=5, dtype=torch.float64)
    wide = low + (high - low) * torch.special.ndtr(u[:, 0])
    if low > 0:
        wide = torch.exp(math.log(low) + math.log(high / low) * torch.special.ndtr(u[:, 0]))
    return torch.cat([wide, u[:, 1] * 2, u[:, 2] * 1e-3 + (low > 0)]).clamp(low, high).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_within_two_units_in_the_last_place(name, dtype):
    truth, *ranges = FUNCTIONS[name]
    x = _arguments(*ranges[dtype == torch.float64], dtype)
    real = np.float64 if dtype == torch.float64 else np.float32
    worst = 0.0
    with mpmath.workprec(200):
        for argument, found in zip(x.tolist(), apply(name, x).tolist()):
            expected = truth(mpmath.mpf(argument))
            worst = max(worst, abs(found - expected) / float(np.spacing(real(abs(expected)))))
    assert worst <= 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_edges_are_torchs(name, dtype):
    """Zeros, infinities, NaNs and huge numbers, in all pairs."""
    edges = torch.tensor(EDGES, dtype=dtype)
    a, b = (x.reshape(-1) for x in torch.meshgrid(edges, edges, indexing="ij"))
    if name == "power":  # a negative number has no power but whole ones
        a = a.abs()
    c = b.flip(0)
    close = 4 * torch.finfo(dtype).eps
    torch.testing.assert_close(
        apply(name, a, b, c), OPERATIONS[name](a, b, c), rtol=close, atol=0, equal_nan=True
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_number_has_one_result_wherever_it_lies(name, dtype):
    a, b, c = points(3, 37, seed=1, dtype=dtype).abs()
    whole = apply(name, a, b, c)
    for first in (1, 5, 19):
        assert torch.equal(apply(name, a[first:], b[first:], c[first:]), whole[first:])


def test_a_program_is_its_reference():
    """Every kind of slot at once: a state, a number, a counter, a constant, a temporary, two losses."""
    from gantheory.ops.program import Orbits

    program = Program(
        columns=2,  # x and a memory m
        numbers=1,  # r
        parameters=1,
        wide=7,  # x m r x' m' and two temporaries
        counters=1,
        counting=(("add", 1, 0, 2, 0), ("divide", 3, 2, 1, 0)),  # t' = t + 1, 1 / t'
        fixed=(("multiply", 5, 2, 2, 2),),  # r^2
        step=(("multiply_add", 4, 1, 7, 0), ("multiply", 6, 5, 4, 4), ("subtract_product", 3, 6, 8, 0)),
        losses=(("multiply", 6, 0, 0, 0),),
        constants=(0.5,),
        scalars=(math.nan, math.nan, 1.0, math.nan),
        counted=(3,),
        loss_slots=(6, 0),
    )
    state, numbers = points(2, 70, seed=3, dtype=torch.float64), points(1, 70, seed=4, dtype=torch.float64)
    windows = torch.zeros(12, 70, dtype=torch.float64)
    of = Orbits(state.clone(), numbers, torch.zeros(1, dtype=torch.float64), windows, state[:1].clone(), 0)
    for taken in range(1, 4):
        expected, paid = program.reference(of)
        _, losses = program.run(of, 1, [0])
        torch.testing.assert_close(of.state, expected, rtol=1e-14, atol=1e-14)
        torch.testing.assert_close(losses[0].T, paid, rtol=1e-15, atol=0)
        assert of.counters.tolist() == [taken] and of.taken == taken
