"""Gaps against brute force over vertices, closed forms and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

import gantheory as gt
from gantheory.dynamics.domains import lowest, nearest
from tests.dynamics.diagnostics.toys import Saddle


PENNIES = gt.Bilinear(((1.0, -1.0), (-1.0, 1.0)))


def _simplex(key, count, size):
    raw = key.uniform(count, size, dtype=torch.float64).neg().log1p().neg()
    return raw / raw.sum(-1, keepdim=True)


def test_matching_pennies():
    """The uniform profile is its equilibrium; a pure one gives its opponent 2, split as what each side gains."""
    points = ((0.5, 0.5, 0.5, 0.5), (1.0, 0.0, 0.5, 0.5), (1.0, 0.0, 1.0, 0.0))
    gap = gt.duality_gap(PENNIES, points, domain="simplex")
    np.testing.assert_allclose(gap.value, [0.0, 1.0, 2.0], atol=1e-14)
    np.testing.assert_allclose(gap.gains[2], [2.0, 0.0], atol=1e-14)  # x loses 1 and could win 1
    np.testing.assert_allclose(gap.exploitability, gap.value / 2)
    assert gap.shortfall.max() < 1e-13


def test_bilinear_games_on_simplices_and_balls(key):
    A = key.child("A").normal(3, 4, dtype=torch.float64).numpy()
    game = gt.Bilinear(tuple(map(tuple, A)))
    x, y = _simplex(key.child("x"), 20, 3).numpy(), _simplex(key.child("y"), 20, 4).numpy()
    gap = gt.duality_gap(game, np.concatenate([x, y], axis=-1), domain="simplex")
    np.testing.assert_allclose(gap.value, (x @ A).max(-1) - (y @ A.T).min(-1), rtol=1e-12)
    assert gap.shortfall.max() < 1e-13 and gap.value.min() > 0
    gap = gt.duality_gap(game, np.concatenate([x, y], axis=-1), domain="ball", radius=2.0)
    expected = 2 * np.linalg.norm(x @ A, axis=-1) + 2 * np.linalg.norm(y @ A.T, axis=-1)
    np.testing.assert_allclose(gap.value, expected, rtol=1e-12)
    gap = gt.duality_gap(game, np.concatenate([x, y], axis=-1), domain="box", radius=2.0)
    expected = 2 * np.abs(x @ A).sum(-1) + 2 * np.abs(y @ A.T).sum(-1)
    np.testing.assert_allclose(gap.value, expected, rtol=1e-12)


def test_strongly_monotone_quadratic_games_without_a_domain(key):
    """max_y f(x, y') = (a/2 + b^2 / 2c) x^2, min_x f = -(c/2 + b^2 / 2a) y^2."""
    a, b, c = 1.0, 2.0, 0.5
    points = key.normal(30, 2, dtype=torch.float64)
    x, y = points.numpy().T
    gap = gt.duality_gap(Saddle(a, b, c), points)
    np.testing.assert_allclose(gap.value, (a + b**2 / c) / 2 * x**2 + (c + b**2 / a) / 2 * y**2, rtol=1e-12)
    assert gap.shortfall.max() < 1e-12
    assert gt.duality_gap(Saddle(a, b, c), (0.0, 0.0)).value.tolist() == [0.0]


@pytest.mark.parametrize("domain", ["ball", "box"])
def test_inner_minimisation_and_its_stated_error(domain, key):
    """A critic's loss with R1 is not quadratic: against scipy's minimum within the domain."""
    game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
    point = (0.8, 0.6)
    gap = gt.best_response_gap(game, point, domain=domain)
    w = torch.tensor(point, dtype=torch.float64)
    for i in range(2):

        def loss(u, i=i):
            moved = [w[:1], w[1:]]
            moved[i] = torch.as_tensor(np.atleast_1d(u).copy(), dtype=torch.float64)
            return float(game.losses(tuple(moved))[i])

        least = min(minimize(loss, [s], bounds=[(-1, 1)], tol=1e-12).fun for s in (-0.9, 0.0, 0.9))
        assert gap.gains[0, i] == pytest.approx(loss(w[i].item()) - least, abs=1e-9)
        assert gap.gains[0, i] + gap.shortfall[0, i] >= loss(w[i].item()) - least - 1e-12
        assert gap.shortfall[0, i] < 1e-6


def test_a_few_iterations_state_a_larger_error(key):
    game = gt.WithPenalty(gt.DiracGAN(gt.NonSaturating()), gt.R1(3.0))
    few = gt.best_response_gap(game, (0.9, -0.7), domain="ball", radius=2.0, iterations=2)
    many = gt.best_response_gap(game, (0.9, -0.7), domain="ball", radius=2.0)
    assert (few.gains <= many.gains + 1e-12).all() and (few.gains + few.shortfall >= many.gains - 1e-12).all()
    assert few.shortfall.sum() > 1e3 * many.shortfall.sum()


def test_losses_without_a_bottom():
    assert gt.duality_gap(gt.Bilinear(), (1.0, 1.0)).value.tolist() == [np.inf]
    assert gt.duality_gap(gt.Bilinear(), (0.0, 0.0)).value.tolist() == [0.0]


def test_no_gap_is_negative(key):
    points = _simplex(key, 200, 2)
    points = torch.cat([points, points.flip(0)], dim=-1)
    assert gt.duality_gap(PENNIES, points, domain="simplex").gains.min() >= 0


def test_what_cannot_be_asked(key):
    with pytest.raises(ValueError, match="point of x lies outside the simplex"):
        gt.duality_gap(PENNIES, (0.5, 0.6, 0.5, 0.5), domain="simplex")
    with pytest.raises(ValueError, match="take best_response_gap"):
        gt.duality_gap(gt.DiracGAN(gt.NonSaturating()), (0.5, 0.5))
    with pytest.raises(ValueError, match="domain must be None or one of"):
        gt.best_response_gap(PENNIES, (0.5, 0.5, 0.5, 0.5), domain="cube")  # type: ignore
    gan = gt.AdversarialGame(gt.MLP(2, (100,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.Minimax(), batch=4)
    with pytest.raises(ValueError, match="above 256: give a domain"):
        gt.best_response_gap(gan, torch.zeros(sum(gan.sizes)), key=key)
    small = gt.AdversarialGame(gt.MLP(2, (3,), 2), gt.MLP(2, (3,), 1), gt.Ring(), gt.Minimax(), batch=4)
    point = torch.cat(small.init(key), dim=-1)
    assert (
        gt.best_response_gap(small, point, domain="ball", radius=9.0, iterations=50, key=key).gains.min() > 0
    )


@pytest.mark.parametrize("domain", ["ball", "box", "simplex"])
def test_nearest_and_lowest_points_of_a_domain(domain, key):
    """No other point of the domain is nearer, or has a smaller linear loss."""
    radius = 1.7
    w = 2 * key.child("w").normal(50, 4, dtype=torch.float64)
    near, low = nearest(w, domain, radius), lowest(w, domain, radius)
    inside = nearest(key.child("others").normal(400, 4, dtype=torch.float64), domain, radius)
    if domain == "simplex":
        inside = radius * _simplex(key.child("others"), 400, 4)
        torch.testing.assert_close(near.sum(-1), torch.full((50,), radius, dtype=torch.float64))
        assert near.min() >= 0
    # the nearest point p of a convex set is the one with <w - p, q - p> <= 0 for all its q
    assert torch.einsum("md,mqd->mq", w - near, inside - near[:, None]).max() < 1e-12
    assert ((inside @ w.T) >= (low * w).sum(-1) - 1e-12).all()
    torch.testing.assert_close(nearest(low, domain, radius), low)
