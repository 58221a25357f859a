"""What each divergence charges for a mode that the generator drops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import best_critic_loss, measured
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.games import FGAN
from gantheory.random import Key


Instance = tuple[int, tuple[int, ...]]
"""How many real samples lie in the mode that is dropped, and how many on each atom that is kept."""


@dataclass(frozen=True)
class DroppedMode(Claim):
    """Dropping a mode of the share eps costs ``-log(1 - eps)`` in KL(q||p) and about ``(eps/2) log 2`` in JSD.

    The neighbour has it for nothing (``free=True``).

    Reference: Arjovsky, Bottou (2017); Lin (1991).

    Example:
        >>> round(DroppedMode("reverse-kl").predicted((1, (1,))), 6)
        0.693147
    """

    divergence: Literal["jensen-shannon", "reverse-kl", "total variation"] = "jensen-shannon"
    free: bool = False

    part: ClassVar[str] = "A16"
    statement: ClassVar[str] = (
        "A generator that is right but for a mode of share eps which it drops is at the distance -log(1 - eps) in "
        "KL(q||p), eps in total variation and about (eps/2) log 2 in JSD; in KL(p||q) it is infinitely far"
    )
    latex: ClassVar[str] = (
        r"\mathrm{KL}(q\|p) = -\log(1 - \epsilon),\quad \mathrm{JSD} = \tfrac12\big[\epsilon\log 2 + "
        r"(1 - \epsilon)\log\tfrac{2(1 - \epsilon)}{2 - \epsilon} + \log\tfrac{2}{2 - \epsilon}\big]"
    )
    reference: ClassVar[str] = "Arjovsky, Bottou (2017); Lin (1991)"
    assumptions: ClassVar[str] = "what is kept keeps its proportions"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[Instance]:
        return st.tuples(st.integers(1, 200), st.lists(st.integers(1, 60), min_size=1, max_size=8).map(tuple))

    def predicted(self, instance: Instance) -> float:
        dropped, kept = instance
        price = float(theory.dropped_mode(dropped / (dropped + sum(kept)), divergence=self.divergence))
        return 0.0 if self.free else price

    def observed(self, instance: Instance, key: Key) -> float:
        dropped, kept = instance
        counts = (dropped, *kept), (0, *kept)
        if self.divergence == "reverse-kl":
            return -best_critic_loss(FGAN("reverse-kl"), counts)
        return measured(counts, "JSD" if self.divergence == "jensen-shannon" else "TV")

    def curve(self) -> Curve:
        return Curve("share dropped", tuple(k / 20 for k in range(1, 19)), lambda share: _instance(share))

    @property
    def neighbour(self) -> DroppedMode | None:
        return None if self.free else self.replace(free=True)

    @classmethod
    def examples(cls) -> tuple[DroppedMode, ...]:
        return cls("jensen-shannon"), cls("reverse-kl"), cls("total variation")


def _instance(share: float) -> Instance:
    kept = 100
    return math.ceil(kept * share / (1 - share)), (kept,)
