"""Shapes, checked and named in one line."""

from __future__ import annotations


def dims(array, pattern: str, *, name: str = "x") -> tuple[int, ...]:
    """Check an array's shape against a pattern and return the sizes that the pattern names.

    A letter binds a size (the same letter twice must agree), a number must be met exactly, and a
    leading ``...`` stands for any number of batch axes, which are not returned.

    Raises `ValueError` that names the argument, the wanted and the received shape.

    Example:
        >>> import numpy as np
        >>> dims(np.zeros((5, 2)), "n d")
        (5, 2)
        >>> dims(np.zeros((3, 5, 2)), "... n 2")
        (5,)
    """
    shape = tuple(array.shape)
    wanted = pattern.split()
    batched = bool(wanted) and wanted[0] == "..."
    wanted = wanted[1:] if batched else wanted
    tail = shape[len(shape) - len(wanted) :] if batched and len(shape) >= len(wanted) else shape
    sizes: dict[str, int] = {}
    fits = len(tail) == len(wanted) and all(
        size == int(want) if want.isdigit() else sizes.setdefault(want, size) == size
        for want, size in zip(wanted, tail)
    )
    if not fits:
        raise ValueError(f"{name} must have shape ({', '.join(pattern.split())}), but has shape {shape}")
    return tuple(sizes.values())
