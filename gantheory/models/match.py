"""Equal budgets of parameters."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from gantheory.models.model import Model
from gantheory.notation import Noun, field_at, replaced


Sized = TypeVar("Sized", bound=Noun)


def match_parameters(models: Sequence[Sized], budget: int, *, tolerance: float = 0.05) -> tuple[Sized, ...]:
    """Return the models with widths changed so that each has about ``budget`` parameters.

    A model's widths are the numbers of its field ``hidden``, or of those of the models in it; they keep their
    proportions to rounding, and whole widths are searched for the number of parameters nearest to the budget. A
    game counts all parameters of all players, and the widths of all its models move together. Models that are
    equal but for their widths become equal; depth, and all else, stays.

    Raises `ValueError` for a model that has no ``hidden`` widths, and where no widths come within ``tolerance``,
    a share of the budget; it names the nearest number.

    Example:
        >>> from gantheory import MLP, RealNVP
        >>> family = match_parameters([MLP(2, (64, 64), 2), RealNVP(2, layers=6, hidden=(8, 8))], 10_000)
        >>> [model.hidden for model in family], [model.size for model in family]
        ([(97, 97), (39, 38)], [9993, 10056])
    """
    if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
        raise ValueError(f"budget must be a whole number of parameters, at least 1, got {budget!r}")
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance must be a share of the budget in [0, 1), got {tolerance}")
    if isinstance(models, Noun):
        raise ValueError(
            f"models must be a list of models or games, such as [gan, flow], got {models!r:.200}"
        )
    return tuple(_matched(model, budget, tolerance) for model in models)


def _matched(model: Any, budget: int, tolerance: float) -> Any:
    paths = [path for path in _paths(model) if field_at(model, path)[0]]
    if not paths:
        raise ValueError(f"{model} cannot be widened: it has no field `hidden` with widths")
    widths = [width for path in paths for width in field_at(model, path)[0]]

    def of(largest: int, risen: int = 0) -> Any:
        """The model whose largest width is given; its first ``risen`` widths are those of the next one."""
        scaled = [max(1, round(w * (largest + (i < risen)) / max(widths))) for i, w in enumerate(widths)]
        found, rest = model, iter(scaled)
        for path in paths:
            found = replaced(found, path, tuple(next(rest) for _ in field_at(model, path)[0]))
        return found

    low, high = 1, 2
    while _size(of(high)) < budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _size(of(middle)) <= budget else (low, middle)
    near = [of(low, risen) for risen in range(len(widths) + 1)]
    best = min(near, key=lambda candidate: abs(_size(candidate) - budget))
    if abs(_size(best) - budget) > tolerance * budget:
        raise ValueError(
            f"no widths of {model} come within {tolerance:.1%} of {budget} parameters: the nearest, {best}, has "
            f"{_size(best)}. Change its depth, or the budget"
        )
    return best


def _paths(noun: Any, path: str = "") -> Iterator[str]:
    """Yield the dotted paths of the widths in a model, or in all models of a noun."""
    if isinstance(noun, tuple):
        parts = [(str(i), part) for i, part in enumerate(noun)]
    elif dataclasses.is_dataclass(noun):
        parts = [(f.name, getattr(noun, f.name)) for f in dataclasses.fields(noun)]
    else:
        return
    for name, part in parts:
        inner = f"{path}.{name}" if path else name
        if name == "hidden" and isinstance(noun, Model) and isinstance(part, tuple):
            yield inner
        else:
            yield from _paths(part, inner)


def _size(model: Any) -> int:
    return model.size if isinstance(model, Model) else sum(model.sizes)
