"""Mixtures of Gaussians as models, against scipy, scikit-learn and the laws of expectation maximisation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.mixture import GaussianMixture

import gantheory as gt


COVARIANCES = ("full", "diagonal", "spherical")


def _away(model, key):
    return model.init(key.to(torch.float64)) + 0.3 * key.child("away").normal(model.size, dtype=torch.float64)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_log_prob_is_scipys(covariance, key):
    model = gt.GaussianMixtureModel(3, components=4, covariance=covariance)
    w = _away(model, key)
    weights, means, covariances = (part.numpy() for part in model.parts(w))
    x = key.child("x").normal(20, 3, dtype=torch.float64)
    laws = [stats.multivariate_normal(m, s) for m, s in zip(means, covariances)]
    expected = np.log(sum(p * law.pdf(x.numpy()) for p, law in zip(weights, laws)))
    np.testing.assert_allclose(model.log_prob(w, x), expected, rtol=1e-10)
    off = covariances - np.array([np.diag(np.diag(s)) for s in covariances])
    assert (np.abs(off).max() > 0.01) == (covariance == "full")
    assert (np.ptp(covariances.diagonal(axis1=1, axis2=2), axis=1).max() > 0.01) == (
        covariance != "spherical"
    )


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_parts_and_parameters_are_each_others_inverse(covariance, key):
    model = gt.GaussianMixtureModel(3, components=4, covariance=covariance)
    w = _away(model, key)
    parts = model.parts(w)
    for found, expected in zip(model.parts(model.pack(parts)), parts):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_samples_have_the_weights_means_and_covariances(key):
    """100,000 samples of components 10 apart, so that each is known: 5.7 standard errors a number."""
    model = gt.GaussianMixtureModel(2, components=3)
    weights = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    means = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]], dtype=torch.float64)
    covariances = torch.tensor([[[1.0, 0.5], [0.5, 1.0]]], dtype=torch.float64).repeat(3, 1, 1)
    x = model.sample(model.pack((weights, means, covariances)), 100_000, key.to(torch.float64))
    nearest = torch.cdist(x, means).argmin(-1)
    for k in range(3):
        own = x[nearest == k]
        assert abs(len(own) / 1e5 - weights[k]) <= 5.7 * (weights[k] * (1 - weights[k]) / 1e5) ** 0.5
        assert ((own.mean(0) - means[k]).abs() <= 5.7 / len(own) ** 0.5).all()
        assert ((own.T.cov() - covariances[k]).abs() <= 5.7 * 2**0.5 / len(own) ** 0.5).all()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_no_step_of_em_lowers_the_likelihood(covariance, key):
    model = gt.GaussianMixtureModel(2, components=5, covariance=covariance)
    x = gt.Pinwheel().sample(400, key.to(torch.float64))
    w = gt.fit_em(model, x, steps=0, key=key.split(3))
    likelihood = [torch.stack([model.log_prob(row, x).mean() for row in w])]
    for _ in range(30):
        w = gt.fit_em(model, x, steps=1, ridge=0.0, start=w, key=key)
        likelihood.append(torch.stack([model.log_prob(row, x).mean() for row in w]))
    rises = torch.stack(likelihood).diff(dim=0)
    assert (rises >= -1e-12).all() and (rises[0] > 0.01).all()


@pytest.mark.parametrize("covariance, theirs", [*zip(COVARIANCES, ("full", "diag", "spherical"))])
def test_one_step_of_em_is_scikit_learns(covariance, theirs, key):
    """From the same responsibilities: theirs starts from weights, means and precisions."""
    model = gt.GaussianMixtureModel(2, components=3, covariance=covariance)
    x = gt.Moons(scale=0.2).sample(300, key.to(torch.float64))
    start = _away(model, key)
    weights, means, covariances = (part.numpy() for part in model.parts(start))
    precisions = np.linalg.inv(covariances)
    precisions = {
        "full": precisions,
        "diag": precisions.diagonal(axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
    }
    other = GaussianMixture(
        3,
        covariance_type=theirs,
        weights_init=weights,
        means_init=means,
        precisions_init=precisions[theirs],
        max_iter=1,
        reg_covar=0.0,
    )
    with pytest.warns(match="did not converge"):
        other.fit(x.numpy())
    w = gt.fit_em(model, x, steps=1, ridge=0.0, start=start, key=key)
    np.testing.assert_allclose(
        model.log_prob(w, x).numpy(), other.score_samples(x.numpy()), rtol=1e-8, atol=1e-8
    )


def test_gradient_vanishes_where_em_rests(key):
    model = gt.GaussianMixtureModel(2, components=2)
    x = gt.Moons(scale=0.2).sample(300, key.to(torch.float64))
    w = gt.fit_em(model, x, steps=3000, ridge=0.0, key=key).requires_grad_()
    (gradient,) = torch.autograd.grad(model.log_prob(w, x).mean(), w)
    assert gradient.abs().max() < 1e-6


def test_gradient_training_and_em_find_the_mixture(key):
    """From five steps of expectation maximisation both come within 0.02 nat of the entropy."""
    truth = gt.GaussianMixture(((-2.0, 0.0), (2.0, 0.0), (0.0, 3.0)), weights=(0.5, 0.3, 0.2))
    model = gt.GaussianMixtureModel(2, components=3)
    game = gt.LikelihoodGame(model, truth, batch=256)
    start = gt.fit_em(model, truth.sample(500, key), steps=5, key=key.split(2))
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(0.01)), steps=500, population=2, start=start, key=key)
    fitted = gt.fit_em(model, truth.sample(5000, key.child("data")), start=start, steps=60, key=key.split(2))
    still = gt.simulate(game, gt.Simultaneous(gt.Adam(0.02)), steps=0, population=2, start=fitted, key=key)
    for trained in (runs, still):
        gap = gt.negative_log_likelihood(trained, truth, key=key)
        assert (gap.value - gap.floor >= -5.7 * gap.stderr).all()
        assert (gap.value - gap.floor <= 0.02).all()


def test_refusals(key):
    model = gt.GaussianMixtureModel(2, components=3)
    with pytest.raises(ValueError, match="at least 3 points"):
        gt.fit_em(model, torch.zeros(2, 2), key=key)
    with pytest.raises(ValueError, match="x must have shape"):
        gt.fit_em(model, torch.zeros(5, 3), key=key)
    with pytest.raises(ValueError, match="one batch of keys"):
        gt.fit_em(model, torch.zeros(5, 2), key=key.split(2).split(2))
