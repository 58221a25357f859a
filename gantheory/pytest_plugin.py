"""Claims as tests: pytest collects those that a test module, or a file named to it, defines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("gantheory").addoption(
        "--claim-examples", type=int, default=200, help="instances tried for every claim (200)"
    )


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """Return a claim's tests: that it holds, and that its neighbour fails."""
    home = sys.modules.get("gantheory.claims.claim")
    if home is None:  # who has not imported claims defines none, and shall not wait for torch
        return None
    if isinstance(obj, home.Claim):
        found = [(name, obj)]
    elif (
        isinstance(obj, type) and issubclass(obj, home.Claim) and obj.__module__ == collector.module.__name__
    ):
        if obj.__abstractmethods__:
            return None
        examples = obj.examples()
        found = [(name if len(examples) == 1 else repr(claim), claim) for claim in examples]
    else:
        return None
    return [item for label, claim in found for item in _items(collector, label, claim)]


def _items(collector: Any, name: str, claim: Any) -> Iterator[pytest.Item]:
    yield ClaimItem.from_parent(collector, name=name, claim=claim)
    if claim.neighbour is not None:
        yield NeighbourItem.from_parent(collector, name=f"{name}-neighbour", claim=claim.neighbour)


class ClaimItem(pytest.Item):
    """The test that a claim holds: it fails with the counterexample, and is skipped where nothing is decided."""

    def __init__(self, *, claim: Any, **options: Any):
        super().__init__(**options)
        self.claim = claim

    def verdict(self) -> Any:
        from gantheory.claims import check

        return check(self.claim, examples=self.config.option.claim_examples)

    def runtest(self) -> None:
        verdict = self.verdict()
        if verdict.verdict == "UNDECIDED":
            pytest.skip(f"UNDECIDED: {verdict.reason}")
        if verdict.verdict == "FAILS":
            pytest.fail(str(verdict), pytrace=False)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, None, self.name


class NeighbourItem(ClaimItem):
    """The test that a claim's known-false neighbour fails."""

    def runtest(self) -> None:
        verdict = self.verdict()
        if verdict.verdict != "FAILS":
            pytest.fail(
                f"the false neighbour does not fail, the hunt is blind there: {verdict}", pytrace=False
            )
