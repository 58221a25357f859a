"""What a claim is: a statement that reaches its number twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hypothesis.strategies import SearchStrategy

from gantheory.notation import Noun
from gantheory.random import Key


@dataclass(frozen=True)
class Claim(Noun, ABC):
    """A statement whose two sides are computed apart: ``observed relation predicted``, for every instance.

    ``predicted`` uses the formulas of `gantheory.theory` and nothing else; ``observed`` runs games, rules
    and objectives and never asks theory. Both return a number, or a sequence of as many numbers, all of
    which must obey the relation; ``observed`` may return an `Estimate`, whose interval then decides.

    A class states, beside its fields:

    - ``statement`` in words, ``latex`` typeset, ``reference`` as authors and year;
    - ``relation``: "=", "<=" or ">=";
    - ``tolerance``, relative to ``max(1, |predicted|)``;
    - ``false_alarm``: the probability that `check` calls a true statistical claim FAILS, in all.

    Instances are plain data (numbers, texts, tuples) or nouns, so that a counterexample can be printed and
    pasted. Where one simulation serves many cases, an instance is a batch of rows.
    """

    statement: ClassVar[str]
    latex: ClassVar[str]
    reference: ClassVar[str]
    relation: ClassVar[Literal["=", "<=", ">="]]
    tolerance: ClassVar[float] = 0.0
    false_alarm: ClassVar[float] = 1e-6

    @abstractmethod
    def instances(self) -> SearchStrategy[Any]:
        """Return the hypothesis strategy that draws the cases in which the statement should hold."""

    @abstractmethod
    def predicted(self, instance: Any) -> Any:
        """Return what theory says of an instance."""

    @abstractmethod
    def observed(self, instance: Any, key: Key) -> Any:
        """Return what the running code gives for an instance; a pure function of both arguments."""

    @property
    @abstractmethod
    def neighbour(self) -> Claim | None:
        """The same claim with an assumption dropped, which must FAIL; None for such a neighbour itself."""

    @classmethod
    @abstractmethod
    def examples(cls) -> tuple[Claim, ...]:
        """Return the claims of this class that the library makes, none of them a false neighbour."""
