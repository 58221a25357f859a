"""The native build: threads, instruction sets, the interpreter lock, and how a backend is chosen."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gantheory.ops import (
    kernel_mean,
    kernel_sum,
    knn,
    log_sum_exp,
    minimum_spanning_tree,
    native,
    nearest,
    pairwise_distance,
    philox,
    radius_count,
    softmax_average,
)
from gantheory.ops.pairs import pull
from tests.lock import turns_meanwhile
from tests.ops.cases import compare, results
from tests.ops.oracles import points


needs_native = pytest.mark.skipif(native.library is None, reason=native.reason())


def run(program: str, **environment: str) -> subprocess.CompletedProcess:
    return start("-c", program, **environment)


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def saved(path: Path, **environment: str) -> tuple[np.lib.npyio.NpzFile | None, str]:
    """The results of cases.py in another process, or None and what it said."""
    done = start("-m", "tests.ops.cases", str(path), **environment)
    return (None if done.returncode else np.load(path)), done.stderr


@needs_native
def test_instruction_sets_agree(tmp_path):
    found_by = {}
    for isa in ("baseline", "avx2", "avx512"):
        found, said = saved(tmp_path / f"{isa}.npz", GANTHEORY_ISA=isa)
        if found is None:
            assert "is not one of what was built and runs here" in said, said
        else:
            found_by[isa] = found
    assert "baseline" in found_by and native.library.isa in found_by
    for other in found_by.values():
        compare(other, found_by["baseline"])


@needs_native
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bits_do_not_depend_on_threads(two_threads, dtype):
    x, y = points(300, 5, seed=1, dtype=dtype, lead=(3,)), points(400, 5, seed=2, dtype=dtype, lead=(3,))
    w, z = points(300, 400, seed=3, dtype=dtype, lead=(3,)), points(30_000, 2, seed=4, dtype=dtype)
    options = {"kernel": "gaussian", "bandwidth": (0.5, 2.0)}

    def everything():
        few = kernel_sum(z[:9], z), *knn(z[:9], z, 5), log_sum_exp(z[:9], z), softmax_average(z[:9], z, z)
        sums = kernel_sum(x, y), kernel_sum(x, y, **options), kernel_mean(y), kernel_mean(y, **options)
        found = *nearest(x, y), *knn(x, y, 17), radius_count(x, y, 2.0), *minimum_spanning_tree(x)
        soft = log_sum_exp(x, y), softmax_average(x, y, y)
        return *few, *sums, *found, *soft, pairwise_distance(x, y), pull(x, y, w, 0)

    two, again = everything(), everything()
    torch.set_num_threads(1)
    for a, b, c in zip(two, again, everything(), strict=True):
        assert torch.equal(a, b) and torch.equal(a, c)


@needs_native
def test_kernels_release_the_interpreter_lock(two_threads):
    """While one Python thread is inside a kernel, another goes on counting."""
    torch.set_num_threads(1)
    x = points(8000, 8, seed=1)
    assert len(turns_meanwhile(lambda: kernel_sum(x, x))) >= 5


@needs_native
def test_memory_of_a_sum_is_not_that_of_the_matrix():
    """20,000 x 20,000 float64 distances would need 3.2 GB; the process grows by less than 100 MB."""
    program = """if True:
        import resource, torch
        from gantheory.ops import kernel_sum
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        x = torch.linspace(0, 1, 40_000, dtype=torch.float64).reshape(-1, 2).requires_grad_()
        kernel_sum(x[:9], x).sum().backward()
        before = peak()
        kernel_sum(x, x).sum().backward()
        assert peak() - before < 100_000, peak() - before
    """
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_plain_torch_backend_gives_the_same(tmp_path):
    plain, said = saved(tmp_path / "torch.npz", GANTHEORY_BACKEND="torch")
    assert plain is not None, said
    compare(plain, results(), bits=False)


def test_backend_is_reported():
    report = "from gantheory.ops import native; print(native.backend(), native.reason())"
    assert run(report, GANTHEORY_BACKEND="torch").stdout.startswith("torch Plain torch, because")
    wrong = run(report, GANTHEORY_BACKEND="fortran")
    assert wrong.returncode != 0 and "must be auto, native or torch" in wrong.stderr
    assert native.backend() in ("native", "torch") and native.reason().endswith(".")
    broken = run(report, GANTHEORY_BACKEND="native", GANTHEORY_ISA="quantum")
    assert broken.returncode != 0 and "ImportError: GANTHEORY_BACKEND=native" in broken.stderr
    assert run(report, GANTHEORY_ISA="quantum").stdout.startswith("torch Plain torch, because")


def test_cuda_library_says_what_it_lacks():
    assert native.cuda_reason().startswith("CUDA kernels") and native.cuda_reason().endswith(".")


def test_draws_reach_another_device():
    assert philox.normal(np.zeros((1, 4), np.uint32), 0, 3, device="meta").device.type == "meta"
