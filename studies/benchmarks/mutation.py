"""Does the hunt notice a wrong formula? Perturb the prediction of every claim, and count the mutants that are caught.

    python studies/benchmarks/mutation.py [--examples 200] [--part B] [--every 3] [--jobs 2]

Mutants are of four kinds. Of the prediction as a whole: times 1.05 (a bound 5 percent to the side where it says
more), or its sign. Of every theory function that it calls: the sign of the result. Of every place in the formulas that
it computes, in the claim and in all of theory: one power raised by one (a square root to 3/2), one of the two terms of
a sum left out. A mutant is caught where the claim no longer holds: it FAILS, is undecided, or cannot be computed.

What survives is listed. A mutant that leaves all numbers as they are, up to rounding, is no mutant of the claim and is
not counted; a bound that says less everywhere follows from the true one, and is counted apart; for the others, a reason
stands in `mutation_survivors.toml`, beside this file. The script says which of its entries nothing needs.
"""

from __future__ import annotations

import argparse
import inspect
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial, wraps
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest.mock import patch

import numpy as np
from mutation_places import SWITCH  # before what it changes

from gantheory import Key, theory
from gantheory.claims import Claim, claims
from gantheory.claims.check import attempt, hunt_seed
from gantheory.claims.hunt import Trial, hunt


KEY = Key(0)
Fate = Literal["caught", "raises", "says the same", "says less", "survives"]
KINDS = ("factor", "sign", "exponent", "dropped term")
REASONS = Path(__file__).with_name("mutation_survivors.toml")
ROUNDING = 1e-11


class Result(NamedTuple):
    """What became of one mutant of a claim, and by how much its predictions differ at most if it was not caught."""

    claim: str
    part: str
    kind: str
    where: str
    fate: Fate
    by: float = 0.0


def unchanged(claim: Claim, value: Any) -> Any:
    """Return the prediction itself."""
    return value


def negated(value: Any) -> Any:
    """Return a result with the other sign, whatever it is made of."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, np.ndarray) and value.dtype == bool):
        return np.logical_not(value)
    if isinstance(value, (tuple, list)):
        parts = map(negated, value)
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value if isinstance(value, str) else -value


def _turned(function: Callable, *arguments: Any, **options: Any) -> Any:
    value = function(*arguments, **options)
    return negated(value) if SWITCH.predicting else value  # instances, too, may be drawn by theory


def tightened(claim: Claim, value: Any) -> Any:
    """Return a prediction 5 percent off, to the side where a bound says more."""
    p = np.asarray(value, dtype=np.float64)
    return p - 0.05 * np.abs(p) if claim.relation == "<=" else p + 0.05 * np.abs(p)


def compare(relation: str, mutants: list[np.ndarray], truths: list[np.ndarray]) -> tuple[Fate, float]:
    """Say whether predictions that were not caught are the same, or weaker, everywhere, and how far off they are."""
    p, t = (np.concatenate([np.ravel(value) for value in values]) for values in (mutants, truths))
    with np.errstate(invalid="ignore"):
        off = np.abs(p - t) / np.maximum(1.0, np.abs(t))
        off = np.where(p == t, 0.0, np.where(np.isnan(off), np.inf, off))
    less = {"=": off < 0, "<=": p > t, ">=": p < t}[relation]
    if off.max() <= ROUNDING:
        return "says the same", float(off.max())
    return ("says less" if (less | (off <= ROUNDING)).all() else "survives"), float(off.max())


class Bench:
    """One claim under test: its instances are measured once, however many mutants are held against them."""

    def __init__(self, claim: Claim, *, examples: int):
        self.claim, self.examples = claim, examples
        self.called: set[str] = set()
        self._measured: dict[str, Any] = {}
        self._tried: dict[str, Any] = {}
        self._truths: dict[str, np.ndarray] = {}
        self._honest, self._observe = type(claim).predicted, type(claim).observed
        with SWITCH.to(None), self._noting_calls():
            if self._broken(unchanged):
                raise SystemExit(f"{claim!r} does not hold as it is")
            self._instances = dict(self._tried)
            self.places = sorted(SWITCH.passed)
            for text, x in self._instances.items():
                self._truths[text] = self._predict(x)

    def results(self) -> Iterator[Result]:
        """Yield what becomes of every mutant of the claim."""
        yield self._result("factor", "prediction", change=tightened)
        yield self._result("sign", "prediction", change=lambda claim, value: -value)
        for name in sorted(self.called):
            turned = partial(_turned, getattr(theory, name))
            yield self._result("sign", name, mutant=partial(patch.object, theory, name, turned))
        for number in self.places:
            place = SWITCH.places[number]
            yield self._result(place.kind, str(place), mutant=partial(SWITCH.to, number))

    def _result(
        self,
        kind: str,
        where: str,
        *,
        mutant: Callable[[], AbstractContextManager] = nullcontext,
        change: Callable[[Claim, Any], Any] = unchanged,
    ) -> Result:
        head = (repr(self.claim), self.claim.part, kind, where)
        try:
            with warnings.catch_warnings(), SWITCH.to(None), mutant():
                warnings.simplefilter("ignore")
                # where no prediction differs at all, the hunt is the honest one
                if not self._differs(change):
                    return Result(*head, "says the same")
                if self._broken(change):
                    return Result(*head, "caught")
                predictions = {text: change(self.claim, self._predict(x)) for text, x in self._tried.items()}
        except Exception:  # a prediction that cannot be computed has been noticed
            return Result(*head, "raises")
        with SWITCH.to(None):
            truths = [self._truth(text) for text in predictions]
        return Result(*head, *compare(self.claim.relation, list(predictions.values()), truths))

    def _truth(self, text: str) -> np.ndarray:
        if text not in self._truths:
            self._truths[text] = self._predict(self._tried[text])
        return self._truths[text]

    def _predict(self, instance: Any) -> np.ndarray:
        SWITCH.predicting = True
        try:
            return np.asarray(self._honest(self.claim, instance), dtype=np.float64)
        finally:
            SWITCH.predicting = False

    def _observed(self, instance: Any, key: Key) -> Any:
        text = repr(instance)
        if text not in self._measured:
            self._measured[text] = self._observe(self.claim, instance, key)
        self._tried[text] = instance
        return self._measured[text]

    def _broken(self, change: Callable[[Claim, Any], Any]) -> bool:
        """Hunt as `check` does, but stop at the first instance that fails or is undecided."""
        self._tried.clear()
        noise = KEY.child("observed")

        def tried(instance: Any) -> Trial:
            found = attempt(self.claim, instance, examples=self.examples, key=noise)
            return found._replace(failed=found.failed or found.undecided)

        cls, box = type(self.claim), self.claim.box
        with (
            patch.object(cls, "predicted", lambda claim, x: change(claim, self._predict(x))),
            patch.object(cls, "observed", lambda claim, x, key: self._observed(x, key)),
        ):
            seed = hunt_seed(self.claim, KEY)
            found = hunt(
                self.claim.instances(), tried, examples=self.examples, seed=seed, box=box, shrink=False
            )
        return found.trial is None or found.trial.failed

    def _differs(self, change: Callable[[Claim, Any], Any]) -> bool:
        return any(
            not np.array_equal(change(self.claim, self._predict(x)), self._truths[text], equal_nan=True)
            for text, x in self._instances.items()
        )

    @contextmanager
    def _noting_calls(self) -> Iterator[None]:
        with ExitStack() as stack:
            for name in theory.__all__:
                function = getattr(theory, name)
                if inspect.isfunction(function):
                    stack.enter_context(patch.object(theory, name, self._noted(name, function)))
            yield

    def _noted(self, name: str, function: Callable) -> Callable:
        @wraps(function)
        def noted(*arguments: Any, **options: Any) -> Any:
            self.called.add(name)
            return function(*arguments, **options)

        return noted


def survey(claim: Claim, examples: int) -> list[Result]:
    """Return what becomes of every mutant of a claim."""
    return list(Bench(claim, examples=examples).results())


def reason(result: Result, reasons: list[dict[str, str]]) -> str:
    """Return why a mutant survives, as far as that is written down."""
    if result.fate == "says less":
        return "a weaker bound, which follows from the true one"
    for entry in reasons:
        if result.claim.startswith(entry["claim"]) and entry["mutant"] in f"{result.kind}: {result.where}":
            entry["used"] = "yes"
            return entry["reason"]
    return "no reason is given"


def table(results: list[Result]) -> str:
    """Return how many mutants were caught, by part and by kind."""
    lines = [
        f"{'':14}{'mutants':>8}{'caught':>8}{'of them not computable':>24}{'say less':>10}{'survive':>9}"
    ]
    groups = [("part " + part, "part", part) for part in sorted({result.part[0] for result in results})]
    groups += [(kind, "kind", kind) for kind in KINDS] + [("all", "", "")]
    for title, field, value in groups:
        fates = Counter(r.fate for r in results if not field or getattr(r, field).startswith(value))
        caught = fates["caught"] + fates["raises"]
        total = caught + fates["says less"] + fates["survives"]
        numbers = f"{total:8}{caught:8}{fates['raises']:24}{fates['says less']:10}{fates['survives']:9}"
        lines.append(f"{title:14}{numbers}   {caught / max(1, total):.1%}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--part", default="")
    parser.add_argument("--every", type=int, default=1, help="take every k-th claim")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    chosen = [claim for claim in claims() if claim.part.startswith(options.part)][:: options.every]
    reasons = tomllib.loads(REASONS.read_text())["survivor"]
    results: list[Result] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in pool.map(survey, chosen, [options.examples] * len(chosen)):
            results += found
            for one in found:
                if one.fate in ("says less", "survives"):
                    head = (
                        f"{one.fate.upper()} {one.part} {one.claim} {one.kind}: {one.where} (by {one.by:.2g})"
                    )
                    print(f"{head}\n    because: {reason(one, reasons)}", flush=True)
    print(table(results))
    heads = [repr(claim) for claim in chosen]
    for entry in reasons:
        if "used" not in entry and any(head.startswith(entry["claim"]) for head in heads):
            print(f"nothing needs the reason for {entry['claim']}, {entry['mutant']}")


if __name__ == "__main__":
    main()
