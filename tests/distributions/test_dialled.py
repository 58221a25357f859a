"""The law with all dials: its waves, its dimension as the density sees it, designs over its dials."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import integrate

import gantheory as gt
from gantheory.distributions.bridge_axis import waves


def test_the_covariance_is_that_of_many_samples(key):
    """Beyond the contract: at a corner of the box, all entries, against 400,000 samples."""
    law = gt.Dialled(
        5, modes=5, imbalance=1.5, bridge=0.2, tail=0.15, intrinsic=2, thickness=0.1, frequency=3.0
    )
    x = law.sample(400_000, key.to(torch.float64))
    products = x[:, :, None] * x[:, None, :]
    error = 6 * products.std(0) / len(x) ** 0.5
    assert (x.mean(0).abs() <= 6 * x.std(0) / len(x) ** 0.5).all()
    assert ((products.mean(0) - torch.eye(5)).abs() <= error).all()


def test_the_density_is_the_chain_rule(key):
    """p(u) times the normal noise around the waves, by quadrature over a plane law's second coordinate."""
    law = gt.Dialled(2, modes=3, bridge=0.1, frequency=1.5, thickness=0.4)
    x = law.sample(8, key.to(torch.float64))
    for point in x:

        def along(t, point=point):
            return float(law.log_prob(torch.tensor([[float(point[0]), t]], dtype=torch.float64)).exp())

        marginal, _ = integrate.quad(along, -12, 12, limit=300, points=[-1, 0, 1])
        assert marginal == pytest.approx(float(law.latent.log_prob(point[None, :1]).exp()), rel=1e-6)


@pytest.mark.parametrize("intrinsic", [1, 2, 3, 4])
def test_the_density_is_steep_in_the_directions_that_are_not_free(intrinsic, key):
    """Of the Hessian of -log p along the shape, dim - intrinsic eigenvalues are of the order thickness^-2."""
    law = gt.Dialled(4, intrinsic=intrinsic, thickness=0.01)
    x = law.sample(50, key.to(torch.float64))
    hessian = -torch.stack(
        [torch.autograd.functional.jacobian(lambda p: law.score(p[None])[0], point) for point in x]
    )
    steep = (torch.linalg.eigvalsh((hessian + hessian.mT) / 2) > 1_000).sum(-1)
    assert (steep == 4 - intrinsic).double().mean() > 0.9


def test_waves_of_light_tails_join_the_normal_ones():
    """Where the Bessel functions would overflow another rule takes over: no jump there, and none at 0."""
    for f in (0.3, 1.0, 3.0):
        found = [waves(gt.Bridge(1, 2, tail=tail), f) for tail in (0.0, 1e-7, 0.00999, 0.01001)]
        np.testing.assert_allclose(found[0], found[1], atol=1e-6)
        np.testing.assert_allclose(found[2], found[3], atol=2e-5)


def test_a_design_over_all_dials_gives_distributions_that_can_be_used(key):
    known = [dial for dial in gt.dials(dim=4) if isinstance(dial.law, gt.Dialled)]
    assert len(known) == 8
    laws = gt.design(gt.Dialled(4), {dial.field: dial.axis(64) for dial in known}, count=36, seed=1)
    assert len(set(laws)) == 36
    for law in laws:
        x = law.sample(2_000, key.to(torch.float64))
        surprise = -law.log_prob(x)
        entropy = law.facts().entropy
        assert abs(surprise.mean() - entropy.value) <= 6.5 * surprise.std() / 2_000**0.5 + entropy.error


@pytest.mark.parametrize("wrong", [{"intrinsic": 3}, {"thickness": 0.0}, {"frequency": -1.0}, {"tail": 0.6}])
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match=r"Dialled|Bridge"):
        gt.Dialled(2, **wrong)
