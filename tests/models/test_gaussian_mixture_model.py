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


def _whole(model, x, folder):
    """The game of a model on these points, all of them in every batch."""
    np.save(folder / "points.npy", x.numpy())
    return gt.LikelihoodGame(model, gt.Empirical.read(folder / "points.npy"), batch=None)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_no_step_of_em_lowers_the_likelihood(covariance, key, tmp_path):
    model = gt.GaussianMixtureModel(2, components=5, covariance=covariance, ridge=0.0)
    x = gt.Pinwheel().sample(400, key.to(torch.float64))
    start = model.start_at(x, key.split(3))
    game, rule = _whole(model, x, tmp_path), gt.ExpectationMaximisation(gt.SGD(1.0))
    runs = gt.simulate(game, rule, steps=30, population=3, start=start, record=1, key=key)
    falls = -runs.losses[..., 0].diff(dim=1)
    assert (falls >= -1e-12).all() and (falls[:, 0] > 0.01).all()
    expected = torch.stack([-model.log_prob(row, x).mean() for row in start])
    torch.testing.assert_close(runs.losses[:, 0, 0], expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("covariance, theirs", [*zip(COVARIANCES, ("full", "diag", "spherical"))])
def test_one_step_of_em_is_scikit_learns(covariance, theirs, key, tmp_path):
    """From the same responsibilities: theirs starts from weights, means and precisions."""
    model = gt.GaussianMixtureModel(2, components=3, covariance=covariance, ridge=0.0)
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
    runs = gt.simulate(
        _whole(model, x, tmp_path), gt.ExpectationMaximisation(gt.SGD(1.0)), steps=1, start=start, key=key
    )
    found = model.log_prob(runs.profile[0][0], x)
    np.testing.assert_allclose(found.numpy(), other.score_samples(x.numpy()), rtol=1e-8, atol=1e-8)


def test_the_ridge_is_a_share_of_the_datas_variance(key):
    """A component on one point has no variance but the ridge's; a sweep may vary it."""
    model = gt.GaussianMixtureModel(2, components=2, ridge=0.01)
    x = torch.tensor([[0.0, 0.0], [10.0, 0.0], [10.0, 2.0], [12.0, 1.0]], dtype=torch.float64)
    eye = torch.eye(2, dtype=torch.float64)
    start = model.pack((torch.tensor([0.5, 0.5]).double(), x[[0, 3]], torch.stack((eye, eye))))
    _, _, covariances = model.parts(model.em_step(start, x))
    ridge = 0.01 * x.numpy().var(0).mean()
    np.testing.assert_allclose(covariances[0], ridge * np.eye(2), rtol=1e-9, atol=1e-12)

    game = gt.LikelihoodGame(model, gt.Ring(), batch=20)
    sweep = {"game.model.ridge": gt.Values((0.0, 0.5))}
    runs = gt.simulate(
        game, gt.ExpectationMaximisation(gt.SGD(1.0)), steps=2, population=2, sweep=sweep, key=key
    )
    for m in range(2):
        alone = gt.simulate(
            game.replace(model=model.replace(ridge=(0.0, 0.5)[m])),
            gt.ExpectationMaximisation(gt.SGD(1.0)),
            steps=2,
            population=2,
            key=key,
        )
        torch.testing.assert_close(runs.points[2 * m : 2 * m + 2], alone.points, rtol=1e-10, atol=1e-10)
    assert (runs.points[0] - runs.points[2]).abs().max() > 0.1


def test_gradient_vanishes_where_em_rests(key, tmp_path):
    """Sped up by the rate 1.5, which leaves the fixed points where they are."""
    model = gt.GaussianMixtureModel(2, components=2, ridge=0.0)
    x = gt.Moons(scale=0.2).sample(300, key.to(torch.float64))
    game, rule = _whole(model, x, tmp_path), gt.ExpectationMaximisation(gt.SGD(1.5))
    runs = gt.simulate(game, rule, steps=1000, start=model.start_at(x, key), key=key)
    w = runs.profile[0][0].requires_grad_()
    (gradient,) = torch.autograd.grad(model.log_prob(w, x).mean(), w)
    assert gradient.abs().max() < 1e-6
    assert runs.outcome.tolist() == ["converged"]


def test_gradient_training_and_em_find_the_mixture(key):
    """From five steps of expectation maximisation both come within 0.02 nat of the entropy."""
    truth = gt.GaussianMixture(((-2.0, 0.0), (2.0, 0.0), (0.0, 3.0)), weights=(0.5, 0.3, 0.2))
    model = gt.GaussianMixtureModel(2, components=3)
    points, em = truth.sample(500, key), gt.ExpectationMaximisation(gt.SGD(1.0))
    game, start = gt.LikelihoodGame(model, truth, batch=500), model.start_at(points, key.split(2))
    (start,) = gt.simulate(game, em, steps=5, population=2, start=start, key=key).profile
    for rule, batch, steps in (
        (gt.Simultaneous(gt.Adam(0.01)), 256, 500),
        (em, 5000, 60),
        (gt.ExpectationMaximisation(gt.SGD(0.1)), 500, 300),
    ):
        runs = gt.simulate(
            game.replace(batch=batch), rule, steps=steps, population=2, start=start, key=key.child("more")
        )
        gap = gt.negative_log_likelihood(runs, truth, key=key)
        assert (gap.value - gap.floor >= -5.7 * gap.stderr).all()
        assert (gap.value - gap.floor <= 0.02).all(), rule


def test_a_member_that_is_lost_leaves_the_others_alone(key):
    game = gt.LikelihoodGame(gt.GaussianMixtureModel(2, components=3), gt.Ring(), batch=50)
    start = game.init(key.to(torch.float64).split(2))[0]
    start[0, 4] = torch.nan
    runs = gt.simulate(
        game, gt.ExpectationMaximisation(gt.SGD(1.0)), steps=5, population=2, start=start, key=key
    )
    assert runs.outcome[0] == "diverged" and runs.points[1].isfinite().all()


def test_starts_are_points_far_apart(key):
    """On five clusters 100 apart the five means are one of each; a batch of keys gives the starts of its keys."""
    model = gt.GaussianMixtureModel(2, components=5)
    centres = 100 * torch.tensor([[0, 0], [1, 0], [0, 1], [1, 1], [2, 3]], dtype=torch.float64)
    x = (centres[:, None] + key.normal(50, 2, dtype=torch.float64).reshape(5, 10, 2)).reshape(-1, 2)
    together = model.start_at(x, key.split(20))
    for row in together:
        _, means, covariances = model.parts(row)
        assert sorted(torch.cdist(means, centres).argmin(1).tolist()) == [0, 1, 2, 3, 4]
        assert all(any(torch.allclose(mean, point) for point in x) for mean in means)
        np.testing.assert_allclose(covariances[0], np.cov(x.T, ddof=0) / 5, rtol=1e-9)
    assert torch.equal(together[3], model.start_at(x, key.child(3)))


def test_refusals(key, tmp_path):
    model = gt.GaussianMixtureModel(2, components=3)
    with pytest.raises(ValueError, match="at least 3 points"):
        model.start_at(torch.zeros(2, 2), key)
    with pytest.raises(ValueError, match="x must have shape"):
        model.start_at(torch.zeros(5, 3), key)
    with pytest.raises(ValueError, match="one batch of keys"):
        model.start_at(torch.zeros(5, 2), key.split(2).split(2))
    with pytest.raises(ValueError, match="ridge of at least 0"):
        gt.GaussianMixtureModel(2, ridge=-1.0)
    flow = gt.RealNVP(2, layers=2, hidden=(4,))
    with pytest.raises(ValueError, match="use Simultaneous"):
        gt.simulate(
            gt.LikelihoodGame(flow, gt.Ring()), gt.ExpectationMaximisation(gt.SGD(1.0)), steps=1, key=key
        )
    with pytest.raises(ValueError, match="train it by its gradient"):
        flow.em_step(torch.zeros(flow.size), torch.zeros(5, 2))
    with pytest.raises(ValueError, match="no step of expectation"):
        gt.Bilinear().em_step(())
    for data in (gt.Ring(), gt.Empirical.examples()[1]):
        with pytest.raises(ValueError, match="takes all points of a file"):
            gt.LikelihoodGame(model, data, batch=None)
