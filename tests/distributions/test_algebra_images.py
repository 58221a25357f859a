"""Embeddings, noise, pushforwards and powers against other code and quadrature."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import integrate, stats

import gantheory as gt
from gantheory.distributions import Topology
from gantheory.distributions.facts import NO_EDGE
from tests.distributions.laws import (
    PAIR,
    PLANE,
    Stated,
    assert_same_facts,
    assert_same_law,
    points,
)


# embeddings and noise


def test_the_distance_from_a_plane_is_the_residual_of_least_squares():
    law = gt.Embedded(PLANE, 5, seed=3)
    x = points(5)
    frame = law.frame
    np.testing.assert_allclose(frame.T @ frame, np.eye(2), atol=1e-12)
    residual = x.numpy() - (frame @ np.linalg.lstsq(frame, x.numpy().T, rcond=None)[0]).T
    facts = law.facts()
    np.testing.assert_allclose(facts.support_distance.value(x), np.linalg.norm(residual, axis=1), atol=1e-12)
    assert (facts.intrinsic_dimension.value, facts.reach.value, facts.noise.value) == (2, math.inf, 0)
    on = law.sample(200, gt.Key(0).to(torch.float64))
    assert float(facts.support_distance.value(on).max()) < 1e-13
    assert frame.tolist() != gt.Embedded(PLANE, 5, seed=4).frame.tolist()


def test_an_embedded_gaussian_with_noise_against_torch_distributions():
    law = gt.Embedded(gt.GaussianMixture(((1.0, 2.0),), (((1.0, 0.5), (0.5, 2.0)),)), 4)
    noisy, facts = gt.WithNoise(law, 0.3), law.facts()
    covariance = torch.tensor(facts.covariance.value) + 0.09 * torch.eye(4, dtype=torch.float64)
    wanted = torch.distributions.MultivariateNormal(torch.tensor(facts.mean.value), covariance)
    x = points(4)
    torch.testing.assert_close(noisy.log_prob(x), wanted.log_prob(x), rtol=1e-10, atol=1e-10)
    assert noisy.facts().entropy.value == pytest.approx(float(wanted.entropy()))
    assert noisy.facts().noise.value == 0.3  # around the plane, whose distance stays known
    torch.testing.assert_close(noisy.facts().support_distance.value(x), facts.support_distance.value(x))


def test_noise_adds_in_quadrature():
    assert_same_law(gt.WithNoise(gt.Moons(scale=0.3), 0.4), gt.Moons(scale=0.5))
    assert_same_law(
        gt.WithNoise(gt.Affine(gt.Moons(scale=0.3), 2.0), 0.8), gt.Affine(gt.Moons(scale=0.5), 2.0)
    )
    twice = gt.WithNoise(gt.WithNoise(gt.Product((PAIR, gt.Ring())), 0.3), 0.4)
    assert_same_law(twice, gt.WithNoise(gt.Product((PAIR, gt.Ring())), 0.5))


def test_noise_around_a_uniform_law_keeps_moments_and_shape():
    board = gt.Checkerboard(gap=0.5)
    facts, before = gt.WithNoise(board, 0.2).facts(), board.facts()
    np.testing.assert_allclose(facts.covariance.value, before.covariance.value + 0.04 * np.eye(2))
    assert facts.noise.value == 0.2 and facts.topology.value.of == "the support without noise"
    assert facts.edge.value is None and facts.smoothness.value == math.inf


def test_a_noisy_data_set_is_a_mean_of_gaussians(tmp_path, key):
    data = key.normal(30, 2, dtype=torch.float64).numpy()
    np.save(tmp_path / "points.npy", data)
    law = gt.Empirical.read(tmp_path / "points.npy", noise=0.3)
    x = points(2)
    each = stats.norm.pdf(x.numpy()[:, None], data, 0.3).prod(-1)
    np.testing.assert_allclose(law.log_prob(x), np.log(each.mean(1)), rtol=1e-10)
    rows = gt.GaussianMixture(tuple(map(tuple, data)), (((0.09, 0.0), (0.0, 0.09)),) * 30)
    assert_same_law(law, rows)
    entropy, known = law.facts().entropy, rows.facts().entropy
    assert abs(entropy.value - known.value) <= entropy.error + known.error
    assert_same_law(gt.WithNoise(law, 0.4), law.replace(noise=0.5))


def test_a_data_set_is_a_set_of_points(tmp_path):
    np.save(tmp_path / "points.npy", np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0], [10.0, 0.0]]))
    facts = gt.Empirical.read(tmp_path / "points.npy").facts()
    x = torch.tensor([[0.0, 1.0], [9.0, 0.0]], dtype=torch.float64)
    assert facts.support_distance.value(x).tolist() == [1.0, 1.0]
    assert facts.project.value(x).tolist() == [[0.0, 0.0], [10.0, 0.0]]
    assert (facts.reach.value, facts.intrinsic_dimension.value, facts.noise.value) == (2.5, 0, 0)
    assert facts.topology.value == Topology((3,), "the points")


# pushforwards


def test_a_banana_is_a_sheared_gaussian():
    bend, scale = 0.4, 1.5
    normal = gt.GaussianMixture(((0.0, 0.0),), (((scale**2, 0.0), (0.0, 1.0)),))
    bent = gt.Pushforward(normal, gt.Shear((-bend * scale**2, 0.0, bend)))
    banana = gt.Banana(bend=bend, scale=scale)
    assert_same_law(bent, banana)
    assert bent.facts().entropy.value == pytest.approx(banana.facts().entropy.value)


@pytest.mark.parametrize(
    "transformation", [gt.SinhArcsinh(skew=0.4, tail=0.7), gt.SinhArcsinh(tail=1.6), gt.RadialPower(1.4)]
)
def test_a_pushforward_on_the_line_by_quadrature(transformation):
    law = gt.Pushforward(PAIR, transformation)

    def density(y):
        return math.exp(float(law.log_prob(torch.tensor([[y]], dtype=torch.float64))))

    ends = (
        transformation.forward(torch.tensor([[-7.0], [0.0], [9.0]], dtype=torch.float64)).flatten().tolist()
    )
    pieces = list(pairwise(ends))
    mass = sum(integrate.quad(density, a, b, limit=400)[0] for a, b in pieces)
    assert mass == pytest.approx(1, abs=1e-7)
    entropy = sum(
        integrate.quad(lambda y: -density(y) * math.log(density(y)), a, b, limit=400)[0] for a, b in pieces
    )
    fact = law.facts().entropy
    assert abs(fact.value - entropy) <= fact.error + 1e-7


def test_tails_follow_the_power_of_the_map():
    assert gt.Pushforward(
        Stated(tail=3.0), gt.SinhArcsinh(tail=0.5)
    ).facts().tail_index.value == pytest.approx(1.5)
    cubed = gt.Pushforward(gt.Product((Stated(tail=3.0),) * 2), gt.Shear((0.0, 0.0, 0.0, 1.0))).facts()
    assert "differs between directions" in cubed.tail_index.reason
    assert gt.Pushforward(PLANE, gt.Shear((0.0, 0.0, 1.0))).facts().tail_index.value == math.inf


# powers


@pytest.mark.parametrize("temperature", [0.4, 0.8, 3.0])
def test_a_tempered_mixture_by_quadrature(temperature, key):
    law = gt.Tempered(PAIR, temperature)

    def power(x):
        return math.exp(float(PAIR.log_prob(torch.tensor([[x]], dtype=torch.float64))) / temperature)

    def mean(value, end=20.0):
        return integrate.quad(lambda x: value(x) * power(x), -20, end, epsabs=1e-12, limit=400)[0]

    z, facts = mean(lambda x: 1.0), law.facts()
    centre = mean(lambda x: x) / z
    assert facts.mean.value[0] == pytest.approx(centre, abs=1e-7)
    spread = mean(lambda x: (x - centre) ** 2) / z
    assert facts.covariance.value[0, 0] == pytest.approx(spread, abs=1e-7)
    entropy = math.log(z) - mean(lambda x: math.log(power(x))) / z
    assert facts.entropy.value == pytest.approx(entropy, abs=1e-7)
    x = law.sample(2000, key.to(torch.float64))[:, 0].sort().values.numpy()
    ticks = np.linspace(-15, 15, 3001)
    cdf = integrate.cumulative_simpson([power(t) / z for t in ticks], x=ticks, initial=0)
    assert stats.kstest(x, lambda t: np.interp(t, ticks, cdf)).pvalue > 1e-8


def test_temperatures_multiply_and_pass_through_affine_maps():
    normal = gt.GaussianMixture(((1.0, 0.0),), (((1.0, 0.3), (0.3, 0.5)),))
    wanted = gt.GaussianMixture(((1.0, 0.0),), (((6.0, 1.8), (1.8, 3.0)),))
    assert_same_law(gt.Tempered(gt.Tempered(normal, 2.0), 3.0), wanted)
    assert_same_facts(gt.Tempered(normal, 6.0), wanted)
    ring = gt.Ring(modes=3, scale=0.4)
    assert_same_law(gt.Tempered(gt.Tempered(ring, 2.0), 1.5), gt.Tempered(ring, 3.0))
    matrix = ((1.0, 0.5), (0.0, 2.0))
    assert_same_law(gt.Tempered(gt.Affine(ring, matrix), 2.0), gt.Affine(gt.Tempered(ring, 2.0), matrix))
    assert_same_law(
        gt.Tempered(gt.Product((normal, normal)), 2.0), gt.Product((gt.Tempered(normal, 2.0),) * 2)
    )
    board = gt.Checkerboard(gap=0.5)
    assert_same_law(gt.Tempered(board, 5.0), board)


def test_powers_in_closed_form():
    x = points(1)
    laplace = gt.GeneralisedGaussian(beta=1.0, mad=0.5)
    wanted = stats.laplace.logpdf(x.numpy(), scale=3 * laplace.scale[0]).sum(-1)
    np.testing.assert_allclose(gt.Tempered(laplace, 3.0).log_prob(x), wanted, rtol=1e-10)
    well = gt.Potential("4 * (x**2 - 1)**2 - x", box=((-2, 2),))
    z, _ = integrate.quad(lambda t: math.exp((t - 4 * (t * t - 1) ** 2) / 2.5), -2, 2, epsabs=1e-12)
    inside = x[(x.abs() < 2).all(-1)]
    energy = (4 * (inside.square() - 1).square() - inside).squeeze(-1)
    law = gt.Tempered(well, 2.5)
    torch.testing.assert_close(law.log_prob(inside), -energy / 2.5 - math.log(z), rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(law.score(inside), well.score(inside) / 2.5, rtol=1e-10, atol=1e-10)
    box = gt.UniformBox(dim=2)
    assert gt.Tempered(box, 0.5).facts().entropy.value == box.facts().entropy.value


def test_entropy_rises_with_temperature():
    entropies = [gt.Tempered(gt.Ring(scale=0.3), t).facts().entropy.value for t in (0.5, 1.0, 2.0, 4.0)]
    assert entropies == sorted(entropies)
    assert entropies[1] == pytest.approx(gt.Ring(scale=0.3).facts().entropy.value, abs=1e-6)


def test_an_edge_that_no_rule_gives_is_not_taken_for_none():
    """By Stein's identity the mean score of the image is not zero, so that its edge is something."""
    bent = gt.Pushforward(gt.UniformBox(dim=1, low=-1.0, high=2.0), gt.SinhArcsinh(skew=0.5, tail=1.0))
    x = bent.sample(10_000, gt.Key(0).to(torch.float64))
    assert abs(bent.score(x).mean()) > 0.1
    for law in (bent, gt.Affine(bent, 2.0), gt.Product((PAIR, bent)), gt.Mixture((bent, PAIR))):
        edge = law.facts().edge
        assert edge.value is None and "bends" in edge.reason
    assert (
        gt.Product((PAIR, PAIR)).facts().edge == gt.Mixture((PAIR, gt.Student(dim=1))).facts().edge == NO_EDGE
    )
