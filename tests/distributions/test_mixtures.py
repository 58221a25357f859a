"""Mixtures against closed forms, quadrature and the published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from scipy.spatial import cKDTree

import gantheory as gt
from gantheory.distributions.mixture import GaussianModes
from gantheory.distributions.mixture_density import component_log_prob, tensors
from gantheory.notation import with_field
from tests.contracts.find import examples, name


MIXTURES = examples(GaussianModes)
SIGMAS = 5.7  # two-sided false-alarm rate 1.2e-8 of one normal statistic
N = 40_000


def _draw(distribution, key, n=N):
    return distribution.sample(n, key.to(torch.float64))


@pytest.mark.parametrize(
    "distribution, entropy",
    [
        (gt.Ring(modes=8, radius=1.0, scale=0.01), -4.293),  # PacGAN, VEEGAN
        (gt.Ring(modes=8, radius=2.0, scale=0.02), -2.907),  # Metz et al.
        (gt.Ring(modes=8, radius=2.0, scale=0.2), 1.698),  # OT-GAN
        (gt.Grid(side=5, spacing=2.0, scale=0.05), 0.0653),  # PacGAN, VEEGAN
    ],
)
def test_published_entropies(distribution, entropy):
    assert distribution.facts().entropy.value == pytest.approx(entropy, abs=6e-4)


def test_entropy_against_adaptive_quadrature():
    mixture = gt.GaussianMixture(((-1.0,), (1.5,)), (((0.3,),), ((1.0,),)), (1, 2))

    def integrand(x):
        log_p = mixture.log_prob(torch.tensor([[x]], dtype=torch.float64)).item()
        return -log_p * math.exp(log_p)

    value, _ = integrate.quad(integrand, -12, 12, epsabs=1e-11, limit=200)
    fact = mixture.facts().entropy
    assert fact.value == pytest.approx(value, abs=1e-8 + fact.error)
    assert fact.error < 1e-6


def test_one_component_is_exact_in_every_dimension():
    fact = gt.GaussianMixture(((0.0,) * 6,)).facts().entropy
    assert fact.value == pytest.approx(3 * math.log(2 * math.pi * math.e)) and fact.error == 0


def test_what_is_not_known_says_why():
    rows = tuple((float(i),) * 40 for i in range(300))
    fact = gt.GaussianMixture(rows).facts().entropy
    assert fact.value is None and "300 components in 40 dimensions" in fact.reason


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("width", [1.0, 0.1, 0.01])
def test_entropy_of_uneven_mixtures_against_samples(d, width, key):
    """Components of very different widths, where quadrature around the modes is at its worst."""
    tilted = 0.5 * np.eye(d) + 0.5
    narrow = width**2 * np.eye(d)
    mixture = gt.GaussianMixture(
        (tuple(np.zeros(d)), tuple(np.full(d, 0.7))),
        (tuple(map(tuple, tilted)), tuple(map(tuple, narrow))),
        (3, 1),
    )
    surprise = -mixture.log_prob(mixture.sample(200_000, key.to(torch.float64)))
    fact = mixture.facts().entropy
    assert fact.error < 0.02
    assert abs(fact.value - surprise.mean().item()) <= 5.7 * surprise.std().item() / 200_000**0.5 + fact.error


def test_many_modes_leave_out_only_what_takes_too_long():
    facts = gt.Ring(modes=10**5).facts()
    assert "takes too long" in facts.entropy.reason and "more than 500" in facts.isoperimetric.reason
    assert len(facts.labels.value) == 10**5


def test_points_of_another_kind_are_refused():
    with pytest.raises(ValueError, match=r"x must have shape \(\.\.\., n, 2\)"):
        gt.Ring().log_prob(torch.zeros(3, 3))
    with pytest.raises(ValueError, match="floating-point"):
        gt.Ring().score(torch.zeros(3, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"must be a tensor, got a ndarray: .* torch.as_tensor"):
        gt.Ring().log_prob(np.zeros((3, 2)))


def test_ring_and_grid_are_mixtures():
    ring = gt.Ring(modes=3, radius=2.0, scale=0.5)
    modes = ring.components()
    mixture = gt.GaussianMixture(tuple(map(tuple, modes.centres)), tuple(map(tuple, modes.covariances)))
    x = torch.linspace(-3, 3, 20, dtype=torch.float64).reshape(10, 2)
    torch.testing.assert_close(ring.log_prob(x), mixture.log_prob(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.Ring(modes=0), "Ring needs a mode"),
        (lambda: gt.Ring(scale=0.0), "positive"),
        (lambda: gt.Ring(modes=10**9), "1,000,000,000 modes in 2 dimensions are too many"),
        (lambda: gt.Grid(side=10**5), "too many"),
        (lambda: gt.OverlapRing(modes=10**9), "too many"),
        (lambda: gt.RandomMixture(modes=10**9), "at most 5000"),
        (lambda: gt.RandomMixture(modes=2, dim=10**5), "too many"),
        (lambda: gt.Checkerboard(side=10**5), "side of 2 to 1000"),
        (lambda: gt.Ring(radius=np.inf), "finite"),
        (lambda: gt.Grid(side=0), "side of at least 1"),
        (lambda: gt.GaussianMixture(((0.0,), (0.0, 1.0))), "rows of one length"),
        (lambda: gt.GaussianMixture(((0.0,),), (((-1.0,),),)), "positive definite"),
        (lambda: gt.GaussianMixture(((0.0, 0.0),), (((1.0, 0.0),),)), "covariances must be"),
        (lambda: gt.GaussianMixture(((0.0,), (1.0,)), weights=(1.0,)), "weights must be 2"),
        (lambda: gt.GaussianMixture(((0.0,), (1.0,)), weights=(1.0, 0.0)), "positive"),
    ],
)
def test_wrong_numbers_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("distribution", MIXTURES, ids=name)
def test_projected_samples_follow_the_projected_mixture(distribution, key):
    modes = distribution.facts().modes.value
    x = _draw(distribution, key).numpy()
    for i in range(3):
        u = key.child("direction", i).normal(distribution.dim, dtype=torch.float64).numpy()
        u /= np.linalg.norm(u)
        centres, spreads = modes.centres @ u, np.sqrt(np.einsum("i,kij,j->k", u, modes.covariances, u))

        def cdf(t, centres=centres, spreads=spreads):
            return stats.norm.cdf((t[:, None] - centres) / spreads) @ modes.weights

        assert stats.kstest(x @ u, cdf).pvalue > 1e-8


@pytest.mark.parametrize("distribution", MIXTURES, ids=name)
def test_mode_frequencies(distribution, key):
    """Posterior mode probabilities, averaged over samples, are the weights."""
    modes = distribution.facts().modes.value
    posterior = component_log_prob(x := _draw(distribution, key), *tensors(modes, x)).softmax(-1)
    error = posterior.std(0) / N**0.5 + 1e-12
    assert ((posterior.mean(0) - torch.tensor(modes.weights)).abs() <= SIGMAS * error).all()


@pytest.mark.parametrize("distribution", MIXTURES, ids=name)
def test_agrees_with_torch_distributions(distribution, key):
    modes = distribution.facts().modes.value
    law = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.tensor(modes.weights), validate_args=False),
        torch.distributions.MultivariateNormal(
            torch.tensor(modes.centres), torch.tensor(modes.covariances.copy()), validate_args=False
        ),
        validate_args=False,
    )
    x = _draw(distribution, key, 200)
    torch.testing.assert_close(distribution.log_prob(x), law.log_prob(x), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "family, label, faithful, entropy",
    [
        (gt.Ring, "veegan", False, -4.293),
        (gt.Ring, "metz", False, -2.907),
        (gt.Ring, "wgan_gp", False, -3.600),
        (gt.Ring, "ot_gan", False, 1.6981),
        (gt.Ring, "ffjord", False, 2.8319),
        (gt.Ring, "torchcfm", True, 3.7641),
        (gt.Ring, "normflows", False, 2.1776),
        (gt.Grid, "pacgan", False, 0.0653),
        (gt.Grid, "wgan_gp", False, -2.0139),
    ],
)
def test_presets_have_the_published_entropies(family, label, faithful, entropy):
    """By the trapezoid rule over the plane, apart from this library, with the codes' own numbers."""
    fact = family.preset(label, faithful=faithful).facts().entropy
    assert fact.value == pytest.approx(entropy, abs=1e-3)


def test_the_notebook_ring_has_seven_modes():
    angle = np.linspace(0, 2 * np.pi, 8)
    published = np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    modes = gt.Ring.preset("metz_notebook", faithful=True).facts().modes.value
    assert len(modes) == 7 and modes.weights == pytest.approx(np.array([2, 1, 1, 1, 1, 1, 1]) / 8)
    assert modes.centres == pytest.approx(published[:7])
    assert len(gt.Ring.preset("metz_notebook").facts().modes.value) == 8


def test_a_turned_grid_is_the_published_diamond():
    tick = np.linspace(-2.5, 2.5, 20)
    square = np.array([(x, y) for x in tick for y in tick])
    diamond = square @ (np.array([[1, -1], [1, 1]]) / np.sqrt(2))
    centres = gt.Grid.preset("nsf_diamond").facts().modes.value.centres
    assert cKDTree(centres).query(diamond)[0].max() < 1e-12


@pytest.mark.parametrize(
    "law, field", [(gt.Ring(), "radius"), (gt.Ring(), "scale"), (gt.Grid(angle=0.5), "spacing")]
)
def test_members_with_numbers_of_their_own_draw_as_alone(law, field, key):
    """As a simulation sweeps them: a tensor in the place of a number, one value a member."""
    values, keys = torch.tensor([0.5, 1.0, 2.0]), key.split(3)
    together = with_field(law, field, values.reshape(-1, 1, 1)).sample(50, keys)
    for member, value in enumerate(values.tolist()):
        assert torch.equal(together[member], law.replace(**{field: value}).sample(50, keys[member]))
