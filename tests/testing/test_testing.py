"""What helps others' tests is itself held to: known answers are answers, assertions fail where they should."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from scipy.optimize import linear_sum_assignment

import gantheory as gt
from gantheory.testing import (
    assert_rate,
    assert_same_distribution,
    distributions,
    games,
    positive_definite_matrices,
    probability_vectors,
    rules,
    solved_games,
    solved_transports,
)


@given(solved_transports(dim=3))
def test_transports_are_solved(problem):
    cost = ((problem.source[:, None] - problem.target[None]) ** 2).sum(-1)
    rows, columns = linear_sum_assignment(cost)
    assert problem.cost == pytest.approx(cost[rows, columns].mean(), rel=1e-9, abs=1e-9)
    assert problem.cost == pytest.approx(cost[rows, problem.matching].mean(), rel=1e-9, abs=1e-9)


@given(solved_games())
def test_games_are_solved(solved):
    point = torch.tensor(solved.equilibrium, dtype=torch.float64).requires_grad_()
    losses = solved.game.losses(point.split(list(solved.game.sizes)))
    for i, loss in enumerate(losses):
        (slope,) = torch.autograd.grad(loss, point, retain_graph=True)
        assert abs(slope[i]) < 1e-12
    assert solved.game.equilibria() == (solved.equilibrium,)


@given(positive_definite_matrices(size=3, low=0.5, high=8.0))
def test_matrices_are_positive_definite(matrix):
    values = np.linalg.eigvalsh(np.array(matrix))
    assert np.array_equal(np.array(matrix), np.array(matrix).T)
    assert values[0] >= 0.5 * (1 - 1e-12) and values[-1] <= 8 * (1 + 1e-12)


@given(probability_vectors(count=2, zeros=True, min_size=2))
def test_vectors_are_probabilities(vectors):
    p, q = map(np.array, vectors)
    assert p.shape == q.shape and len(p) >= 2
    assert p.sum() == pytest.approx(1) and q.sum() == pytest.approx(1) and min(p.min(), q.min()) >= 0


@settings(max_examples=30)
@given(games(), rules(rate=0.01))
def test_games_and_rules_run_together(game, rule):
    runs = gt.simulate(game, rule, steps=2, population=3, key=gt.Key(0))
    assert runs.points.shape == (3, 2, sum(game.sizes)) and runs.points.isfinite().all()
    assert gt.parse(repr(game)) == game and gt.parse(repr(rule)) == rule


@settings(max_examples=20)
@given(distributions())
def test_distributions_draw(law):
    assert law.sample(4, gt.Key(0)).shape == (4, 2)
    assert gt.parse(repr(law)) == law


def test_samples_of_one_law_pass_and_others_do_not(key):
    x, y = (key.child(name).normal(4000, 3) for name in "xy")
    assert_same_distribution(x, y)
    assert_same_distribution(x[:, 0], y[:, 0])
    turned = y @ torch.tensor([[1.0, 0.8, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 1.0]])
    for other in (y + torch.tensor([0.0, 0.2, 0.0]), 1.6 * y, turned):  # the last has the same marginals
        with pytest.raises(AssertionError, match="the samples differ along"):
            assert_same_distribution(x, other)
    with pytest.raises(ValueError, match=r"got shapes \(4000, 3\) and \(4000, 2\)"):
        assert_same_distribution(x, y[:, :2])


def test_rates_pass_and_others_do_not():
    n = np.array([10.0, 40.0, 160.0, 640.0, 2560.0])
    wobble = np.array([1.01, 0.99, 1.01, 0.99, 1.01])
    assert_rate(n, wobble / n, -1.0)
    with pytest.raises(AssertionError, match=r"wanted -0.5 \+- 0.05"):
        assert_rate(n, wobble / n, -0.5)
    with pytest.raises(AssertionError, match="too wide"):
        assert_rate(n, np.array([3.0, 0.1, 2.0, 0.2, 1.0]) / n, -1.2)
