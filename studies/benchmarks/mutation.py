"""Does the hunt notice a wrong formula? Perturb the theory behind every claim, and count the mutants that are caught.

    python studies/benchmarks/mutation.py [--examples 200] [--part B] [--every 3]

Four kinds of mutants, each in a theory function that the claim's prediction calls: its result times 1.05 (or
divided, for a bound: to the side that says too much) or with the other sign, one power raised by one, one term of
a sum left out. A mutant is caught where the claim no longer holds: it FAILS, is undecided, or its prediction cannot be
computed. Every survivor is listed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import sys
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from gantheory import Key, theory
from gantheory.claims import Claim, check, claims


class Mutant(NamedTuple):
    """A perturbed theory function: which, how, and what stands in its place."""

    function: str
    kind: str
    where: str
    replacement: Callable


class _Change(ast.NodeTransformer):
    """Changes the n-th place of a kind in a function, and remembers its line."""

    def __init__(self, kind: str, place: int):
        self.kind, self.place, self.seen, self.text = kind, place, 0, ""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        power = isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
        if not (power if self.kind == "exponent" else isinstance(node.op, (ast.Add, ast.Sub))):
            return node
        self.seen += 1
        if self.seen - 1 != self.place:
            return node
        self.text = ast.unparse(node)
        if self.kind == "dropped term":
            return node.left
        raised = ast.BinOp(node.right, ast.Add(), ast.Constant(1))
        return ast.BinOp(node.left, ast.Pow(), raised)


def mutants(name: str, *, most: int) -> Iterator[Mutant]:
    """Yield mutants of a theory function, ``most`` of every kind."""
    honest = getattr(theory, name)

    @wraps(honest)
    def turned(*arguments: Any, **options: Any) -> Any:
        return _negated(honest(*arguments, **options))

    yield Mutant(name, "sign", "result", turned)
    tree = ast.parse(textwrap.dedent(inspect.getsource(honest)))
    tree.body[0].decorator_list = []  # type: ignore[attr-defined]
    for kind in ("exponent", "dropped term"):
        for place in range(most):
            change = _Change(kind, place)
            changed = ast.fix_missing_locations(change.visit(copy.deepcopy(tree)))
            if not change.text:
                break
            space = dict(vars(sys.modules[honest.__module__]))
            exec(compile(changed, f"<{name}>", "exec"), space)
            yield Mutant(name, kind, change.text, space[name])


def _negated(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, np.ndarray) and value.dtype == bool):
        return np.logical_not(value)
    if isinstance(value, tuple):
        return (
            type(value)(*map(_negated, value)) if hasattr(value, "_fields") else tuple(map(_negated, value))
        )
    return value if isinstance(value, str) else -value


@contextmanager
def called() -> Iterator[set[str]]:
    """Note which public theory functions are called from outside theory while the block runs."""
    found: set[str] = set()

    def noting(name: str, function: Callable) -> Callable:
        @wraps(function)
        def noted(*arguments: Any, **options: Any) -> Any:
            found.add(name)
            return function(*arguments, **options)

        return noted

    with ExitStack() as stack:
        for name in theory.__all__:
            function = getattr(theory, name)
            if inspect.isfunction(function):
                stack.enter_context(patch.object(theory, name, noting(name, function)))
        yield found


def tightened(claim: Claim) -> Callable:
    """Return the claim's prediction, 5 percent off to the side where a bound says too much."""
    honest = type(claim).predicted

    def predicted(self: Claim, instance: Any) -> np.ndarray:
        p = np.asarray(honest(self, instance), dtype=np.float64)
        return p - 0.05 * np.abs(p) if claim.relation == "<=" else p + 0.05 * np.abs(p)

    return predicted


def caught(claim: Claim, *, examples: int) -> bool:
    """Say whether a claim, part of which has been replaced, no longer passes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return check(claim, examples=examples, key=Key(0)).verdict != (
                "UNDECIDED" if claim.open else "HOLDS"
            )
    except Exception:  # a prediction that cannot be computed has been noticed
        return True


def survey(claim: Claim, *, examples: int, most: int) -> Iterator[tuple[str, str, bool]]:
    """Yield kind, place and whether it was caught, for every mutant of a claim."""
    with patch.object(type(claim), "predicted", tightened(claim)):
        yield "factor", "prediction", caught(claim, examples=examples)
    with called() as names:
        check(claim, examples=1, key=Key(0))
    for name in sorted(names):
        for mutant in mutants(name, most=most):
            with patch.object(theory, name, mutant.replacement):
                yield mutant.kind, f"{name}: {mutant.where}", caught(claim, examples=examples)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--most", type=int, default=1, help="mutants of a kind in one theory function")
    parser.add_argument("--part", default="")
    parser.add_argument("--every", type=int, default=1, help="take every k-th claim")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    found: Counter[str] = Counter()
    chosen = [claim for claim in claims() if claim.part.startswith(options.part)][:: options.every]
    for claim in chosen:
        for kind, where, noticed in survey(claim, examples=options.examples, most=options.most):
            total[kind] += 1
            found[kind] += noticed
            if not noticed:
                print(f"SURVIVES {claim.part} {claim!r}  {kind}: {where}", flush=True)
    for kind, count in total.items():
        print(f"{kind:13} {found[kind]:4} of {count:4} caught")
    share = found.total() / max(1, total.total())
    print(f"{found.total()} of {total.total()} mutants of {len(chosen)} claims are caught: {share:.1%}")


if __name__ == "__main__":
    main()
