"""Points of Gaussian mixtures, drawn in one pass over the memory."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gantheory.ops import native, philox


def mixture(
    noise: np.ndarray,
    choice: np.ndarray,
    first: int,
    count: int,
    centres: Tensor,
    factors: Tensor,
    *,
    digits: int = 1,
    weights: np.ndarray | None = None,
) -> Tensor:
    """Return points first .. first + count - 1 of each row's mixture of Gaussians, (B, count, d).

    Equation: ``x_i = c_k + L_k z_i``, with z_i the d normals at positions i d .. of the key ``noise`` and
    the mode k from the key ``choice``: a number of ``digits`` integers below ``modes^(1 / digits)``, the
    highest first; or, with ``weights`` (modes,), the number of their partial sums, but the last, that are at
    most uniform number i.

    Keys are (B, 4) words. ``centres`` is (B or 1, modes, d), float32 or float64, and says where the points will
    be; ``factors`` is (B or 1,), the same multiple of the identity for every mode, or lower triangular
    (B or 1, modes, d, d). On the CPU a native kernel makes them in one pass; products and sums round one by
    one, so that the bits are those of `mixture_reference`, for every instruction set and number of threads.

    Raises `ValueError` where shapes disagree or ``modes`` is no power with the exponent ``digits``.

    Example:
        >>> keys = np.array([[1, 2, 3, 4]], np.uint32), np.array([[5, 6, 7, 8]], np.uint32)
        >>> tuple(mixture(*keys, 0, 3, torch.zeros(1, 8, 2), torch.ones(1)).shape)
        (1, 3, 2)
    """
    base = _check(noise, choice, centres, factors, digits, weights)
    if not _fused(centres):
        return mixture_reference(
            noise, choice, first, count, centres, factors, digits=digits, weights=weights
        )
    rows, (_, modes, d) = len(noise), centres.shape
    philox._check(noise, first * d, count * d)
    philox._check(choice, 2 * digits * first, 2 * digits * count)
    philox.check_draw(rows, count * d, centres.dtype, None)
    centres, factors = centres.contiguous(), factors.contiguous()
    limits = np.zeros(0, np.int32) if weights is None else _limits(weights)
    out = centres.new_empty(rows, count, d)
    draw = getattr(native.library, f"philox_mixture_{philox._suffix(centres.dtype)}")
    draw(
        (
            noise.ctypes.data,
            choice.ctypes.data,
            limits.ctypes.data,
            centres.data_ptr(),
            factors.data_ptr(),
        ),
        (digits if weights is None else 0, base, d),
        (0 if len(centres) == 1 else modes * d, 0 if len(factors) == 1 else math.prod(factors.shape[1:])),
        factors.dim() == 1,
        rows,
        first,
        count,
        out.data_ptr(),
        native.threads(),
    )
    return out


def mixture_reference(
    noise: np.ndarray,
    choice: np.ndarray,
    first: int,
    count: int,
    centres: Tensor,
    factors: Tensor,
    *,
    digits: int = 1,
    weights: np.ndarray | None = None,
) -> Tensor:
    """Return the same as `mixture`, as a composition of draws, gathers, products and sums."""
    rows, (_, modes, d), device = len(noise), centres.shape, centres.device
    flat = philox.normal(noise, first * d, count * d, dtype=centres.dtype, device=device)
    z = flat.reshape(rows, count, d)
    if weights is None:
        base = round(modes ** (1 / digits))
        drawn = philox.integers(choice, base, first * digits, count * digits, device=device)
        powers = base ** torch.arange(digits - 1, -1, -1, device=device)
        mode = (drawn.reshape(rows, count, digits) * powers).sum(-1)
    else:
        u = philox.uniform(choice, first, count, dtype=torch.float64, device=device)
        mode = torch.searchsorted(torch.as_tensor(_edges(weights), device=device), u, right=True)
    row = torch.arange(rows, device=device)[:, None]
    at = (0 if len(centres) == 1 else row), mode
    if factors.dim() == 1:
        return centres[at] + factors.reshape(-1, 1, 1) * z
    which = (0 if len(factors) == 1 else row), mode
    total = factors[..., 0][which] * z[..., :1]
    for j in range(1, d):
        total = total + factors[..., j][which] * z[..., j : j + 1]
    return centres[at] + total


def _fused(centres: Tensor) -> bool:
    """Whether the kernel of the CPU may draw: there is none on CUDA."""
    return centres.device.type == "cpu" and native.library is not None and native.table(centres) < 2


def _edges(weights: np.ndarray) -> np.ndarray:
    return (np.asarray(weights, np.float64) / np.sum(weights)).cumsum()[:-1]


def _limits(weights: np.ndarray) -> np.ndarray:
    """The least k with (k + 1/2) 2^-24 at or above each edge (exact, as edges are at most 1), and a last one."""
    return np.append(np.ceil(_edges(weights) * 2.0**24 - 0.5), 2.0**31 - 1).astype(np.int32)


def _check(noise, choice, centres: Tensor, factors: Tensor, digits: int, weights) -> int:
    """Check what fits together, and return the base of the modes' digits."""
    rows = len(noise)
    if centres.dim() != 3 or len(centres) not in (1, rows) or 0 in centres.shape[1:]:
        raise ValueError(f"centres must be ({rows} or 1, modes, d), but are {tuple(centres.shape)}")
    modes, d = centres.shape[1:]
    fits = factors.dim() == 1 or factors.shape[1:] == (modes, d, d)
    if not fits or len(factors) not in (1, rows):
        raise ValueError(
            f"factors must be ({rows} or 1,) or ({rows} or 1, {modes}, {d}, {d}), but are {tuple(factors.shape)}"
        )
    if (factors.dtype, factors.device) != (centres.dtype, centres.device) or len(choice) != rows:
        raise ValueError("centres and factors must have one dtype and device, noise and choice as many keys")
    philox._suffix(centres.dtype)
    if weights is not None:
        if len(weights) != modes or not (np.asarray(weights) > 0).all():
            raise ValueError(f"weights must be {modes} positive numbers, got {weights}")
        return modes
    base = round(modes ** (1 / digits)) if 1 <= digits <= 64 else 0
    if base**digits != modes or base >= 1 << 31:
        raise ValueError(f"{modes} modes are not all numbers of {digits} digits in one base below 2^31")
    return base
