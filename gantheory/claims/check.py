"""Check a claim: hunt for its counterexample and say what was found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from textwrap import shorten
from time import perf_counter
from typing import Any, Literal

import numpy as np

from gantheory.claims.claim import Claim
from gantheory.claims.hunt import Hunt, Trial, hunt
from gantheory.claims.margins import margins
from gantheory.claims.program import program
from gantheory.estimate import Estimate
from gantheory.random import Key


@dataclass(frozen=True)
class Verdict:
    """What `check` found of a claim.

    ``verdict`` is HOLDS (on all ``examples`` instances tried), FAILS (on ``instance``, the smallest found,
    printed as the program ``counterexample``) or UNDECIDED (for the ``reason`` given: nothing could be drawn, an
    interval holds both sides, or the claim is open and no counterexample was found). ``instance`` is
    otherwise the tightest one; ``predicted`` and ``observed`` are its two numbers, in the row with the least
    ``margin``: the normalised signed slack, negative where the relation is broken. ``statistical`` says that
    it was decided by confidence intervals. ``tried`` are the two numbers of every instance tried.
    """

    claim: Claim
    verdict: Literal["HOLDS", "FAILS", "UNDECIDED"]
    examples: int
    margin: float
    instance: Any
    predicted: float
    observed: float
    counterexample: str | None = field(repr=False)
    reason: str
    seconds: float = field(compare=False)
    statistical: bool = False
    tried: tuple[tuple[float, float], ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        head = f"{self.verdict:9} {self.claim!r}: {self.examples} examples"
        numbers = f"predicted {self.predicted:.10g}, observed {self.observed:.10g}, margin {self.margin:.3g}"
        lines = [f"{head}, {numbers} ({self.seconds:.1f} s)"]
        lines += [f"  {self.reason}"] if self.reason else []
        lines += [f"  more is measured by: gantheory run {self.claim.study}"] if self.claim.study else []
        lines += ["", self.counterexample] if self.counterexample else []
        return "\n".join(lines)


def check(claim: Claim, *, examples: int = 200, key: Key = Key(0)) -> Verdict:  # noqa: B008 (a value)
    """Hunt for an instance that breaks a claim.

    Hypothesis draws up to ``examples`` instances, steers towards the smallest margin and shrinks the first
    failure. Where ``observed`` is an `Estimate`, a row fails or holds only if its whole confidence interval
    does, at a level that keeps the false alarms of the check as a whole below the claim's ``false_alarm``.
    Equal arguments give equal verdicts.

    Raises `ValueError` for fewer than one example and a claim without statement or relation; errors of the claim's
    own code pass, with the instance as their note.

    Reference: MacIver, Donaldson (2020), for the search and the shrinking.

    Example:
        >>> from gantheory import OptimalDiscriminator
        >>> check(OptimalDiscriminator(), examples=10).verdict
        'HOLDS'
    """
    if examples < 1:
        raise ValueError(f"examples must be at least 1, got {examples}")
    _check_stated(claim)
    start, tried = perf_counter(), []
    noise = key.child("observed")

    def noted(instance: Any) -> Trial:
        try:
            trial = attempt(claim, instance, examples=examples, key=noise)
        except Exception as failure:
            many = claim.box is not None and len(instance) > 1
            told = (
                f"{instance[0]!r} and {len(instance) - 1} more rows" if many else shorten(repr(instance), 300)
            )
            failure.add_note(f"instance: {told}")
            raise
        tried.append((trial.predicted, trial.observed))
        return trial

    found = hunt(claim.instances(), noted, examples=examples, seed=hunt_seed(claim, key), box=claim.box)
    # after the first failure come the tries to shrink it, any number of them
    return _verdict(claim, found, noise, perf_counter() - start, tuple(tried[: found.examples]))


def _check_stated(claim: Claim) -> None:
    name = type(claim).__name__
    if not getattr(claim, "statement", ""):
        raise ValueError(f"{name} must say what it claims: statement = ...")
    if getattr(claim, "relation", None) not in ("=", "<=", ">="):
        came = repr(getattr(claim, "relation", None))
        raise ValueError(
            f'{name}.relation must be "=", "<=" or ">=" (observed relation predicted), got {came}'
        )


def hunt_seed(claim: Claim, key: Key) -> int:
    """Return the seed from which `check` draws the instances of a claim."""
    return int.from_bytes(key.child("hunt", repr(claim)).words.tobytes(), "little")


def attempt(claim: Claim, instance: Any, *, examples: int, key: Key) -> Trial:
    """Try a claim on one instance of so many examples."""
    predicted, observed = claim.predicted(instance), claim.observed(instance, key)
    for side, numbers in (("predicted", predicted), ("observed", observed)):
        if numbers is None:
            raise ValueError(
                f"{type(claim).__name__}.{side} returned None: return a number, an array or an Estimate"
            )
    p = np.atleast_1d(np.asarray(predicted, dtype=np.float64))
    estimate = observed if isinstance(observed, Estimate) else Estimate(observed)
    o = np.atleast_1d(estimate.value)
    # each of `examples` instances may raise the alarm by any of its rows (Bonferroni)
    level = 1 - claim.false_alarm / (examples * max(1, p.size))
    slack = margins(predicted, observed, relation=claim.relation, tolerance=claim.tolerance, level=level)
    failed = bool((slack.best < 0).any())
    place = int(np.argmin(slack.best if failed else slack.value))
    expected, found, margin = (float(numbers.flat[place]) for numbers in (p, o, slack.value))
    return Trial(
        instance,
        expected,
        found,
        margin,
        failed,
        undecided=bool((slack.worst < 0).any()),
        place=place,
        failing=tuple((slack.best < 0).ravel().tolist()),
        width=float(np.atleast_1d(estimate.interval(level)[1] - estimate.value).flat[place]),
        n=estimate.n,
        statistical=isinstance(observed, Estimate),
    )


def _verdict(
    claim: Claim, found: Hunt, key: Key, seconds: float, tried: tuple[tuple[float, float], ...]
) -> Verdict:
    trial, counterexample, reason = found.trial, None, ""
    if trial is None:
        nan = float("nan")
        trial, verdict, reason = (
            Trial(None, nan, nan, nan, False, True),
            "UNDECIDED",
            "no instance could be drawn",
        )
    elif trial.failed:
        verdict, counterexample = "FAILS", program(claim, trial.instance, key)
        numbers = {"predicted": trial.predicted, "observed": trial.observed}
        missing = [name for name, value in numbers.items() if math.isnan(value)]
        reason = f"{' and '.join(missing)} is NaN, which stands in no relation" if missing else ""
    elif trial.undecided:
        verdict, reason = "UNDECIDED", _more_samples(claim, trial)
    elif claim.open:
        verdict, reason = "UNDECIDED", "an open question: no counterexample was found"
    else:
        verdict = "HOLDS"
    numbers = (trial.margin, trial.instance, trial.predicted, trial.observed)
    return Verdict(
        claim, verdict, found.examples, *numbers, counterexample, reason, seconds, trial.statistical, tried
    )


def _more_samples(claim: Claim, trial: Trial) -> str:
    """Say how many more samples would decide, were the number measured the true one.

    The interval shrinks like the root of the samples, so n (width / distance)^2 are wanted in all, where the
    distance is that of the measured number from the border of the relation.
    """
    reason = "the interval of the instance shown holds both sides of the relation"
    if claim.relation == "=" and not claim.tolerance:
        return f"{reason}; no number of samples shows two numbers equal: say within which tolerance they are"
    border = claim.tolerance * max(1.0, abs(trial.predicted))
    excess = trial.observed - trial.predicted
    distance = {"=": abs(abs(excess) - border), "<=": abs(excess - border), ">=": abs(excess + border)}[
        claim.relation
    ]
    if not trial.n or not distance:
        return f"{reason}; it stands on the border, where no number of samples decides" if trial.n else reason
    more = trial.n * ((trial.width / distance) ** 2 - 1)
    return f"{reason}; about {more:.2g} more samples than its {trial.n} would decide"
