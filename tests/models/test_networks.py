"""Networks compute what they say, and start as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import torch

import gantheory as gt


def _layers(model, w):
    """Weights and biases, in order, as numpy arrays."""
    return [value.double().numpy() for value in model.state_dict(w).values()]


def test_a_residual_perceptron_adds_what_came_in(key):
    model = gt.MLP(3, (5, 5, 4), 2, activation="tanh", residual=True)
    w = model.init(key.to(torch.float64))
    x = key.child("x").normal(7, 3, dtype=torch.float64)
    a, b, c, d, e, f, g, h = _layers(model, w)
    first = np.tanh(x.numpy() @ a.T + b)
    second = first + np.tanh(first @ c.T + d)
    expected = np.tanh(second @ e.T + f) @ g.T + h
    np.testing.assert_allclose(model(w, x).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("hidden", [(6, 4), (4, 6)], ids=str)
def test_orthogonal_starts_have_one_singular_value(hidden, key):
    model = gt.MLP(3, hidden, 2, initialisation="orthogonal", gain=1.4)
    for row in model.init(key.to(torch.float64).split(3)):
        weights = _layers(model, row)
        for weight, bias in zip(weights[::2], weights[1::2]):
            np.testing.assert_allclose(np.linalg.svd(weight, compute_uv=False), 1.4, rtol=1e-12)
            assert not bias.any()


def test_orthogonal_starts_are_uniform(key):
    """Among rotations of the plane and their mirror images: angles and determinants (false alarm 1e-6)."""
    model = gt.MLP(2, (), 2, initialisation="orthogonal")
    w = model.init(key.to(torch.float64).split(2000))[:, :4].reshape(-1, 2, 2).numpy()
    angle = np.arctan2(w[:, 1, 0], w[:, 0, 0]) / (2 * math.pi) + 0.5
    assert scipy.stats.kstest(angle, "uniform").pvalue > 1e-6
    proper = int((np.linalg.det(w) > 0).sum())
    assert scipy.stats.binomtest(proper, 2000).pvalue > 1e-6


@pytest.mark.parametrize(
    "kind, gain, law",
    [
        ("uniform", None, scipy.stats.uniform(-0.1, 0.2)),
        ("uniform", 2.0, scipy.stats.uniform(-0.2, 0.4)),
        ("normal", None, scipy.stats.norm(0, 0.02)),
        ("normal", 0.5, scipy.stats.norm(0, 0.5)),
        ("kaiming", None, scipy.stats.norm(0, math.sqrt(2 / 100))),
        ("kaiming", 0.5, scipy.stats.norm(0, 0.5 * math.sqrt(2 / 100))),
    ],
)
def test_weights_start_with_the_law_that_is_said(kind, gain, law, key):
    """A test of Kolmogorov and Smirnov, false alarm 1e-6."""
    model = gt.MLP(100, (), 50, initialisation=kind, gain=gain)
    weight, bias = _layers(model, model.init(key.to(torch.float64)))
    assert scipy.stats.kstest(weight.ravel(), law.cdf).pvalue > 1e-6
    assert kind == "uniform" or not bias.any()


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.MLP(2, (4,), 1, gain=0.0), "positive, finite gain"),
        (lambda: gt.MLP(2, (4, 5), 1, residual=True), "equal width"),
        (lambda: gt.MLP(2, (4,), 1, activation="cube"), "must be one of 'relu'"),
        (lambda: gt.MLP(2, (4,), 1, initialisation="zero"), "must be one of 'uniform'"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
