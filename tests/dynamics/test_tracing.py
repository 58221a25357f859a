"""Tracing spares time and changes no bit."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from gantheory.dynamics.population import Many
from gantheory.dynamics.tracing import WARM, Traced
from tests.contracts.find import examples, name


@pytest.mark.parametrize("game", [g for g in examples(gt.Game) if g.vectorised], ids=name)
def test_traced_fields_have_the_bits_of_ordinary_ones(game, key):
    many = Many(game, 3)
    for only in (None, *range(len(game.players))):
        for call in range(WARM + 3):
            keys = key.child(call).split(3)
            profile, batch = game.init(keys), game.draw(keys, only=only)
            expected = many._field(profile, batch, create_graph=False, only=only)
            found = many.field(profile, batch, only=only)
            assert all(torch.equal(a, b) for a, b in zip(found, expected))
        assert many._traced[only].graph is not None


def test_another_shape_takes_the_ordinary_path():
    double = Traced(lambda x: (2 * x,))
    for _ in range(WARM + 1):
        double(torch.ones(3))
    assert double.graph is not None
    assert torch.equal(double(torch.ones(5))[0], torch.full((5,), 2.0))
    assert torch.equal(double(torch.ones(3).double())[0], torch.full((3,), 2.0).double())


def test_what_cannot_be_traced_goes_on_as_before():
    def stubborn(x):
        return (x.sum() if x.sum().item() > 0 else x.prod(),)

    traced = Traced(stubborn)
    for _ in range(WARM + 5):
        assert traced(torch.full((2,), 3.0))[0].item() == 6.0
    assert traced(torch.full((2,), -3.0))[0].item() == 9.0, "the branch is taken anew in every call"


def test_sweeping_adams_own_numbers(key):
    """Every float of the step may vary, before and after tracing."""
    game = gt.DiracGAN(gt.NonSaturating())
    sweep = {
        "rule.step.rate": gt.Values((0.01, 0.1)),
        "rule.step.beta1": gt.Values((0.0, 0.9)),
        "rule.step.beta2": gt.Values((0.5, 0.99)),
        "rule.step.eps": gt.Values((1e-8, 1e-2)),
    }
    chart = gt.simulate(game, gt.Simultaneous(gt.Adam()), steps=WARM + 20, sweep=sweep, key=key)
    for m in (0, 5, 10, 15):
        adam = gt.Adam(**{path.rpartition(".")[2]: numbers[m] for path, numbers in chart.swept.items()})
        alone = gt.simulate(game, gt.Simultaneous(adam), steps=WARM + 20, key=key)
        torch.testing.assert_close(chart.points[m], alone.points[0], rtol=1e-11, atol=1e-12)
