"""Spectral norms of convolutions: of the true operator, and of the reshaped weight that is often used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from gantheory.ops.spectral import spectral_norm


_CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
Size = int | Sequence[int]


def conv_spectral_norm(
    weight: Tensor,
    size: Sequence[int],
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    circular: bool = False,
    tolerance: float = 1e-4,
    max_steps: int = 200,
) -> Tensor:
    """Return the largest singular value of a convolution as a linear map of images of a given size.

    ``max |K * x| / |x|`` by Golub-Kahan bidiagonalisation with the convolution and its adjoint, until
    ``|K'u - s v| <= tolerance s``. Padding is with zeros or, if ``circular``, with the image itself. The
    gradient in the weight is that of ``u . (K * v)`` with the singular vectors held.

    Shapes: weight ``(out, in / groups, k, ...)`` with one, two or three kernel axes, float32 or float64;
    size: the image's extent along each; result ``()``. Raises `ValueError` for shapes that do not fit, and
    `RuntimeError` where ``max_steps`` do not suffice.

    Reference: Sedghi, Gupta, Long (2019) for circular padding; Ryu, Liu, Wang, Chen, Wang, Yin (2019) for
    iterating the operator.

    Example:
        >>> ones = torch.ones(1, 1, 3, 3)
        >>> conv_spectral_norm(ones, (8, 8), padding=1, circular=True)
        tensor(9.)
        >>> conv_spectral_norm_reshaped(ones)
        tensor(3.)
    """
    axes = weight.dim() - 2
    if axes not in _CONVOLUTIONS or len(size) != axes:
        raise ValueError(
            f"weight must be (out, in, k, ...) with 1 to 3 kernel axes and size give an extent for each, "
            f"but they are {tuple(weight.shape)} and {tuple(size)}"
        )
    options = {"stride": stride, "dilation": dilation, "groups": groups}
    pads = [padding] * axes if isinstance(padding, int) else list(padding)

    def apply(kernel: Tensor, x: Tensor) -> Tensor:
        if circular:
            x = functional.pad(x, [p for pad in reversed(pads) for p in (pad, pad)], mode="circular")
            return _CONVOLUTIONS[axes](x, kernel, **options)
        return _CONVOLUTIONS[axes](x, kernel, padding=tuple(pads), **options)

    shape = (1, weight.shape[1] * groups, *size)
    held = weight.detach()
    u, v = top_pair(lambda x: apply(held, x), shape, held, tolerance=tolerance, max_steps=max_steps)
    return (u * apply(weight, v)).sum()


def conv_spectral_norm_reshaped(weight: Tensor, *, dim: int = 0, tolerance: float = 1e-5) -> Tensor:
    """Return the spectral norm of a convolution's weight as a matrix (out, in k ...), as torch takes it.

    It is not the operator's norm, and not a bound: a convolution of ones with a kernel of k x k has norm
    up to k^2 where this is k.

    Shapes: weight ``(out, in, ...)``, ``dim`` the axis of the matrix's rows; result ``()``.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018), section 3.
    """
    return spectral_norm(weight.movedim(dim, 0).flatten(1), tolerance=tolerance)


def top_pair(
    apply: Callable[[Tensor], Tensor], shape: Sequence[int], like: Tensor, *, tolerance: float, max_steps: int
) -> tuple[Tensor, Tensor]:
    """Return the singular vectors u, v of the largest singular value of a linear map.

    ``apply`` takes a tensor of ``shape``; its adjoint is taken by automatic differentiation.
    """
    angle = torch.arange(1, 1 + torch.Size(shape).numel(), dtype=torch.float64, device=like.device)
    v = (angle.square() * 0.6180339887498949).sin().to(like.dtype)  # no symmetry to be orthogonal to
    output, adjoint, *_ = torch.func.vjp(apply, v.reshape(shape))  # linear: any point will do
    right, left, diagonal, beside = [v / v.norm()], [], [], []
    least = min(v.numel(), output.numel())
    for step in range(1, min(max_steps, least) + 1):
        u, alpha = _orthonormal(apply(right[-1].reshape(shape)).flatten(), left)
        left.append(u)
        diagonal.append(alpha)
        v, beta = _orthonormal(adjoint(u.reshape(output.shape))[0].flatten(), right)
        small = torch.tensor(diagonal, dtype=torch.float64).diag()
        small = small + torch.tensor(beside, dtype=torch.float64).diag(1)[:step, :step]
        p, s, q = torch.linalg.svd(small)
        if beta * abs(p[-1, 0].item()) <= tolerance * s[0].item() or step == least:
            u = torch.stack(left, -1) @ p[:, 0].to(like)
            v = torch.stack(right, -1) @ q[0].to(like)
            return u.reshape(output.shape), v.reshape(shape)
        right.append(v)
        beside.append(beta)
    raise RuntimeError(f"no convergence to {tolerance} in {max_steps} steps: raise tolerance or max_steps")


def _orthonormal(x: Tensor, basis: list[Tensor]) -> tuple[Tensor, float]:
    """A unit vector along what is left of x outside the basis, and how much that was."""
    for _ in range(2):
        if basis:
            stacked = torch.stack(basis)
            x = x - stacked.mT @ (stacked @ x)
    norm = x.norm().item()
    return x / norm if norm > 0 else x, norm
