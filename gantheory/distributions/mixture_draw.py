"""Samples of Gaussian mixtures, in one pass where a kernel is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.ops.mixture import mixture


if TYPE_CHECKING:
    from gantheory.random import Key


def draw_mixture(
    noise: Key,
    choice: Key,
    n: int,
    start: int,
    centres: Tensor,
    *,
    scale: Tensor | float = 1.0,
    factors: Tensor | None = None,
    digits: int = 1,
    weights: np.ndarray | None = None,
) -> Tensor:
    """Return rows ``start`` to ``start + n`` of a mixture, ``(*batch, n, d)``, in the dtype of the noise's draws.

    ``centres`` is (modes, d) or (batch, modes, d). Noise is multiplied by ``scale``, a number or one a row of
    the batch, or by lower triangular ``factors`` (modes, d, d). The mode of row i is integer i of the key
    ``choice``, or has ``digits`` of them; with ``weights`` it says where uniform number i lies among their
    partial sums. Raises `ValueError` for negative sizes.
    """
    like = noise.normal(n if n < 0 else 0, start=start)  # says dtype, device, and what is wrong with sizes
    centres = centres.to(like).reshape(-1, *centres.shape[-2:])
    if factors is None:
        spread = torch.as_tensor(scale, dtype=like.dtype, device=like.device).reshape(-1)
    else:
        spread = factors.to(like).reshape(1, *factors.shape)
    first, second = (np.ascontiguousarray(key.words.reshape(-1, 4)) for key in (noise, choice))
    points = mixture(first, second, start, n, centres, spread, digits=digits, weights=weights)
    return points.reshape(*noise.batch, n, centres.shape[-1])
