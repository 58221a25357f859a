"""Sampler, density and facts of every distribution agree. False alarms: below 1e-7 a test."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt
from gantheory.distributions.mixture_density import component_log_prob, tensors
from tests.contracts.find import examples, name


ALL = examples(gt.Distribution)
DENSITIES = [d for d in ALL if isinstance(d, gt.Density)]
SIGMAS = 5.7  # two-sided false-alarm rate 1.2e-8 of one normal statistic
N = 40_000


def _draw(distribution, key, n=N):
    return distribution.sample(n, key.to(torch.float64))


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_shapes_and_chunks(distribution, key):
    whole = distribution.sample(100, key)
    assert whole.shape == (100, distribution.dim) and whole.dtype == torch.float32
    pieces = [distribution.sample(b - a, key, start=a) for a, b in ((0, 1), (1, 38), (38, 100))]
    assert torch.equal(whole, torch.cat(pieces))
    assert distribution.sample(0, key).shape == (0, distribution.dim)


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_a_batched_key_gives_each_row_its_own_stream(distribution, key):
    batch = distribution.sample(9, key.split(16))
    assert batch.shape == (16, 9, distribution.dim)
    for i in (0, 7, 15):
        assert torch.equal(batch[i], distribution.sample(9, key.child(i)))
    assert not torch.equal(batch[0], batch[1])


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_moments(distribution, key):
    x = _draw(distribution, key).numpy()
    facts = distribution.facts()
    error = x.std(0) / N**0.5
    assert (np.abs(x.mean(0) - facts.mean.value) <= SIGMAS * error + 1e-12).all()
    centred = x - facts.mean.value
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(0) / N**0.5
    assert (np.abs(products.mean(0) - facts.covariance.value) <= SIGMAS * error + 1e-12).all()


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_density_integrates_to_one(distribution, key):
    """Importance sampling from a wider Gaussian, whose weights are bounded for these laws."""
    facts = distribution.facts()
    covariance = 2 * facts.covariance.value + 0.1 * np.eye(distribution.dim)
    proposal = stats.multivariate_normal(facts.mean.value, covariance)
    x = proposal.rvs(size=10 * N, random_state=np.random.default_rng(key.seed)).reshape(-1, distribution.dim)
    weight = np.exp(distribution.log_prob(torch.tensor(x)).numpy() - proposal.logpdf(x))
    assert abs(weight.mean() - 1) <= SIGMAS * weight.std() / len(weight) ** 0.5


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_stein_identities(distribution, key):
    """E[score] = 0 and E[x . score] = -d: normalisation alone has let a wrong density through."""
    x = _draw(distribution, key)
    score = distribution.score(x)
    assert (score.mean(0).abs() <= SIGMAS * score.std(0) / N**0.5).all()
    product = ((x - x.mean(0)) * score).sum(-1)
    assert abs(product.mean() + distribution.dim) <= SIGMAS * product.std() / N**0.5


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_score_is_the_gradient(distribution, key):
    x = _draw(distribution, key, 50).requires_grad_()
    (gradient,) = torch.autograd.grad(distribution.log_prob(x).sum(), x)
    torch.testing.assert_close(distribution.score(x.detach()), gradient, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_sampler_against_density(distribution, key):
    """Projected on a direction, samples follow the projected mixture's distribution function."""
    modes = distribution.facts().modes.value
    x = _draw(distribution, key).numpy()
    for i in range(3):
        u = key.child("direction", i).normal(distribution.dim, dtype=torch.float64).numpy()
        u /= np.linalg.norm(u)
        centres, spreads = modes.centres @ u, np.sqrt(np.einsum("i,kij,j->k", u, modes.covariances, u))

        def cdf(t, centres=centres, spreads=spreads):
            return stats.norm.cdf((t[:, None] - centres) / spreads) @ modes.weights

        assert stats.kstest(x @ u, cdf).pvalue > 1e-8


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_mode_frequencies(distribution, key):
    """Posterior mode probabilities, averaged over samples, are the weights."""
    modes = distribution.facts().modes.value
    posterior = component_log_prob(x := _draw(distribution, key), *tensors(modes, x)).softmax(-1)
    error = posterior.std(0) / N**0.5 + 1e-12
    assert ((posterior.mean(0) - torch.tensor(modes.weights)).abs() <= SIGMAS * error).all()


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_entropy_against_samples(distribution, key):
    entropy = distribution.facts().entropy
    if entropy.value is None:
        assert entropy.reason
        return
    surprise = -distribution.log_prob(_draw(distribution, key))
    assert (
        abs(surprise.mean().item() - entropy.value) <= SIGMAS * surprise.std().item() / N**0.5 + entropy.error
    )


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
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


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_inputs_stay_as_they_are(distribution, key):
    x = _draw(distribution, key, 20)
    copy = x.clone()
    distribution.log_prob(x), distribution.score(x)
    assert torch.equal(x, copy)
