"""Which integral each variational objective measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, best_critic_loss, counted, masses
from gantheory.claims.claim import Claim, Kind
from gantheory.games import FGAN
from gantheory.random import Key


Name = Literal["kl", "reverse-kl", "pearson", "neyman", "hellinger", "jensen-shannon", "gan"]


@dataclass(frozen=True)
class VariationalBound(Claim):
    """The best critic of an f-GAN loses minus ``int q f(p/q)``.

    The neighbour reads the name instead of the function (``read="name"``): "kl" and "reverse-kl" exchanged; beside
    ``f = (u - 1)^2`` the integral ``int (q - p)^2 / p`` that is printed for it, and the other for "neyman"; the
    Hellinger distance with its factor 1/2; a Jensen-Shannon divergence that is not doubled; and for "gan" no
    ``log 4``.

    Reference: Nowozin, Cseke, Tomioka (2016); Nguyen, Wainwright, Jordan (2010).

    Example:
        >>> round(VariationalBound("pearson").predicted(((1, 1), (1, 3))), 6)
        0.333333
        >>> round(VariationalBound("pearson", read="name").predicted(((1, 1), (1, 3))), 6)
        0.25
    """

    divergence: Name = "pearson"
    read: Literal["function", "name"] = "function"

    part: ClassVar[str] = "A11"
    statement: ClassVar[str] = (
        "The largest value of E_p T - E_q f*(T) is int q f(p/q), at T = f'(p/q); for f = (u - 1)^2 that is "
        "int (p - q)^2 / q, for the Jensen-Shannon f twice the divergence, for the GAN f that less log 4"
    )
    latex: ClassVar[str] = (
        r"\max_T\; E_p T - E_q f^*(T) = \int q\, f\!\left(\frac pq\right),\qquad T^* = f'\!\left(\frac pq\right)"
    )
    reference: ClassVar[str] = "Nowozin, Cseke, Tomioka (2016); Nguyen, Wainwright, Jordan (2010)"
    assumptions: ClassVar[str] = "the divergence is read from its f, not from the name printed beside it"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted()

    def predicted(self, instance: Counts) -> float:
        p, q = masses(instance)
        kind = self.divergence
        if self.read == "function":
            return float(theory.f_divergence(p, q, kind=kind))
        if kind in ("kl", "reverse-kl", "pearson", "neyman"):
            return float(theory.f_divergence(q, p, kind=kind))
        value = float(theory.f_divergence(p, q, kind=kind))
        return value + float(np.log(4)) if kind == "gan" else value / 2

    def observed(self, instance: Counts, key: Key) -> float:
        return -best_critic_loss(FGAN(self.divergence), instance)

    @property
    def neighbour(self) -> VariationalBound | None:
        return self.replace(read="name") if self.read == "function" else None

    @classmethod
    def examples(cls) -> tuple[VariationalBound, ...]:
        return tuple(cls(name) for name in get_args(Name))
