"""Bridges against scipy's laws, quadrature, and level sets counted on a grid."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, ndimage, stats

import gantheory as gt
from gantheory.distributions.bridge_axis import waves


LAWS = [
    gt.Bridge(1, 3, bridge=0.2, imbalance=1.0),
    gt.Bridge(1, 2, bridge=0.0, imbalance=2.0, tail=0.1),
    gt.Bridge(1, 4, separation=3.0, bridge=0.3, radius=1.5),
]


def one(law, x):
    return float(law.log_prob(torch.tensor([[x]], dtype=torch.float64)).exp())


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("frequency", [0.1, 1.0, 4.0])
def test_waves_by_quadrature(law, frequency):
    wanted = []
    for power in (0, 1):
        parts = [
            integrate.quad(
                lambda x, wave=wave, power=power: x**power * wave(frequency * x) * one(law, x),
                -30,
                30,
                limit=800,
            )[0]
            for wave in (math.cos, math.sin)
        ]
        wanted.append(complex(*parts))
    np.testing.assert_allclose(waves(law, frequency), wanted, atol=3e-5 if law.tail else 1e-7)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_moments_and_entropy_by_quadrature(law):
    ends = (-200, *np.linspace(-6, 6, 49), 200)

    def integral(value):
        return sum(
            integrate.quad(lambda x: value(x, one(law, x)), a, b)[0] for a, b in itertools.pairwise(ends)
        )

    assert integral(lambda x, p: p) == pytest.approx(1, abs=1e-6)
    assert integral(lambda x, p: x * p) == pytest.approx(0, abs=1e-4)
    assert integral(lambda x, p: x * x * p) == pytest.approx(1, abs=1e-4)
    entropy = integral(lambda x, p: -p * math.log(p) if p else 0.0)
    assert entropy == pytest.approx(law.facts().entropy.value, abs=1e-4)


def test_one_piece_is_students_or_the_normal_law(key):
    x = key.normal(20, 3, dtype=torch.float64)
    heavy = stats.multivariate_t(shape=0.6 * np.eye(3), df=5)  # variance 0.6 * 5 / 3 = 1
    found = gt.Bridge(3, 1, tail=0.2).log_prob(x)
    np.testing.assert_allclose(found, heavy.logpdf(x.numpy()), rtol=1e-12)
    np.testing.assert_allclose(gt.Bridge(3, 1).log_prob(x), stats.multivariate_normal(np.zeros(3)).logpdf(x))


def test_without_a_tube_it_is_the_mixture_of_its_blobs(key):
    law = gt.Bridge(2, 3, separation=4.0, bridge=0.0)
    long = math.sqrt(1 + 16 * 2 / 3)
    blob = ((1 / long**2, 0.0), (0.0, 1.0))
    mixture = gt.GaussianMixture(((-4 / long, 0.0), (0.0, 0.0), (4 / long, 0.0)), (blob,) * 3)
    x = 2 * key.normal(50, 2, dtype=torch.float64)
    torch.testing.assert_close(law.log_prob(x), mixture.log_prob(x), rtol=1e-12, atol=1e-12)
    assert law.facts().entropy.value == pytest.approx(mixture.facts().entropy.value, abs=1e-6)


@pytest.mark.parametrize(
    "law",
    [
        gt.Bridge(bridge=0.0),
        gt.Bridge(bridge=1e-3),
        gt.Bridge(pieces=4, bridge=0.3, radius=0.2, tail=0.3),
        gt.Bridge(pieces=3, bridge=0.0, imbalance=1.0),
        gt.Bridge(pieces=3, bridge=0.0, separation=1.5),
        gt.Bridge(pieces=1),
    ],
    ids=repr,
)
def test_level_sets_counted_on_a_grid(law):
    """Pieces of the stated set, and holes in it: pieces of its complement less the unbounded one."""
    topology = law.facts().topology.value
    level = float(topology.of.rsplit(" ", 1)[1])
    ticks = torch.linspace(-4, 4, 1601, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(ticks, ticks, indexing="ij"), dim=-1)
    inside = (law.log_prob(grid).exp() >= level).numpy()
    holes = ndimage.label(~inside, structure=np.ones((3, 3)))[1] - 1
    assert (ndimage.label(inside)[1], holes) == topology.betti


def test_the_cut_is_the_least_marginal_density():
    law = gt.Bridge(2, 2, bridge=0.15, radius=0.4, imbalance=0.5)
    across = np.linspace(-9, 9, 2001)

    def marginal(x):
        points = torch.as_tensor(np.stack((np.full_like(across, x), across), axis=-1))
        return integrate.trapezoid(law.log_prob(points).exp().numpy(), across)

    assert law.cut() == pytest.approx(min(marginal(x) for x in np.linspace(-0.8, 0.8, 801)), rel=1e-5)


def test_the_isoperimetric_bound_is_that_of_the_nearest_points_of_two_blobs(key):
    """Between the images of two balls that hold SHARE of a blob: their distance by brute force."""
    law = gt.Bridge(2, 2, bridge=0.0)
    pieces = law.facts().isoperimetric.value
    angle = torch.linspace(0, 2 * math.pi, 2001, dtype=torch.float64)
    ball = stats.chi(2).ppf(0.98889) * torch.stack((angle.cos(), angle.sin()), dim=-1)
    shift = torch.tensor([3.0, 0.0])
    scale = torch.tensor([10**0.5, 1.0], dtype=torch.float64)
    distance = float(torch.cdist((ball + shift) / scale, (ball - shift) / scale).min())
    assert pieces.distances[0, 1] == pytest.approx(distance, rel=1e-5)
    assert pieces(2.0) == pytest.approx(2 * stats.norm.cdf(distance / 4) - 1)
    assert "tube" in gt.Bridge().facts().isoperimetric.reason


@pytest.mark.parametrize(
    "wrong", [{"pieces": 0}, {"bridge": 1.0}, {"tail": 0.5}, {"radius": 0.0}, {"separation": -1.0}]
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match="Bridge"):
        gt.Bridge(**wrong)
