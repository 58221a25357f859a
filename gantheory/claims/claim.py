"""What a claim is: a statement that reaches its number twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hypothesis.strategies import SearchStrategy

from gantheory.claims.box import Box
from gantheory.claims.curve import Curve
from gantheory.notation import Noun
from gantheory.random import Key


Kind = Literal["identity", "inequality", "convergence", "rate", "law", "existence"]


@dataclass(frozen=True)
class Claim(Noun, ABC):
    """A statement whose two sides are computed apart: ``observed relation predicted``, for every instance.

    ``predicted`` uses the formulas of `gantheory.theory` and nothing else; ``observed`` runs games, rules
    and objectives and never asks theory. Both return a number, or an array of one shape, all of whose
    numbers must obey the relation; ``observed`` may return an `Estimate`, whose interval then decides.

    A class states, beside its fields (``statement`` and ``relation`` at least):

    - ``part``, its place in the catalogue, a letter and two digits (the letter names the folder's subject);
    - ``statement`` in words, ``latex`` typeset, ``reference`` as authors and year, ``assumptions`` under
      which it is made;
    - ``kind``: "identity", "inequality", "convergence" (or its absence), "rate", "law" (of statistics) or
      "existence";
    - ``open``: nobody has proved it, so that the best verdict it can get is UNDECIDED, with the evidence;
    - ``study``: the study that measures more of it, as a path in the repository, such as
      "studies/convergence.py"; verdicts and the page name it;
    - ``relation``: "=", "<=" or ">=";
    - ``tolerance``, relative to ``max(1, |predicted|)``; an "=" that is measured by an `Estimate` needs one, for
      an interval never shows two numbers equal;
    - ``false_alarm``: the probability that `check` calls a true statistical claim FAILS, in all.

    Instances are plain data (numbers, texts, tuples) or nouns, so that a counterexample can be printed and
    pasted. Where one simulation serves many cases, give a ``box`` instead of `instances`: an instance is then
    a tuple of rows, one number a column of the box, both sides have the rows first, and a counterexample
    shrinks to one row.
    """

    part: ClassVar[str] = ""
    statement: ClassVar[str]
    latex: ClassVar[str] = ""
    reference: ClassVar[str] = ""
    assumptions: ClassVar[str] = ""
    kind: ClassVar[Kind] = "identity"
    open: ClassVar[bool] = False
    study: ClassVar[str] = ""
    relation: ClassVar[Literal["=", "<=", ">="]]
    tolerance: ClassVar[float] = 0.0
    false_alarm: ClassVar[float] = 1e-6
    box: ClassVar[Box | None] = None

    def instances(self) -> SearchStrategy[Any]:
        """Return the hypothesis strategy that draws the cases in which the statement should hold."""
        if self.box is None:
            raise ValueError(f"{type(self).__name__} draws nothing: give it a box, or write its instances()")
        return self.box.batches()

    @abstractmethod
    def predicted(self, instance: Any) -> Any:
        """Return what theory says of an instance."""

    @abstractmethod
    def observed(self, instance: Any, key: Key) -> Any:
        """Return what the running code gives for an instance; a pure function of both arguments.

        All instances of a check get one key. Where chance should differ among them, draw a seed into the
        instance and use ``key.child(seed)``.
        """

    def curve(self) -> Curve | None:
        """Return instances along a scalar, for the picture of measured over predicted.

        None leaves the choice to the page: a claim with a box runs along the column that changes most, one without
        shows the instances that were tried.
        """
        return None

    @property
    def neighbour(self) -> Claim | None:
        """The same claim with an assumption dropped, which must FAIL; None for such a neighbour itself."""
        return None

    @classmethod
    def examples(cls) -> tuple[Claim, ...]:
        """Return the claims that this class makes, none of them a false neighbour; the default one, if unsaid."""
        return (cls(),)
