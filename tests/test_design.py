"""Sobol designs against scipy's discrepancy, their own promises, and the cells of a study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import qmc

import gantheory as gt
from gantheory.notation import Noun, replaced


UNIT = gt.Linear(0, 1, 64)


def test_every_value_occurs_once_among_a_power_of_two():
    points = np.array(gt.Sobol((UNIT,) * 3, count=64, seed=5).values())
    for column in points.T:
        assert sorted(column) == list(UNIT.values())


def test_a_design_is_more_even_than_random_points():
    fine = gt.Linear(0, 1, 10_000)
    for seed in range(5):
        points = np.array(gt.Sobol((fine,) * 4, count=64, seed=seed).values())
        random = [qmc.discrepancy(np.random.default_rng(s).random((64, 4))) for s in range(20)]
        assert qmc.discrepancy(points) < min(random)


def test_a_design_is_its_seed_and_a_longer_one_goes_on():
    axes = (gt.Log(0.1, 10, 50), gt.Linear(1, 8, 8), gt.Values((2, 5)))
    short, long = (gt.Sobol(axes, count=n, seed=3) for n in (36, 100))
    assert long.values()[:36] == short.values() == gt.parse(repr(short)).values()
    assert gt.Sobol(axes, count=36, seed=4).values() != short.values()


def test_a_design_reaches_fields_of_nouns_inside():
    @dataclass(frozen=True)
    class Cell(Noun):
        data: gt.Ring
        rate: float = 0.1

    cells = gt.design(Cell(gt.Ring()), {"data.modes": gt.Linear(1, 8, 8), "rate": UNIT}, count=8, seed=1)
    assert sorted(cell.data.modes for cell in cells) == list(range(1, 9))
    assert all(isinstance(cell.data.modes, int) for cell in cells)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no field 'mode'"):
        gt.design(gt.Ring(), {"mode": UNIT}, count=2)
    with pytest.raises(ValueError, match="whole number"):
        replaced(gt.Ring(), "modes", 2.5)
    with pytest.raises(ValueError, match="count"):
        gt.Sobol((UNIT,), count=0)


def test_simulate_takes_a_design():
    sweep = {"rule.step.rate, game.penalty.weight": gt.Sobol((gt.Log(0.01, 1, 8), UNIT), count=8)}
    game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.1))
    runs = gt.simulate(game, gt.Simultaneous(gt.SGD(0.1)), steps=2, sweep=sweep, key=gt.Key(0))
    assert runs.points.shape[0] == 8
