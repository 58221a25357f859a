import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy import stats

from gantheory.ops import philox


def keys(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, size=(rows, 4), dtype=np.uint32)


def units_apart(a: torch.Tensor, b: torch.Tensor) -> int:
    """Largest difference in units in the last place, for numbers of equal sign."""
    kind = torch.int64 if a.dtype == torch.float64 else torch.int32
    return int((a.view(kind) - b.view(kind)).abs().max()) if a.numel() else 0


def test_known_answers_of_random123():
    zero = philox.words(np.zeros((1, 4), np.uint32), 0, 4)
    assert [f"{w:08x}" for w in zero[0].tolist()] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]
    ones = philox.child(np.full((1, 4), 2**32 - 1, np.uint32), np.array([2**64 - 1], np.uint64))
    assert [f"{w:08x}" for w in ones[0]] == ["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"]
    key = np.array([[0xA4093822, 0x299F31D0, 0x13198A2E, 0x03707344]], np.uint32)
    pi = philox.child(key, np.array([0x85A308D3_243F6A88], np.uint64))
    assert [f"{w:08x}" for w in pi[0]] == ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"]


@given(
    rows=st.integers(0, 5),
    first=st.one_of(st.integers(0, 40), st.integers(2**34 - 40, 2**34), st.integers(0, 2**58)),
    count=st.integers(0, 150),
    seed=st.integers(0, 99),
)
def test_native_equals_reference(rows, first, count, seed):
    k = keys(rows, seed)
    assert torch.equal(philox.words(k, first, count), philox.words_reference(k, first, count))
    for dtype in (torch.float32, torch.float64):
        u = philox.uniform(k, first, count, dtype=dtype)
        assert torch.equal(u, philox.uniform_reference(k, first, count, dtype))
        z, plain = (f(k, first, count, dtype=dtype) for f in (philox.normal, philox.normal_reference))
        assert units_apart(z, plain) <= (4 if dtype == torch.float64 else 1)


@given(bound=st.integers(1, 2**63 - 1), first=st.integers(0, 2**58), count=st.integers(0, 300))
def test_integers_are_the_upper_half_of_an_exact_product(bound, first, count):
    k = keys(2, 3)
    drawn = philox.integers(k, bound, first, count)
    w = philox.words_reference(k, 2 * first, 2 * count, torch.int64).tolist()
    exact = [[(r[2 * i] + (r[2 * i + 1] << 32)) * bound >> 64 for i in range(count)] for r in w]
    assert drawn.tolist() == exact
    assert torch.equal(drawn, philox.integers_reference(k, bound, first, count))


@given(a=st.integers(0, 70), b=st.integers(0, 70), start=st.integers(0, 9))
def test_a_draw_in_chunks_is_one_draw(a, b, start):
    k = keys(3)
    for draw in (
        philox.words,
        philox.uniform,
        philox.normal,
        lambda *args: philox.integers(args[0], 10, *args[1:]),
    ):
        whole = draw(k, start, a + b)
        assert torch.equal(torch.cat([draw(k, start, a), draw(k, start + a, b)], dim=1), whole)


def test_rows_do_not_depend_on_each_other_or_on_threads(two_threads):
    k = keys(5)
    whole = philox.normal(k, 3, 70_001)
    for i in range(5):
        assert torch.equal(philox.normal(k[i : i + 1], 3, 70_001)[0], whole[i])
    torch.set_num_threads(1)
    assert torch.equal(philox.normal(k, 3, 70_001), whole)


def test_float64_normals_are_accurate_to_four_units():
    """Against 30 digits, at the words that are hard for log and sincospi and at random ones."""
    mpmath = pytest.importorskip("mpmath")
    w = philox.words(keys(1), 0, 2000)[0].tolist()
    z = philox.normal(keys(1), 0, 2000, dtype=torch.float64)[0].tolist()
    with mpmath.workdps(30):
        for p in range(0, 2000, 2):
            u, v = (mpmath.mpf((w[p + i] >> 8) * 2 + 1) / 2**25 for i in (0, 1))
            r = mpmath.sqrt(-2 * mpmath.log(u))
            for value, truth in ((z[p], r * mpmath.cospi(2 * v)), (z[p + 1], r * mpmath.sinpi(2 * v))):
                assert abs(value - truth) <= 4 * 2.0**-53 * abs(truth)


def test_the_largest_float32_uniform_is_below_one():
    k, top = np.zeros((1, 4), np.uint32), 1 - 2.0**-24
    words = philox.words(k, 0, 2**26).to(torch.int64)
    assert (words >> 8 == 2**24 - 1).any(), "the draw holds the largest uniform number"
    u = philox.uniform(k, 0, 2**26)
    assert float(u.max()) == top and float(u.min()) > 0


def test_distributions():
    """Kolmogorov-Smirnov at a false-alarm rate of 1e-9 a test."""
    k = keys(1, 12)
    z, u = philox.normal(k, 0, 100_000).numpy()[0], philox.uniform(k, 0, 100_000).numpy()[0]
    assert stats.kstest(z, "norm").pvalue > 1e-9
    assert stats.kstest(u, "uniform").pvalue > 1e-9
    counts = np.bincount(philox.integers(k, 7, 0, 70_000).numpy()[0], minlength=7)
    assert stats.chisquare(counts).pvalue > 1e-9


@given(rows=st.integers(1, 6), single=st.sampled_from(["neither", "key", "hash"]), seed=st.integers(0, 99))
def test_children(rows, single, seed):
    k = keys(1 if single == "key" else rows, seed)
    size = 1 if single == "hash" else rows
    hashes = np.random.default_rng(seed).integers(0, 2**64, size=size, dtype=np.uint64)
    children = philox.child(k, hashes)
    assert children.dtype == np.uint32
    np.testing.assert_array_equal(children, philox.child_reference(k, hashes))
    both = zip(np.broadcast_to(k, (rows, 4)), np.broadcast_to(hashes, rows))
    alone = [philox.child(np.array([a]), np.array([h]))[0] for a, h in both]
    np.testing.assert_array_equal(children, alone)


def test_wrong_arguments_are_named():
    k = keys(2)
    with pytest.raises(ValueError, match="C-contiguous uint32"):
        philox.words(k.astype(np.int64), 0, 1)
    with pytest.raises(ValueError, match="C-contiguous uint32"):
        philox.words(np.asfortranarray(k), 0, 1)
    with pytest.raises(ValueError, match="first and count"):
        philox.normal(k, -1, 1)
    with pytest.raises(ValueError, match="dtype must be"):
        philox.normal(k, 0, 1, dtype=torch.float16)
    with pytest.raises(ValueError, match="bound must lie"):
        philox.integers(k, 0, 0, 1)
    with pytest.raises(ValueError, match="keys and hashes"):
        philox.child(k, np.zeros(3, np.uint64))
