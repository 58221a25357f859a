"""Long draws, piece by piece."""

import torch

import gantheory as gt
from gantheory.distributions import blocks


def test_pieces_are_the_rows_of_one_draw(monkeypatch):
    law, whole = gt.Moons(), type(gt.Moons()).sample.__wrapped__
    monkeypatch.setattr(blocks, "BLOCK", 30)
    for key in (gt.Key(1), gt.Key(1).split(3).to(torch.float64)):
        for n in (0, 30, 31, 100):
            assert torch.equal(law.sample(n, key, start=7), whole(law, n, key, start=7))
