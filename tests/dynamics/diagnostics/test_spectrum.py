"""Eigenvalues against closed forms, polynomials and a Jacobian by differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gantheory as gt
from tests.dynamics.diagnostics.toys import Saddle, Well


DIRAC = gt.DiracGAN(gt.Minimax())
GAN = gt.AdversarialGame(gt.MLP(2, (8,), 2), gt.MLP(2, (8,), 1), gt.Ring(), gt.NonSaturating(), batch=16)


def _same(found, expected, close=1e-9):
    """The same numbers, in whatever order."""
    found, expected = list(found), list(expected)
    assert len(found) == len(expected)
    for value in expected:
        nearest = min(found, key=lambda other: abs(other - value))
        assert abs(nearest - value) <= close, (found, expected)
        found.remove(nearest)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0, 2.0])
def test_dirac_gan_turns_by_a_half(weight):
    """J = ((0, -1/2), (1/2, gamma)): Mescheder, Geiger, Nowozin (2018), with fields instead of flows."""
    spectrum = gt.field_spectrum(gt.WithPenalty(DIRAC, gt.R1(weight)), (0.0, 0.0))
    root = np.sqrt(complex(weight**2 / 4 - 0.25))
    _same(spectrum.eigenvalues, [weight / 2 + root, weight / 2 - root], 1e-7 if weight == 1 else 1e-12)
    assert spectrum.complete and spectrum.residual < 1e-12
    assert spectrum.least_real == pytest.approx(
        min((weight / 2 - root).real, (weight / 2 + root).real), abs=1e-7
    )


def _jacobian(game, point, key):
    """By central differences of the losses' gradients, each by torch.autograd outside the package's field."""
    batch = game.draw(key.to(torch.float64, "cpu").child("diagnostic", (0,)))
    batch = tuple(part[0] for part in batch)

    def field(w):
        profile = [part.clone().requires_grad_() for part in w.split(list(game.sizes))]
        return torch.cat(
            [torch.autograd.grad(game.losses(tuple(profile), batch)[i], profile[i])[0] for i in range(2)]
        )

    h, rows = 1e-5, []
    for unit in torch.eye(len(point), dtype=torch.float64):
        rows.append((field(point + h * unit) - field(point - h * unit)) / (2 * h))
    return torch.stack(rows, dim=-1).numpy()


def test_networks_dense_and_by_products(key):
    point = torch.cat(GAN.init(key.child("init")), dim=-1).double()
    expected = np.linalg.eigvals(_jacobian(GAN, point, key))
    dense = gt.field_spectrum(GAN, point, key=key)
    assert dense.complete and dense.size == sum(GAN.sizes)
    _same(dense.eigenvalues, expected, 1e-6)
    some = gt.field_spectrum(GAN, point, count=3, key=key)
    assert not some.complete and some.residual < 1e-8
    assert some.radius == pytest.approx(np.abs(expected).max(), abs=1e-7)
    assert some.least_real == pytest.approx(expected.real.min(), abs=1e-6)
    assert some.eigenvalues.real.max() == pytest.approx(expected.real.max(), abs=1e-7)
    again = gt.field_spectrum(GAN, point, count=3, key=key)
    assert (again.eigenvalues == some.eigenvalues).all(), "no global generator chooses Arnoldi's start"


U = 0.3
COMPLEX = [1j, -1j]


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (gt.Simultaneous(gt.SGD(U)), 0, [1 - U * z for z in COMPLEX]),
        (gt.ExtraGradient(gt.SGD(U)), 0, [1 - U * z + (U * z) ** 2 for z in COMPLEX]),
        (gt.Alternating(gt.SGD(U)), 0, np.roots([1, U**2 - 2, 1])),
        (gt.ProximalPoint(gt.SGD(U)), 0, [1 / (1 + U * z) for z in COMPLEX]),
        (
            gt.Optimistic(gt.SGD(U)),
            1,
            np.concatenate([np.roots([1, -(1 - 2 * U * z), -U * z]) for z in COMPLEX]),
        ),
        (
            gt.Delayed(gt.Simultaneous(gt.SGD(U)), staleness=2),
            1,
            np.concatenate([np.roots([1, -1, 0, U * z]) for z in COMPLEX]),
        ),
        (
            gt.Alternating(gt.Momentum(U, beta=-0.4)),
            0,  # (l - 1)^2 (l - b)^2 + u^2 l^3: Gidel et al. (2019)
            np.polyadd(np.polymul([1, -2, 1], [1, 0.8, 0.16]), [U**2, 0, 0, 0]),
        ),
    ],
    ids=["simultaneous", "extragradient", "alternating", "proximal", "optimistic", "delayed", "momentum"],
)
def test_steps_on_a_rotation(rule, after, expected):
    """Closed forms and characteristic polynomials: claims B and C of Gidel, Mokhtari, Popov."""
    expected = np.roots(expected) if "Momentum" in repr(rule) else expected
    spectrum = gt.step_spectrum(gt.Bilinear(), rule, (0.0, 0.0), after=after)
    _same(spectrum.eigenvalues, expected, 1e-9)


def test_the_step_of_a_curved_game_away_from_equilibrium():
    """x - h (x - x^3) has the derivative 1 - h (1 - 3 x^2)."""
    spectrum = gt.step_spectrum(Well(), gt.Simultaneous(gt.SGD(0.3)), (0.5,))
    assert spectrum.eigenvalues[0] == pytest.approx(1 - 0.3 * (1 - 0.75), abs=1e-11)
    moved = 0.5 - 0.3 * (0.5 - 0.125)
    later = gt.step_spectrum(Well(), gt.Simultaneous(gt.SGD(0.3)), (0.5,), after=1)
    assert later.eigenvalues[0] == pytest.approx(1 - 0.3 * (1 - 3 * moved**2), abs=1e-11)


def test_the_step_of_a_network_by_products(key):
    rule, point = gt.Simultaneous(gt.SGD(0.1)), torch.cat(GAN.init(key.child("init")), dim=-1).double()
    whole = gt.step_spectrum(GAN, rule, point, key=key)
    some = gt.step_spectrum(GAN, rule, point, count=4, key=key)
    assert some.radius == pytest.approx(whole.radius, abs=1e-8)


def test_what_cannot_be_asked():
    for arguments, message in (
        ((DIRAC, (0.0,)), r"point must be \(2,\) numbers"),
        ((DIRAC, ((0.0, 0.0), (1.0, 1.0))), "one point, got 2 rows"),
        ((DIRAC, (np.nan, 0.0)), "point must be finite"),
        ((GAN, torch.zeros(sum(GAN.sizes))), "draws batches: give a key"),
    ):
        with pytest.raises(ValueError, match=message):
            gt.field_spectrum(*arguments)
    with pytest.raises(ValueError, match="count must lie between"):
        gt.field_spectrum(DIRAC, (0.0, 0.0), count=1)
    with pytest.raises(ValueError, match="not finite"):
        gt.step_spectrum(DIRAC, gt.Simultaneous(gt.Adam(0.1)), (0.0, 0.0), after=3)
    with pytest.raises(ValueError, match="after must be"):
        gt.step_spectrum(DIRAC, gt.Simultaneous(gt.SGD(0.1)), (0.0, 0.0), after=-1)


@pytest.mark.parametrize(
    ("game", "share"), [(gt.Bilinear(((1.0, 2.0), (0.0, 3.0))), 1.0), (Saddle(common=True), 0.0)]
)
def test_rotation_of_a_hamiltonian_and_of_a_potential(game, share, key):
    points = key.normal(5, sum(game.sizes), dtype=torch.float64)
    estimate = gt.rotation(game, points)
    assert estimate.shape == (5,) and (estimate.value == share).all() and (estimate.stderr == 0).all()
    S, A = gt.jacobian_parts(game, points)
    assert torch.equal(S, S.mT) and torch.equal(A, -A.mT)
    assert (S if share else A).abs().max() == 0


def test_rotation_between(key):
    weight = 0.7
    found = float(gt.rotation(gt.WithPenalty(DIRAC, gt.R1(weight)), (0.0, 0.0)))
    assert found == pytest.approx(0.5 / (0.5 + weight**2), abs=1e-12)


def test_rotation_from_probes(key):
    """Above 256 parameters, against the whole matrix."""
    game = gt.AdversarialGame(gt.MLP(2, (40,), 2), gt.MLP(2, (40,), 1), gt.Ring(), gt.Minimax(), batch=32)
    point = torch.cat(game.init(key.child("init")), dim=-1).double()
    probed = gt.rotation(game, point, probes=128, key=key)
    J = _jacobian(game, point, key)
    S, A = (J + J.T) / 2, (J - J.T) / 2
    exact = (A**2).sum() / ((A**2).sum() + (S**2).sum())
    assert 0 < float(probed.stderr) < 0.1 and abs(float(probed) - exact) < 6 * float(probed.stderr)
    flow = gt.LikelihoodGame(gt.RealNVP(2, layers=4, hidden=(24,)), gt.Ring(), batch=8)
    assert sum(flow.sizes) > 256
    start = torch.cat(flow.init(key.child("flow")), dim=-1)
    assert float(gt.rotation(flow, start, probes=2, key=key)) < 1e-12, "one player's field is a gradient"
    with pytest.raises(ValueError, match="needs two probes and a key"):
        gt.rotation(game, point)
    with pytest.raises(ValueError, match="matrices are made up to 256"):
        gt.jacobian_parts(game, point, key=key)


def test_the_path_angle_of_an_attraction():
    """To the bottom of a potential: -1 before it, 1 behind it."""
    angle = gt.path_angle(Saddle(a=1.0, b=0.0, c=-1.0, common=True), (1.0, 2.0), (0.0, 0.0))
    assert angle.switch == pytest.approx(1, abs=1e-12) and abs(angle.bump) < 1e-12
    repelled = gt.path_angle(Saddle(a=-1.0, b=0.0, c=1.0, common=True), (1.0, 2.0), (0.0, 0.0))
    assert repelled.switch == pytest.approx(-1, abs=1e-12)


def test_the_path_angle_of_a_rotation(key):
    """v = (y, -x) along (0, 1) to (e, 0): the closed form of the cosine, and its bump."""
    centred = gt.path_angle(gt.Bilinear(), (0.0, 1.0), (0.0, 0.0))
    assert np.nanmax(np.abs(centred.cosines)) < 1e-12
    e = 0.05
    beside = gt.path_angle(gt.Bilinear(), (0.0, 1.0), (e, 0.0))
    a = beside.places
    x, y = e * a, 1 - a
    expected = (e * y + x) / np.hypot(e, 1) / np.hypot(x, y)
    np.testing.assert_allclose(beside.cosines, expected, atol=1e-12)
    np.testing.assert_allclose(beside.lengths, np.hypot(x, y), atol=1e-12)
    assert beside.bump > 0.98 and abs(beside.switch) < 0.1
    for wrong in (((0.0, 1.0), (0.0, 1.0)), (((0.0, 1.0), (1.0, 1.0)), (0.0, 0.0))):
        with pytest.raises(ValueError, match="two different points"):
            gt.path_angle(gt.Bilinear(), *wrong)
