"""Every metric: an estimate with its floor, blind to the order of samples, equal on every kind of input."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory import metrics


RING = gt.Ring(modes=5, radius=2.0, scale=0.3)
PUBLIC = [getattr(metrics, name) for name in metrics.__all__]
# what returns a verdict is tested by itself
ALL = [f for f in PUBLIC if inspect.isfunction(f) and inspect.signature(f).return_annotation == "Estimate"]
SAMPLED = [metric for metric in ALL if "samples" in inspect.signature(metric).parameters]


@pytest.mark.parametrize("metric", ALL, ids=lambda f: f.__name__)
def test_true_against_true_is_at_the_floor(metric, key):
    estimate = metric(RING, RING, n=4000, key=key)
    assert isinstance(estimate, gt.Estimate) and estimate.shape == () and estimate.n == 4000
    gap = abs(float(estimate) - float(estimate.floor))
    assert gap <= 6 * float(estimate.stderr) + 0.03 * abs(float(estimate.floor)) + 0.02


@pytest.mark.parametrize("metric", ALL, ids=lambda f: f.__name__)
def test_default_key_and_same_key_same_numbers(metric):
    first, second = metric(RING, RING, n=500), metric(RING, RING, n=500)
    assert float(first) == float(second)
    other = metric(RING, gt.Ring(modes=5, radius=2.0, scale=0.4), n=500, key=gt.Key(1))
    assert np.isfinite(float(other))


@pytest.mark.parametrize("metric", SAMPLED, ids=lambda f: f.__name__)
def test_population_is_members_one_by_one(metric, key):
    x = RING.sample(600, key.split(3)) + torch.tensor([0.0, 0.5, 3.0])[:, None, None]
    together = metric(x, RING, n=600, key=key)
    assert together.shape == (3,)
    for m in range(3):
        alone = metric(x[m].numpy(), RING, n=600, key=key)
        np.testing.assert_allclose(together.value[m], float(alone), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(together.stderr[m], float(alone.stderr), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("metric", SAMPLED, ids=lambda f: f.__name__)
def test_order_of_samples_does_not_matter(metric, key):
    x = RING.sample(500, key)
    shuffled = x[key.child("order").permutation(500)]
    a, b = (metric(points, RING, n=500, key=key) for points in (x, shuffled))
    np.testing.assert_allclose(float(a), float(b), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("metric", SAMPLED, ids=lambda f: f.__name__)
def test_wrong_input_is_one_clear_error(metric, key):
    for wrong in (torch.zeros(4), torch.zeros(0, 2), "points", torch.zeros(10, 3)):
        with pytest.raises(ValueError, match=r"samples|dimensions"):
            metric(wrong, RING, n=10, key=key)
    with pytest.raises(ValueError, match="n must be"):
        metric(RING, RING, n=1, key=key)


@pytest.mark.parametrize("metric", SAMPLED, ids=lambda f: f.__name__)
def test_far_samples_are_seen(metric, key):
    near = metric(RING, RING, n=1000, key=key)
    far = metric(RING.sample(1000, key) + 5, RING, n=1000, key=key)
    assert abs(float(far) - float(near)) > 0.5
