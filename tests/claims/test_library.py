"""The library's own claims: verdicts, false neighbours, and both sides kept apart."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from gantheory import Key, check
from gantheory.claims import Claim, claims
from gantheory.claims.claim import Kind
from gantheory.testing import theory_forbidden


CLAIMS = claims()
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(params=CLAIMS, ids=repr)
def claim(request) -> Claim:
    return request.param


def test_holds(claim):
    verdict = check(claim, examples=30)
    assert verdict.verdict == ("UNDECIDED" if claim.open else "HOLDS"), str(verdict)


def test_neighbour_fails_with_a_program(claim):
    neighbour = claim.neighbour
    assert neighbour is not None
    assert neighbour.neighbour is None
    verdict = check(neighbour, examples=100)
    assert verdict.verdict == "FAILS"
    assert repr(neighbour) in verdict.counterexample
    assert repr(verdict.instance) in verdict.counterexample


def test_observed_never_asks_theory_and_predicted_does(claim):
    instance = check(claim, examples=1).instance
    expected = str(claim.observed(instance, Key(0)))  # of numbers and estimates
    with theory_forbidden():
        assert str(claim.observed(instance, Key(0))) == expected
        with pytest.raises(RuntimeError, match=r"theory\.\w+ was called where theory is forbidden"):
            claim.predicted(instance)


def test_says_what_it_is(claim):
    assert claim.statement and claim.latex and claim.reference and claim.assumptions
    assert re.fullmatch(r"[A-J]\d\d", claim.part), "a part is a letter and two digits"
    assert claim.kind in get_args(Kind)
    assert claim.relation in ("=", "<=", ">=")
    assert claim in type(claim).examples()
    assert not claim.study or (CHECKOUT / claim.study).is_file()


def tightened(claim: Claim, predicted):
    """A prediction that is 5 percent off, to the side where a bound says too much."""
    p = np.asarray(predicted, dtype=np.float64)
    off = 0.5 if claim.kind == "law" else 0.05  # what so many samples can tell
    return p - off * np.abs(p) if claim.relation == "<=" else p + off * np.abs(p)


def negated(claim: Claim, predicted):
    return -np.asarray(predicted, dtype=np.float64)


LOOSE = "a bound that no instance comes within 5 percent of"
FEW = "a slope over sizes that fit in a second, of few samples"
WEAKER = "a bound on the far side of which it then lies"
SURVIVORS = {
    ("AveragedExtragradient", "tightened"): LOOSE,
    ("LastIterate(rule='extragradient'", "tightened"): LOOSE,
    ("LastIterate(rule='fading anchored'", "tightened"): LOOSE,
    ("HeavyBallDiverges", "tightened"): LOOSE,
    ("TransportRate", "tightened"): FEW,
    ("BilinearGrowthBound(side='lower'", "negated"): WEAKER,
    ("BestRotationFactor", "negated"): WEAKER,
    ("HeavyBallDiverges", "negated"): WEAKER,
    ("PieceMasses", "negated"): WEAKER,
    ("LeastVariation", "negated"): WEAKER,
    ("LeastSquaresFloor", "negated"): WEAKER,
    ("ConsensusMonotone", "negated"): WEAKER,
}


def _survives(claim: Claim, perturbed) -> bool:
    return any(repr(claim).startswith(head) and perturbed.__name__ == name for head, name in SURVIVORS)


@pytest.mark.parametrize("perturbed", [tightened, negated])
@pytest.mark.parametrize("claim", CLAIMS, ids=repr, indirect=True)
def test_perturbed_predictions_are_caught(claim, perturbed, monkeypatch):
    """All but the survivors, each with its reason."""
    honest = type(claim).predicted
    monkeypatch.setattr(type(claim), "predicted", lambda self, x: perturbed(claim, honest(self, x)))
    assert (check(claim, examples=30).verdict != "FAILS") == _survives(claim, perturbed)


def test_nineteen_of_twenty_perturbations_are_caught():
    pairs = [(claim, perturbed) for claim in CLAIMS for perturbed in (tightened, negated)]
    assert sum(_survives(*pair) for pair in pairs) <= 0.05 * len(pairs)


def test_counterexamples_shrink_to_one_row():
    for claim in CLAIMS:
        if type(claim).__name__.startswith("Dirac"):
            instance = check(claim.neighbour).instance
            assert len(instance if claim.box else instance[2]) == 1
