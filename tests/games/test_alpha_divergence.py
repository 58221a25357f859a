"""Alpha-divergences: the critic's best value against sums over finite laws, and the cases with names."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import rel_entr

import gantheory as gt


P, Q = np.array([3, 1, 4, 2]) / 10, np.array([1, 5, 2, 2]) / 10

NAMED = {
    1.0: rel_entr(P, Q).sum(),
    0.0: rel_entr(Q, P).sum(),
    0.5: 2 * np.square(np.sqrt(P) - np.sqrt(Q)).sum(),
    2.0: (np.square(P - Q) / Q).sum() / 2,
    -1.0: (np.square(P - Q) / P).sum() / 2,
}


def _best_value(alpha):
    """Minus the critic's loss at its best logit, over atoms repeated as often as their masses say."""
    objective = gt.AlphaDivergence(alpha)
    logit = objective.optimal_logit(torch.from_numpy(np.log(P / Q)))
    real, fake = (logit.repeat_interleave(torch.from_numpy((10 * m).round().astype(int))) for m in (P, Q))
    return -objective.critic_loss(real, fake).item()


@pytest.mark.parametrize("alpha", NAMED)
def test_the_cases_with_names(alpha):
    assert _best_value(alpha) == pytest.approx(NAMED[alpha], rel=1e-12)


@pytest.mark.parametrize("alpha", [-2.5, -0.3, 0.2, 0.9, 1.7, 3.0])
def test_the_best_value_is_the_divergence(alpha):
    r = P / Q
    expected = (Q * (r**alpha - 1 - alpha * (r - 1))).sum() / (alpha * (alpha - 1))
    assert _best_value(alpha) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_limits_are_limits(limit, key):
    real, fake = key.normal(2, 50, dtype=torch.float64)
    there, near = (
        torch.stack(gt.AlphaDivergence(alpha).losses(real, fake)) for alpha in (limit, limit + 1e-7)
    )
    torch.testing.assert_close(near, there, rtol=1e-5, atol=1e-5)
    assert (near - there).abs().max() > 0


def test_a_population_may_vary_alpha(key):
    game = gt.AdversarialGame(
        gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.AlphaDivergence(0.5), batch=8
    )
    rule, alphas = gt.Simultaneous(gt.SGD(0.1)), (0.0, 0.5, 1.0)
    sweep = {"game.objective.alpha": gt.Values(alphas)}
    options = {"steps": 4, "dtype": torch.float64, "key": key}
    chart = gt.simulate(game, rule, sweep=sweep, **options)
    for m, alpha in enumerate(alphas):
        alone = gt.simulate(game.replace(objective=gt.AlphaDivergence(alpha)), rule, **options)
        torch.testing.assert_close(chart.points[m], alone.points[0], rtol=1e-10, atol=1e-12)


def test_refusals():
    with pytest.raises(ValueError, match="finite alpha"):
        gt.AlphaDivergence(float("inf"))
