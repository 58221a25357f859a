"""Every map is a bijection with the Jacobian it says."""

from __future__ import annotations

import math

import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, name


MAPS = examples(gt.Map)


def _points(transformation, key, n=40):
    return 1.5 * key.normal(n, max(3, transformation.least_dim()), dtype=torch.float64)


@pytest.mark.parametrize("transformation", MAPS, ids=name)
def test_inverse(transformation, key):
    x = _points(transformation, key)
    torch.testing.assert_close(transformation.inverse(transformation.forward(x)), x, rtol=1e-10, atol=1e-11)
    torch.testing.assert_close(transformation.forward(transformation.inverse(x)), x, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("transformation", MAPS, ids=name)
def test_jacobian(transformation, key):
    """Against automatic differentiation, also at the origin, where formulas divide by the radius."""
    x = torch.cat((_points(transformation, key), torch.zeros(1, 3, dtype=torch.float64)))
    jacobian = torch.func.vmap(torch.func.jacrev(transformation.forward))(x)
    log_det = torch.linalg.slogdet(jacobian)[1]
    torch.testing.assert_close(transformation.log_det(x), log_det, rtol=1e-10, atol=1e-10)
    if transformation.keeps_volume:
        assert float(log_det.abs().max()) < 1e-12


@pytest.mark.parametrize("transformation", MAPS, ids=name)
def test_growth(transformation, key):
    """At radius 1e10, to a factor of 10."""
    low, high = transformation.growth
    ray = key.normal(200, 3, dtype=torch.float64)
    power = transformation.forward(1e10 * ray / ray.norm(dim=-1, keepdim=True)).norm(dim=-1).log10() / 10
    assert 0 < low <= high < math.inf
    assert float(power.max()) <= high + 0.1 and float(power.min()) >= low - 0.1
    assert float(power.max()) >= high - 0.1  # and it is reached
