"""Averages of orbits against the recursions themselves."""

import numpy as np
import pytest

from gantheory import theory


@pytest.mark.parametrize(("decay", "angle"), [(0.0, 0.3), (0.9, 0.05), (0.99, 0.3), (0.9, 2.0)])
def test_gain_is_that_of_the_recursion(decay, angle):
    """H10."""
    average, w = 0j, 1 + 0j
    for _ in range(4000):
        w *= np.exp(1j * angle)
        average = decay * average + (1 - decay) * w
    assert abs(average) == pytest.approx(theory.averaging_gain(decay, angle), rel=1e-9)


def test_mean_of_an_orbit_is_its_sum():
    draw = np.random.default_rng(3)
    for size in (2, 3, 5):
        M, start = draw.normal(size=(size, size)) / 3, draw.normal(size=size)
        w, total, means = start, 0, []
        for t in range(1, 41):
            w = M @ w
            total = total + w
            means.append(total / t)
        found = theory.orbit_average(M, start, np.arange(1, 41))
        np.testing.assert_allclose(found, means, rtol=1e-9, atol=1e-12)


def test_the_mean_of_alternating_steps_falls_like_one_over_the_steps():
    """C03: at rate 0.3 on the game x y, T |mean| stays below one constant; where steps grow it does not."""
    bounded = theory.one_step_map([[0.0, 1.0], [-1.0, 0.0]], 0.3, rule="alternating")
    T = np.unique(np.geomspace(1, 1e5, 400).astype(int))
    size = T * np.linalg.norm(theory.orbit_average(bounded, (1.0, 0.0), T), axis=-1)
    assert size.max() < 7.1 and size[T > 1e4].max() > 3
    growing = theory.one_step_map([[0.0, 1.0], [-1.0, 0.0]], 0.3)
    assert np.linalg.norm(theory.orbit_average(growing, (1.0, 0.0), 400)) > 100


def test_gap_bound_holds_on_games():
    """C20: random zero-sum bilinear games, means of the looks, random rivals; and not for plain steps."""
    draw = np.random.default_rng(4)
    for _ in range(30):
        A = draw.normal(size=(3, 3))
        h = 1 / np.linalg.norm(A, 2)
        J = np.block([[np.zeros((3, 3)), A], [-A.T, np.zeros((3, 3))]])
        w = start = draw.normal(size=6)
        looks, plain, points = [], start, []
        for _ in range(50):
            looks.append(w - h * J @ w)
            w = w - h * J @ looks[-1]
            points.append(plain)
            plain = plain - h * J @ plain
        rivals = 2 * draw.normal(size=(20, 6))

        def excess(mean, rivals=rivals, start=start, h=h, A=A):
            gaps = mean[:3] @ A @ rivals[:, 3:].T - rivals[:, :3] @ A @ mean[3:]
            bounds = [theory.averaged_gap_bound(50, h, distance=np.linalg.norm(start - r)) for r in rivals]
            return (gaps - bounds).max()

        assert excess(np.mean(looks, axis=0)) <= 1e-9
        assert excess(np.mean(points, axis=0)) > 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="eigenvalue 1"):
        theory.orbit_average(np.eye(2), (1.0, 0.0), 3)
    with pytest.raises(ValueError, match="rate must be positive"):
        theory.averaged_gap_bound(3, 0.0)
