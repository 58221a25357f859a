"""A line of instances, for the picture of a claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Curve(NamedTuple):
    """Instances of a claim along one scalar: the picture shows what is measured over what is predicted.

    ``name`` labels the axis, ``values`` are the scalar's, ``instance`` makes an instance of each. Where an
    instance has several numbers, the picture shows that of row ``row``, or the one that changes most. ``log``
    says which axes are logarithmic: "", "x", "y" or "xy".

    Example:
        >>> Curve("rate", (0.1, 0.2), lambda rate: ((rate, 1.0),)).instance(0.1)
        ((0.1, 1.0),)
    """

    name: str
    values: tuple[float, ...]
    instance: Callable[[float], Any]
    row: int | None = None
    log: str = ""
