"""How many modes a few planar layers can make of one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.models import Planar
from gantheory.random import Key


Layers = tuple[tuple[float, float, float], ...]
"""w, b and u of every layer, on the line."""

MANY: tuple[Layers, ...] = (
    ((5.0, 0.0, -3.0),),
    ((7.4, -0.2, 0.6), (0.6, 0.0, -7.7)),
    ((15.8, 0.5, 0.4), (-21.5, -0.5, -0.3), (1.0, 0.1, -13.8)),
)
"""Layers of one to three that make as many modes as have been found."""


@dataclass(frozen=True)
class PlanarModes(Claim):
    """Can k planar layers make more than 2k modes of one, on the line? Nobody has shown it, either way.

    How many layers a flow takes for a law of many modes is one case of the question what flows pay in parameters for
    having an inverse. The neighbour allows one mode more a layer, ``k + 1`` (``growth="one a layer"``).

    Reference: Odena (2019), problem 1; Rezende, Mohamed (2015), for the layers.

    Example:
        >>> PlanarModes().predicted(((5.0, 0.0, -3.0),))
        2
    """

    growth: Literal["two a layer", "one a layer"] = "two a layer"

    part: ClassVar[str] = "G02"
    statement: ClassVar[str] = (
        "A flow of k planar layers from data to standard noise, z + u tanh(wz + b) on the line, has a density of at "
        "most 2k modes; so a law of K modes takes K/2 layers"
    )
    latex: ClassVar[str] = (
        r"\#\,\text{modes of } N\big(z_k(x); 0, 1\big)\prod_{i \le k} z_i'(z_{i - 1}) \le 2k,\qquad "
        r"z_i(z) = z + u_i \tanh(w_i z + b_i)"
    )
    reference: ClassVar[str] = "open; Odena (2019), problem 1, asks what flows pay for their inverse"
    assumptions: ClassVar[str] = (
        "one dimension, w u > -1; modes a millionth of a nat deep or more, within 14 of 0"
    )
    kind: ClassVar[Kind] = "inequality"
    open: ClassVar[bool] = True
    study: ClassVar[str] = "studies/reproductions/likelihood_gaps.py"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="

    def instances(self) -> st.SearchStrategy[Layers]:
        def tenths(most: int) -> st.SearchStrategy[float]:
            return st.integers(-most, most).map(lambda k: k / 10)

        layer = st.tuples(tenths(300).filter(bool), tenths(60), tenths(250))
        free = st.lists(layer, min_size=1, max_size=3).map(tuple)

        def near(layers: Layers) -> st.SearchStrategy[Layers]:
            moves = st.tuples(*[st.tuples(*[tenths(3)] * 3)] * len(layers))
            return moves.map(lambda by: tuple(map(_moved, layers, by)))

        return st.sampled_from(MANY) | st.sampled_from(MANY).flatmap(near) | free

    def predicted(self, instance: Layers) -> int:
        most = theory.planar_modes(len(instance))
        return most if self.growth == "two a layer" else most - len(instance) + 1

    def observed(self, instance: Layers, key: Key) -> int:
        """Count the peaks of the library's log density along a fine line that have valleys between them."""
        w = torch.tensor([x for column in zip(*instance) for x in column], dtype=torch.float64)
        x = torch.linspace(-14, 14, 4001, dtype=torch.float64)[:, None]
        return _peaks(Planar(1, layers=len(instance)).log_prob(w, x).numpy())

    @property
    def neighbour(self) -> PlanarModes | None:
        return self.replace(growth="one a layer") if self.growth == "two a layer" else None

    @classmethod
    def examples(cls) -> tuple[PlanarModes, ...]:
        return (cls(),)


def _moved(layer: tuple[float, float, float], by: tuple[float, ...]) -> tuple[float, float, float]:
    w, b, u = (round(x + move, 1) for x, move in zip(layer, by))
    return w or 0.1, b, u  # a layer without weight is none


def _peaks(heights: np.ndarray, *, depth: float = 1e-6) -> int:
    """Return how many peaks a row has with valleys of a depth on both sides."""
    peaks, top, bottom, rising = 0, -math.inf, math.inf, True
    for height in heights.tolist():
        if rising:
            top = max(top, height)
            if height < top - depth:
                peaks, bottom, rising = peaks + 1, height, False
        else:
            bottom = min(bottom, height)
            if height > bottom + depth:
                top, rising = height, True
    return peaks
