"""Every dial moves the quantity it names, holds what it says, and keeps the law what its facts say."""

from __future__ import annotations

from itertools import pairwise
from operator import gt as more, lt as less

import numpy as np
import pytest
import torch

import gantheory as gt
from tests.contracts.find import concrete


DIALS = [dial for dim in (1, 2, 3, 4, 8) for dial in gt.dials(dim=dim)]


def label(dial):
    return f"{type(dial.law).__name__}-{dial.name}-{dial.law.dim}"


def test_every_family_is_asked_and_answers_in_the_dimension():
    offering = {
        family for family in concrete(gt.Distribution) if any(family.dials(d) for d in (1, 2, 3, 4, 8))
    }
    assert offering == {type(dial.law) for dial in DIALS}
    for dim in (1, 2, 3, 8):
        listed = gt.dials(dim=dim)
        assert all(dial.law.dim == dim for dial in listed)
        names = [(type(dial.law), dial.name) for dial in listed]
        assert len(set(names)) == len(names)
    with pytest.raises(ValueError, match="dim must be"):
        gt.dials(dim=0)


@pytest.mark.parametrize("dial", DIALS, ids=label)
def test_a_dial_moves_its_quantity_and_holds_the_others(dial):
    laws = dial.sweep(5)
    moved = [dial.read(dial.moves, law).ravel().tolist() for law in laws]
    rising, falling = (all(step(a, b) for a, b in pairwise(moved)) for step in (less, more))
    assert rising or falling, f"{dial.moves} reads {moved} along the dial"
    for name in dial.held:
        readings = [dial.read(name, law) for law in laws]
        for other in readings[1:]:
            np.testing.assert_allclose(other, readings[0], rtol=1e-6, atol=1e-6, err_msg=f"{name} moves")


@pytest.mark.parametrize("dial", DIALS, ids=label)
def test_a_dial_has_a_text_and_a_range(dial):
    assert gt.parse(repr(dial)) == dial
    assert dial.at(dial.neutral) == dial.law
    for value in (dial.low, dial.high):
        assert gt.parse(repr(dial.at(value))) == dial.at(value)
    with pytest.raises(ValueError, match="goes from"):
        dial.at(dial.high + 1)


@pytest.mark.parametrize("dial", DIALS, ids=label)
def test_samples_along_a_dial_have_the_moments_of_the_facts(dial, key):
    """At both ends of the range, which no example may reach. Six and a half standard errors of each axis."""
    for law in (dial.at(dial.low), dial.at(dial.high)):
        facts, x = law.facts(), law.sample(10_000, key.to(torch.float64))
        if facts.mean.value is not None:
            error = 6.5 * x.std(0) / 100 + facts.mean.error + 1e-12
            assert ((x.mean(0) - torch.as_tensor(facts.mean.value)).abs() <= error).all()
        if (
            facts.covariance.value is not None and (facts.tail_index.value or 0) > 4
        ):  # else squares vary too much
            square = (x - torch.as_tensor(facts.mean.value)).square()
            gap = square.mean(0) - torch.as_tensor(facts.covariance.value).diagonal()
            assert (gap.abs() <= 6.5 * square.std(0) / 100 + facts.covariance.error + 1e-9).all()
