"""The dials of drawn, hierarchical and stacked mixtures, against brute force."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from scipy.stats import kstest

import gantheory as gt


def test_each_dial_of_a_random_mixture_moves_what_it_names():
    base = gt.RandomMixture(modes=6, dim=4, seed=3)
    wide, tilted = base.replace(separation=9.0), base.replace(anisotropy=5.0)
    uneven = base.replace(imbalance=1.5)
    for law, separation, ratio in ((base, 4, 1), (wide, 9, 1), (tilted, 4, 5), (uneven, 4, 1)):
        modes = law.components()
        assert pdist(modes.centres).min() == pytest.approx(separation)
        widths = np.sqrt(np.linalg.eigvalsh(modes.covariances))
        assert widths[:, -1] / widths[:, 0] == pytest.approx(np.full(6, ratio))
        assert np.linalg.det(modes.covariances) == pytest.approx(np.ones(6))
    steps = np.diff(np.log(uneven.components().weights))
    assert steps == pytest.approx(-1.5 * np.diff(np.log(np.arange(1, 7))))
    np.testing.assert_allclose(tilted.components().centres, base.components().centres)
    assert not np.allclose(base.components().centres, base.replace(seed=4).components().centres)


def test_rotations_are_uniform():
    """The first axis of a uniform rotation of the plane has a uniform angle: signs and all."""
    covariances = gt.RandomMixture(modes=2_000, anisotropy=10.0).components().covariances
    angle = np.arctan2(2 * covariances[:, 0, 1], covariances[:, 0, 0] - covariances[:, 1, 1])
    assert kstest(angle, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-8


@pytest.mark.parametrize("branching, dim", [(2, 1), (3, 3), (4, 3), (3, 7), (5, 2)])
def test_a_tree_is_regular(branching, dim):
    corners = gt.HierarchicalMixture(depth=1, branching=branching, dim=dim).components().centres
    assert np.linalg.norm(corners, axis=1) == pytest.approx(np.ones(branching))
    assert corners.mean(0) == pytest.approx(np.zeros(dim), abs=1e-12)
    if dim != 2:
        assert pdist(corners) == pytest.approx(np.full(branching * (branching - 1) // 2, pdist(corners)[0]))


def test_levels_of_a_tree(key):
    law = gt.HierarchicalMixture(depth=3, branching=3, ratio=0.2, scale=0.004, imbalance=1.0)
    x = law.sample(20_000, key.to(torch.float64))
    leaf = law.level_of(x, 3)
    assert torch.equal(leaf, law.facts().mode_of.value(x))
    assert torch.equal(law.level_of(x, 2), leaf // 3) and torch.equal(law.level_of(x, 1), leaf // 9)
    share = torch.bincount(law.level_of(x, 1)) / len(x)
    wanted = torch.tensor([6, 3, 2]) / 11
    assert ((share - wanted).abs() < 5.7 * (wanted * (1 - wanted) / len(x)) ** 0.5).all()
    with pytest.raises(ValueError, match="level must lie between 1 and 3"):
        law.level_of(x, 4)


def test_clusters_shrink_by_the_ratio():
    centres = gt.HierarchicalMixture(depth=2, branching=4, ratio=0.1).components().centres.reshape(4, 4, 2)
    inner = np.linalg.norm(centres - centres.mean(1, keepdims=True), axis=-1)
    assert inner == pytest.approx(np.full((4, 4), 0.1))


def test_stacked_modes_are_the_mixture_of_all_combinations(key):
    part = gt.GaussianMixture(((-1.0,), (1.0,), (2.5,)), (((0.3,),), ((0.2,),), ((0.1,),)), (1, 2, 3))
    law = gt.StackedModes(part, copies=2)
    modes = law.facts().modes.value
    whole = gt.GaussianMixture(
        tuple(map(tuple, modes.centres)),
        tuple(tuple(map(tuple, c)) for c in modes.covariances),
        tuple(modes.weights),
    )
    x = law.sample(300, key.to(torch.float64))
    torch.testing.assert_close(law.log_prob(x), whole.log_prob(x), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(law.score(x), whole.score(x), rtol=1e-10, atol=1e-10)
    assert torch.equal(law.mode_of(x), whole.facts().mode_of.value(x))
    assert len(modes) == 9 and law.dim == 2


def test_many_stacked_modes_keep_their_density_and_labels(key):
    law = gt.StackedModes(gt.Ring(modes=10, scale=0.05), copies=8)
    x = law.sample(50, key)
    facts = law.facts()
    assert "10^8 modes" in facts.modes.reason and facts.entropy.value is not None
    assert law.log_prob(x).shape == (50,) and int(law.mode_of(x).max()) < 10**8


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.RandomMixture(modes=0), "needs a mode"),
        (lambda: gt.RandomMixture(separation=0.0), "separation"),
        (lambda: gt.RandomMixture(anisotropy=0.5), "anisotropy of at least 1"),
        (lambda: gt.RandomMixture(imbalance=-1.0), "imbalance"),
        (lambda: gt.HierarchicalMixture(depth=0), "needs a level"),
        (lambda: gt.HierarchicalMixture(depth=17, branching=2), "65536 leaves"),
        (lambda: gt.HierarchicalMixture(branching=5, dim=3), "at most 4 branches"),
        (lambda: gt.HierarchicalMixture(ratio=1.0), "ratio in"),
        (lambda: gt.StackedModes(copies=0), "at least one copy"),
        (lambda: gt.StackedModes(gt.Ring(modes=10), copies=16), "fewer copies"),
        (lambda: gt.StackedModes(gt.Moons()), "must be a GaussianModes"),
    ],
)
def test_wrong_numbers_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
