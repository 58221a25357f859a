"""PEPit solves the semidefinite programs behind the constants of performance estimation again."""

from importlib import import_module

import pytest

import gantheory as gt


PEPit = pytest.importorskip("PEPit", reason="PEPit is not installed (pip install .[pepit])")
# clarabel stops a little short of its own tolerance on some of them; the digits compared here are fewer
pytestmark = pytest.mark.filterwarnings("ignore:Solution may be inaccurate")


def field():
    """A problem with a monotone, 1-Lipschitz field and a start at distance 1 of its zero."""
    problem = PEPit.PEP()
    operators = import_module("PEPit.operators")
    v = problem.declare_function(operators.LipschitzStronglyMonotoneOperatorCheap, mu=0, L=1).gradient
    w = problem.set_initial_point()
    zero = problem.list_of_functions[0].stationary_point()
    problem.set_initial_condition((w - zero) ** 2 <= 1)
    return problem, v, w


def solved(problem, measure) -> float:
    problem.set_performance_metric(measure)
    return problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0)


def extragradient(steps):
    problem, v, w = field()
    for _ in range(steps):
        w = w - v(w - v(w) / 2) / 2
    return solved(problem, v(w) ** 2)


def anchored(steps):
    problem, v, start = field()
    w = start
    for k in range(steps):
        back = w + (start - w) / (k + 2)
        w = back - v(back - v(w) / 8) / 8
    return solved(problem, v(w) ** 2)


def optimistic(steps, *, of="move"):
    problem, v, w = field()
    before, now, last = v(w), v(w), w
    for _ in range(steps):
        last, w = w, w - (2 * now - before) / 4
        before, now = now, v(w)
    return solved(problem, (w - last) ** 2 if of == "move" else now**2)


def past_extragradient(steps, *, start="nothing"):
    """Look along the past gradient: at first along none, as ours, or along v(w_0), as PEPit's example does."""
    problem, v, w = field()
    g = 0 * w if start == "nothing" else v(w)
    last = w
    for _ in range(steps):
        g = v(w - g / 4)
        last, w = w, w - g / 4
    return solved(problem, (w - last) ** 2)


SOLVERS = {
    "extragradient": extragradient,
    "optimistic": optimistic,
    "past extragradient": past_extragradient,
    "anchored": anchored,
}


@pytest.mark.parametrize("rule", SOLVERS)
def test_programs_agree(rule):
    for steps in (1, 2, 4, 6):
        found, stated = SOLVERS[rule](steps), gt.theory.performance_bound(steps, rule=rule)
        assert found <= stated * (1 + 1e-6)
        assert found == pytest.approx(stated, rel=5e-5)


def test_halpern_agrees():
    problem = PEPit.PEP()
    T = problem.declare_function(import_module("PEPit.operators").LipschitzOperator, L=1.0)
    zero, _, _ = T.fixed_point()
    start = problem.set_initial_point()
    problem.set_initial_condition((start - zero) ** 2 <= 1)
    w = start
    for k in range(10):
        w = start / (k + 2) + (k + 1) / (k + 2) * T.gradient(w)
    found = solved(problem, (w - T.gradient(w)) ** 2)
    assert found == pytest.approx(gt.theory.last_iterate_bound(10, rule="halpern"), rel=1e-5)


def test_past_extragradient_of_theirs_starts_with_a_look():
    """Its looks are the points of our optimistic rule: w_k - w_(k-1) is h v there; and its first step is longer."""
    for steps in (1, 4):
        theirs = past_extragradient(steps, start="gradient")
        assert theirs == pytest.approx(optimistic(steps, of="field") / 16, rel=1e-5)
        assert abs(theirs - past_extragradient(steps)) > 0.003


@pytest.mark.parametrize(
    ("name", "published", "free"),
    [
        ("past_extragradient", 0.0602664, lambda steps: past_extragradient(steps, start="gradient")),
        ("optimistic_gradient", 0.0663141, optimistic),
    ],
)
def test_published_values_are_of_fields_on_closed_sets(name, published, free):
    """Projections onto any closed convex set make the worst case worse."""
    home = import_module(f"PEPit.examples.monotone_inclusions_variational_inequalities.{name}")
    found, _ = getattr(home, f"wc_{name}")(5, 0.25, 1, wrapper="cvxpy", solver="CLARABEL", verbose=-1)
    assert found == pytest.approx(published, rel=1e-5)
    assert found > 1.05 * free(5)
