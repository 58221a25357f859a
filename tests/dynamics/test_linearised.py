"""Products with a field's Jacobian against finite differences and the matrix itself."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from gantheory.dynamics.population import Many
from tests.contracts.find import examples, name


@pytest.mark.parametrize("game", examples(gt.Game), ids=name)
def test_products_against_differences(game, key):
    keys = key.to(torch.float64).split(2)
    many = Many(game, 2)
    profile, batch = game.init(keys.child("init")), many.draw(keys.child("batch"))
    near = gt.Linearised(many, profile, batch)
    u, w = (
        tuple(keys.child(side, i).normal(size) for i, size in enumerate(game.sizes)) for side in ("u", "w")
    )
    for mine, field in zip(near.field, many.field(profile, batch)):
        torch.testing.assert_close(mine, field, rtol=1e-12, atol=1e-12)
    h = 1e-6  # few kinks of a network lie so near
    up, down = (many.field(tuple(p + s * h * d for p, d in zip(profile, u)), batch) for s in (1, -1))
    product, transposed = near.product(u), near.transposed(w)
    for a, b, mine in zip(up, down, product):
        torch.testing.assert_close((a - b) / (2 * h), mine, rtol=1e-5, atol=1e-7)
    left = sum((a * b).sum(-1) for a, b in zip(product, w))
    right = sum((a * b).sum(-1) for a, b in zip(transposed, u))
    torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-12)
    if sum(game.sizes) <= 8:
        matrix = near.matrix()
        together = (matrix @ torch.cat(u, dim=-1).unsqueeze(-1)).squeeze(-1)
        torch.testing.assert_close(together, torch.cat(product, dim=-1), rtol=1e-12, atol=1e-12)
