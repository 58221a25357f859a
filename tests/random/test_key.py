"""Keys: values, independent by path, and the draws' laws."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy import stats

import gantheory as gt
from gantheory.random import Key


elements = st.integers() | st.text(max_size=8)


@given(st.integers(), st.lists(elements, max_size=4), elements)
def test_children_are_values(seed, path, element):
    key = Key(seed, tuple(path))
    child = key.child(element)
    assert child == Key(seed, (*path, element)) == Key(seed).child(*path, element)
    assert np.array_equal(child.words, Key(seed, (*path, element)).words)
    assert gt.parse(repr(child)) == child and pickle.loads(pickle.dumps(child)) == child
    assert not np.array_equal(child.words, key.words)


@given(st.lists(elements, min_size=2, max_size=2, unique_by=lambda e: (type(e), e)))
def test_different_paths_are_different_streams(pair):
    a, b = (Key(0).child(e) for e in pair)
    assert not np.array_equal(a.words, b.words)
    assert not torch.equal(a.normal(8), b.normal(8))


def test_a_number_and_its_text_differ():
    assert not np.array_equal(Key(0).child(1).words, Key(0).child("1").words)


def test_a_batch_is_its_members():
    batch = Key(3).child("member").split(16)
    assert batch.batch == (16,)
    for i in (0, 5, 15):
        alone = Key(3).child("member", i)
        assert batch[i] == alone
        assert torch.equal(batch.normal(11, 3)[i], alone.normal(11, 3))
        assert torch.equal(batch.child("step").child(7).uniform(5)[i], alone.child("step", 7).uniform(5))
    assert torch.equal(batch[3:7].normal(4), batch.normal(4)[3:7])
    nested = Key(0).split(2).split(3)
    assert nested.batch == (2, 3) and nested.normal(4, 5).shape == (2, 3, 4, 5)
    assert torch.equal(nested.normal(4)[1, 2], Key(0).child(1, 2).normal(4))
    picked = Key(3).child("member", (4, 0, 4))
    assert torch.equal(picked.normal(2)[0], picked.normal(2)[2])
    with pytest.raises(ValueError, match="single key"):
        Key(0)[1]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 5))
def test_chunks(a, b, d):
    key = Key(1)
    first, last = sorted((a, b))
    whole = {"normal": key.normal(40, d), "uniform": key.uniform(40, d), "integers": key.integers(10, 40, d)}
    parts = {
        "normal": key.normal(last - first, d, start=first),
        "uniform": key.uniform(last - first, d, start=first),
        "integers": key.integers(10, last - first, d, start=first),
    }
    for law, draw in whole.items():
        assert torch.equal(draw[first:last], parts[law])


def test_three_chunks_equal_one_draw():
    key = Key(0).split(4)
    whole = key.normal(1000, 2)
    parts = [key.normal(n, 2, start=s) for s, n in ((0, 333), (333, 1), (334, 666))]
    assert torch.equal(whole, torch.cat(parts, dim=1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_laws(dtype):
    """Kolmogorov-Smirnov and chi-square, each at a false-alarm rate of 1e-8 for this one fixed key."""
    key = Key(0).child("laws")
    assert stats.kstest(key.normal(200_000, dtype=dtype).double().numpy(), "norm").pvalue > 1e-8
    assert stats.kstest(key.uniform(200_000, dtype=dtype).double().numpy(), "uniform").pvalue > 1e-8
    counts = torch.bincount(key.integers(13, 130_000), minlength=13)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-8


def test_uniforms_stay_inside():
    for dtype in (torch.float32, torch.float64):
        u = Key(0).uniform(2_000_000, dtype=dtype)
        assert u.min() > 0 and u.max() < 1


def test_permutations_are_uniform():
    """All 24 orders of four, over 24,000 permutations."""
    orders = Key(0).split(24_000).permutation(4)
    assert torch.equal(orders.sort(dim=-1).values, torch.arange(4).expand(24_000, 4))
    codes = (orders * torch.tensor([64, 16, 4, 1])).sum(-1)
    _, counts = codes.unique(return_counts=True)
    assert len(counts) == 24 and stats.chisquare(counts.numpy()).pvalue > 1e-8


def test_neighbouring_streams_are_uncorrelated():
    rows = Key(0).split(200).normal(2000, dtype=torch.float64)
    correlation = torch.corrcoef(rows) - torch.eye(200)
    assert correlation.abs().max() < 6.5 / 2000**0.5


def test_defaults_travel_and_do_not_change_the_key():
    key = Key(0).to(torch.float64)
    assert key == Key(0) and key.child("a").split(2).normal(3).dtype == torch.float64
    assert torch.equal(key.normal(5).float(), Key(0).normal(5))


@pytest.mark.parametrize("arguments", [(-1,), (3, -2), (3, 2, -1)])
def test_negative_sizes_are_refused(arguments):
    n, d, start = (*arguments, None, 0)[:3] if len(arguments) < 3 else arguments
    with pytest.raises(ValueError, match="at least 0"):
        Key(0).normal(n, d, start=start or 0)


def test_other_mistakes():
    with pytest.raises(ValueError, match="whole number"):
        Key(0.5)
    with pytest.raises(TypeError):
        Key(0).child(1.5)
    for bound in (0, -1, 2**63):
        with pytest.raises(ValueError, match="bound"):
            Key(0).integers(bound, 3)
