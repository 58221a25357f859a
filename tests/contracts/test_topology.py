"""Stated Betti numbers are those of large samples, by persistent homology, wherever a projection gives noise-free
points and the reach is known.

Let L be points on a compact set X of reach t, no point of X farther than e from L, and L^r the union of the balls of
radius r around L. X -> L^r -> X^r -> L^s -> X^s for e <= r, r + e <= s < t, and X -> X^r is an equivalence below t
(Federer 1959; Chazal, Cohen-Steiner, Lieutier 2009): so the rank of L^r -> L^s is X's Betti number, whatever the
dimensions, edges or pieces of X. Alpha complexes are equivalent to L^r (nerve theorem). In more than three
dimensions Rips complexes stand between: with edges up to 2r they hold L^r's Cech complex, and lie in that of radius
2 c r, c = sqrt(d / (2 d + 2)) (Jung). So the rank of Rips(2 e) -> Rips(2 e (1 + 2 c)) is the Betti number where
e (2 c + 4 c^2) < t. Sets of three dimensions and more would need too many points for that: there the rank is taken
over a shorter stretch, which the theorem bounds from one side only.
"""

from __future__ import annotations

import math

import gudhi
import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

import gantheory as gt
from tests.contracts.find import examples, facts, name


MOST = 3  # intrinsic dimensions; above, dense samples are too large


def _known(law):
    known = facts(law)
    return (
        all(f.value is not None for f in (known.topology, known.project, known.reach, known.noise))
        and known.reach.value > 0
        and (known.noise.value != 0 or known.intrinsic_dimension.value <= MOST)
        and _bounded(law)
    )


def _bounded(law):
    """Whether points far away have their feet near: no sample is dense in an unbounded shape."""
    key = gt.Key(0).child("far", repr(law)).to(torch.float64)
    x = law.sample(50, key)
    far = 1e3 * float(x.abs().max()) * key.child("direction").normal(50, law.dim)
    return float(facts(law).project.value(far).abs().max()) < 100 * float(x.abs().max())


SHAPES = [law for law in examples(gt.Distribution) if _known(law)]


def _points(law, n, key):
    """Points on the shape, (n, d)."""
    known, x = facts(law), law.sample(n, key.to(torch.float64))
    return (x if known.noise.value == 0 else known.project.value(x)).numpy()


def _spread(points, gap):
    """Some of the points, each the farthest from those before it, until none is farther than the gap."""
    chosen, nearest = [points[0]], np.full(len(points), np.inf)
    while True:
        nearest = np.minimum(nearest, np.square(points - chosen[-1]).sum(-1))
        if nearest.max() < gap**2:
            return np.array(chosen)
        chosen.append(points[nearest.argmax()])


def _net(law, share, key):
    """Points of the shape, and a radius of the given share of its reach (or, of convex sets, of their size) that
    covers it, as fresh points find with a twentieth to spare."""
    count = 40_000 if facts(law).intrinsic_dimension.value <= 2 else 100_000
    points, fresh = _points(law, count, key), _points(law, 20_000, key.child("fresh"))
    radius = share * min(facts(law).reach.value, float(np.ptp(points, axis=0).max()))
    net = _spread(points, 0.75 * radius)
    assert cKDTree(net).query(fresh)[0].max() < 0.95 * radius, "too few points for the theorem"
    return net, radius


def _alpha(law, key):
    """Tree and the two squared radii."""
    net, e = _net(law, 0.45, key)
    return gudhi.AlphaComplex(points=net).create_simplex_tree(), e**2, (2.1 * e) ** 2


def _rips(law, key):
    """Tree and the two lengths of edges."""
    jung, high = math.sqrt(law.dim / (2 * law.dim + 2)), facts(law).intrinsic_dimension.value > 2
    net, e = _net(law, 0.7 if high else 0.999 / (2 * jung + 4 * jung**2), key)
    longest = 2 * e * (1.15 if high else 1 + 2 * jung)
    tree = gudhi.RipsComplex(points=net, max_edge_length=1.001 * longest).create_simplex_tree(max_dimension=1)
    tree.collapse_edges(nb_iterations=3)
    tree.expansion(facts(law).intrinsic_dimension.value + 1)
    return tree, 2 * e, longest


@pytest.mark.parametrize("law", SHAPES, ids=name)
def test_betti_numbers_of_large_samples(law, key):
    topology = facts(law).topology.value
    tree, low, high = (_alpha if law.dim <= 3 else _rips)(law, key)
    for prime in (2, 3):
        tree.compute_persistence(homology_coeff_field=prime, persistence_dim_max=True)
        found, stated = tree.persistent_betti_numbers(low, high), topology.over(prime)
        dimensions = range(facts(law).intrinsic_dimension.value + 1)  # above, Rips complexes are cut off
        assert [_at(found, k) for k in dimensions] == [_at(stated, k) for k in dimensions], f"over Z/{prime}"


def _at(numbers, k):
    return numbers[k] if k < len(numbers) else 0
