"""Rules against the closed forms of their papers, on games where those are exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.dynamics.population import Many


def step_matrix(rule, game):
    """One step's matrix on a linear game, for rules without a memory."""
    n = sum(game.sizes)
    units = torch.eye(n, dtype=torch.float64).split(list(game.sizes), dim=-1)
    many = Many(game, n)
    moved, _ = rule.advance(many, units, rule.init(many, units), gt.Key(0).split(n))
    return torch.cat(moved, dim=-1).T.numpy()


def orbit(rule, game, steps, start, key):
    return gt.simulate(game, rule, steps=steps, start=start, record=1, key=key).points[0]


def decay(rule, game, key, *, first=200, last=400):
    """The factor a step by which the distance from the origin shrinks."""
    norms = orbit(rule, game, last, (1.0, 0.3), key).norm(dim=-1)
    return float((norms[last] / norms[first]) ** (1 / (last - first)))


@pytest.mark.parametrize("u", [0.2, 0.5, 0.9, 1.1])
def test_extragradient_on_a_rotation(u):
    (factor,) = {
        round(abs(e), 12) for e in np.linalg.eigvals(step_matrix(gt.ExtraGradient(gt.SGD(u)), gt.Bilinear()))
    }
    assert factor == pytest.approx(math.sqrt(1 - u**2 + u**4), abs=1e-11)


@pytest.mark.parametrize("u", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("rule", [gt.ProximalPoint, gt.Competitive])
def test_implicit_steps_on_a_rotation(rule, u):
    factors = np.abs(np.linalg.eigvals(step_matrix(rule(gt.SGD(u)), gt.Bilinear())))
    assert factors == pytest.approx(1 / math.sqrt(1 + u**2), abs=1e-11)


@pytest.mark.parametrize("rule", [gt.Optimistic, gt.PastExtraGradient])
@pytest.mark.parametrize("u", [0.2, 0.4, 0.5])
def test_optimistic_steps_on_a_rotation(rule, u, key):
    roots = np.roots([1, -(1 - 2j * u), -1j * u])
    # half of the roots belong to +iu, the others are their conjugates
    assert decay(rule(gt.SGD(u)), gt.Bilinear(), key) == pytest.approx(abs(roots).max(), abs=3e-3)


def test_optimistic_steps_diverge_beyond_their_limit(key):
    stable, unstable = 0.98 / math.sqrt(3), 1.02 / math.sqrt(3)
    assert decay(gt.Optimistic(gt.SGD(stable)), gt.Bilinear(), key) < 1
    assert decay(gt.Optimistic(gt.SGD(unstable)), gt.Bilinear(), key) > 1


def test_coincidences_on_bilinear_games(key):
    game = gt.Bilinear(((1.0, 2.0), (0.0, -1.5)))
    extra = step_matrix(gt.ExtraGradient(gt.SGD(0.3)), game)
    assert step_matrix(gt.OpponentLookAhead(gt.SGD(0.3), ahead=0.3), game) == pytest.approx(extra, abs=1e-12)
    consensus = step_matrix(gt.Consensus(gt.SGD(0.3), weight=0.7), game)
    assert step_matrix(gt.SymplecticAdjustment(gt.SGD(0.3), weight=0.7), game) == pytest.approx(
        consensus, abs=1e-12
    )
    proximal = step_matrix(gt.ProximalPoint(gt.SGD(0.3)), game)
    assert step_matrix(gt.Competitive(gt.SGD(0.3)), game) == pytest.approx(proximal, abs=1e-12)
    # a term x^2 parts them
    bent = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(1.0))
    parted = step_matrix(gt.Competitive(gt.SGD(0.3)), bent) - step_matrix(gt.ProximalPoint(gt.SGD(0.3)), bent)
    assert np.abs(parted).max() > 1e-3


def test_proximal_steps_of_a_curved_field_solve_their_equation(key):
    game, rate = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3)), 0.5
    runs = gt.simulate(game, gt.ProximalPoint(gt.SGD(rate)), steps=1, population=50, record=1, key=key)
    before, after = runs.points.unbind(1)
    field = torch.cat(Many(game, 50).field(after.split(1, dim=-1), ()), dim=-1)
    torch.testing.assert_close(after + rate * field, before, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("u, stable", [(0.95, True), (1.05, False)])
@pytest.mark.parametrize("staleness", [0, 1, 4])
def test_the_limit_of_delayed_gradient_descent(staleness, u, stable, key):
    """w+ = w - eta w_{t - s} is stable for eta < 2 sin(pi / (2 (2 s + 1))) alone."""
    limit = 2 * math.sin(math.pi / (2 * (2 * staleness + 1)))
    game = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(1.0))  # its critic, alone, descends psi^2 / 2
    rule = gt.Delayed(gt.Simultaneous(gt.PerPlayer((gt.SGD(0.0), gt.SGD(u * limit)))), staleness=staleness)
    ends = orbit(rule, game, 400, (0.0, 1.0), key)[:, 1].abs()
    assert (ends[-50:].max() < ends[:50].max()) == stable


def test_a_delay_of_nothing_changes_nothing(key):
    gan = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)
    for rule in (
        gt.Simultaneous(gt.Adam(0.01)),
        gt.Alternating(gt.SGD(0.1)),
        gt.ExtraGradient(gt.SGD(0.1)),
        gt.OpponentLookAhead(gt.SGD(0.1), ahead=0.05),  # asks for more gradients than it draws batches
        gt.LookAhead(gt.Alternating(gt.SGD(0.1)), steps=2),
    ):
        plain = gt.simulate(gan, rule, steps=12, population=2, key=key)
        delayed = gt.simulate(gan, gt.Delayed(rule, staleness=0), steps=12, population=2, key=key)
        torch.testing.assert_close(plain.points, delayed.points, rtol=1e-6, atol=1e-6)


def test_averages_are_averages(key):
    rule = gt.Alternating(gt.SGD(0.3))
    points = orbit(rule, gt.Bilinear(), 40, (1.0, 0.5), key)
    uniform = orbit(gt.Averaged(rule), gt.Bilinear(), 40, (1.0, 0.5), key)
    torch.testing.assert_close(uniform[-1], points[1:].mean(0), rtol=1e-12, atol=1e-12)
    exponential = orbit(gt.Averaged(rule, decay=0.8), gt.Bilinear(), 40, (1.0, 0.5), key)
    weights = 0.8 ** torch.arange(40, -1, -1, dtype=torch.float64)
    weights[1:] *= 0.2
    torch.testing.assert_close(exponential[-1], weights @ points, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "rule, bound",
    [  # on |v|^2, for L = 1 and a start at distance 1
        (gt.Anchored(gt.SGD(0.125)), 260.0),
        (gt.Anchored(gt.SGD(0.618), fading=0.618), 27.0),
        (gt.FastExtraGradient(gt.SGD(0.5)), 64.0),  # 4 L^2 / k^2 for L = 2
        (gt.Halpern(gt.ProximalPoint(gt.SGD(1.0))), 4.0),
    ],
)
def test_anchored_last_points_fall_like_one_over_k_squared(rule, bound, key):
    squares = orbit(rule, gt.Bilinear(), 800, (1.0, 0.0), key).square().sum(-1).numpy()
    k = np.arange(801)
    assert (squares <= bound / (k + 1) ** 2)[1:].all()
    late = [500, 600, 700, 800]
    low, high = gt.power_fit(late, squares[late])[0].interval(0.99)
    assert low > -2.25 and high < -1.7  # not 1 over k, whose slope is -1


def test_fading_anchored_steps_by_hand(key):
    """On 0.7 x y, with the recursion of the rates as it is printed."""
    turn, start = np.array([[0.0, 0.7], [-0.7, 0.0]]), np.array([1.0, 0.5])
    rule = gt.Anchored(gt.SGD(0.6), fading=0.6 * 0.9)
    found = orbit(rule, gt.Bilinear(((0.7,),)), 12, start.tolist(), key).numpy()
    z, rate = start, 0.6
    for k in range(12):
        back, squared = z + (start - z) / (k + 2), (0.9 * rate) ** 2
        z = back - rate * turn @ (back - rate * turn @ z)
        np.testing.assert_allclose(found[k + 1], z, rtol=1e-12)
        rate *= (1 - (k + 2) ** 2 / ((k + 1) * (k + 3)) * squared) / (1 - squared)


def test_fast_extragradient_steps_by_hand(key):
    """In the letters of the paper, for a field that pushes outwards."""
    M, start = np.array([[-0.1, 0.7], [-0.7, -0.1]]), np.array([1.0, 0.5])
    inverse_lipschitz, rho = 1.3, -0.2
    rule = gt.FastExtraGradient(gt.SGD(inverse_lipschitz), comonotone=rho / inverse_lipschitz)
    found = orbit(rule, gt.LinearField(tuple(map(tuple, M.tolist()))), 12, start.tolist(), key).numpy()
    z = start
    for k in range(12):
        beta, F = 1 / (k + 1), M @ z
        back = z + beta * (start - z)
        half = back - (1 - beta) * (inverse_lipschitz + 2 * rho) * F
        z = back - inverse_lipschitz * M @ half - (1 - beta) * 2 * rho * F
        np.testing.assert_allclose(found[k + 1], z, rtol=1e-12)


def test_unrolling_once_is_the_exact_derivative(key):
    """For losses x' A y and -x' A y, c_1 = y + a A'x, so the leader's gradient is A y + 2 a A A'x."""
    matrix = torch.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=torch.float64)
    game = gt.Bilinear(tuple(map(tuple, matrix.tolist())))
    moved = step_matrix(gt.Unrolled(gt.SGD(1.0), looks=1, ahead=0.25), game)
    wanted = np.block(
        [[np.eye(2) - 0.5 * (matrix @ matrix.T).numpy(), -matrix.numpy()], [matrix.T.numpy(), np.eye(2)]]
    )
    assert moved == pytest.approx(wanted, abs=1e-12)


def test_following_the_ridge_keeps_to_it(key):
    """Losses with J_yx = 1 and J_yy = 1: from the ridge y = -x the follower stays on it."""
    game = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(1.0))
    points = orbit(gt.FollowTheRidge(gt.SGD(0.1)), game, 50, (1.0, -1.0), key)
    torch.testing.assert_close(points[:, 1], -points[:, 0], rtol=1e-12, atol=1e-12)
    assert abs(points[-1, 0]) < 0.01


def test_projections_are_nearest_points(key):
    gan = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.Wasserstein(), batch=8)
    rule = gt.Alternating(gt.RMSProp(0.05))
    free, ball, box = (
        gt.simulate(gan, r, steps=1, population=2, key=key).profile
        for r in (
            rule,
            gt.Projected(rule, radius=0.5),
            gt.Projected(rule, radius=0.01, shape="box", player="critic"),
        )
    )
    for before, after in zip(free, ball):
        norm = before.norm(dim=-1, keepdim=True)
        torch.testing.assert_close(after, before * (0.5 / norm).clamp(max=1))
    assert torch.equal(box[0], free[0]) and torch.equal(box[1], free[1].clamp(-0.01, 0.01))


def test_optimistic_mirror_descent_finds_the_mixed_equilibrium(key):
    """Matching pennies with a bias: multiplicative weights circle outwards, their optimistic form converges."""
    game = gt.Bilinear(((2.0, -1.0), (-1.0, 1.0)))
    start = (0.9, 0.1, 0.3, 0.7)
    optimistic = orbit(gt.Optimistic(gt.Entropic(0.3)), game, 1500, start, key)[-1]
    torch.testing.assert_close(
        optimistic, torch.tensor([0.4, 0.6, 0.4, 0.6], dtype=torch.float64), rtol=0, atol=1e-6
    )
    plain = orbit(gt.Simultaneous(gt.Entropic(0.3)), game, 400, start, key)[-1]
    assert (plain - optimistic).abs().max() > 0.3


def test_elastic_workers_without_noise_move_as_one(key):
    """Equal workers stay equal, and the centre follows them: the difference obeys its own linear law."""
    game, rule = gt.Bilinear(), gt.Simultaneous(gt.SGD(0.1))
    centre = orbit(gt.Elastic(rule, workers=3, pull=0.2), game, 30, (1.0, 0.0), key)
    x, c = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    turn = np.array([[1.0, -0.1], [0.1, 1.0]])
    for step in range(1, 31):
        x, c = turn @ x - 0.2 * (x - c), c + 3 * 0.2 * (x - c)
        assert centre[step].numpy() == pytest.approx(c, abs=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gt.Momentum(0.1, beta=1.0),
        lambda: gt.RMSProp(decay=1.0),
        lambda: gt.Clipped(gt.SGD(0.1), norm=0.0),
        lambda: gt.PerPlayer((gt.SGD(0.1),)),
        lambda: gt.InverseTime(power=-1.0),
        lambda: gt.LinearDecay(0),
        lambda: gt.CosineDecay(10, last=2.0),
        lambda: gt.Averaged(gt.Simultaneous(gt.SGD(0.1)), decay=1.0),
        lambda: gt.Delayed(gt.Simultaneous(gt.SGD(0.1)), staleness=-1),
        lambda: gt.Elastic(gt.Simultaneous(gt.SGD(0.1)), workers=10, pull=0.2),
        lambda: gt.LookAhead(gt.Simultaneous(gt.SGD(0.1)), pull=0.0),
        lambda: gt.Projected(gt.Simultaneous(gt.SGD(0.1)), radius=0.0),
        lambda: gt.Unrolled(gt.SGD(0.1), looks=-1),
        lambda: gt.Anchored(gt.SGD(0.1), fading=0.75),
        lambda: gt.FastExtraGradient(gt.SGD(0.1), comonotone=-0.5),
        lambda: gt.Consensus(gt.SGD(0.1), weight=-1.0),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError):
        make()


@pytest.mark.parametrize(
    "rule, said",
    [
        (gt.Simultaneous(gt.PerPlayer((gt.SGD(0.1),) * 3)), "2 players"),
        (gt.Projected(gt.Simultaneous(gt.SGD(0.1)), player="nobody"), "no player 'nobody'"),
        (gt.Delayed(gt.Simultaneous(gt.SGD(0.1)), staleness=(1, 2, 3)), "3 numbers for 2 players"),
        (gt.Delayed(gt.Consensus(gt.SGD(0.1))), "cannot be delayed"),
    ],
)
def test_what_does_not_fit_the_game_is_said(rule, said, key):
    with pytest.raises(ValueError, match=said):
        gt.simulate(gt.Bilinear(), rule, steps=2, key=key)


def test_one_batch_serves_all_gradients_of_a_step():
    """With one term a step, extragradient contracts the pair of that term by its factor and leaves the others."""
    terms = tuple(tuple(tuple(float(i == j == k) for j in range(3)) for i in range(3)) for k in range(3))
    game, h, key = gt.StochasticBilinear(terms), 0.7, gt.Key(3)
    factor = math.sqrt(1 - h**2 + h**4)

    def ratios(rule):
        runs = gt.simulate(game, rule, steps=1, population=64, key=key)
        pairs = runs.points.unflatten(-1, (2, 3)).norm(dim=2)
        return runs.cost.samples, (pairs[:, 1] / pairs[:, 0]).sort(dim=-1).values

    samples, same = ratios(gt.SameBatch(gt.ExtraGradient(gt.SGD(h))))
    torch.testing.assert_close(same, torch.tensor([factor, 1.0, 1.0], dtype=same.dtype).expand_as(same))
    twice, independent = ratios(gt.ExtraGradient(gt.SGD(h)))
    assert (samples, twice) == (1, 2)
    torch.testing.assert_close(independent.max(), torch.tensor(math.sqrt(1 + h**2), dtype=same.dtype))
    samples, turns = ratios(gt.SameBatch(gt.Alternating(gt.SGD(h))))
    assert samples == 1 and ((turns - 1).abs() < 1e-12).sum(-1).min() == 2  # both players move on one term
