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


class Errors:
    """Errors of a native operation and of plain torch in the same dtype, gathered over many cases.

    Each is divided by its case's scale: what the rounding errors of an exact method would grow with.
    """

    def __init__(self):
        self.native, self.plain = [np.zeros(0)], [np.zeros(0)]

    def add(self, native: torch.Tensor, plain: torch.Tensor, truth: np.ndarray, scale=None):
        scale = np.maximum(np.abs(truth) if scale is None else scale, np.finfo(np.float64).tiny)
        self.native.append(np.abs((wide(native) - truth) / scale).ravel())
        self.plain.append(np.abs((wide(plain) - truth) / scale).ravel())

    def check(self):
        """The native error is at most twice plain torch's, in the worst case and on the average."""
        native, plain = np.concatenate(self.native), np.concatenate(self.plain)
        assert native.max() <= 2 * plain.max(), (native.max(), plain.max())
        assert native.mean() <= 2 * plain.mean(), (native.mean(), plain.mean())


def pulls(x: torch.Tensor, y: torch.Tensor, weights: torch.Tensor, *, squared=False) -> np.ndarray:
    """sum_j w_ij dk(x_i, y_j)/dx_i for distinct points."""
    difference = wide(x)[:, None, :] - wide(y)[None, :, :]
    slope = 2 if squared else 1 / distances(x, y)
    return ((wide(weights) * slope)[..., None] * difference).sum(-2)
