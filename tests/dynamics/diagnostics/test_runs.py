"""Rates, basins, flows and maps of runs against closed forms and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.linalg import expm

import gantheory as gt
from gantheory.dynamics.diagnostics.basin import _edge
from tests.dynamics.diagnostics.toys import Saddle, Well


DIRAC = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_linear_rates(rate, key):
    """Extragradient on a rotation shrinks by the square root of 1 - u^2 + u^4 in every step."""
    runs = gt.simulate(
        gt.Bilinear(), gt.ExtraGradient(gt.SGD(rate)), steps=200, population=3, record=1, key=key
    )
    factor = gt.convergence_factor(runs)
    assert factor.shape == (3,)
    np.testing.assert_allclose(factor.value**2, 1 - rate**2 + rate**4, rtol=1e-10)


def test_rates_at_a_point_that_is_not_the_origin(key):
    """x - h (x - x^3) comes to 0 like (1 - h)^t; away from 0 rounding ends the fit."""
    runs = gt.simulate(Well(), gt.Simultaneous(gt.SGD(0.5)), steps=300, start=(0.9,), record=1, key=key)
    assert float(gt.convergence_factor(runs, target=(0.0,))) == pytest.approx(0.5, rel=1e-9)
    away = gt.simulate(Well(), gt.Simultaneous(gt.SGD(0.5)), steps=5, start=(0.9,), record=1, key=key)
    assert (
        math.isnan(float(gt.convergence_factor(away, target=away.points[0, -1], share=0.2).value[0])) is False
    )
    with pytest.raises(ValueError, match="are not known: give a target"):
        gt.convergence_factor(runs)
    with pytest.raises(ValueError, match="share must lie in"):
        gt.convergence_factor(runs, target=(0.0,), share=0.0)
    short = gt.simulate(Well(), gt.Simultaneous(gt.SGD(0.5)), steps=5, start=(0.9,), key=key)
    assert np.isnan(gt.convergence_factor(short, target=(0.0,)).value).all()


def test_powers(key):
    """Nonsaturating Dirac-GAN, alternating: r^2 ~ 8 / (h t), so the distance falls like t^(-1/2)."""
    rule = gt.Alternating(gt.SGD(0.05))
    runs = gt.simulate(
        gt.DiracGAN(gt.NonSaturating()),
        rule,
        steps=200_000,
        start=(1.0, 1.0),
        record=gt.Log(1e3, 2e5, 40),
        key=key,
    )
    exponent = gt.convergence_exponent(runs)
    assert float(exponent) == pytest.approx(-0.5, abs=0.02)


def test_the_basin_of_a_well(key):
    basin = gt.basin_radius(
        Well(), gt.Simultaneous(gt.SGD(0.1)), reach=2.0, steps=1000, centre=(0.0,), key=key
    )
    assert basin.width == 0 and abs(float(basin.radius) - 1) <= 2 * float(basin.radius.stderr) < 0.02
    inside = gt.basin_radius(
        Well(), gt.Simultaneous(gt.SGD(0.1)), reach=0.9, steps=1000, centre=(0.0,), key=key
    )
    assert float(inside.radius) == math.inf and inside.converged.all()
    far = gt.basin_radius(Well(), gt.Simultaneous(gt.SGD(0.1)), reach=0.5, steps=9, centre=(3.0,), key=key)
    assert float(far.radius) == 0 and not far.converged.any()
    with pytest.raises(ValueError, match="knows 0 equilibria: give a centre"):
        gt.basin_radius(Well(), gt.Simultaneous(gt.SGD(0.1)), reach=1.0, steps=9, key=key)


def test_the_logistic_fit(key):
    """Against scikit-learn's, and its interval against the spread over fresh draws."""
    from sklearn.linear_model import LogisticRegression

    radii, found = [], []
    for i in range(200):
        r = 4 * key.child("r", i).uniform(300, dtype=torch.float64).numpy()
        u = key.child("u", i).uniform(300, dtype=torch.float64).numpy()
        radii.append(r)
        found.append(u < 1 / (1 + np.exp((r - 2.5) / 0.4)))
    fits = [_edge(r, c) for r, c in zip(radii, found)]
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(radii[0][:, None], found[0])
    slope, offset = reference.coef_[0, 0], reference.intercept_[0]
    assert float(fits[0][0]) == pytest.approx(-offset / slope, abs=1e-4)
    assert fits[0][1] == pytest.approx(-1 / slope, abs=1e-4)
    estimates = np.array([float(R) for R, _ in fits])
    errors = np.array([float(R.stderr) for R, _ in fits])
    assert abs(estimates.mean() - 2.5) < 5 * estimates.std() / math.sqrt(200)
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.25)


def test_a_linear_flow_is_a_matrix_exponential(key):
    game = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(0.5))  # v = (-psi, theta + psi / 2)
    J = np.array([[0.0, -1.0], [1.0, 0.5]])
    start = key.normal(7, 2, dtype=torch.float64)
    times = np.linspace(0, 10, 6)
    lines = gt.integrate(game, times, start=start)
    expected = np.stack([start.numpy() @ expm(-t * J).T for t in times], axis=1)
    np.testing.assert_allclose(lines.points.numpy(), expected, atol=1e-8)
    assert lines.points.shape == (7, 6, 2) and lines.losses.shape == (7, 6, 2) and not lines.left.any()
    losses = torch.stack([game.losses((w[:1], w[1:]))[1] for w in lines.points[:, 3]])
    torch.testing.assert_close(lines.losses[:, 3, 1], losses)


def test_the_flow_of_dirac_gan_keeps_its_distance(key):
    lines = gt.integrate(gt.DiracGAN(gt.Minimax()), np.linspace(0, 100, 11), population=5, key=key)
    radius = lines.points.norm(dim=-1)
    np.testing.assert_allclose(radius, radius[:, :1].expand(-1, 11), rtol=1e-7)
    assert lines.plot().data


def test_a_member_that_explodes_leaves_the_others_alone():
    """dx/dt = x^3 - x from 1.1 ends in finite time; from 0.5, x(t) is known."""
    times = np.linspace(0, 6, 4)
    lines = gt.integrate(Well(), times, start=((0.5,), (1.1,)))
    assert lines.left.tolist() == [False, True]
    assert lines.points[1, 0, 0] == 1.1 and lines.points[1, 1:].isnan().all()
    x0 = 0.5
    expected = x0 * np.exp(-times) / np.sqrt(1 - x0**2 + x0**2 * np.exp(-2 * times))
    np.testing.assert_allclose(lines.points[0, :, 0], expected, atol=1e-8)


def test_flows_that_are_none(key):
    gan = gt.AdversarialGame(gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.Minimax(), batch=4)
    for arguments, options, message in (
        ((gan, (0, 1)), {"key": key}, "needs a field without noise"),
        ((DIRAC, (1, 0)), {"key": key}, "at least two rising numbers"),
        ((DIRAC, (0, 1)), {}, "needs a start, or a key"),
        ((DIRAC, (0, 1)), {"start": ((0.0, 1.0),) * 3, "population": 2}, "3 rows for a population of 2"),
    ):
        with pytest.raises(ValueError, match=message):
            gt.integrate(*arguments, **options)


def test_the_vector_field_of_a_saddle():
    field = gt.vector_field(Saddle(), reach=1.5, count=7)
    x, y = np.meshgrid(field.x, field.y)
    np.testing.assert_allclose(field.across, -(x + 2 * y), atol=1e-12)
    np.testing.assert_allclose(field.up, 2 * x - 0.5 * y, atol=1e-12)
    arrows = field.figure()["data"][0]
    angles = np.radians(90 - np.asarray(arrows["marker"]["angle"]))
    i = int(np.flatnonzero((arrows["x"] == 1.5) & (arrows["y"] == 1.5))[0])
    assert (np.cos(angles[i]), np.sin(angles[i])) == pytest.approx((-2 / math.sqrt(5), 1 / math.sqrt(5)))
    with pytest.raises(ValueError, match="two different parameters from 0 to 1"):
        gt.vector_field(Saddle(), axes=(0, 2))


def test_a_portrait_shows_the_orbits_and_not_only_what_left(key):
    rule = gt.Simultaneous(gt.SGD(0.8))
    runs = gt.simulate(gt.Bilinear(), rule, steps=600, population=3, record=5, start=(1.0, 0.5), key=key)
    assert set(runs.outcome) == {"diverged"} and runs.points.abs().max() > 1e50
    portrait = gt.phase_portrait(runs, members=(0, 2))
    assert len(portrait.orbits) == 2 and portrait.orbits[0][0] == "member 0, diverged"
    low, high = portrait.figure()["layout"]["xaxis"]["range"]
    assert -20 < low < -1 and 1 < high < 20
    with pytest.raises(ValueError, match="members must lie between 0 and 2"):
        gt.phase_portrait(runs, members=(3,))


def test_the_phase_diagram_of_dirac_gan():
    """Below gamma = 1 simultaneous steps converge up to h = 4 gamma, and diverge to a cycle or away above it."""
    sweep = {"rule.step.rate": gt.Log(0.05, 8, 24), "game.penalty.weight": gt.Linear(0.1, 0.9, 9)}
    runs = gt.simulate(
        DIRAC, gt.Simultaneous(gt.SGD(0.1)), steps=20_000, sweep=sweep, start=(0.01, 0.0), key=gt.Key(0)
    )
    chart = gt.phase_diagram(runs)
    h, g = chart.rows[:, None], chart.columns
    clear = np.abs(h / (4 * g) - 1) > 0.1
    assert ((chart.outcome == "converged") == (h < 4 * g))[clear].all()
    assert np.isclose(sum(chart.share.values()), 1).all()
    assert (
        chart.figure()["layout"]["yaxis"]["type"] == "log"
        and chart.figure()["layout"]["xaxis"]["type"] == "linear"
    )
    zipped = {"rule.step.rate, game.penalty.weight": gt.Zip((gt.Linear(0.1, 1, 4), gt.Linear(0, 1, 4)))}
    runs = gt.simulate(DIRAC, gt.Simultaneous(gt.SGD(0.1)), steps=9, sweep=zipped, key=gt.Key(0))
    with pytest.raises(ValueError, match="two fields that are crossed"):
        gt.phase_diagram(runs)
    with pytest.raises(ValueError, match="this run has none"):
        gt.phase_diagram(gt.simulate(DIRAC, gt.Simultaneous(gt.SGD(0.1)), steps=9, key=gt.Key(0)))


def test_the_share_of_a_population(key):
    sweep = {"rule.step.rate": gt.Values((0.1, 0.2)), "game.penalty.weight": gt.Values((0.3,))}
    start = torch.tensor([[0.1, 0.0], [math.inf, 0.0], [0.2, 0.0], [0.0, 0.3]])
    rule = gt.Simultaneous(gt.SGD(0.1))
    runs = gt.simulate(DIRAC, rule, steps=2000, sweep=sweep, population=4, start=start, key=key)
    chart = gt.phase_diagram(runs)
    assert chart.share["diverged"].tolist() == [[0.25], [0.25]]
    assert chart.share["converged"].tolist() == [[0.75], [0.75]]


def test_every_picture_is_drawn(key):
    runs = gt.simulate(DIRAC, gt.Simultaneous(gt.SGD(0.1)), steps=50, record=1, key=key)
    basin = gt.basin_radius(
        Well(), gt.Simultaneous(gt.SGD(0.1)), reach=2.0, steps=500, centre=(0.0,), key=key
    )
    for picture in (
        gt.field_spectrum(DIRAC, (0.0, 0.0)),
        gt.step_spectrum(DIRAC, gt.Simultaneous(gt.SGD(0.1)), (0.0, 0.0)),
        gt.path_angle(DIRAC, (1.0, 1.0), (0.0, 0.0)),
        gt.vector_field(DIRAC),
        gt.phase_portrait(runs),
        basin,
    ):
        assert len(picture.plot().data) == len(picture.figure()["data"]) > 0
