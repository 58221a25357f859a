"""Sets of lower dimension against independent parametrisations, closed forms and published samplers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy import integrate, spatial, stats

import gantheory as gt
from gantheory.distributions.manifolds.manifold import Manifold
from tests.contracts.find import examples, name


SIGMAS = 5.7  # two-sided false-alarm rate 1.2e-8 of one normal statistic
TURN = (0.0, 2 * math.pi)


class Chart(NamedTuple):
    """A parametrisation (k,) arrays -> (d,) arrays over a box, that covers the set `times` times."""

    place: object
    box: tuple
    times: int = 1


def _euler(a, b, c):
    turns = spatial.transform.Rotation.from_euler("ZYZ", np.stack((a, b, c), -1)).as_matrix()
    return turns.reshape(-1, 9).T


def _bottle(law):
    return lambda u, v: (
        (law.major + law.minor * np.cos(v)) * np.cos(u),
        (law.major + law.minor * np.cos(v)) * np.sin(u),
        law.minor * np.sin(v) * np.cos(u / 2),
        law.minor * np.sin(v) * np.sin(u / 2),
    )


def _band(law):
    return lambda u, s: (
        (law.radius + s * np.cos(u / 2)) * np.cos(u),
        (law.radius + s * np.cos(u / 2)) * np.sin(u),
        s * np.sin(u / 2),
    )


def _torus(law):
    return lambda u, v: (
        (law.major + law.minor * np.cos(v)) * np.cos(u),
        (law.major + law.minor * np.cos(v)) * np.sin(u),
        law.minor * np.sin(v),
    )


def _ball(law):
    return lambda a, u: (
        law.radius * np.cos(a),
        law.radius * np.sin(a) * np.cos(u),
        law.radius * np.sin(a) * np.sin(u),
    )


def _coil(law):
    rise = law.pitch / (2 * math.pi)
    return lambda t: (law.radius * np.cos(t), law.radius * np.sin(t), rise * t)


CHARTS = [
    (gt.Torus(), Chart(_torus(gt.Torus()), (TURN, TURN))),
    (gt.Torus(1.0, 0.75), Chart(_torus(gt.Torus(1.0, 0.75)), (TURN, TURN))),
    (gt.KleinBottle(), Chart(_bottle(gt.KleinBottle()), (TURN, TURN))),
    (gt.KleinBottle(1.0, 0.8), Chart(_bottle(gt.KleinBottle(1.0, 0.8)), (TURN, TURN))),
    (gt.MoebiusBand(), Chart(_band(gt.MoebiusBand()), (TURN, (-0.4, 0.4)))),
    (gt.MoebiusBand(2.0, 3.0), Chart(_band(gt.MoebiusBand(2.0, 3.0)), (TURN, (-1.5, 1.5)))),
    (gt.Sphere(2, radius=3.0), Chart(_ball(gt.Sphere(2, radius=3.0)), ((0.0, math.pi), TURN))),
    (gt.Helix(turns=1.3), Chart(_coil(gt.Helix(turns=1.3)), ((-1.3 * math.pi, 1.3 * math.pi),))),
    (gt.SO3(), Chart(_euler, (TURN, (0.0, math.pi), TURN))),
]


def _measured(chart):
    """Points (N, d) of the chart and their shares of its volume, which comes first: the area element is the
    Gram determinant of central differences, the integral Gauss-Legendre's."""
    order = {1: 400, 2: 90, 3: 28}[len(chart.box)]
    at, mass = np.polynomial.legendre.leggauss(order)
    nodes = np.meshgrid(*(a + (at + 1) * (b - a) / 2 for a, b in chart.box), indexing="ij")
    weights = np.meshgrid(*(mass * (b - a) / 2 for a, b in chart.box), indexing="ij")
    nodes, weight = [n.ravel() for n in nodes], np.prod([w.ravel() for w in weights], axis=0)
    columns, h = [], 1e-4
    for i in range(len(nodes)):

        def moved(step, i=i):
            return np.array(chart.place(*(n + step * (j == i) for j, n in enumerate(nodes))))

        columns.append((8 * (moved(h) - moved(-h)) - moved(2 * h) + moved(-2 * h)) / (12 * h))
    gram = np.einsum("idn,jdn->nij", np.array(columns), np.array(columns))
    weight = weight * np.sqrt(np.linalg.det(gram)) / chart.times
    return weight.sum(), np.array(chart.place(*nodes)).T, weight / weight.sum()


@pytest.mark.parametrize("law, chart", CHARTS, ids=[name(law) for law, _ in CHARTS])
def test_volume_moments_and_sampler_against_a_chart(law, chart, key):
    """The sampler by means of random cosines, whose frequencies see the whole set and parts of it."""
    volume, points, share = _measured(chart)
    assert law.volume() == pytest.approx(volume, rel=1e-8)
    facts, mean = law.facts(), share @ points
    np.testing.assert_allclose(facts.mean.value, mean, atol=1e-8 * np.abs(points).max())
    covariance = (share[:, None] * (points - mean)).T @ (points - mean)
    np.testing.assert_allclose(facts.covariance.value, covariance, atol=1e-8 * np.abs(points).max() ** 2)
    x = law.sample(100_000, key.to(torch.float64)).numpy()
    for i in range(20):
        wave = key.child("wave", i)
        frequency = 2.0 ** (i % 3) * wave.normal(law.dim, dtype=torch.float64).numpy() / x.std()
        phase = 2 * math.pi * float(wave.child("phase").uniform(1))
        sampled = np.cos(x @ frequency + phase)
        wanted = share @ np.cos(points @ frequency + phase)
        assert abs(sampled.mean() - wanted) <= SIGMAS * sampled.std() / len(x) ** 0.5 + 1e-7


@pytest.mark.parametrize("law", examples(Manifold), ids=name)
def test_projections_beat_every_sample_and_stand_upright(law, key):
    """No sample is nearer than the foot, and none of those near the foot is nearer than it by first order."""
    shape = law.sample(20_000, key.to(torch.float64))
    x = shape[:300] + shape.std() * key.child("off").normal(300, law.dim, dtype=torch.float64)
    feet = law.project(x)
    distance = (x - feet).norm(dim=-1)
    assert (torch.cdist(x, shape).min(-1).values >= distance - 1e-12).all()
    near = law.project(
        feet[:, None]
        + 1e-5 * key.child("near").normal(300, 20 * law.dim, dtype=torch.float64).unflatten(-1, (20, -1))
    )
    assert ((x[:, None] - near).norm(dim=-1) >= distance[:, None] - 1e-12).all()
    torch.testing.assert_close(law.project(feet), feet, rtol=0, atol=1e-9 * float(shape.abs().max()))


@pytest.mark.parametrize("law", examples(Manifold), ids=name)
def test_there_is_no_density_and_the_facts_say_why(law):
    assert not isinstance(law, gt.Density)
    assert "lower dimension" in law.facts().entropy.reason


@pytest.mark.parametrize("intrinsic", [1, 2, 5])
def test_spheres_against_scipy(intrinsic, key):
    law = gt.Sphere(intrinsic, radius=2.0)
    x = law.sample(20_000, key.to(torch.float64)).numpy()
    # a coordinate of a point on the sphere, Beta after a shift
    beta = stats.beta(intrinsic / 2, intrinsic / 2)
    assert stats.kstest((x[:, 0] / 2 + 1) / 2, beta.cdf).pvalue > 1e-8
    ours = torch.cdist(torch.from_numpy(x[:2_000]), torch.from_numpy(x[2_000:4_000])).numpy().ravel()[::2_001]
    uniform = stats.uniform_direction(intrinsic + 1, seed=1)
    rival = 2 * uniform.rvs(2_000)
    theirs = np.linalg.norm(rival[:1_000] - rival[1_000:], axis=-1)
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-8


def test_rotations_against_scipy(key):
    """The law of the angle has the density (1 - cos a) / pi; a rotation of a law changes nothing."""
    x = gt.SO3().sample(20_000, key.to(torch.float64)).reshape(-1, 3, 3).numpy()
    np.testing.assert_allclose(x @ x.swapaxes(1, 2), np.broadcast_to(np.eye(3), x.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(x), 1, atol=1e-12)
    angle = np.arccos(np.clip((np.trace(x, axis1=1, axis2=2) - 1) / 2, -1, 1))
    assert stats.kstest(angle, lambda a: (a - np.sin(a)) / math.pi).pvalue > 1e-8
    off = x[:50] + 0.3 * key.child("off").normal(50, 9, dtype=torch.float64).numpy().reshape(-1, 3, 3)
    ours = gt.SO3().project(torch.from_numpy(off.reshape(-1, 9))).numpy().reshape(-1, 3, 3)
    for near, matrix in zip(ours, off):
        best, _ = spatial.transform.Rotation.align_vectors(matrix.T, np.eye(3))
        np.testing.assert_allclose(near, best.as_matrix(), atol=1e-7)


def test_flat_torus_angles_are_independent_and_uniform(key):
    x = gt.FlatTorus(3, radius=0.5).sample(20_000, key.to(torch.float64)).numpy().reshape(-1, 3, 2)
    angles = np.arctan2(x[..., 1], x[..., 0]) / (2 * math.pi) % 1
    for column in (*angles.T, *((angles[:, i] + angles[:, i - 1]) % 1 for i in range(3))):
        assert stats.kstest(column, "uniform").pvalue > 1e-8


def test_the_length_of_a_helix_and_its_reach_by_the_turns():
    law = gt.Helix(radius=1.0, pitch=1.0, turns=3.0)
    rise = 1 / (2 * math.pi)
    length, _ = integrate.quad(lambda t: math.hypot(1, rise), -3 * math.pi, 3 * math.pi)
    assert law.volume() == pytest.approx(length)
    s = np.linspace(math.pi, 9, 2_000_001)
    chord = np.sqrt(2 - 2 * np.cos(s) + (rise * s) ** 2)
    turns = chord[(chord < np.roll(chord, 1)) & (chord < np.roll(chord, -1))].min()
    facts = law.facts()
    assert facts.reach.value == pytest.approx(turns / 2, rel=1e-9)
    assert facts.reach.value < 1 / facts.curvature.value
    steep = gt.Helix(radius=1.0, pitch=4.0).facts()
    assert steep.reach.value == pytest.approx(1 / steep.curvature.value)


@pytest.mark.parametrize("pitch", [0.5, 1.0, 2.0, 4.0])
def test_pitch_moves_curvature_and_keeps_the_shadow(pitch):
    """The dial: from above, every helix is the same circle."""
    facts = gt.Helix(pitch=pitch).facts()
    np.testing.assert_allclose(facts.covariance.value[:2, :2], np.eye(2) / 2, atol=1e-12)
    assert facts.curvature.value == pytest.approx(1 / (1 + (pitch / (2 * math.pi)) ** 2))


def test_the_bend_of_an_isometric_sheet_keeps_lengths(key):
    flat, bent = (gt.Isometric(2, 6, bend=b, seed=3) for b in (0.0, 1.5))
    a, b = (law.sample(4_000, key.to(torch.float64)) for law in (flat, bent))
    from_first = [(x - x[0]).norm(dim=-1) for x in (a, b)]
    near = from_first[0] < 0.1
    assert near.sum() > 10
    # chords of the same places differ by the third order alone
    torch.testing.assert_close(from_first[0][near], from_first[1][near], rtol=0, atol=0.1**3 * 1.5**2)
    assert (from_first[1] <= from_first[0] + 1e-12).all()
    assert flat.volume() == bent.volume() == 4.0
    assert [law.facts().curvature.value for law in (flat, bent)] == [0.0, 1.5]
    assert np.linalg.matrix_rank(np.cov(a.T.numpy()), tol=1e-9) == 2


def test_a_roll_that_nearly_closes_has_the_reach_of_its_gap():
    law = gt.Isometric(1, 2, bend=3.0, side=2.0)
    ends = law._place(torch.tensor([[-1.0], [1.0]], dtype=torch.float64))
    assert law.facts().reach.value == pytest.approx(float((ends[0] - ends[1]).norm()) / 2)


@pytest.mark.parametrize("warp", [0.0, 0.5, 2.0])
def test_the_warp_of_a_tube_keeps_its_entropy(warp):
    tube = gt.GaussianTube(intrinsic=2, ambient=4, warp=warp, frequency=2.0, noise=0.2)
    gaussian = stats.multivariate_normal(cov=np.diag([1, 1, 0.04, 0.04]))
    assert tube.facts().entropy.value == pytest.approx(gaussian.entropy())
    assert tube.facts().curvature.value == pytest.approx(4 * warp)


def test_a_flat_tube_is_a_gaussian(key):
    tube = gt.GaussianTube(intrinsic=1, ambient=3, warp=0.0, noise=0.3, seed=2)
    x = tube.sample(50, key.to(torch.float64))
    gaussian = torch.distributions.MultivariateNormal(
        torch.zeros(3).double(), torch.tensor(tube.facts().covariance.value)
    )
    torch.testing.assert_close(tube.log_prob(x), gaussian.log_prob(x))


def test_the_frame_of_a_seed_is_orthogonal_and_its_own():
    laws = [gt.Isometric(2, 5, bend=0.0, seed=seed) for seed in (0, 1)]
    spans = [np.linalg.eigh(law.facts().covariance.value)[1][:, -2:] for law in laws]
    assert abs(np.linalg.det(spans[0].T @ spans[1])) < 0.99
    np.testing.assert_allclose(np.linalg.eigvalsh(laws[0].facts().covariance.value)[-2:], 1 / 3)


def test_published_lines_and_circles(key):
    """Their own code, with numpy's generator: equal in law."""
    random = np.random.default_rng(1)
    z, which = random.random(5_000), random.integers(4, size=5_000)
    x = 0.25 * z + 0.75 * (1 - z)
    lines = np.stack(((x, 1 - x), (-x, x - 1), (x, x - 1), (-x, 1 - x)))[which, :, np.arange(5_000)]
    ours = gt.Segments.preset("khayatkhoei")
    assert float(ours.facts().support_distance.value(torch.from_numpy(lines)).max()) < 1e-12
    angle, side = 2 * math.pi * random.random(5_000), random.choice([-2, 2], size=5_000)
    circles = np.stack((np.sin(angle) + side, np.cos(angle)), axis=-1)
    rings = gt.DisjointCircles.preset("khayatkhoei")
    assert float(rings.facts().support_distance.value(torch.from_numpy(circles)).max()) < 1e-12
    for law, theirs in ((ours, lines), (rings, circles)):
        sample = law.sample(5_000, key.to(torch.float64)).numpy()
        for direction in ((1, 0), (0, 1), (0.6, 0.8)):
            assert stats.ks_2samp(sample @ direction, theirs @ direction).pvalue > 1e-8


def test_segments_of_different_lengths_are_drawn_by_length(key):
    law = gt.Segments((((0, 0), (1, 0)), ((0, 1), (3, 1))))
    np.testing.assert_allclose(law.facts().labels.value, [0.25, 0.75])
    share = float((law.sample(40_000, key)[:, 1] > 0.5).double().mean())
    assert abs(share - 0.75) <= SIGMAS * (0.75 * 0.25 / 40_000) ** 0.5
    assert law.facts().reach.value == 0.5 and gt.Segments(law.ends[:1]).facts().reach.value == math.inf


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.Sphere(0), "at least 1"),
        (lambda: gt.Torus(1.0, 1.0), "0 < minor < major"),
        (lambda: gt.FlatTorus(0), "at least one circle"),
        (lambda: gt.MoebiusBand(1.0, 2.0), "width < 2 radius"),
        (lambda: gt.KleinBottle(1.0, 2.0), "minor < major"),
        (lambda: gt.Helix(pitch=0.0), "positive, finite"),
        (lambda: gt.Segments(()), "pairs of points"),
        (lambda: gt.Segments((((0, 0), (1,)),)), "one dimension"),
        (lambda: gt.Segments((((0, 0), (0, 0)),)), "two different, finite ends"),
        (lambda: gt.Segments((((0, 0), (1, 1)), ((0, 1), (1, 0)))), "touch"),
        (lambda: gt.Segments((((0, 0), (1, 0)), ((1, 0), (2, 1)))), "touch"),
        (lambda: gt.DisjointCircles(((0, 0),), (1, 2)), "as many radii"),
        (lambda: gt.DisjointCircles(((0, 0), (2, 0)), (1, 1)), "touch"),
        (lambda: gt.DisjointCircles(((0, 0), (1, 0)), (1, 1)), "touch"),
        (lambda: gt.DisjointCircles(((0, 0),), (-1,)), "radii must be positive"),
        (lambda: gt.Isometric(2, 2, bend=1.0), "larger where bent"),
        (lambda: gt.Isometric(1, 2, bend=4.0), "2 pi"),
        (lambda: gt.GaussianTube(2, 2), "1 <= intrinsic < ambient"),
        (lambda: gt.GaussianTube(noise=0.0), "positive frequency and noise"),
    ],
)
def test_wrong_numbers_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
