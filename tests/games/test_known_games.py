"""Games against what is known of them by other means: scipy, closed forms, brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.stats
import torch

import gantheory as gt
from gantheory.dynamics.population import Many


def jacobian(game, point):
    """The field's Jacobian by torch's own product, at a point of all parameters."""

    def field(w):
        profile = w[None].split(list(game.sizes), dim=-1)
        return torch.cat(Many(game, 1).field(profile, (), create_graph=True), dim=-1)[0]

    return torch.autograd.functional.jacobian(field, torch.tensor(point, dtype=torch.float64)).numpy()


def value(game, *players):
    return game.losses(tuple(torch.as_tensor(w, dtype=torch.float64).flatten() for w in players))[0].item()


@pytest.mark.parametrize("scale", [0.0, 0.7, 1.5])
def test_expected_noise_has_the_papers_eigenvalues(scale):
    """``f''(0) s^2 +- sqrt(f''(0)^2 s^4 - f'(0)^2)`` with f'(0) = 1/2, f''(0) = -1/4, of the descent field."""
    game = gt.WithExpectedNoise(gt.DiracGAN(gt.Minimax()), scale)
    found = np.sort_complex(np.linalg.eigvals(-jacobian(game, (0.0, 0.0))))
    root = np.sqrt(complex(scale**4 / 16 - 1 / 4))
    assert found == pytest.approx(
        np.sort_complex([-(scale**2) / 4 + root, -(scale**2) / 4 - root]), abs=1e-12
    )


def test_expected_noise_is_the_mean_over_the_normal_law():
    inner = gt.WithPenalty(gt.DiracGAN(gt.NonSaturating()), gt.R1(0.3))
    theta, psi = 0.8, -1.3
    found = gt.WithExpectedNoise(inner, 0.7, nodes=40).losses((torch.tensor([theta]), torch.tensor([psi])))
    density, softplus = scipy.stats.norm.pdf, lambda a: np.logaddexp(0, a)
    losses = (
        lambda z: density(z) * softplus(-psi * (theta + 0.7 * z)),
        lambda z: density(z) * (softplus(-psi * 0.7 * z) + softplus(psi * (theta + 0.7 * z)) + 0.15 * psi**2),
    )
    expected = [scipy.integrate.quad(loss, -12, 12)[0] for loss in losses]
    assert [loss.item() for loss in found] == pytest.approx(expected, abs=1e-6)  # float32's rounding


def test_drawn_noise_has_the_expected_field(key):
    """Means over 20,000 draws, to 7 standard errors."""
    inner, draws = gt.DiracGAN(gt.Minimax()), 20_000
    noisy, mean = gt.WithInstanceNoise(inner, 0.7), gt.WithExpectedNoise(inner, 0.7)
    profile = (
        torch.full((draws, 1), 0.8, dtype=torch.float64),
        torch.full((draws, 1), -1.3, dtype=torch.float64),
    )
    found = Many(noisy, draws).field(profile, noisy.draw(key.to(torch.float64).split(draws)))
    expected = Many(mean, draws).field(profile, ())
    for sample, exact in zip(found, expected):
        assert (sample.mean() - exact[0, 0]).abs() < 7 * sample.std() / draws**0.5


def test_noise_under_a_penalty_keeps_its_batch(key):
    """Wrappers nest in any order, and a batch for one player is enough for that player."""
    gan = gt.AdversarialGame(gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.NonSaturating(), batch=6)
    inside = gt.WithPenalty(gt.WithInstanceNoise(gan, 0.1), gt.GradientPenalty())
    outside = gt.WithInstanceNoise(
        gt.WithPenalty(gt.WithPenalty(gan, gt.DRAGAN()), gt.GradientPenalty()), 0.1
    )
    for game in (inside, outside):
        for rule in (gt.Alternating(gt.Adam(1e-3), critic_steps=2), gt.ExtraGradient(gt.SGD(0.01))):
            runs = gt.simulate(game, rule, steps=5, population=2, key=key)
            assert torch.isfinite(runs.losses).all()


def test_random_quadratic_keeps_its_promises():
    game = gt.RandomQuadratic((2, 3, 1), mu=0.2, smoothness=1.5, rotation=2.0, seed=4)
    S, A = map(np.array, game.matrices())
    assert np.linalg.eigvalsh(S) == pytest.approx(np.linspace(0.2, 1.5, 6), abs=1e-12)
    assert np.linalg.norm(A, 2) == pytest.approx(2.0, abs=1e-12) and np.array_equal(A, -A.T)
    np.testing.assert_allclose(jacobian(game, (0.3,) * 6), S + A, atol=1e-12)
    same = gt.Quadratic((2, 3, 1), *game.matrices())
    np.testing.assert_allclose(jacobian(same, (0.3,) * 6), S + A, atol=1e-12)


def test_quadratic_without_an_equilibrium_states_none():
    flat, turned = ((0.0, 0.0), (0.0, 0.0)), ((0.0, 1.0), (-1.0, 0.0))
    assert gt.Quadratic((1, 1), flat, flat).equilibria() == ()
    assert gt.Quadratic((1, 1), ((-1.0, 0.0), (0.0, 1.0)), turned).equilibria() == ()
    assert gt.Quadratic((1, 1), flat, turned).zero_sum


def test_optimal_critic_of_two_gaussians_is_the_total_variation():
    game = gt.TwoGaussians((-1.0, 1.0), critic="optimal")

    def half_gap(x, m):
        p, q = (scipy.stats.norm.pdf(x, a) + scipy.stats.norm.pdf(x, b) for a, b in ((-1.0, 1.0), m))
        return abs(p - q) / 4

    for m in ((0.3, 2.0), (-0.9, 1.2), (3.0, 30.0)):
        expected = scipy.integrate.quad(half_gap, -12, 40, args=(m,), limit=500, points=(-1, 1, *m))[0]
        assert value(game, m) == pytest.approx(expected, abs=2e-5)
    # no pair of intervals is worth more than the best critic's value
    ends = np.sort(np.random.default_rng(0).normal(scale=2, size=(200, 4)), axis=-1)
    worth = [
        -game.replace(critic="intervals").losses((torch.tensor((0.3, 2.0)), torch.tensor(e)))[1] for e in ends
    ]
    assert max(worth) <= value(game, (0.3, 2.0)) + 1e-6


def test_linear_quadratic_gaussian_is_wasserstein_and_its_optimum_is_pca():
    variances = (3.0, 2.0, 0.5)
    full = gt.LinearQuadraticGaussian(variances, rank=3, floor=0.0)
    G = np.random.default_rng(1).normal(size=(3, 3))
    root = np.diag(np.sqrt(variances))
    middle = scipy.linalg.sqrtm(root @ G @ G.T @ root)
    A = np.linalg.inv(root) @ middle @ np.linalg.inv(root)
    bures = sum(variances) + np.trace(G @ G.T) - 2 * np.trace(middle)
    assert value(full, G, scipy.linalg.sqrtm(A).real) == pytest.approx(bures, abs=1e-10)

    low = gt.LinearQuadraticGaussian(variances, rank=2, floor=0.1)
    profile = torch.tensor([low.optimum()], dtype=torch.float64).split(list(low.sizes), dim=-1)
    assert all(part.abs().max() < 1e-12 for part in Many(low, 1).field(profile, ()))
    assert value(low, *profile) == pytest.approx((1 - low.floor) * 0.5)


def test_robust_regression_on_iris_finds_least_squares():
    shipped = Path(gt.__file__).parent / "distributions" / "iris.csv"
    game = gt.RobustRegression(gt.Empirical.read(shipped, standardise=True), rows=60, price=3.0)
    (point,) = game.equilibria()
    w, y = torch.tensor(point, dtype=torch.float64).split(list(game.sizes))
    best = scipy.optimize.minimize(lambda u: value(game, u, y), np.zeros(3)).fun
    worst = -scipy.optimize.minimize(lambda v: -value(game, w, v), np.zeros(60)).fun
    assert value(game, w, y) == pytest.approx(best, abs=1e-8)
    assert value(game, w, y) == pytest.approx(worst, abs=1e-8)


def test_logistic_is_convex_concave_and_extragradient_finds_its_saddle(key):
    game = gt.Logistic(gt.Ring(), rows=20, price=5.0)
    runs = gt.simulate(game, gt.ExtraGradient(gt.PerPlayer((gt.SGD(0.3), gt.SGD(2.0)))), steps=4000, key=key)
    w, tilt = runs.points[0, -1].split(list(game.sizes))
    assert (tilt > -1).all(), "no row has a negative weight: the game is convex in w there"
    best = scipy.optimize.minimize(lambda u: value(game, u, tilt), np.zeros(1)).fun
    worst = -scipy.optimize.minimize(lambda v: -value(game, w, v), np.zeros(20)).fun
    assert value(game, w, tilt) == pytest.approx(best, abs=1e-7)
    assert value(game, w, tilt) == pytest.approx(worst, abs=1e-7)


@pytest.mark.parametrize("critic", ["energy", "gaussian", "laplace", "sinkhorn"])
def test_particles_against_brute_force_and_downhill(critic, key):
    game = gt.KernelGame(gt.Ring(scale=0.05), particles=30, critic=critic, bandwidth=0.5, batch=40)
    (y,) = game.draw(key.to(torch.float64))
    (x,) = game.init(key.to(torch.float64))
    x = x.reshape(30, 2)
    far = [np.linalg.norm(a[:, None] - b[None], axis=-1) for a, b in ((x, x), (y, y), (x, y))]
    if critic != "sinkhorn":
        kernel = {
            "energy": lambda r: -r,
            "gaussian": lambda r: np.exp(-(r**2) / 2 / 0.25),
            "laplace": lambda r: np.exp(-r / 0.5),
        }[critic]
        own, data, across = (kernel(r).mean() for r in far)
        assert game.losses((x.flatten(),), (y,))[0].item() == pytest.approx(
            own + data - 2 * across, abs=1e-10
        )
    runs = gt.simulate(
        game, gt.Simultaneous(gt.Adam(0.05)), steps=150, population=2, dtype=torch.float64, key=key
    )
    (many,) = game.replace(batch=2000).draw(key.child("judge").to(torch.float64))
    before, after = (game.losses((runs.points[0, end],), (many,))[0].item() for end in (0, -1))
    assert after < before / 3
    assert game.losses((y[:30].flatten(),), (y[:30],))[0].item() == pytest.approx(0, abs=1e-5)


def test_a_whole_sum_drawn_is_the_mean_game(key):
    game = gt.StochasticBilinear.examples()[1]
    mean = tuple(map(tuple, np.mean(game.matrices, axis=0).tolist()))
    terms = torch.arange(3)
    x, y = key.normal(2, 2, dtype=torch.float64)
    linear = torch.tensor(np.mean(game.x_shifts, axis=0)) @ (x + y)
    found = game.losses((x, y), (terms,))[0]
    assert found.item() == pytest.approx((gt.Bilinear(mean).losses((x, y))[0] + linear).item(), abs=1e-12)


def test_a_saddle_has_the_field_of_its_matrix_and_losses_of_its_own():
    A, B, C = np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([[1.0], [-2.0]]), np.array([[0.7]])
    game = gt.Saddle(*(tuple(map(tuple, part.tolist())) for part in (A, B, C)))
    w = torch.tensor([0.3, -1.2, 0.8], dtype=torch.float64, requires_grad=True)
    losses = game.losses((w[:2], w[2:]))
    field = torch.cat(
        [
            torch.autograd.grad(loss, w, retain_graph=True)[0][part]
            for loss, part in zip(losses, (slice(2), slice(2, 3)))
        ]
    )
    M = np.block([[A, B], [-B.T, C]])
    np.testing.assert_allclose(field.numpy(), M @ w.detach().numpy(), rtol=1e-12)
    x, y = w[:2].detach().numpy(), w[2:].detach().numpy()
    value = x @ A @ x / 2 + x @ B @ y - y @ C @ y / 2
    assert [loss.item() for loss in losses] == pytest.approx([value, -value])
    assert game.equilibria() == ((0.0, 0.0, 0.0),)
    assert gt.Saddle(((-1.0,),), ((1.0,),), ((1.0,),)).equilibria() == ()
