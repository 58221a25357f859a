"""Variational autoencoders, against quadrature, probabilistic PCA and the order of their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats

import gantheory as gt
from gantheory import theory


COVARIANCE = np.array([[3.0, 1.0, 0.4], [1.0, 2.0, -0.3], [0.4, -0.3, 1.0]])


def _exact(model, w, x):
    """log p(x) by Simpson's rule over the one latent number, from the decoder's outputs alone."""
    with torch.random.fork_rng(devices=[]):
        module = model.build().double()
    module.load_state_dict(model.state_dict(w))
    z = torch.linspace(-9, 9, 2001, dtype=torch.float64)
    with torch.no_grad():
        out = module.decoder(z[:, None])
    if model.decoder == "gaussian":
        scale = model.scale or module.log_scale.exp().item()
        given = stats.norm.pdf(x[:, None], out, scale).prod(-1)
    else:
        on = torch.sigmoid(out).numpy()
        given = np.where(x[:, None].numpy() > 0, on, 1 - on).prod(-1)
    return np.log(integrate.simpson(given * stats.norm.pdf(z), z))


MODELS = [
    gt.VAE(2, latent=1, hidden=(8,)),
    gt.VAE(2, latent=1, hidden=(8,), scale=0.3),
    gt.VAE(4, latent=1, hidden=(8,), decoder="categorical", levels=2),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_bounds_rise_with_the_samples_to_the_likelihood_and_stay_below(model, key):
    """Means over 4,000 draws at 6 points: one-sided at 5 standard errors; 2,000 samples are within 0.02 nat."""
    key = key.to(torch.float64)
    w = model.init(key)
    x = model.sample(w, 6, key.child("x"))
    exact = torch.from_numpy(_exact(model, w, x))
    means, errors = [], []
    for k, draws in ((1, 4000), (5, 4000), (50, 1000), (2000, 40)):
        many = model.replace(samples=k)
        rows = x.repeat_interleave(draws, 0)
        found = many.log_prob(w, rows, many.draw(len(rows), key.child("bound", k))).reshape(6, draws)
        means.append(found.mean(1))
        errors.append(found.std(1) / draws**0.5)
    for i in range(4):
        assert (means[i] <= exact + 5 * errors[i]).all()
    for i in range(3):
        assert ((means[i + 1] - means[i]).mean() > -5 * (errors[i + 1] + errors[i]).mean()).all()
    assert means[1].mean() > means[0].mean() + 0.01
    assert (exact - means[3]).abs().max() < 0.02 + 5 * errors[3].max()


def test_beta_weighs_the_divergence(key):
    """The divergence is torch.distributions', and the objective falls by (beta - 1) times it."""
    key = key.to(torch.float64)
    model = gt.VAE(2, latent=3, hidden=(8,))
    w, x = model.init(key), key.child("x").normal(20, 2)
    noise = model.draw(20, key.child("bound"))
    mean, deviation = model.encode(w, x)
    posterior = torch.distributions.Normal(mean, deviation)
    divergence = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(-1)
    fall = model.log_prob(w, x, noise) - model.replace(beta=4.0).log_prob(w, x, noise)
    torch.testing.assert_close(fall, 3 * divergence, rtol=1e-10, atol=1e-10)


def test_one_sample_has_the_mean_of_the_ratio(key):
    """With one sample the divergence is exact instead of drawn: the same mean, at 6 standard errors."""
    key = key.to(torch.float64)
    model = gt.VAE(2, latent=2, hidden=(8,))
    w, x = 2 * model.init(key), key.child("x").normal(1, 2).expand(20_000, 2)
    noise = model.draw(20_000, key.child("bound"))
    likelihood, log_prior, log_posterior, _ = model.call(w, x, noise, method="terms")
    ratio = (likelihood + log_prior - log_posterior).squeeze(-1)
    drawn = model.log_prob(w, x, model.draw(20_000, key.child("other")))
    error = (ratio.var() / 20_000 + drawn.var() / 20_000) ** 0.5
    assert abs(ratio.mean() - drawn.mean()) <= 6 * error


def _optimum(latent):
    """The linear autoencoder at the closed form: loadings, noise, and the exact posterior in the encoder."""
    loadings, variance, likelihood = theory.probabilistic_pca(COVARIANCE, latent)
    precision = loadings.T @ loadings + variance * np.eye(latent)  # diagonal: columns are orthogonal
    encoder = np.linalg.solve(precision, loadings.T)
    log_deviation = 0.5 * np.log(variance / np.diag(precision))
    parts = {
        "encoder.0.weight": np.vstack((encoder, np.zeros_like(encoder))),
        "encoder.0.bias": np.concatenate((np.zeros(latent), log_deviation)),
        "decoder.0.weight": loadings,
        "decoder.0.bias": np.zeros(3),
        "log_scale": np.array(0.5 * math.log(variance)),
    }
    model = gt.VAE(3, latent=latent, hidden=(), samples=7)
    order = model.state_dict(torch.zeros(model.size))
    return (
        model,
        torch.cat([torch.from_numpy(np.asarray(parts[name])).flatten() for name in order]),
        likelihood,
    )


@pytest.mark.parametrize("latent", [1, 2])
def test_linear_autoencoder_at_its_optimum_is_probabilistic_pca(latent, key):
    """There every draw of the bound is the exact log-likelihood, of a Gaussian with covariance W W' + v I."""
    model, w, likelihood = _optimum(latent)
    loadings, variance, _ = theory.probabilistic_pca(COVARIANCE, latent)
    law = stats.multivariate_normal(np.zeros(3), loadings @ loadings.T + variance * np.eye(3))
    x = key.normal(40, 3, dtype=torch.float64)
    found = model.log_prob(w, x, model.draw(40, key.child("bound").to(torch.float64)))
    np.testing.assert_allclose(found, law.logpdf(x), rtol=1e-10)
    # the mean over data of covariance S is a trace, and no direction in (W, v) raises it
    inverse = np.linalg.inv(law.cov)
    mean = -0.5 * (3 * math.log(2 * math.pi) + np.linalg.slogdet(law.cov)[1] + np.trace(inverse @ COVARIANCE))
    assert likelihood == pytest.approx(mean, abs=1e-12)

    def loss(p):
        cov = p[:-1].reshape(3, latent) @ p[:-1].reshape(3, latent).T + math.exp(p[-1]) * np.eye(3)
        return 0.5 * (
            3 * math.log(2 * math.pi) + np.linalg.slogdet(cov)[1] + np.trace(np.linalg.solve(cov, COVARIANCE))
        )

    start = key.child("start").normal(3 * latent + 1, dtype=torch.float64).numpy()
    assert optimize.minimize(loss, start).fun == pytest.approx(-likelihood, abs=1e-6)


def test_a_trained_linear_autoencoder_reaches_probabilistic_pca(key):
    """The mean bound of 4 members: never above the closed form, and within 0.03 nat of it."""
    truth = gt.GaussianMixture(((0.0, 0.0, 0.0),), (tuple(map(tuple, COVARIANCE)),))
    game = gt.LikelihoodGame(gt.VAE(3, latent=1, hidden=()), truth, batch=512)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(0.01)), steps=800, population=4, key=key)
    _, _, best = theory.probabilistic_pca(COVARIANCE, 1)
    nll = gt.negative_log_likelihood(runs, truth, n=20_000, key=key)
    assert (nll.value + best >= -5.7 * nll.stderr).all()
    assert (nll.value + best <= 0.03 + 5.7 * nll.stderr).all()


def test_pca_refusals():
    for covariance, latent, match in (
        ([[1.0, 2.0]], 0, "symmetric"),
        ([[1.0, 0.0], [0.0, 1.0]], 2, "latent"),
        ([[1.0, 0.0], [0.0, -1.0]], 1, "positive definite"),
    ):
        with pytest.raises(ValueError, match=match):
            theory.probabilistic_pca(covariance, latent)


def test_refusals(key):
    for options, match in (
        ({"beta": 0.5}, "beta must be at least 1"),
        ({"beta": 2.0, "samples": 5}, "beta must be at least 1"),
        ({"scale": 0.0}, "scale must be positive"),
        ({"scale": 1.0, "decoder": "categorical", "levels": 2}, "gaussian decoder"),
        ({"decoder": "categorical"}, "needs levels"),
        ({"samples": 0}, "samples of at least 1"),
    ):
        with pytest.raises(ValueError, match=match):
            gt.VAE(2, **options)
    model = gt.VAE(2)
    with pytest.raises(ValueError, match="draw\\(n, key\\)"):
        model.log_prob(model.init(key), torch.zeros(3, 2))
