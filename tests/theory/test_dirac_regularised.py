"""Noise, consensus and gradient penalties on Dirac-GAN against quadrature, differences and iteration."""

import math

import numpy as np
import pytest

from gantheory import theory


LOGIT_LOSSES = {  # of generator on the fake; of critic on the fake and on the real: the papers' formulas again
    "gan": (lambda t: -np.logaddexp(0, t), lambda t: np.logaddexp(0, t), lambda t: np.logaddexp(0, -t)),
    "nsgan": (lambda t: np.logaddexp(0, -t), lambda t: np.logaddexp(0, t), lambda t: np.logaddexp(0, -t)),
    "wgan": (lambda t: -t, lambda t: t, lambda t: -t),
    "lsgan-signed": (lambda t: (t - 1) ** 2 / 2, lambda t: (t + 1) ** 2 / 2, lambda t: (t - 1) ** 2 / 2),
    "hinge": (lambda t: -t, lambda t: np.maximum(0, 1 + t), lambda t: np.maximum(0, 1 - t)),
}


def noisy_losses(objective, scale, theta, psi):
    z, share = np.polynomial.hermite_e.hermegauss(60)
    share = share / share.sum()
    generator, fake, real = LOGIT_LOSSES[objective]
    at_fake, at_real = psi * (theta + scale * z), psi * scale * z
    return share @ generator(at_fake), share @ (fake(at_fake) + real(at_real))


@pytest.mark.parametrize("scale", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("objective", LOGIT_LOSSES)
def test_noise_jacobian_is_that_of_the_quadrature(objective, scale):
    """B06: second differences of losses that are means over 60 nodes."""
    h = 1e-3

    def loss(i, theta, psi):
        return noisy_losses(objective, scale, theta, psi)[i]

    def second(i, own, other):
        sign = [(1, 1, 1), (-1, 1, -1), (1, -1, -1), (-1, -1, 1)]
        own, other = np.eye(2)[own], np.eye(2)[other]
        values = [s * loss(i, *(h * (a * own + b * other))) for a, b, s in sign]
        return sum(values) / (4 * h * h)

    J = [[second(0, 0, 0), second(0, 0, 1)], [second(1, 1, 0), second(1, 1, 1)]]
    np.testing.assert_allclose(theory.dirac_noise_jacobian(scale, objective=objective), J, atol=2e-5)


def test_noise_eigenvalues():
    """The published row, and eigenvalues real from a variance of 2 on."""
    mu = theory.eigenvalues(theory.dirac_noise_jacobian(0.7))[-1]
    assert mu == pytest.approx(0.1225 + 0.4848j, abs=5e-5)
    J = theory.dirac_noise_jacobian(0.7)
    assert theory.largest_step(J) == pytest.approx(0.980, abs=5e-4)
    assert theory.largest_step(J, rule="alternating") == pytest.approx(3.14, abs=5e-3)
    assert theory.contraction_factor(J, 0.2) == pytest.approx(0.980306, abs=1e-6)
    assert theory.contraction_factor(J, 0.2, rule="alternating") == pytest.approx(0.975192, abs=1e-6)
    for variance in (1.99, 2.01):
        turns = np.abs(theory.eigenvalues(theory.dirac_noise_jacobian(math.sqrt(variance))).imag).max()
        assert (turns > 0) == (variance < 2)


def test_noise_and_penalty_add():
    J = theory.dirac_noise_jacobian(np.array([0.0, 1.0]), weight=np.array([0.3, 0.3]))
    np.testing.assert_allclose(J[:, 1, 1], [0.3, 0.8])


def test_consensus_jacobian_is_that_of_its_field():
    """B09, by differences of the field at the equilibrium; and the published row of the table."""
    h = 1e-5
    for objective in ("gan", "nsgan", "wgan", "lsgan-signed"):
        columns = [
            (
                theory.dirac_consensus_field(*(h * e), weight=0.7, objective=objective)
                - theory.dirac_consensus_field(*(-h * e), weight=0.7, objective=objective)
            )
            / (2 * h)
            for e in np.eye(2)
        ]
        J = theory.consensus_jacobian(theory.dirac_jacobian(objective=objective), 0.7)
        np.testing.assert_allclose(J, np.stack(columns, axis=-1), atol=1e-8)
    J = theory.consensus_jacobian(theory.dirac_jacobian(), 1.0)
    assert theory.eigenvalues(J)[-1] == pytest.approx(0.25 + 0.5j)
    assert theory.largest_step(J) == pytest.approx(1.6)
    assert theory.contraction_factor(J, 0.2) == pytest.approx(0.955249, abs=1e-6)


def test_consensus_descends_the_squared_field():
    """The second term is the gradient of |v|^2 / 2, by differences; half of its second part, as published, is not."""
    h, weight = 1e-5, 0.8
    for theta, psi in np.random.default_rng(5).normal(size=(20, 2)):

        def half_square(a, b):
            return (theory.dirac_field(a, b) ** 2).sum() / 2

        slope = [
            (half_square(theta + h, psi) - half_square(theta - h, psi)) / (2 * h),
            (half_square(theta, psi + h) - half_square(theta, psi - h)) / (2 * h),
        ]
        expected = theory.dirac_field(theta, psi) + weight * np.array(slope)
        np.testing.assert_allclose(
            theory.dirac_consensus_field(theta, psi, weight=weight), expected, atol=1e-9
        )


def test_share_of_starts_that_consensus_loses():
    """B10: of the grid on [-2, 2]^2, by fourth-order steps written out here."""
    theta, psi = np.meshgrid(np.linspace(-2, 2, 41), np.linspace(-2, 2, 41))
    expected = {0.3: 0.0, 1.0: 0.227, 2.0: 0.327}
    for weight, share in expected.items():
        lost = theory.dirac_consensus_escapes(theta, psi, weight=weight)
        assert lost.shape == theta.shape
        assert lost.mean() == pytest.approx(share, abs=5e-3)


def steps_of_wgan_gp(weight, target, h, n, alternating):
    theta, psi, orbit = 0.0, 1.3, []
    for _ in range(n):
        slope = theta + 2 * weight * (abs(psi) - target) * np.sign(psi)
        moved = psi - h * slope
        theta += h * (moved if alternating else psi)
        psi = moved
        orbit.append(theta)
    return np.array(orbit)


@pytest.mark.parametrize("alternating", [False, True])
@pytest.mark.parametrize(("weight", "target"), [(0.1, 1.0), (0.35, 1.0), (0.7, 0.5), (0.95, 1.0)])
def test_gradient_penalty_cycles(weight, target, alternating):
    h = 2e-3
    orbit = steps_of_wgan_gp(weight, target, h, 60_000, alternating)[-20_000:]
    rule = "alternating" if alternating else "simultaneous"
    flow = theory.gradient_penalty_cycle(weight, target=target)
    steps = theory.gradient_penalty_cycle(weight, target=target, rate=h, rule=rule)
    assert np.abs(orbit).max() == pytest.approx(steps, rel=4e-3)
    assert np.abs(orbit).max() == pytest.approx(flow, rel=2e-2)


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_heavy_gradient_penalty_rests_off_the_data(weight):
    orbit = steps_of_wgan_gp(weight, 1.0, 0.01, 40_000, False)
    assert orbit[-1] == pytest.approx(theory.gradient_penalty_cycle(weight), rel=1e-3)
    assert orbit[-1] == pytest.approx(2 * weight, rel=1e-3)


def test_steps_that_spiral_outwards_have_no_cycle():
    assert theory.gradient_penalty_cycle(0.05, rate=0.2) == math.inf
    assert np.abs(steps_of_wgan_gp(0.05, 1.0, 0.2, 4000, False)).max() > 1e6


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="weight must be positive"):
        theory.gradient_penalty_cycle(0.0)
