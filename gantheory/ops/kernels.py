"""Kernels of a distance: their names, numbers and plain-torch values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


# the numbers are those of csrc/pairwise/interface.h
KERNELS = {"energy": 0, "squared": 1, "gaussian": 2, "laplace": 3, "rational_quadratic": 4}
MANHATTAN, CHEBYSHEV = 5, 6
SCALED = ("gaussian", "laplace", "rational_quadratic")  # those that have a bandwidth

Bandwidth = float | Sequence[float] | None  # several share a pass


def check_kernel(kernel: str, bandwidth: Bandwidth) -> tuple[int, list[float]]:
    """Return a kernel's number and its bandwidths: one, for a kernel that has none."""
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {', '.join(KERNELS)}, not {kernel!r}")
    if kernel not in SCALED:
        if bandwidth is not None:
            raise ValueError(f"the kernel {kernel!r} has no bandwidth: leave it out, got {bandwidth!r}")
        return KERNELS[kernel], [1.0]
    if bandwidth is None:
        raise ValueError(f"the kernel {kernel!r} needs a bandwidth, a positive number or several")
    found = [float(h) for h in bandwidth] if isinstance(bandwidth, Sequence) else [float(bandwidth)]
    if not found or not all(0 < h < math.inf for h in found):
        raise ValueError(f"bandwidth must be one or more positive, finite numbers, but is {bandwidth!r}")
    return KERNELS[kernel], found


def safe_root(square: Tensor) -> Tensor:
    """The square root, with gradient 0 at 0."""
    zero = square == 0
    return torch.where(zero, 0, torch.where(zero, 1, square).sqrt())


def kernel_values(square: Tensor, kernel: int, bandwidth: float) -> Tensor:
    """Values of a kernel at squared distances."""
    if kernel == KERNELS["gaussian"]:
        return (square * (-0.5 / bandwidth**2)).exp()
    if kernel == KERNELS["laplace"]:
        return (safe_root(square) * (-1 / bandwidth)).exp()
    if kernel == KERNELS["rational_quadratic"]:
        return 1 / (1 + square * (0.5 / bandwidth**2))
    return square if kernel == KERNELS["squared"] else safe_root(square)


def kernel_slopes(square: Tensor, kernel: int, bandwidth: float) -> Tensor:
    """2 dk/dq at squared distances q, the factor in dk/dx = slope (x - y); 0 where k has a corner."""
    zero = square == 0
    inverse = torch.where(zero, 0, torch.where(zero, 1, square).rsqrt())
    if kernel == KERNELS["energy"]:
        return inverse
    if kernel == KERNELS["squared"]:
        return torch.full_like(square, 2)
    value = kernel_values(square, kernel, bandwidth)
    if kernel == KERNELS["laplace"]:
        return value * inverse * (-1 / bandwidth)
    power = value if kernel == KERNELS["gaussian"] else value.square()
    return power * (-1 / bandwidth**2)


def value_at_zero(kernel: int) -> float:
    """k(x, x)."""
    return 0.0 if kernel in (KERNELS["energy"], KERNELS["squared"]) else 1.0
