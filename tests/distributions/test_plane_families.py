"""Strips, cubes, subspaces and pinwheels against scipy and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

import gantheory as gt


def test_a_cube_is_three_uniform_laws(key):
    law = gt.UniformBox(dim=3, low=-2.0, high=1.0)
    known = stats.uniform(-2, 3)
    x = law.sample(20_000, key.to(torch.float64)).numpy()
    assert all(stats.kstest(x[:, i], known.cdf).pvalue > 1e-8 for i in range(3))
    assert law.facts().entropy.value == pytest.approx(3 * known.entropy())
    outside = torch.tensor([[0.0, 0.0, 1.5], [0.0, 0.0, 0.0]])
    assert law.log_prob(outside).tolist() == [-math.inf, pytest.approx(-3 * math.log(3))]


def test_the_cosine_against_torch_distributions(key):
    law = gt.Cosine(amplitude=2.0, frequency=1.5, half=3.0, noise=0.5)
    x = law.sample(100, key.to(torch.float64))
    t, y = x.unbind(-1)
    flat = torch.distributions.Uniform(torch.tensor(-3.0).double(), torch.tensor(3.0).double())
    wanted = flat.log_prob(t) + torch.distributions.Normal(2 * torch.cos(1.5 * t), 0.5).log_prob(y)
    torch.testing.assert_close(law.log_prob(x), wanted)
    mean, _ = integrate.quad(lambda v: 2 * math.cos(1.5 * v) / 6, -3, 3)
    square, _ = integrate.quad(lambda v: (2 * math.cos(1.5 * v)) ** 2 / 6, -3, 3)
    facts = law.facts()
    assert facts.mean.value[1] == pytest.approx(mean)
    assert facts.covariance.value[1, 1] == pytest.approx(square - mean**2 + 0.25)
    assert law.log_prob(torch.tensor([[3.1, 0.0]])).item() == -math.inf


def test_the_published_set_in_1200_dimensions(key):
    law = gt.HighDimensional.preset("veegan")
    x = law.sample(2_000, key)
    facts = law.facts()
    assert x.shape == (2_000, 1200) and x[:, 700:].std(1).max() == 0
    assert set(x[:, 700].tolist()) == {-1.0, -0.5, 0.0, 0.5, -2.0, -2.5, 10.0, 0.25, -13.0, -5.5}
    label = facts.mode_of.value(x)
    assert torch.equal(torch.tensor(law.levels)[label], x[:, 700])
    assert float(facts.support_distance.value(x).max()) == 0
    white = (x[:, :700] - x[:, 700:701]).double().numpy()
    assert stats.kstest(white[:, :50].ravel(), "norm").pvalue > 1e-8
    # two subspaces a step of 0.25 apart in 500 coordinates
    assert facts.reach.value == pytest.approx(0.125 * math.sqrt(500))
    assert not hasattr(law, "log_prob")
    # "within ten standard deviations in all 700 coordinates together" passes none of the true samples
    assert ((torch.from_numpy(white).norm(dim=1) < 10).double().mean()) == 0


def test_a_twist_keeps_areas_and_angles_between_arms(key):
    """Straightened, the samples are those of the mixture; and the twist turns by its angle at radius 1."""
    plain, twisted = gt.Pinwheel(twist=0.0), gt.Pinwheel(twist=0.7)
    x = twisted.sample(500, key.to(torch.float64))
    y = plain.sample(500, key.to(torch.float64))
    torch.testing.assert_close(x.norm(dim=1), y.norm(dim=1))
    angle = torch.view_as_complex(x).angle() - torch.view_as_complex(y).angle()
    wanted = 0.7 * y.norm(dim=1)
    torch.testing.assert_close((angle - wanted).cos(), torch.ones(500, dtype=torch.float64))
    torch.testing.assert_close(twisted.log_prob(x), plain.log_prob(y))
    assert twisted.facts().entropy.value == plain.facts().entropy.value


def test_straight_arms_are_a_mixture():
    law = gt.Pinwheel(arms=4, twist=0.0)
    x = np.random.default_rng(0).normal(size=(50, 2))
    density = 0.0
    for k in range(4):
        c, s = math.cos(math.pi * k / 2), math.sin(math.pi * k / 2)
        turn = np.array([[c, -s], [s, c]])
        density = density + stats.multivariate_normal(
            turn @ [2, 0], turn @ np.diag([0.36, 0.04]) @ turn.T
        ).pdf(x)
    np.testing.assert_allclose(law.log_prob(torch.from_numpy(x)).exp().numpy(), density / 4, rtol=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gt.UniformBox(dim=0),
        lambda: gt.UniformBox(low=1.0, high=1.0),
        lambda: gt.Cosine(noise=0.0),
        lambda: gt.Cosine(amplitude=math.inf),
        lambda: gt.HighDimensional(levels=(1.0, 1.0)),
        lambda: gt.HighDimensional(active=1200),
        lambda: gt.HighDimensional(scale=0.0),
        lambda: gt.Pinwheel(arms=2),
        lambda: gt.Pinwheel(width=0.0),
        lambda: gt.Pinwheel(twist=math.inf),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError, match=r"needs|must be"):
        make()
