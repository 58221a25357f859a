"""While one Python thread is inside a pairwise kernel, another goes on."""

import pytest
import torch

from gantheory.ops import native
from gantheory.ops.pairs import call
from tests.lock import turns_meanwhile
from tests.ops.oracles import points


N, D = 2000, 512  # some 20 ms or more in every kernel

ARGUMENTS = {
    "values": lambda out, one: (out,),
    "sum": lambda out, one: (False, [1.0], one, 1, out),
    "pull": lambda out, one: (one, out),
    "pull_of_sum": lambda out, one: ([1.0], one, 1, one, 1, out),
    "nearest": lambda out, one: (1, False, out, out + 8 * N),
    "within": lambda out, one: (one, False, out),
    "soft": lambda out, one: (1.0, one, one, 1, out, out + 8 * N),
    "tree": lambda out, one: (out,),
}


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("kernel", ARGUMENTS)
def test_kernels_release_the_interpreter_lock(kernel):
    x, out, one = points(N, D, seed=1), torch.empty(N, N), torch.ones(N, N)
    arguments = ARGUMENTS[kernel](out.data_ptr(), one.data_ptr())
    pairs, run = call(x, x, 0), getattr(native.library, f"pairwise_{kernel}")
    assert len(turns_meanwhile(lambda: run(pairs, *arguments))) >= 5


@pytest.mark.skipif(native.library is None, reason=native.reason())
def test_no_kernel_is_forgotten():
    assert {f"pairwise_{kernel}" for kernel in ARGUMENTS} == {
        name for name in dir(native.library) if name.startswith("pairwise_")
    }
