"""Errors of samples, volumes of layers and quantiles of pieces against sampling, differentiation and scipy."""

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, stats

from gantheory import theory


DRAW = np.random.default_rng(4)


def test_entropic_potentials_are_slopes_of_the_cost():
    """f has the derivatives of the cost in mean and variance of its law, so their variance is that of f."""
    A, B, shift, epsilon, h = 1.3, 0.7, 0.4, 3.0, 1e-5

    def cost(m, first, second):
        return theory.entropic_gaussian_transport([m], [[first]], [0.0], [[second]], epsilon=epsilon)

    in_mean = (cost(shift + h, A, B) - cost(shift - h, A, B)) / (2 * h)
    first = (cost(shift, A + h, B) - cost(shift, A - h, B)) / (2 * h)
    second = (cost(shift, A, B + h) - cost(shift, A, B - h)) / (2 * h)
    variance = 2 * (first * A) ** 2 + 2 * (second * B) ** 2 + in_mean**2 * (A + B)
    found = theory.entropic_fluctuation(shift, A**0.5, B**0.5, epsilon=epsilon, size=50)
    assert found == pytest.approx(math.sqrt(variance / 50), rel=1e-6)
    with pytest.raises(ValueError, match="epsilon"):
        theory.entropic_fluctuation(0.0, 1.0, 1.0, epsilon=0.0, size=5)


def test_weak_critics_by_sampling():
    m, k = 60, 4
    seen = np.abs(np.tanh(2 * DRAW.normal(size=(20_000, m, k))).mean(1)).max(-1)
    assert theory.feature_distance(k, m, slope=2.0) == pytest.approx(seen.mean(), rel=0.01)
    with pytest.raises(ValueError, match="size"):
        theory.feature_distance(2, 0)


def test_equal_laws_by_enumeration():
    a, pairs = 0.3, 2
    mean = square = 0.0
    for rights in itertools.product((0, 1), repeat=2 * pairs):
        chance = math.prod(
            (a if right else 1 - a) if real else (1 - a if right else a)
            for right, real in zip(rights, (1, 1, 0, 0))
        )
        mean, square = mean + chance * sum(rights), square + chance * sum(rights) ** 2
    assert theory.two_sample_null(4, a) == pytest.approx((mean, square - mean**2))
    assert theory.two_sample_null(4) == pytest.approx(stats.binom(4, 0.5).stats("mv"))
    with pytest.raises(ValueError, match="share"):
        theory.two_sample_null(4, 1.5)


def test_averaged_samples_agree_with_one_sample_and_with_the_literature():
    for d, c in ((100, 0.6), (200, 1.0)):
        whole = theory.averaged_sample_error(d, c * d**0.25)
        assert whole == pytest.approx(theory.one_sample_error(d, c * d**0.25), abs=1e-3)
    # averaging k samples is one sample of a k-th of the variance, judged at the whole deviation
    d, deviation, radius = 64, 2.0, 0.25
    w = 1 + deviation / 3**0.5 * DRAW.normal(size=(40_000, d))
    margin = (w.sum(-1) - radius * np.abs(w).sum(-1)) / (deviation * np.linalg.norm(w, axis=-1))
    found = theory.averaged_sample_error(d, deviation, count=3, radius=radius)
    assert found == pytest.approx(stats.norm.cdf(-margin).mean(), abs=1e-3)
    for d, count in ((100, 3), (1000, 3), (10_000, 5)):
        assert theory.averaged_sample_error(d, 0.6 * d**0.25, count=count, radius=0.25) < 0.01
        assert theory.averaged_sample_error(d, 0.6 * d**0.25, count=count - 2, radius=0.25) > 0.01
    with pytest.raises(ValueError, match="count"):
        theory.averaged_sample_error(10, 1.0, count=0)


def test_volumes_of_layers():
    W = DRAW.normal(size=(3, 3))
    whole = np.kron(np.eye(4), W)
    assert theory.pointwise_log_det(W, 4) == pytest.approx(np.linalg.slogdet(whole)[1])
    with pytest.raises(ValueError, match="sites"):
        theory.pointwise_log_det(W, 0)
    weight, bias, a = DRAW.normal(size=(2, 1)), DRAW.normal(size=2), 0.7

    def layer(x):
        s = 3 * np.tanh((weight @ x[:1] + bias) / 3)
        return np.concatenate([x[:1], x[1:] * np.exp(s) + x[0] ** 2])

    x = np.array([a, 0.2, -0.4])
    jacobian = optimize.approx_fprime(x, layer, 1e-7)
    assert theory.coupling_log_det([[a]], weight, bias)[0] == pytest.approx(
        np.linalg.slogdet(jacobian)[1], abs=1e-5
    )


def test_stretches_and_quantiles():
    J = DRAW.normal(size=(3, 2))
    angles = np.linspace(0, np.pi, 2001)
    factors = np.square(J @ np.stack([np.cos(angles), np.sin(angles)])).sum(0)
    assert theory.stretch_range(J) == pytest.approx((factors.min(), factors.max()), rel=1e-5)
    # the map z -> clip(L z) attains it: half-lines beyond z = t and z = t + D/L
    D, L, t = 3.0, 2.0, -0.3
    masses = stats.norm.cdf(t), stats.norm.sf(t + D / L)
    assert theory.separated_quantiles(D, L) == pytest.approx(stats.norm.ppf(masses).sum())
    with pytest.raises(ValueError, match="positive"):
        theory.separated_quantiles(0.0, 1.0)


def test_least_variation_over_all_masses():
    for ratio in (0.2, 1.0, 3.0):
        a = np.linspace(1e-6, 1 - 1e-6, 200_001)
        b = stats.norm.cdf(-ratio - stats.norm.ppf(a))
        variation = (np.abs(a - 0.5) + np.abs(b - 0.5) + np.abs(1 - a - b)) / 2
        assert theory.least_variation(2 * ratio, 2.0) == pytest.approx(variation.min(), abs=1e-5)


def test_slopes_that_change_are_stable_one_by_one():
    draw = np.random.default_rng(5)
    for rule in ("simultaneous", "alternating"):
        for h, gamma in draw.uniform(0.02, 2, size=(200, 2)):
            radii = []
            for slope in np.linspace(0, 1, 21):
                # one step of theta and psi by hand; the critic, with the penalty, moves first where they alternate
                critic = np.array([[1.0, 0.0], [h * slope, 1 - h * gamma]])
                generator = np.array([[1.0, -h * slope], [0.0, 1.0]])
                both = generator @ critic if rule == "alternating" else generator + critic - np.eye(2)
                radii.append(abs(np.linalg.eigvals(both)).max())
            if theory.sector_stable(h, gamma, rule=rule):
                assert max(radii) <= 1 + 1e-12  # at the slope 0 the generator stays where it is
            elif h * gamma <= 1:
                assert radii[-1] >= 1 - 1e-12
    assert theory.planar_modes(2) == 4
    with pytest.raises(ValueError, match="layers"):
        theory.planar_modes(0)
