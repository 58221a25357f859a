"""Oracles by numpy in extended precision, and the cases that the pairwise tests share."""

import numpy as np
import torch


SIZES = [1, 7, 17, 63, 64, 65, 127, 128, 129]
DIMENSIONS = [1, 3, 8, 9, 17, 64]


def points(n: int, d: int, *, seed: int, dtype=torch.float32, lead=()) -> torch.Tensor:
    x = np.random.default_rng(seed).normal(size=(*lead, n, d))
    return torch.tensor(x, dtype=dtype)


def wide(x: torch.Tensor) -> np.ndarray:
    """More digits than float64, where the machine has them."""
    return x.double().numpy().astype(np.longdouble)


def distances(x: torch.Tensor, y: torch.Tensor, *, squared=False) -> np.ndarray:
    difference = wide(x)[..., :, None, :] - wide(y)[..., None, :, :]
    square = (difference**2).sum(-1)
    return square if squared else np.sqrt(square)


def assert_as_exact(native: torch.Tensor, plain: torch.Tensor, truth: np.ndarray):
    """The native error is at most twice plain torch's (and a unit in the last place)."""
    unit = torch.finfo(native.dtype).eps * np.abs(truth).max(initial=0.0)
    error = np.abs(wide(native) - truth).max(initial=0.0)
    allowed = 2 * np.abs(wide(plain) - truth).max(initial=0.0) + unit
    assert error <= allowed, (error, allowed)


def pulls(x: torch.Tensor, y: torch.Tensor, weights: torch.Tensor, *, squared=False) -> np.ndarray:
    """sum_j w_ij dk(x_i, y_j)/dx_i for distinct points."""
    difference = wide(x)[:, None, :] - wide(y)[None, :, :]
    slope = 2 if squared else 1 / distances(x, y)
    return ((wide(weights) * slope)[..., None] * difference).sum(-2)
