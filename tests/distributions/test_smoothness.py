"""Densities of known smoothness: exponents measured from increments, and scipy's laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt


def _grid(law, per_cell=8):
    """The density of a law on the unit interval at the middles of a fine grid."""
    count = 4096 * per_cell
    x = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return x.numpy(), law.log_prob(x[:, None]).exp().numpy()


@pytest.mark.parametrize("smoothness", [0.3, 0.5, 1.0, 1.5, 2.5, 4.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_increments_fall_with_the_stated_exponent(smoothness, seed):
    """Root mean squares of fifth differences over steps h fall like h^smoothness: a slope, with its interval."""
    law = gt.HoelderDensity(smoothness=smoothness, entropy=-0.005, seed=seed)
    _, p = _grid(law)
    steps, sizes = 2.0 ** -np.arange(4, 11), []
    for h in steps:
        change = p
        for _ in range(5):
            change = np.roll(change, -round(h * len(p))) - change  # the density is periodic
        sizes.append(np.sqrt(np.mean(change**2)))
    slope, _ = gt.power_fit(steps, sizes)
    assert abs(slope.value - smoothness) <= 0.1 + 4 * slope.stderr
    assert slope.stderr < 0.1


@pytest.mark.parametrize("smoothness", [0.3, 1.0, 2.0, 4.0])
def test_the_dial_holds_support_and_entropy(smoothness):
    law = gt.HoelderDensity(smoothness=smoothness, entropy=-0.01, seed=3)
    x, p = _grid(law)
    assert p.mean() == pytest.approx(1, abs=1e-9) and p.min() > 0
    assert -np.mean(p * np.log(p)) == pytest.approx(-0.01, abs=1e-7)
    facts = law.facts()
    assert facts.mean.value[0] == pytest.approx(np.mean(x * p), abs=1e-8)
    assert facts.covariance.value[0, 0] == pytest.approx(np.mean(x**2 * p) - np.mean(x * p) ** 2, abs=1e-8)
    ends = torch.tensor([[0.0], [1.0], [-1e-9], [1.0 + 1e-9]], dtype=torch.float64)
    assert law.log_prob(ends).tolist() == [0.0, 0.0, -math.inf, -math.inf]


def test_hoelder_moments_in_the_plane_by_quadrature():
    law = gt.HoelderDensity(smoothness=1.0, dim=2, entropy=-0.01, levels=4, seed=2)
    ticks = (torch.arange(512, dtype=torch.float64) + 0.5) / 512
    x = torch.cartesian_prod(ticks, ticks)
    p = law.log_prob(x).exp().numpy()
    mean = (x.numpy() * p[:, None]).mean(0)
    covariance = np.einsum("ni,nj,n->ij", x.numpy() - mean, x.numpy() - mean, p) / len(p)
    facts = law.facts()
    np.testing.assert_allclose(facts.mean.value, mean, atol=1e-6)
    np.testing.assert_allclose(facts.covariance.value, covariance, atol=2e-6)
    assert -np.mean(p * np.log(p)) == pytest.approx(-0.01, abs=1e-6)


def test_hoelder_sampler_against_its_distribution_function(key):
    law = gt.HoelderDensity(smoothness=0.5, entropy=-0.01)
    _, p = _grid(law)
    edges = np.concatenate(([0.0], np.cumsum(p) / len(p)))
    samples = law.sample(200_000, key.to(torch.float64))[:, 0].numpy()
    cdf = lambda t: np.interp(t, np.linspace(0, 1, len(edges)), edges)  # noqa: E731
    assert stats.kstest(samples, cdf).pvalue > 1e-8
    assert stats.kstest(samples, "uniform").pvalue < 1e-8  # so the test sees what the entropy takes away


def test_tent_is_scipys(key):
    law, oracle = gt.Tent(width=2.0), stats.triang(0.5, loc=-2.0, scale=4.0)
    x = law.sample(20_000, key.to(torch.float64))
    assert stats.kstest(x[:, 0].numpy(), oracle.cdf).pvalue > 1e-8
    np.testing.assert_allclose(law.log_prob(x).numpy(), oracle.logpdf(x[:, 0].numpy()), rtol=1e-9, atol=1e-9)
    assert law.facts().entropy.value == pytest.approx(float(oracle.entropy()))
    assert law.facts().covariance.value.item() == pytest.approx(oracle.var())


def test_steps_are_scipys_histogram(key):
    law = gt.Steps((-1.0, 0.0, 0.5, 3.0), masses=(1.0, 5.0, 2.0))
    oracle = stats.rv_histogram((np.array(law.masses), np.array(law.edges)), density=False)
    x = law.sample(20_000, key.to(torch.float64))
    assert stats.kstest(x[:, 0].numpy(), oracle.cdf).pvalue > 1e-8
    np.testing.assert_allclose(law.log_prob(x).numpy(), oracle.logpdf(x[:, 0].numpy()), rtol=1e-9)
    facts = law.facts()
    assert facts.mean.value.item() == pytest.approx(oracle.mean())
    assert facts.covariance.value.item() == pytest.approx(oracle.var())
    assert facts.entropy.value == pytest.approx(float(oracle.entropy()))


def test_narrower_spikes_hold_centres_and_shares():
    wide, narrow = (gt.Spikes(count=3, width=w, share=0.3, dim=2, seed=5).facts() for w in (0.2, 0.01))
    np.testing.assert_array_equal(wide.modes.value.centres, narrow.modes.value.centres)
    np.testing.assert_array_equal(wide.labels.value, narrow.labels.value)
    np.testing.assert_array_equal(wide.mean.value, narrow.mean.value)
    assert narrow.entropy.value < wide.entropy.value


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.HoelderDensity(smoothness=4.5), "smoothness must lie"),
        (lambda: gt.HoelderDensity(entropy=-2.0), r"entropy must lie in \["),
        (lambda: gt.HoelderDensity(entropy=0.0), "entropy must lie in"),
        (lambda: gt.HoelderDensity(dim=2, levels=7), "dim \\* levels"),
        (lambda: gt.Tent(width=0.0), "positive, finite width"),
        (lambda: gt.Steps((0.0, 0.0), (1.0,)), "rising numbers"),
        (lambda: gt.Steps((0.0, 1.0), (0.0,)), "1 positive numbers"),
        (lambda: gt.Spikes(share=1.0), "a share in"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
