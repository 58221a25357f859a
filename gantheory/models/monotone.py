"""Roots of monotone functions, by halving."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


HALVINGS = 30
POLISH = 2


def monotone_inverse(
    function: Callable[[Tensor], tuple[Tensor, Tensor]], target: Tensor, low: Tensor, high: Tensor
) -> Tensor:
    """Return x between ``low`` and ``high`` with ``f(x) = target``, for an increasing f, element by element.

    ``function(x)`` gives f and its derivative. The bracket is halved a fixed number of times, so that this runs
    under `torch.func.vmap`; two steps of Newton's method then bring the last digits, and derivatives up to the
    third order in everything that f depends on.
    """
    with torch.no_grad():
        a, b = low, high
        for _ in range(HALVINGS):
            middle = (a + b) / 2
            below = function(middle)[0] < target
            a, b = torch.where(below, middle, a), torch.where(below, b, middle)
        x = ((a + b) / 2).detach()
    for _ in range(POLISH):
        value, slope = function(x)
        x = x - (value - target) / slope.clamp(min=1e-9)  # a slope that rounding made 0 has no Newton step
    return x
