"""The native build: threads, instruction sets, the interpreter lock, and how a backend is chosen."""

import os
import subprocess
import sys
import threading
import time

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
from tests.ops.oracles import points


needs_native = pytest.mark.skipif(native.library is None, reason=native.reason())

PROGRAM = """
import sys, numpy as np, torch
from gantheory.ops import (
    kernel_mean, kernel_sum, knn, log_sum_exp, nearest, pairwise_distance, philox, radius_count, softmax_average,
    spectral_norm, top_singular_values,
)
rng, out, keys = np.random.default_rng(0), {}, np.arange(12, dtype=np.uint32).reshape(3, 4)
for dtype in (torch.float32, torch.float64):
    for d in (1, 3, 9, 64):
        x, y = (torch.tensor(rng.normal(size=(n, d)), dtype=dtype, requires_grad=True) for n in (37, 131))
        index, distance = nearest(x, y)
        sums = kernel_sum(x, y)
        gradient = torch.autograd.grad(sums.sum(), (x, y))
        options = {"kernel": "gaussian", "bandwidth": [1.0, 9.0]}
        z = y.detach().repeat(70, 1)
        more = (
            kernel_sum(x, y, **options), kernel_mean(y, **options), kernel_mean(y, kernel="laplace", bandwidth=2.0),
            kernel_sum(x, y, kernel="rational_quadratic", bandwidth=2.0), radius_count(x, y, 0.7 * d),
            pairwise_distance(x, y, p=1), pairwise_distance(x, y, p=np.inf), pairwise_distance(x, y, cosine=True),
            *knn(x, y, 9), log_sum_exp(x, y, epsilon=d), softmax_average(x, y, y, epsilon=d), kernel_sum(x[:3], z),
            spectral_norm(y, tolerance=1e-10), top_singular_values(x, 1, tolerance=1e-10),
            softmax_average(x[:3], z, z, epsilon=d),
        )
        for i, value in enumerate((pairwise_distance(x, y), index, distance, sums, *gradient, *more)):
            out[f"pairs{dtype}{d}.{i}"] = value.detach().numpy()
    out[f"normal{dtype}"] = philox.normal(keys, 3, 5001, dtype=dtype).numpy()
    out[f"uniform{dtype}"] = philox.uniform(keys, 3, 5001, dtype=dtype).numpy()
out["integers"] = philox.integers(keys, 10**12, 3, 5001).numpy()
np.savez(sys.argv[1], **out)
"""


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@needs_native
def test_instruction_sets_agree(tmp_path):
    """Draws to the bit, pairwise results to 1e-5 of float32, 1e-13 of float64."""
    results = {}
    for isa in ("baseline", "avx2", "avx512"):
        done = run(PROGRAM, str(tmp_path / f"{isa}.npz"), GANTHEORY_ISA=isa)
        if done.returncode == 0:
            results[isa] = np.load(tmp_path / f"{isa}.npz")
        else:
            assert "is not one of what was built and runs here" in done.stderr, done.stderr
    assert "baseline" in results and native.library.isa in results
    for other in results.values():
        for name, value in results["baseline"].items():
            if name.startswith("pairs"):
                tolerance = 1e-5 if "float32" in name else 1e-13
                np.testing.assert_allclose(other[name], value, rtol=tolerance, atol=tolerance, err_msg=name)
            else:
                np.testing.assert_array_equal(other[name], value, err_msg=name)


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
    x, done, counted = points(8000, 8, seed=1), threading.Event(), 0

    def work():
        kernel_sum(x, x)
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    while not done.is_set():
        time.sleep(1e-4)
        counted += 1
    worker.join()
    assert counted >= 5


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
    done = run(PROGRAM, str(tmp_path / "torch.npz"), GANTHEORY_BACKEND="torch")
    assert done.returncode == 0, done.stderr
    done = run(PROGRAM, str(tmp_path / "auto.npz"))
    assert done.returncode == 0, done.stderr
    plain, auto = np.load(tmp_path / "torch.npz"), np.load(tmp_path / "auto.npz")
    for name, value in plain.items():
        tolerance = 1e-5 if "float32" in name else 1e-12
        np.testing.assert_allclose(auto[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


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
