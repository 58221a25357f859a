"""Numbers of games that vary in a population give what single runs give."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from gantheory.notation import replaced


DIRAC = gt.DiracGAN(gt.Minimax())
FLOW = gt.RealNVP(2, layers=2, hidden=(4,))
RULE = gt.Simultaneous(gt.SGD(0.05))


@pytest.mark.parametrize(
    "game, path, numbers",
    [
        (gt.LQGAN(), "deviation", (1.0, 2.0)),
        (gt.FourPlayer(), "pull", (0.0, 1.0)),
        (gt.RandomQuadratic((2, 2)), "rotation", (0.0, 2.0)),
        (gt.RandomQuadratic((2, 2)), "mu", (0.1, 0.2)),
        (gt.WithExpectedNoise(DIRAC, 0.7), "scale", (0.0, 0.7)),
        (gt.WithInstanceNoise(DIRAC, 0.7), "scale", (0.0, 0.7)),
        (gt.WithPenalty(gt.WithInstanceNoise(DIRAC, 0.7, until=3), gt.R1(0.1)), "game.scale", (0.2, 0.7)),
        (gt.KernelGame(gt.Ring(), particles=5, critic="sinkhorn", batch=8), "bandwidth", (0.5, 1.0)),
        (gt.KernelGame(gt.Ring(), particles=5, batch=8), "data.scale", (0.1, 0.2)),
        (gt.DiracGAN(gt.LeastSquares()), "objective.fake", (-1.0, 0.0)),
        (gt.WithPenalty(DIRAC, gt.GradientPenalty()), "penalty.target", (0.0, 1.0)),
        (gt.WithPenalty(DIRAC, gt.DRAGAN()), "penalty.scale", (0.0, 1.0)),
        (gt.RobustRegression(gt.Ring(), rows=5), "price", (2.0, 3.0)),
        (gt.Logistic(gt.Ring(), rows=5), "ridge", (0.1, 1.0)),
        (gt.LinearQuadraticGaussian((2.0, 1.0), rank=1), "variances.0", (1.0, 2.0)),
        (gt.TwoGaussians(critic="optimal"), "means.0", (-1.0, 0.0)),
        (gt.DiracGAN(gt.SmoothedLabels(gt.Minimax())), "objective.real", (0.8, 1.0)),
        (gt.WithLikelihood.examples()[0], "weight", (0.0, 1.0)),
        (gt.LikelihoodGame(gt.StudentBase(FLOW), gt.Ring(), batch=8), "model.freedom", (2.0, 5.0)),
        (
            gt.LikelihoodGame(gt.Inverse(gt.StudentBase(FLOW)), gt.Ring(), batch=8),
            "model.flow.freedom",
            (2.0, 5.0),
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_swept_numbers_equal_single_runs(game, path, numbers, key):
    sweep = {f"game.{path}": gt.Values(numbers)}
    chart = gt.simulate(game, RULE, steps=4, population=2, sweep=sweep, key=key)
    for i, number in enumerate(numbers):
        alone = gt.simulate(replaced(game, path, number), RULE, steps=4, population=2, key=key)
        torch.testing.assert_close(chart.points[2 * i : 2 * i + 2], alone.points, rtol=1e-12, atol=1e-12)
