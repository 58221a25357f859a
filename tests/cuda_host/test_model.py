"""The execution model itself: planted faults are seen, and lanes tell one another what CUDA's do."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import numpy as np
import pytest

from tests.cuda_host.build import HERE, build, sanitized


FAULTS = ("past_global", "past_shared", "past_dynamic", "no_barrier", "unwritten", "stranded", "split")
PROGRAM = (
    "import sys; from tests.cuda_host.test_model import Planted; Planted(sys.argv[1]).reverse(sys.argv[2])"
)


class Planted:
    """The kernels of planted.cu."""

    def __init__(self, library: str):
        self.library = ctypes.CDLL(library)
        self.library.gt_planted.restype = ctypes.c_char_p
        self.library.gt_planted.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]

    def reverse(self, fault: str = "", *, order: int = 0, threads: int = 64) -> tuple[np.ndarray, str]:
        self.library.gt_host_order(order, ctypes.c_uint64(7))
        points, out = np.arange(64, dtype=np.float32), np.zeros(64, np.float32)
        number = 1 + FAULTS.index(fault) if fault else 0
        error = self.library.gt_planted(points.ctypes.data, out.ctypes.data, number, threads)
        return out, error.decode()

    def talk(self, width: int) -> np.ndarray:
        out = np.zeros((32, 8), np.int32)
        self.library.gt_talk(width, ctypes.c_void_p(out.ctypes.data))
        return out.T


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted(str(build(HERE / "planted.cu")))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_right_kernel_is_right_in_every_order(planted, order):
    out, error = planted.reverse(order=order)
    assert error == "" and np.array_equal(out, np.arange(64)[::-1])


def test_a_missing_barrier_gives_other_bits_in_other_orders(planted):
    results = [planted.reverse("no_barrier", order=order)[0] for order in (0, 1, 2)]
    assert not np.array_equal(results[0], results[1], equal_nan=True)
    assert not np.array_equal(results[0], results[2], equal_nan=True)
    assert all(np.isnan(result).any() for result in results)


def test_an_unwritten_element_is_nan(planted):
    out, error = planted.reverse("unwritten")
    assert error == "" and np.flatnonzero(np.isnan(out)).tolist() == [7]


def test_threads_that_never_meet_are_an_error(planted):
    assert "that others never reach" in planted.reverse("stranded")[1]
    assert "different collectives" in planted.reverse("split")[1]


def test_a_refused_launch_names_kernel_grid_and_sizes(planted):
    wanted = "kernel reverse with grid (1, 1, 1), block (2000, 1, 1) and 256 bytes of shared memory failed: "
    assert wanted + "invalid configuration" in planted.reverse(threads=2000)[1]


@pytest.mark.parametrize("fault", ["past_global", "past_shared", "past_dynamic"])
def test_an_index_one_past_the_end_is_caught(fault):
    library = build(HERE / "planted.cu", sanitize=True)
    good, bad = (
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(library), name],
            env=sanitized(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        for name in ("", fault)
    )
    assert good.returncode == 0, good.stderr
    assert bad.returncode != 0
    assert "buffer-overflow" in bad.stderr or "out of bounds" in bad.stderr


@pytest.mark.parametrize("width", [32, 16, 8])
def test_lanes_tell_one_another_what_cuda_s_do(planted, width):
    lane = np.arange(32)
    first = lane // width * width
    told = planted.talk(width)
    assert np.array_equal(told[0], first + 5)
    assert np.array_equal(told[1], np.where(lane - 3 >= first, lane - 3, lane))
    assert np.array_equal(told[2], np.where(lane + 3 < first + width, lane + 3, lane))
    assert np.array_equal(told[3], lane ^ 6)
    assert set(told[4]) == {sum(1 << i for i in range(0, 32, 3))}
    assert set(told[5]) == {3}
    assert set(told[6]) == {107}
    assert set(told[7]) == {31 * 16}


def test_tensor_cores_read_eleven_bits_of_precision(planted):
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-8, 8, size).astype(np.float32) for size in ((16, 8), (8, 8)))
    a[0, 0], b[:, 0] = 1 + 2.0**-12, np.eye(8)[0]  # 12 bits after the point are one too many
    out = np.zeros((16, 8), np.float32)
    planted.library.gt_product(*(ctypes.c_void_p(v.ctypes.data) for v in (a, b, out)))
    a[0, 0] = 1
    assert np.array_equal(out, a @ b)
