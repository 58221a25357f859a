"""Largest singular values, to a stated tolerance, one matrix or many of all sizes in a call."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, in_transform
from gantheory.shapes import dims


def spectral_norm(weight: Tensor, *, tolerance: float = 1e-5, start: Tensor | None = None) -> Tensor:
    """Return the largest singular value of every matrix.

    ``s = max |W v| / |v|`` by Golub-Kahan bidiagonalisation with full reorthogonalisation, until the
    triple found has ``|W'u - s v| <= tolerance s``: then s is within that of a singular value, and its error
    is about the square of it over the gap. The search starts from a fixed random vector, and then a fresh
    one must show nothing new: the value is likely, not certainly, the largest. A ``start`` that is given,
    such as the right vector of slightly different weights, is believed: where the second value is within
    about the tolerance of the first, it may be followed instead. The gradient is u v'.

    Shapes: weight ``(..., m, n)``, float32 or float64, start ``(..., n)``; result ``(...)``, 0 for a
    matrix of zeros or without entries. Raises `ValueError` for shapes or dtypes that do not fit or a
    tolerance that is not positive.

    Reference: Golub and Kahan (1965); Paige (1974) for the role of orthogonality.

    Example:
        >>> spectral_norm(torch.tensor([[3.0, 0.0], [4.0, 0.0]]))
        tensor(5.)
    """
    return _values(weight, 1, tolerance, start)[..., 0]


def top_singular_values(weight: Tensor, k: int, *, tolerance: float = 1e-5) -> Tensor:
    """Return the k largest singular values of every matrix, descending, as often as they occur.

    As `spectral_norm`; equal values are searched for with further random starts until none is new. The
    gradient of each is u v'.

    Shapes: weight ``(..., m, n)``, 1 <= k <= min(m, n); result ``(..., k)``. Raises `ValueError` as
    `spectral_norm` does, or for another k.

    Reference: Golub and Kahan (1965).

    Example:
        >>> top_singular_values(torch.diag(torch.tensor([1.0, 3.0, 2.0])), 2)
        tensor([3., 2.])
    """
    m, n = dims(weight, "... m n", name="weight")
    if not 1 <= k <= min(m, n):
        raise ValueError(f"k must lie between 1 and {min(m, n)} for matrices of {m} x {n}, got {k}")
    return _values(weight, k, tolerance, None)


def spectral_norms(
    weights: Sequence[Tensor], *, tolerance: float = 1e-3, start: Sequence[Tensor] | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Return the spectral norms of all layers of a network, or of a population of them, in one call.

    Also returns each layer's right singular vectors: the ``start`` of the next call, which then takes a
    step or two where the weights have changed little. Otherwise as `spectral_norm`.

    Shapes: weights, each ``(..., m, n)`` with its own m and n and the same leading axes; result
    ``(layers, ...)`` and vectors ``(..., n)``. Raises `ValueError` as `spectral_norm` does, or where
    leading axes or dtypes differ.

    Reference: Golub and Kahan (1965); Miyato, Kataoka, Koyama, Yoshida (2018) for the use of it.

    Example:
        >>> values, vectors = spectral_norms([torch.eye(3), 2 * torch.ones(1, 4)])
        >>> values
        tensor([1., 4.])
    """
    if not weights:
        raise ValueError("weights must hold at least one layer")
    for weight in weights:
        _check(weight, tolerance)
        if weight.shape[:-2] != weights[0].shape[:-2] or weight.dtype != weights[0].dtype:
            raise ValueError(
                f"weights must agree in leading axes and dtype, but one is {tuple(weight.shape)} "
                f"{weight.dtype} and the first {tuple(weights[0].shape)} {weights[0].dtype}"
            )
    given = [None] * len(weights) if start is None else start
    if len(given) != len(weights):
        raise ValueError(f"start must hold a vector for each of {len(weights)} layers, got {len(given)}")
    begin = [_start_of(w, s) for w, s in zip(weights, given)]
    if not all(native.runs(w) for w in weights) or in_transform():
        parts = [_run(w, s, 1, tolerance, start is not None) for w, s in zip(weights, begin)]
        return torch.stack([p[0][..., 0] for p in parts]), [p[2][..., 0, :] for p in parts]
    warm = start is not None
    if not (torch.is_grad_enabled() and any(w.requires_grad for w in weights)):
        whole = [w.contiguous() for w in weights], [s.contiguous() for s in begin]
        values, _, row = _run_layers(*whole, tolerance, warm)
        return values, _cut(row, weights, -1)
    values, *vectors = _Layers.apply(tolerance, warm, len(weights), *weights, *begin)
    return values, vectors


def spectral_singular_triple(
    weight: Tensor, *, tolerance: float = 1e-5, start: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return s, u, v of `spectral_norm`, without gradients: ``(...)``, ``(..., m)``, ``(..., n)``."""
    _check(weight, tolerance)
    begin = _start_of(weight, start)
    with torch.no_grad():
        s, u, v = _run(weight.detach(), begin, 1, tolerance, start is not None)
    return s[..., 0], u[..., 0, :], v[..., 0, :]


def spectral_norm_reference(weight: Tensor) -> Tensor:
    """Return the same as `spectral_norm` by torch's full decomposition."""
    return top_singular_values_reference(weight, 1)[..., 0]


def top_singular_values_reference(weight: Tensor, k: int) -> Tensor:
    """Return the same as `top_singular_values` by torch's full decomposition."""
    return torch.linalg.svdvals(weight)[..., :k]


def _check(weight: Tensor, tolerance: float) -> None:
    if weight.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"weight must be float32 or float64, but is {weight.dtype}: convert it with .to")
    if weight.dim() < 2:
        raise ValueError(f"weight must have shape (..., m, n), but has shape {tuple(weight.shape)}")
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, got {tolerance}")


def _start_of(weight: Tensor, start: Tensor | None) -> Tensor:
    if start is None:
        return weight.new_empty(*weight.shape[:-2], 0)
    if start.shape != (*weight.shape[:-2], weight.shape[-1]) or start.dtype != weight.dtype:
        raise ValueError(
            f"start must be {(*weight.shape[:-2], weight.shape[-1])} in {weight.dtype}, but is "
            f"{tuple(start.shape)} in {start.dtype}"
        )
    return start.detach()


def _values(weight: Tensor, k: int, tolerance: float, start: Tensor | None) -> Tensor:
    _check(weight, tolerance)
    begin = _start_of(weight, start)
    if 0 in weight.shape[-2:]:
        return weight.new_zeros(*weight.shape[:-2], k)
    return _run(weight, begin, k, tolerance, start is not None)[0]


def _run(weight: Tensor, start: Tensor, k: int, tolerance: float, warm: bool):
    if native.runs(weight):
        return _top(weight, start, k, tolerance, warm)
    u, s, v = torch.linalg.svd(weight, full_matrices=False)
    return s[..., :k], u.mT[..., :k, :], v[..., :k, :]


def native_stack(weight: Tensor, vectors: int, left: int, right: int, start: int = 0) -> tuple[int, ...]:
    """The native form of contiguous matrices (..., m, n): with the addresses of their left and right
    vectors, so many each, and of starts (..., n), or 0."""
    m, n = weight.shape[-2:]
    return weight.data_ptr(), left, right, start, weight.shape[:-2].numel(), m, n, vectors


def _kernel(weight: Tensor, start: Tensor, k: int, tolerance: float, warm: bool):
    weight, start = weight.contiguous(), start.contiguous()
    values, left, right = _fake(weight, start, k, tolerance, warm)
    at = start.data_ptr() if warm else 0
    calls = [native_stack(weight, k, left.data_ptr(), right.data_ptr(), at)]
    native.library.spectral_top(
        native.table(weight), calls, k, tolerance, values.data_ptr(), native.threads()
    )
    return values, left, right


def _fake(weight: Tensor, start: Tensor, k: int, tolerance: float, warm: bool):
    (m, n), lead = weight.shape[-2:], weight.shape[:-2]
    return weight.new_empty(*lead, k), weight.new_empty(*lead, k, m), weight.new_empty(*lead, k, n)


def _pull(weight: Tensor, g: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """sum_k g_k u_k v_k'; where its own gradient may be wanted, by torch's decomposition."""
    if not torch.is_grad_enabled():
        return (g[..., None] * u).mT @ v
    pull_back = torch.func.vjp(lambda w: torch.linalg.svdvals(w)[..., : g.shape[-1]], weight)[1]
    return pull_back(g)[0]


def _pullback(gradients, inputs, indices, wanted):
    return _pull(inputs[0], gradients[0], *indices), None


_top = define_op(
    "spectral_top(Tensor weight, Tensor start, int k, float tolerance, bool warm) -> (Tensor, Tensor, Tensor)",
    _kernel,
    _fake,
    _pullback,
    auxiliary=2,
)


def _run_layers(
    weights: list[Tensor], starts: list[Tensor], tolerance: float, warm: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Norms (layers, ...) of layers of several sizes, and all left and all right vectors in a row."""
    lead = weights[0].shape[:-2]
    values = weights[0].new_empty(len(weights), *lead)
    count, size = lead.numel(), values.element_size()
    left, right = (values.new_empty(count * sum(w.shape[axis] for w in weights)) for axis in (-2, -1))
    u, v, calls = left.data_ptr(), right.data_ptr(), []
    for weight, start in zip(weights, starts):
        calls.append(native_stack(weight, 1, u, v, start.data_ptr() if warm else 0))
        u, v = u + count * weight.shape[-2] * size, v + count * weight.shape[-1] * size
    native.library.spectral_top(
        native.table(values), calls, 1, tolerance, values.data_ptr(), native.threads()
    )
    return values, left, right


def _cut(row: Tensor, weights: Sequence[Tensor], axis: int) -> list[Tensor]:
    """Each layer's vectors (..., its size along an axis)."""
    lead = weights[0].shape[:-2]
    parts = row.split([lead.numel() * w.shape[axis] for w in weights])
    return [p.view(*lead, w.shape[axis]) for p, w in zip(parts, weights)] if lead else list(parts)


class _Layers(torch.autograd.Function):
    """`_run_layers` with the gradient u v'."""

    @staticmethod
    def forward(ctx, tolerance: float, warm: bool, layers: int, *tensors: Tensor):
        weights, starts = ([t.contiguous() for t in half] for half in (tensors[:layers], tensors[layers:]))
        values, *rows = _run_layers(weights, starts, tolerance, warm)
        left, right = (_cut(row, weights, axis) for row, axis in zip(rows, (-2, -1)))
        right = [v.clone() for v in right]  # autograd wants no views of one another
        ctx.layers = layers
        ctx.save_for_backward(*tensors[:layers], *left, *right)
        ctx.mark_non_differentiable(*right)
        return values, *right

    @staticmethod
    def backward(ctx, g: Tensor, *_):
        layers, saved = ctx.layers, ctx.saved_tensors
        triples = zip(saved[:layers], saved[layers : 2 * layers], saved[2 * layers :])
        found = [
            _pull(w, g[i, ..., None], u[..., None, :], v[..., None, :]) for i, (w, u, v) in enumerate(triples)
        ]
        return None, None, None, *found, *(None for _ in range(layers))
