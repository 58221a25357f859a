"""The tasks of tapes against torch's own, for every shape, stride and instruction set."""

from __future__ import annotations

import pytest
import torch

from gantheory.dynamics.tape.emitter import Emitter
from gantheory.dynamics.tape.plan import plan
from gantheory.ops import native


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())

DTYPES = [torch.float32, torch.float64]
MEMBERS = 3


class Bench:
    """Given tensors with the members first, and what tasks make of one member's."""

    def __init__(self, *given: torch.Tensor):
        self.e, self.given = Emitter(given[0].dtype), given
        self.one = [self.e.tensor(self.e.give(torch.empty_like(x[:1]))) for x in given]

    def run(self, made: torch.Tensor) -> torch.Tensor:
        """Return the tensor for all members."""
        out = torch.full((MEMBERS, *made.shape), torch.nan, dtype=made.dtype)
        to = self.e.tensor(self.e.give(torch.empty_like(out[:1])))
        self.e.write("move", to[0], made)
        shared = self.e.given[len(self.given) : -1]
        tape = plan(self.e.tasks, self.e.made, {}, [len(self.e.given)])
        buffers = [*self.given, *shared, out]
        tape.run(MEMBERS, buffers, [False] * len(self.given) + [True] * len(shared) + [False])
        return out


def _drawn(key, name, *shape, dtype):
    return key.child(name).normal(MEMBERS * torch.Size(shape).numel(), dtype=dtype).reshape(MEMBERS, *shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "m, n, k", [(1, 1, 1), (5, 3, 40), (17, 33, 9), (64, 70, 2), (2, 64, 50), (40, 1, 33)]
)
def test_products(m, n, k, dtype, key):
    for left in (False, True):
        for right in (False, True):
            a = _drawn(key, "a", *((k, m) if left else (m, k)), dtype=dtype)
            b = _drawn(key, "b", *((n, k) if right else (k, n)), dtype=dtype)
            for turned in (False, True):
                bench = Bench(a, b)
                x, y = (t[0].mT if other else t[0] for t, other in zip(bench.one, (left, right)))
                out = bench.e.blank((n, m)).mT if turned else bench.e.blank((m, n))
                bench.e.product(out, x, y)
                expected = (a.mT if left else a).double() @ (b.mT if right else b).double()
                close = 4 * k * torch.finfo(dtype).eps
                torch.testing.assert_close(bench.run(out).double(), expected, rtol=0, atol=close * 4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n, columns", [(1, 1), (2, 3), (9, 1), (16, 4)])
def test_solutions(n, columns, dtype, key):
    a = _drawn(key, "a", n, n, dtype=dtype) + 3 * torch.eye(n, dtype=dtype)
    b = _drawn(key, "b", n, columns, dtype=dtype)
    for lies in (False, True):
        for turned in (False, True):
            bench = Bench(a, b)
            out = bench.e.blank((n, columns))
            matrix = bench.one[0][0].mT if lies else bench.one[0][0]
            bench.e.solve(out, matrix, bench.one[1][0], turned=turned)
            found = bench.run(out)
            residual = (a.mT if lies != turned else a).double() @ found.double() - b.double()
            assert residual.abs().max() <= 1000 * torch.finfo(dtype).eps * (1 + found.abs().max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gone", [(0,), (1,), (2,), (0, 2), (0, 1, 2)])
def test_sums(gone, dtype, key):
    x = _drawn(key, "x", 3, 21, 34, dtype=dtype)
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        bench = Bench(x)
        seen = bench.one[0][0].permute(order)
        found = bench.run(bench.e.tensor(bench.e.sum(bench.e.place(seen), gone)))
        expected = x.double().permute(0, *(1 + d for d in order)).sum([1 + d for d in gone], keepdim=True)
        torch.testing.assert_close(found.double(), expected, rtol=0, atol=2000 * torch.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1,), (16,), (37,), (5, 7), (3, 64), (4, 3, 18)])
def test_elementwise_on_any_layout(shape, dtype, key):
    a, b = _drawn(key, "a", *shape, dtype=dtype), _drawn(key, "b", *shape[::-1], dtype=dtype)
    c = _drawn(key, "c", shape[-1], dtype=dtype)
    bench = Bench(a, b, c)
    x, y, z = (t[0] for t in bench.one)
    turned = tuple(reversed(range(len(shape))))
    out = bench.e.blank(shape)
    bench.e.write("multiply_add", out, x, y.permute(turned), z)
    other = b.permute(0, *(1 + d for d in turned))
    expected = torch.addcmul(c.reshape(MEMBERS, *[1] * (len(shape) - 1), -1), a, other)
    torch.testing.assert_close(bench.run(out), expected)
    assert bench.run(out).isfinite().all()
