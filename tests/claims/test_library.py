"""The library's own claims: verdicts, false neighbours, and both sides kept apart."""

import re
from typing import get_args

import numpy as np
import pytest
from hypothesis import find, settings

from gantheory import Key, check
from gantheory.claims import Claim, claims
from gantheory.claims.claim import Kind
from gantheory.testing import theory_forbidden


CLAIMS = claims()


@pytest.fixture(params=CLAIMS, ids=repr)
def claim(request) -> Claim:
    return request.param


def first_instance(claim: Claim):
    return find(claim.instances(), lambda _: True, settings=settings(database=None, derandomize=True))


def test_holds(claim):
    verdict = check(claim, examples=30)
    assert verdict.verdict == "HOLDS", str(verdict)


def test_neighbour_fails_with_a_program(claim):
    neighbour = claim.neighbour
    assert neighbour is not None
    assert neighbour.neighbour is None
    verdict = check(neighbour, examples=100)
    assert verdict.verdict == "FAILS"
    assert repr(neighbour) in verdict.counterexample
    assert repr(verdict.instance) in verdict.counterexample


def test_observed_never_asks_theory_and_predicted_does(claim):
    instance = first_instance(claim)
    expected = claim.observed(instance, Key(0))
    with theory_forbidden():
        np.testing.assert_array_equal(claim.observed(instance, Key(0)), expected)
        with pytest.raises(RuntimeError, match=r"theory\.\w+ was called where theory is forbidden"):
            claim.predicted(instance)


def test_says_what_it_is(claim):
    assert claim.statement and claim.latex and claim.reference and claim.assumptions
    assert re.fullmatch(r"[A-J]\d\d", claim.part), "a part is a letter and two digits"
    assert claim.kind in get_args(Kind)
    assert claim.relation in ("=", "<=", ">=")
    assert claim in type(claim).examples()


@pytest.mark.parametrize("factor", [1.05, -1.0])
@pytest.mark.parametrize("claim", CLAIMS, ids=repr, indirect=True)
def test_perturbed_predictions_are_caught(claim, factor, monkeypatch):
    honest = type(claim).predicted
    monkeypatch.setattr(type(claim), "predicted", lambda self, x: factor * np.asarray(honest(self, x)))
    assert check(claim, examples=30).verdict == "FAILS"


def test_counterexamples_shrink_to_one_row():
    for claim in CLAIMS:
        if type(claim).__name__.startswith("Dirac"):
            assert len(check(claim.neighbour).instance[2]) == 1
