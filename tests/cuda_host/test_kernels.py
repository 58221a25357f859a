"""The CUDA kernels, run on the CPU, and where there is one on a GPU.

Every case of tests/ops/cases.py: against the CPU's kernels, in three orders of threads and blocks, and under
the sanitizers. And the tests of the operations themselves, in a process of their own, with all tensors CUDA's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from gantheory.ops import native
from tests.cuda_host.build import ROOT, build, sanitized
from tests.cuda_host.device import ORDERS, host_kernels
from tests.ops.cases import compare, results


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())

FILES = [
    *(
        "test_pairwise",
        "test_search",
        "test_kernels",
        "test_soft",
        "test_sinkhorn_gradients",
        "test_spectral",
    ),
    *(
        pytest.param(f, marks=pytest.mark.slow)
        for f in ("test_sinkhorn", "test_gradients", "test_pairwise_peers")
    ),
]


@pytest.fixture(scope="module")
def by_order() -> dict[str, dict[str, np.ndarray]]:
    library = str(build())
    found = {}
    for order in ORDERS:
        with host_kernels(library, order):
            found[order] = results()
    return found


def test_results_are_the_cpu_s(by_order):
    compare(by_order["forward"], results())


@pytest.mark.parametrize("order", ORDERS[1:])
def test_bits_do_not_depend_on_the_order_of_threads(by_order, order):
    for name, value in by_order["forward"].items():
        np.testing.assert_array_equal(by_order[order][name], value, err_msg=name)


@pytest.mark.timeout(600)
def test_no_sanitizer_finds_anything(tmp_path):
    environment = sanitized() | {"GANTHEORY_CUDA_HOST": str(build(sanitize=True))}
    command = [sys.executable, "-m", "tests.ops.cases", str(tmp_path / "found.npz")]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    compare(np.load(tmp_path / "found.npz"), results())


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("file", FILES)
def test_the_operations_tests_hold_with_cuda_s_kernels(file):
    environment = os.environ | {"GANTHEORY_CUDA_HOST": str(build()), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider"]
    command.append(f"tests/ops/{file}.py")
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.cuda
def test_results_on_the_gpu_are_the_cpu_s():
    found = results("cuda")
    compare(found, results())
    for name, value in results("cuda").items():
        np.testing.assert_array_equal(value, found[name], err_msg=name)


@pytest.mark.cuda
@pytest.mark.skipif(shutil.which("compute-sanitizer") is None, reason="compute-sanitizer is not in PATH")
@pytest.mark.parametrize("tool", ["memcheck", "racecheck", "initcheck", "synccheck"])
def test_compute_sanitizer_finds_nothing(tool, tmp_path):
    program = "import sys, numpy; from tests.ops.cases import results; results('cuda')"
    command = ["compute-sanitizer", "--tool", tool, "--error-exitcode", "9", sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
