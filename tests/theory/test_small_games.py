"""The papers' games and f-divergences against what else is known of them."""

import numpy as np
import pytest
import sympy
from scipy.optimize import minimize_scalar

from gantheory import theory
from gantheory.theory.f_divergences import KINDS


INTEGRALS = {
    "kl": lambda p, q: p * np.log(p / q),
    "reverse-kl": lambda p, q: q * np.log(q / p),
    "pearson": lambda p, q: (p - q) ** 2 / q,
    "neyman": lambda p, q: (p - q) ** 2 / p,
    "hellinger": lambda p, q: (np.sqrt(p) - np.sqrt(q)) ** 2,
    "jensen-shannon": lambda p, q: p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q)),
    "gan": lambda p, q: p * np.log(p / (p + q)) + q * np.log(q / (p + q)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_f_divergences_are_their_integrals(kind):
    p, q = np.random.default_rng(0).dirichlet(np.ones(6), size=(2, 20))
    expected = INTEGRALS[kind](p, q).sum(-1)
    np.testing.assert_allclose(theory.f_divergence(p, q, kind=kind), expected, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_conjugates_are_the_largest_differences(kind):
    """``f*(t) = max_u u t - f(u)`` by search, at slopes t of f; Fenchel-Young's equality there."""
    (u, t), f, slope, conjugate = theory.f_divergence_expressions(kind)
    value = sympy.lambdify(u, f, "numpy")
    for ratio in (0.2, 0.9, 1.0, 2.5):
        s = float(slope.subs(u, ratio))
        found = minimize_scalar(lambda x, s=s: value(x) - s * x, bounds=(1e-6, 10), options={"xatol": 1e-10})
        assert float(conjugate.subs(t, s)) == pytest.approx(-found.fun, abs=1e-7)
        assert float(conjugate.subs(t, s)) == pytest.approx(s * ratio - float(f.subs(u, ratio)), abs=1e-12)


def test_four_players_eigenvalues():
    epsilon = sympy.Symbol("epsilon", real=True)
    jacobian = theory.game_expressions("four-player", epsilon=epsilon).jacobian
    mu = sympy.Symbol("mu")
    squares = [(sympy.sqrt(2) + one) ** 2 for one in (1, -1)]  # of the imaginary parts
    expected = sympy.prod((mu - epsilon) ** 2 + square for square in squares)
    assert sympy.expand(jacobian.charpoly(mu).as_expr() - expected) == 0


def test_lq_gans_variance_flow_conserves_its_energy():
    """C16: ``w_2^2 + a^2/2 - sigma^2 log a`` at b = mu, w_1 = 0, and the eigenvalues at the equilibrium."""
    sigma = sympy.Symbol("sigma", positive=True)
    e = theory.game_expressions("lq-gan", mu=0, sigma=sigma)
    (a, b), (w2, w1) = e.players
    rest = {b: 0, w1: 0}
    energy = w2**2 + a**2 / 2 - sigma**2 * sympy.log(a)
    change = -sum(sympy.diff(energy, w) * e.field[i].subs(rest) for i, w in ((0, a), (2, w2)))
    assert sympy.simplify(change) == 0
    at = e.jacobian.subs({a: sigma, b: 0, w2: 0, w1: 0})
    assert set(at.eigenvals()) == {2 * sigma * sympy.I, -2 * sigma * sympy.I, sympy.I, -sympy.I}


def test_lqg_is_the_wasserstein_distance_at_its_best_critic():
    """In one dimension ``max_A (1 - A) k + (1 - 1/A) g^2 = (sqrt k - g)^2`` at ``A = g / sqrt k``."""
    e = theory.game_expressions("lqg", variances=(4.0,), r=1, delta=0)
    for g in (0.5, 1.0, 3.0):
        losses, field, _ = theory.game_values(e, (g, np.sqrt(g / 2)))
        assert losses[0] == pytest.approx((2 - g) ** 2) and field[1] == pytest.approx(0, abs=1e-12)


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match="game must be one of"):
        theory.game_expressions("chess")
    with pytest.raises(ValueError, match="2 numbers"):
        theory.game_values(theory.game_expressions("bilinear", matrix=((1,),)), (1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match="kind must be one of"):
        theory.f_divergence([0.5, 0.5], [0.5, 0.5], kind="chi-square")
    with pytest.raises(ValueError, match="positive entries"):
        theory.f_divergence([1.0, 0.0], [0.5, 0.5], kind="kl")
