"""The symbolic Dirac-GAN against identities and finite differences."""

import numpy as np
import pytest
import sympy

from gantheory import theory


OBJECTIVES = ("gan", "nsgan", "wgan")


def test_minimax_is_zero_sum_up_to_penalty_and_constant():
    symbols, (L_G, L_D), *_ = theory.dirac_expressions("gan")
    gamma, psi = symbols[2], symbols[1]
    assert sympy.simplify(L_G + L_D - gamma / 2 * psi**2 - sympy.log(2)) == 0


@pytest.mark.parametrize(("objective", "slope"), [("gan", "1/2"), ("nsgan", "1/2"), ("wgan", "1")])
def test_eigenvalues_at_the_equilibrium_are_the_papers(objective, slope):
    """B01, B05, B07: mu = gamma/2 +- sqrt(gamma^2/4 - f'(0)^2)."""
    (theta, psi, gamma), _, field, jacobian = theory.dirac_expressions(objective)
    origin = {theta: 0, psi: 0}
    assert field.subs(origin) == sympy.zeros(2, 1)
    f1 = sympy.Rational(slope)
    mu = sympy.Symbol("mu")
    polynomial = jacobian.subs(origin).charpoly(mu).as_expr()
    assert sympy.simplify(polynomial - (mu**2 - gamma * mu + f1**2)) == 0


@pytest.mark.parametrize("objective", ["gan", "wgan"])
def test_unregularised_field_is_orthogonal_to_the_position(objective):
    """B01: the flow conserves |z|, and a simultaneous step grows it by 1 + h^2 f'^2."""
    (theta, psi, gamma), _, v, _ = theory.dirac_expressions(objective)
    z = sympy.Matrix([theta, psi])
    assert sympy.simplify(z.dot(v.subs(gamma, 0))) == 0
    h = sympy.Symbol("h", positive=True)
    step = z - h * v.subs(gamma, 0)
    f1 = 1 if objective == "wgan" else 1 / (1 + sympy.exp(-theta * psi))
    assert sympy.simplify(step.dot(step) - z.dot(z) * (1 + h**2 * f1**2)) == 0


def test_nonsaturating_flow_loses_radius_as_b03_says():
    (theta, psi, gamma), _, v, _ = theory.dirac_expressions("nsgan")
    s = theta * psi
    change = -2 * (theta * v[0] + psi * v[1]).subs(gamma, 0)
    target = -2 * s * (sympy.exp(s) - 1) / (sympy.exp(s) + 1)  # tanh(s/2)
    assert sympy.simplify(change - target) == 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_field_and_jacobian_are_derivatives(objective):
    draw = np.random.default_rng(0)
    w, gamma, h = draw.normal(size=(50, 2)), draw.uniform(0, 2, size=50), 1e-6
    shift = h * np.eye(2)
    options = {"objective": objective, "weight": gamma}

    def losses(x):
        return theory.dirac_losses(x[:, 0], x[:, 1], **options)

    field = theory.dirac_field(w[:, 0], w[:, 1], **options)
    for i in range(2):
        slope = (losses(w + shift[i])[i] - losses(w - shift[i])[i]) / (2 * h)
        np.testing.assert_allclose(field[:, i], slope, atol=1e-8)
    jacobian = theory.dirac_jacobian(w[:, 0], w[:, 1], **options)
    assert jacobian.shape == (50, 2, 2)
    for j in range(2):
        ahead, behind = (theory.dirac_field(*(w + s * shift[j]).T, **options) for s in (1, -1))
        np.testing.assert_allclose(jacobian[:, :, j], (ahead - behind) / (2 * h), atol=1e-8)


def test_unknown_objective_is_refused():
    with pytest.raises(ValueError, match=r"objective must be one of gan, nsgan, .* got 'vegan'"):
        theory.dirac_field(0.0, 0.0, objective="vegan")
