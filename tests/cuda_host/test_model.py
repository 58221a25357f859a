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
        self.half_of = self.library.gt_half_of
        self.half_of.argtypes = [ctypes.c_float]
        self.value_of_half = self.library.gt_value_of_half
        self.value_of_half.restype = ctypes.c_float

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


@pytest.mark.parametrize("halves, error", [(0, 2.0**-10), (1, 2.0**-21)])
def test_products_on_tensor_cores_are_as_exact_as_stated(planted, halves, error):
    """Points of very different size, one with a number that dwarfs its others, in both forms."""
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(16, 16)).astype(np.float32) for _ in range(2))
    a *= np.logspace(-12, 12, 16, dtype=np.float32)[:, None]
    b[3, 5], a[7] = 1e9, 0
    out = np.zeros((16, 16), np.float32)
    addresses = [ctypes.c_void_p(v.ctypes.data) for v in (a, b, out)]
    planted.library.gt_product(*addresses[:2], halves, addresses[2])
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    found = np.abs(out - wide_a @ wide_b.T)
    norms = np.linalg.norm(wide_a, axis=1)[:, None] * np.linalg.norm(wide_b, axis=1)
    assert (found <= error * norms).all()
    assert (found > 2.0**-14 * norms).any() == (halves == 0)


@pytest.mark.parametrize("bits", [0, 1, 0x03FF, 0x0400, 0x3C00, 0x3C01, 0x7BFF, 0x7C00, 0x8001, 0xFBFF])
def test_halves_are_numpy_s(planted, bits):
    """The execution model's own half precision, there and back and between its neighbours."""
    value = np.array([bits], np.uint16).view(np.float16).astype(np.float32)[0]
    assert planted.value_of_half(bits) == value
    for v in (value, value * np.float32(1.0003), value * np.float32(1.0007), -value):
        with np.errstate(over="ignore"):
            assert planted.half_of(v) == int(np.float16(v).view(np.uint16)), v
