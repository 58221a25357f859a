"""How networks start."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor


if TYPE_CHECKING:
    from gantheory.random import Key


Initialisation = Literal["uniform", "normal", "kaiming", "orthogonal"]
"""How weights are drawn, with a number ``gain``:

- "uniform" on ``+- gain / sqrt(fan_in)``, biases too, as `torch.nn.Linear` has them at gain 1;
- "normal" with standard deviation ``gain``, 0.02 unless given, as in DCGAN;
- "kaiming" normal with standard deviation ``gain sqrt(2 / fan_in)``;
- "orthogonal" ``gain`` times a matrix whose rows or columns, whichever are fewer, are orthonormal.

The last three start biases at 0.
"""


def draw_initial(
    kind: Initialisation, gain: float | None, shape: tuple[int, ...], fan_in: int, key: Key
) -> Tensor:
    """Draw the initial entries ``(*batch, entries)`` of a parameter of a shape.

    Reference: Saxe, McClelland, Ganguli (2014), orthogonal; He, Zhang, Ren, Sun (2015), kaiming; Radford,
    Metz, Chintala (2016), normal.
    """
    size, factor = math.prod(shape), _gain(kind, gain)
    if kind == "uniform":
        return (2 * key.uniform(size) - 1) * (factor / math.sqrt(fan_in))
    draw = key.normal(size)
    if len(shape) < 2:
        return torch.zeros_like(draw)
    if kind == "orthogonal":
        rows = draw.reshape(*draw.shape[:-1], shape[0], -1)
        return factor * orthonormal(rows).flatten(-2)
    return draw * (factor if kind == "normal" else factor * math.sqrt(2 / fan_in))


def orthonormal(matrix: Tensor) -> Tensor:
    """Return the factor Q of ``W = Q R`` with a positive diagonal of R, or of the transpose of a wide W.

    Shapes: ``(..., m, n)``. Rows or columns, whichever are fewer, become orthonormal; of independent normal
    entries the result is uniform among such matrices.

    Reference: Mezzadri (2007).
    """
    tall = matrix.shape[-2] >= matrix.shape[-1]
    q, r = torch.linalg.qr(matrix if tall else matrix.mT)
    turned = q * torch.where(r.diagonal(dim1=-2, dim2=-1) < 0, -1.0, 1.0).to(q.dtype)[..., None, :]
    return turned if tall else turned.mT


def check_gain(name: str, gain: float | None) -> None:
    """Refuse a gain that is not positive and finite."""
    if gain is not None and not 0 < gain < math.inf:
        raise ValueError(f"{name} needs a positive, finite gain, or None for the customary one, got {gain}")


def _gain(kind: Initialisation, gain: float | None) -> float:
    if gain is not None:
        return gain
    return 0.02 if kind == "normal" else 1.0
