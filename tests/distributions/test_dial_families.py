"""Families made for dials: corners, rings of a stated overlap, plates with holes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial.distance import pdist

import gantheory as gt
from gantheory.distributions.mixture_entropy import mixture_entropy


def missed(law, key, n=200_000):
    """The share of samples whose own mode is not the nearest, and its standard error."""
    modes = law.components()
    label = key.child("label").integers(len(modes), n)
    centres = torch.as_tensor(modes.centres)
    x = centres[label] + modes.covariances[0, 0, 0] ** 0.5 * key.normal(n, law.dim, dtype=torch.float64)
    share = float((torch.cdist(x, centres).argmin(-1) != label).double().mean())
    return share, (share * (1 - share) / n) ** 0.5


@pytest.mark.parametrize(
    "law",
    [
        gt.Corners(1, separation=2.0),
        gt.Corners(4, separation=3.0),
        gt.Corners(3, "hypercube", separation=2.5),
        gt.OverlapRing(3, 0.05),
        gt.OverlapRing(12, 0.3),
    ],
    ids=repr,
)
def test_bayes_errors_against_samples(law, key):
    share, error = missed(law, key)
    assert abs(law.bayes_error() - share) <= 6 * error


@pytest.mark.parametrize("modes", [3, 7, 30])
def test_the_overlap_is_the_one_asked_for(modes):
    law = gt.OverlapRing(modes, 0.02)
    assert law.bayes_error() == pytest.approx(0.02, rel=1e-10)
    np.testing.assert_allclose(law.facts().covariance.value, np.eye(2), atol=1e-12)


def test_the_usual_scale_holds_the_overlap_only_roughly(key):
    """scale = 2/3 radius sin(pi / modes): the Bayes error goes from 0.115 of 3 modes to 0.134 of 16."""
    rings = [gt.Ring(modes, 1.0, 2 / 3 * math.sin(math.pi / modes)) for modes in (3, 16)]
    (few, error), (many, other) = (missed(ring, key) for ring in rings)
    assert many - few > 0.018 - 6 * math.hypot(error, other)


@pytest.mark.parametrize(
    "law", [gt.Corners(3), gt.Corners(5, separation=2.0), gt.Corners(3, "hypercube")], ids=repr
)
def test_corners_are_regular_and_white(law):
    modes = law.components()
    nearest = pdist(modes.centres).min()
    assert nearest == pytest.approx(law.separation * law.scale)
    if law.shape == "simplex":
        assert pdist(modes.centres).max() == pytest.approx(nearest)
    np.testing.assert_allclose(law.facts().covariance.value, np.eye(law.dim), atol=1e-12)
    np.testing.assert_allclose(law.facts().mean.value, 0, atol=1e-12)


@pytest.mark.parametrize("separation", [0.5, 3.0])
@pytest.mark.parametrize("shape, imbalance", [("simplex", 0.0), ("simplex", 2.0), ("hypercube", 0.0)])
def test_entropies_against_quadrature_around_the_modes(shape, imbalance, separation):
    law = gt.Corners(2, shape, separation, imbalance)
    fact, other = law.facts().entropy, mixture_entropy(law.components())
    assert fact.value == pytest.approx(other.value, abs=fact.error + other.error)


def test_the_bayes_error_of_unequal_weights_is_refused():
    with pytest.raises(ValueError, match="equal weights"):
        gt.Corners(imbalance=1.0).bayes_error()


@pytest.mark.parametrize("plate", [gt.Plate(), gt.Plate(5, 0.1), gt.Plate(0), gt.Plate(12)], ids=repr)
def test_plates_are_uniform(plate, key):
    """Area by a grid; counts of samples in the cells of a grid by chi square at 1e-6."""
    x = plate.sample(200_000, key.to(torch.float64))
    bins = [np.linspace(-s, s, m + 1) for s, m in ((plate.width, 61), (plate.width / 4, 17))]
    fine = [np.linspace(b[0], b[-1], 40 * (len(b) - 1), endpoint=False) for b in bins]
    fine = [f + (f[1] - f[0]) / 2 for f in fine]
    grid = torch.as_tensor(np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1))
    inside = plate.log_prob(grid).isfinite().numpy().astype(float)
    assert inside.mean() * 2 * plate.width * plate.width / 2 == pytest.approx(4, rel=2e-3)
    share = inside.reshape(61, 40, 17, 40).sum((1, 3))
    count = np.histogram2d(*x.T.numpy(), bins=bins)[0]
    assert (count[share == 0] == 0).all()
    full = share == share.max()  # cells without an edge, whose share the grid knows exactly
    expected = np.full(full.sum(), count[full].sum() / full.sum())
    assert stats.chisquare(count[full], expected).pvalue > 1e-6
    assert (
        abs(count[full].mean() / 200_000 - (fine[0][1] - fine[0][0]) * (fine[1][1] - fine[1][0]) * 400) < 1e-4
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: gt.Plate(holes=-1),
        lambda: gt.Plate(holes=40),
        lambda: gt.Plate(missing=0.5),
        lambda: gt.Corners(0),
        lambda: gt.Corners(13, "hypercube"),
        lambda: gt.Corners(separation=0.0),
        lambda: gt.OverlapRing(2),
        lambda: gt.OverlapRing(overlap=0.5),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError, match=r"Plate|Corners|OverlapRing"):
        make()
