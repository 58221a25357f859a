"""Reach, curvature and intrinsic dimension, where stated, are those that steps and projections find."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, facts, name


def _stating(*names):
    laws = examples(gt.Distribution)
    return [d for d in laws if all(getattr(facts(d), n).value is not None for n in ("project", *names))]


def _thin(law):
    """Whether the shape is thinner than the space: of a solid, the curvature is its surface's."""
    return facts(law).noise.value != 0 or facts(law).intrinsic_dimension.value < law.dim


def _on_shape(law, n, key):
    return facts(law).project.value(law.sample(n, key.to(torch.float64)))


def _directions(n, law, key):
    w = key.child("direction").normal(n, law.dim, dtype=torch.float64)
    return w / w.norm(dim=-1, keepdim=True)


def _feet(law, key, n=4_000):
    """Points of the shape, unit normals there, and the reach, or of convex sets a long way. From points around
    the shape, and from its chords, which find holes and gaps that few directions do in many dimensions."""
    points = _on_shape(law, n, key)
    reach = min(facts(law).reach.value, 10 * float(points.std(0).max()))
    share = key.child("share").uniform(n, 1, dtype=torch.float64)
    chords = points + share * (points.flip(0) - points)
    x = torch.cat((points + reach * share * _directions(n, law, key), chords))
    feet = facts(law).project.value(x)
    away = (x - feet).norm(dim=-1)
    outside = away > 1e-4 * reach
    return feet[outside], ((x - feet) / away[:, None])[outside], reach


@pytest.mark.parametrize("law", [d for d in _stating("reach") if facts(d).reach.value > 0], ids=name)
def test_normals_shorter_than_the_reach_come_back(law, key):
    """Federer (1959), theorem 4.8: the reach is the greatest length for which they do."""
    feet, normals, reach = _feet(law, key)
    for share, tolerance in ((0.5, 1e-9), (0.99, 1e-6)):
        back = facts(law).project.value(feet + share * reach * normals)
        assert float((back - feet).norm(dim=-1).max()) < tolerance * (reach + float(feet.abs().max()))


@pytest.mark.parametrize(
    "law", [d for d in _stating("reach") if 0 < facts(d).reach.value < math.inf], ids=name
)
def test_some_normals_longer_than_the_reach_do_not(law, key):
    feet, normals, reach = _feet(law, key)
    back = facts(law).project.value(feet + 1.1 * reach * normals)
    assert float((back - feet).norm(dim=-1).max()) > 0.05 * reach


def _tangents(law, points, key):
    """Unit rows (n, m, d) that span the tangents: what steps of all directions keep, brought back to the shape."""
    step = 1e-4 * points.abs().max() * key.normal(len(points), 4 * law.dim**2, dtype=torch.float64)
    ends = points[:, None] + step.unflatten(-1, (-1, law.dim))
    moved = facts(law).project.value(ends.flatten(0, 1)).reshape(ends.shape) - points[:, None]
    _, spread, rows = torch.linalg.svd(moved, full_matrices=False)
    dimension = int((spread > 0.02 * spread[:, :1]).sum(-1).median())
    return rows[:, :dimension]


@pytest.mark.parametrize("law", [d for d in _stating("curvature") if _thin(d)], ids=name)
def test_curvature_by_second_differences(law, key):
    """A step h along a tangent v, brought back to the shape, leaves the tangent by h^2 |II(v, v)| / 2: never by
    more than the curvature says, and somewhere by nearly as much, for which a few draws may have to look."""
    curvature, found = facts(law).curvature.value, 0.0
    for draw in range(6):
        found = max(found, _largest_bend(law, curvature, key.child("draw", draw)))
        if found >= 0.93 * curvature - 1e-6:
            break
    assert 0.93 * curvature - 1e-6 <= found <= 1.01 * curvature + 1e-6


def _largest_bend(law, curvature, key):
    points = _on_shape(law, 1_000, key)
    basis = _tangents(law, points, key.child("steps"))
    h = 0.01 * min(1 / max(curvature, 1e-3), float(points.std(0).max()))

    def turn(steps):  # (n, k, d): how far forth and back, together, miss the start, (n, k)
        ends = torch.stack((points[:, None] + steps, points[:, None] - steps))
        back = facts(law).project.value(ends.reshape(-1, law.dim)).reshape(ends.shape)
        return (back.sum(0) - 2 * points[:, None]).norm(dim=-1)

    inside = (turn(4 * h * basis) < 0.3 * h).all(-1)  # where there is an edge near, some step is cut short
    assert inside.double().mean() > 0.5
    mix = key.child("mix").normal(len(points), 8 * basis.shape[1], dtype=torch.float64)
    mix = mix.unflatten(-1, (8, -1))
    return turn(h * (mix / mix.norm(dim=-1, keepdim=True)) @ basis)[inside].max().item() / h**2


@pytest.mark.parametrize("law", [d for d in _stating() if facts(d).noise.value == 0], ids=name)
def test_dimension_by_steps_onto_the_shape(law, key):
    assert _tangents(law, _on_shape(law, 50, key), key).shape[1] == facts(law).intrinsic_dimension.value


@pytest.mark.parametrize("law", [d for d in _stating() if facts(d).noise.value == 0], ids=name)
def test_dimension_of_samples_by_local_principal_components(law, key):
    dimension = facts(law).intrinsic_dimension.value
    if dimension > 3:  # neighbours are too far for their plane to be the tangent's
        return
    x, found, radii = law.sample(40_000, key.to(torch.float64)), [], []
    for point in x[:15]:
        distance, at = (x - point).norm(dim=-1).topk(40, largest=False)
        spread = torch.linalg.svdvals(x[at] - x[at].mean(0))
        found.append(int((spread > (0.25 * spread[0]).clamp(min=1e-9 * x.abs().max())).sum()))
        radii.append(float(distance.max()))
    if np.median(radii) > 0.3 * (facts(law).reach.value or math.inf):
        return  # the neighbours are those of other pieces
    assert np.median(found) == dimension
