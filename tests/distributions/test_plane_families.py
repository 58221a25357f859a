"""Strips, cubes, subspaces and pinwheels against scipy and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, ndimage, stats

import gantheory as gt
from gantheory.distributions import band


def test_a_cube_is_three_uniform_laws(key):
    law = gt.UniformBox(dim=3, low=-2.0, high=1.0)
    known = stats.uniform(-2, 3)
    x = law.sample(20_000, key.to(torch.float64)).numpy()
    assert all(stats.kstest(x[:, i], known.cdf).pvalue > 1e-8 for i in range(3))
    assert law.facts().entropy.value == pytest.approx(3 * known.entropy())
    outside = torch.tensor([[0.0, 0.0, 1.5], [0.0, 0.0, 0.0]])
    assert law.log_prob(outside).tolist() == [-math.inf, pytest.approx(-3 * math.log(3))]


def test_the_cosine_against_torch_distributions(key):
    law = gt.Cosine(amplitude=2.0, frequency=1.5, half=3.0, noise=0.5)
    x = law.sample(100, key.to(torch.float64))
    t, y = x.unbind(-1)
    flat = torch.distributions.Uniform(torch.tensor(-3.0).double(), torch.tensor(3.0).double())
    wanted = flat.log_prob(t) + torch.distributions.Normal(2 * torch.cos(1.5 * t), 0.5).log_prob(y)
    torch.testing.assert_close(law.log_prob(x), wanted)
    mean, _ = integrate.quad(lambda v: 2 * math.cos(1.5 * v) / 6, -3, 3)
    square, _ = integrate.quad(lambda v: (2 * math.cos(1.5 * v)) ** 2 / 6, -3, 3)
    facts = law.facts()
    assert facts.mean.value[1] == pytest.approx(mean)
    assert facts.covariance.value[1, 1] == pytest.approx(square - mean**2 + 0.25)
    assert law.log_prob(torch.tensor([[3.1, 0.0]])).item() == -math.inf


def test_the_published_set_in_1200_dimensions(key):
    law = gt.HighDimensional.preset("veegan")
    x = law.sample(2_000, key)
    facts = law.facts()
    assert x.shape == (2_000, 1200) and x[:, 700:].std(1).max() == 0
    assert set(x[:, 700].tolist()) == {-1.0, -0.5, 0.0, 0.5, -2.0, -2.5, 10.0, 0.25, -13.0, -5.5}
    label = facts.mode_of.value(x)
    assert torch.equal(torch.tensor(law.levels)[label], x[:, 700])
    assert float(facts.support_distance.value(x).max()) == 0
    white = (x[:, :700] - x[:, 700:701]).double().numpy()
    assert stats.kstest(white[:, :50].ravel(), "norm").pvalue > 1e-8
    # two subspaces a step of 0.25 apart in 500 coordinates
    assert facts.reach.value == pytest.approx(0.125 * math.sqrt(500))
    assert not hasattr(law, "log_prob")
    # "within ten standard deviations in all 700 coordinates together" passes none of the true samples
    assert ((torch.from_numpy(white).norm(dim=1) < 10).double().mean()) == 0


def test_a_twist_keeps_areas_and_angles_between_arms(key):
    """Straightened, the samples are those of the mixture; and the twist turns by its angle at radius 1."""
    plain, twisted = gt.Pinwheel(twist=0.0), gt.Pinwheel(twist=0.7)
    x = twisted.sample(500, key.to(torch.float64))
    y = plain.sample(500, key.to(torch.float64))
    torch.testing.assert_close(x.norm(dim=1), y.norm(dim=1))
    angle = torch.view_as_complex(x).angle() - torch.view_as_complex(y).angle()
    wanted = 0.7 * y.norm(dim=1)
    torch.testing.assert_close((angle - wanted).cos(), torch.ones(500, dtype=torch.float64))
    torch.testing.assert_close(twisted.log_prob(x), plain.log_prob(y))
    assert twisted.facts().entropy.value == plain.facts().entropy.value


def test_straight_arms_are_a_mixture():
    law = gt.Pinwheel(arms=4, twist=0.0)
    x = np.random.default_rng(0).normal(size=(50, 2))
    density = 0.0
    for k in range(4):
        c, s = math.cos(math.pi * k / 2), math.sin(math.pi * k / 2)
        turn = np.array([[c, -s], [s, c]])
        density = density + stats.multivariate_normal(
            turn @ [2, 0], turn @ np.diag([0.36, 0.04]) @ turn.T
        ).pdf(x)
    np.testing.assert_allclose(law.log_prob(torch.from_numpy(x)).exp().numpy(), density / 4, rtol=1e-9)


def test_a_band_by_quadrature():
    length, scale = 2.0, 0.3

    def density(y):
        return integrate.quad(lambda w: stats.norm.pdf(y, w, scale) / length, 0, length, epsabs=1e-13)[0]

    for y in (-1.5, -0.2, 0.4, 1.0, 1.9, 2.5):
        at = torch.tensor(y, dtype=torch.float64)
        assert float(band.log_prob(at, length, scale)) == pytest.approx(math.log(density(y)), abs=1e-9)
        slope = (math.log(density(y + 1e-5)) - math.log(density(y - 1e-5))) / 2e-5
        assert float(band.score(at, length, scale)) == pytest.approx(slope, rel=1e-5, abs=1e-6)
    entropy, _ = integrate.quad(lambda y: -density(y) * math.log(density(y)), -2, 4, points=[0, 2])
    assert band.entropy(length, scale).value == pytest.approx(entropy, abs=1e-8)
    far = torch.tensor([-40.0, 42.0], dtype=torch.float64)  # where differences of Phi would be 0
    left, right = band.log_prob(far, length, scale).tolist()
    assert left == pytest.approx(right) and left < -8000


def test_a_swiss_roll_is_a_roll_times_a_band(key):
    law = gt.SwissRoll(width=5.0, turns=0.7, size=0.3, scale=0.2)
    x = law.sample(200, key.to(torch.float64))
    plane = law.replace(width=None).log_prob(x[:, [0, 2]])
    torch.testing.assert_close(law.log_prob(x) - plane, band.log_prob(x[:, 1], 5.0, 0.2))


@pytest.mark.parametrize("sheet, make", [("SwissRoll", "make_swiss_roll"), ("SCurve", "make_s_curve")])
def test_sheets_are_those_of_scikit_learn(sheet, make, key):
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = getattr(datasets, make)(20_000, noise=0.1, random_state=0)[0]
    ours = getattr(gt, sheet)(scale=0.1).sample(20_000, key.to(torch.float64)).numpy()
    for axis in range(3):
        assert stats.ks_2samp(ours[:, axis], theirs[:, axis]).pvalue > 1e-8


@pytest.mark.parametrize(
    "law", [gt.Moons(), gt.Spirals(arms=3), gt.SCurve(), gt.SwissRoll(width=None), gt.NoisyCircles()]
)
def test_nothing_on_a_curve_is_nearer_than_the_projection(law, key):
    x = 2 * law.sample(400, key.to(torch.float64))
    distance = law.facts().support_distance.value(x)
    s = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    for curve in range(law.curves):
        points = law.place(torch.full((len(s),), curve), s)
        if law.band is not None:
            points = torch.stack((points[:, 0], 0 * s, points[:, 1]), dim=-1)
        plane = law._plane(x) if law.band is not None else x
        brute = torch.cdist(plane, points[:, [0, -1]]).min(-1).values
        if law.band is None:
            assert (brute >= distance - 1e-9).all()
            assert law.curves > 1 or (brute <= distance + 1e-2).all()
        else:
            across = x[:, 1] - x[:, 1].clamp(0, law.band)
            torch.testing.assert_close(torch.hypot(brute, across), distance, rtol=1e-5, atol=1e-5)


def test_the_distance_from_a_moon_and_a_circle_is_that_of_their_arcs():
    x = torch.tensor([[0.0, 3.0], [0.0, 0.9], [-2.0, -1.0], [1.0, -2.0]], dtype=torch.float64)
    # above and inside the upper arc; below its left end; below the lower arc
    wanted = torch.tensor([2.0, 0.1, math.sqrt(2.0), 1.5], dtype=torch.float64)
    torch.testing.assert_close(gt.Moons().facts().support_distance.value(x), wanted)
    circle = gt.NoisyCircles(((1.0, 1.0),), (2.0,))
    off = (x - 1).norm(dim=-1) - 2
    torch.testing.assert_close(circle.facts().support_distance.value(x), off.abs())


@pytest.mark.parametrize(
    "radius, betti",
    [(0.5, (4, 4)), (1.0, (1, 5)), (1.2, (1, 9)), (2.0, (1, 13))],
)
def test_holes_between_circles(radius, betti):
    """Apart; touching in a ring of four; neighbours overlapping; all pairs overlapping."""
    law = gt.NoisyCircles(radii=(radius,) * 4)
    assert law.facts().topology.value.betti == betti


def test_holes_of_circles_against_a_picture():
    """Euler's formula for what the circles leave of the plane: its bounded regions are the holes."""
    law = gt.NoisyCircles(((0, 0), (0.8, 0.3), (-0.5, 0.9), (4, 0), (4, 0)), (1.0, 0.7, 0.9, 1.0, 0.4))
    tick = np.linspace(-3, 6, 1801)
    x, y = np.meshgrid(tick, tick)
    gap = np.min([np.abs(np.hypot(x - a, y - b) - r) for (a, b), r in zip(law.centres, law.radii)], axis=0)
    regions = ndimage.label(gap > 0.008)[1]
    pieces = ndimage.label(gap <= 0.008, np.ones((3, 3)))[1]
    assert law.betti == (pieces, regions - 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gt.UniformBox(dim=0),
        lambda: gt.UniformBox(low=1.0, high=1.0),
        lambda: gt.Cosine(noise=0.0),
        lambda: gt.Cosine(amplitude=math.inf),
        lambda: gt.HighDimensional(levels=(1.0, 1.0)),
        lambda: gt.HighDimensional(active=1200),
        lambda: gt.HighDimensional(scale=0.0),
        lambda: gt.SwissRoll(turns=0.0),
        lambda: gt.SwissRoll(width=-1.0),
        lambda: gt.SCurve(width=0.0),
        lambda: gt.NoisyCircles(radii=(1.0,)),
        lambda: gt.NoisyCircles(((0, 0), (0, 0)), (1.0, 1.0)),
        lambda: gt.NoisyCircles(((0, 0),), (0.0,)),
        lambda: gt.Pinwheel(arms=2),
        lambda: gt.Pinwheel(width=0.0),
        lambda: gt.Pinwheel(twist=math.inf),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError, match=r"needs|must be"):
        make()


def test_the_score_in_the_middle_of_a_pinwheel_by_differences():
    """Where the turn of the arms has no direction, and models that begin at 0 put their samples."""
    law, h = gt.Pinwheel(arms=5, radius=0.5), 1e-5
    steps = h * torch.eye(2, dtype=torch.float64)
    slope = (law.log_prob(steps) - law.log_prob(-steps)) / (2 * h)
    torch.testing.assert_close(law.score(torch.zeros(1, 2, dtype=torch.float64))[0], slope, rtol=0, atol=1e-6)
