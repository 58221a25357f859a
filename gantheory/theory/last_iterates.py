"""How fast the field vanishes along the last points of anchored and plain extragradient methods."""

from __future__ import annotations

import math
from collections.abc import Callable


_LARGEST = {"anchored": 0.125, "extragradient": math.sqrt(0.5)}
RULES = ("anchored", "fading anchored", "fast extragradient", "halpern", "extragradient")


def last_iterate_bound(
    steps: int,
    *,
    rule: str = "anchored",
    lipschitz: float = 1.0,
    distance: float = 1.0,
    rate: float | None = None,
    comonotone: float = 0.0,
) -> float:
    """Return a bound on |v|^2 at the last point after some steps, for monotone fields.

    Equation: with k steps, a start at distance R of a zero, L the Lipschitz constant, h the ``rate`` and ``a = h L``,

    - "anchored", the extra anchored gradient method with a constant rate of at most ``1 / (8 L)``:
      ``4 (1 + a + a^2) / (h^2 (1 + a)) R^2 / (k + 1)^2``, and the published ``260 L^2 R^2 / (k + 1)^2`` for 1 / (8 L),
      the default;
    - "fading anchored", the same with a rate that starts at ``0.618 / L``: ``27 L^2 R^2 / ((k + 1) (k + 2))``;
    - "fast extragradient" of rate ``1 / L``: ``4 L^2 R^2 / ((1 + 2 r)^2 k^2)`` for the ``comonotone`` r, 0 for monotone
      fields, else ``<v(w) - v(u), w - u> >= (r / L) |v(w) - v(u)|^2``;
    - "halpern", the iteration of a nonexpansive map T: ``4 R^2 / (k + 1)^2`` bounds ``|w - T w|^2``, without L;
    - "extragradient" with a rate up to ``1/(sqrt 2 L)``, by default just that: ``R^2 / (h^2 (1 - a^2) (k + 1))``.

    Raises `ValueError` for another rule, a negative number of steps, a comonotone of -1/2 or below, or a rate above
    the rule's, or given for one whose rate is fixed.

    Reference: Yoon, Ryu (2021); Lee, Kim (2021); Lieder (2021); Gorbunov, Loizou, Gidel (2022).

    Example:
        >>> last_iterate_bound(9), last_iterate_bound(9, rule="halpern")
        (2.6, 0.04)
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    if not comonotone > -0.5:
        raise ValueError(f"comonotone must exceed -1/2, got {comonotone}")
    a = None if rate is None else rate * lipschitz
    if a is not None and rule not in _LARGEST:
        raise ValueError(f"rate must be left out for {rule!r}, which has its own, got {rate}")
    if a is not None and not 0 < a <= _LARGEST[rule] * (1 + 1e-12):
        raise ValueError(f"rate must lie in (0, {_LARGEST[rule]:.4g} / L] for {rule!r}, got {rate}")
    return _SCALES[rule](steps, a, comonotone) * distance**2 * (1.0 if rule == "halpern" else lipschitz**2)


def _anchored(k: int, a: float | None, r: float) -> float:
    scale = 260 if a is None else 4 * (1 + a + a**2) / (a**2 * (1 + a))
    return scale / (k + 1) ** 2


def _extragradient(k: int, a: float | None, r: float) -> float:
    a = math.sqrt(0.5) if a is None else a
    return 1 / (a**2 * (1 - a**2) * (k + 1))


_SCALES: dict[str, Callable[[int, float | None, float], float]] = {
    "anchored": _anchored,
    "fading anchored": lambda k, a, r: 27 / ((k + 1) * (k + 2)),
    "fast extragradient": lambda k, a, r: 4 / ((1 + 2 * r) * k) ** 2 if k else math.inf,
    "halpern": lambda k, a, r: 4 / (k + 1) ** 2,
    "extragradient": _extragradient,
}
