"""A certified upper bound of the spectral norm."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.shapes import dims


def spectral_norm_upper(weight: Tensor, *, iterations: int = 6) -> Tensor:
    """Return a number that no singular value of the matrix exceeds, rounding included.

    Gram iteration: with ``G_0 = W``, ``G_(t+1) = G_t' G_t`` the bound is ``|G_t|_F^(2^-t)``, which falls
    towards the largest singular value faster than any power. Products are taken in float64; what each
    may have lost, at most ``n 2^-53 |G_t|_F^2`` or so, is added before a root is taken. Above the largest
    singular value by a factor of at most ``rank^(2^-t / 2)``. Differentiable; its gradient is that of the
    bound.

    Shapes: weight ``(..., m, n)``, float32 or float64, finite; result ``(...)`` in weight's dtype, rounded
    up. Raises `ValueError` for other shapes or dtypes, or fewer than one iteration.

    Reference: Delattre, Barthelemy, Araujo, Allauzen (2023), Efficient bound of Lipschitz constant.

    Example:
        >>> bound = spectral_norm_upper(torch.tensor([[3.0, 0.0], [4.0, 0.0]]))
        >>> bool(5 <= bound < 5.00001)
        True
    """
    if weight.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"weight must be float32 or float64, but is {weight.dtype}: convert it with .to")
    m, n = dims(weight, "... m n", name="weight")
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1, got {iterations}")
    if m * n == 0:
        return weight.new_zeros(weight.shape[:-2])
    gram = weight.double() if m >= n else weight.double().mT
    scales, lost = [], 4 * (max(m, n) + 4) * 2.0**-53
    for _ in range(iterations):
        gram, size = _scaled(gram)
        scales.append(size)
        gram = gram.mT @ gram
    gram, size = _scaled(gram)
    bound = size * (gram.square().sum((-2, -1)).sqrt() * (1 + lost))
    for size in reversed(scales):  # of a matrix scaled to Frobenius norm 1 or less
        bound = size * (bound + lost).sqrt() * (1 + lost)
    bound = torch.where(weight.detach().abs().amax((-2, -1)) > 0, bound, 0)
    if weight.dtype == torch.float64:
        return bound
    return bound.to(weight.dtype) * (1 + 2.0**-22)


def _scaled(gram: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix over a power of two (so that nothing is rounded) not below its Frobenius norm."""
    norm = torch.linalg.matrix_norm(gram.detach())
    size = torch.exp2(torch.where(norm > 0, norm, 1).log2().ceil() + 1)
    return gram / size[..., None, None], size
