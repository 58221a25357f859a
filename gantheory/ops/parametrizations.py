"""Weights divided by their spectral norm: torch's own power iteration, or an exact norm."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from gantheory.ops import native
from gantheory.ops.define import in_transform
from gantheory.ops.spectral import native_stack, spectral_singular_triple


_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def spectral_normalization(
    module: nn.Module,
    name: str = "weight",
    *,
    rounds: int = 1,
    epsilon: float = 1e-12,
    dim: int | None = None,
    tolerance: float | None = None,
) -> nn.Module:
    """Divide a module's weight by its spectral norm whenever it is used, and return the module.

    ``W / s``. In training, each use takes ``rounds`` steps of power iteration on the buffers ``_u`` and
    ``_v``, ``u = W v / |W v|``, ``v = W'u / |W'u|``, ``s = u'W v``: the numbers, buffers and state of
    ``torch.nn.utils.parametrizations.spectral_norm``, for two products with W where that takes three. With
    a ``tolerance``, s is found to ``|W'u - s v| <= tolerance s`` instead, from the v before. In evaluation
    u and v stay. u and v count as constants in gradients. They start at the singular vectors; torch's
    start is random.

    The weight is taken as the matrix of axis ``dim`` (1 for transposed convolutions, otherwise 0) against
    all others; a vector is divided by its length. Raises `ValueError` for options out of range.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> layer = spectral_normalization(nn.Linear(3, 2), tolerance=1e-6)
        >>> bool((torch.linalg.matrix_norm(layer.weight, ord=2) - 1).abs() < 1e-5)
        True
    """
    dim = int(isinstance(module, _TRANSPOSED)) if dim is None else dim
    made = SpectralNormalization(getattr(module, name), rounds, dim, epsilon, tolerance)
    return parametrize.register_parametrization(module, name, made)


class SpectralNormalization(nn.Module):
    """The parametrization that `spectral_normalization` registers."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, rounds: int, dim: int, epsilon: float, tolerance: float | None):
        super().__init__()
        if not -weight.dim() <= dim < weight.dim():
            raise ValueError(f"dim must be an axis of a weight with {weight.dim()}, got {dim}")
        if rounds < 1 or epsilon <= 0 or (tolerance is not None and tolerance <= 0):
            raise ValueError(
                f"rounds, epsilon and tolerance must be positive, got {rounds}, {epsilon} and {tolerance}"
            )
        if weight.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"the weight must be float32 or float64, but is {weight.dtype}")
        self.rounds, self.epsilon, self.tolerance = rounds, epsilon, tolerance
        self.dim = dim % weight.dim()
        if weight.dim() > 1:
            _, u, v = spectral_singular_triple(self._matrix(weight.detach()))
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)

    def forward(self, weight: Tensor) -> Tensor:
        """The weight over its norm; in training, after an update of the singular vectors."""
        if weight.dim() == 1:
            return functional.normalize(weight, dim=0, eps=self.epsilon)
        matrix = self._matrix(weight)
        if not native.runs(matrix) or in_transform():
            return weight / self._by_torch(matrix)
        value = self._update(matrix.detach().contiguous())
        if torch.is_grad_enabled() and weight.requires_grad:
            value = _Held.apply(matrix, self._u, self._v, value)
        return weight / value

    def right_inverse(self, value: Tensor) -> Tensor:
        """A weight to assign is taken as it is."""
        return value

    def _matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self.dim, 0).flatten(1)

    def _update(self, matrix: Tensor) -> Tensor:
        """Advance u and v in training, and return u'W v."""
        if self.training and self.tolerance is not None:
            value, u, v = spectral_singular_triple(matrix, tolerance=self.tolerance, start=self._v)
            self._u.copy_(u)
            self._v.copy_(v)
            return value
        value = matrix.new_empty(())
        native.library.spectral_power(
            native.table(matrix),
            [native_stack(matrix, 1, self._u.data_ptr(), self._v.data_ptr())],
            self.rounds if self.training else 0,
            self.epsilon,
            value.data_ptr(),
            native.threads(),
        )
        return value

    def _by_torch(self, matrix: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                for _ in range(self.rounds):
                    u = functional.normalize(matrix.detach() @ self._v, dim=0, eps=self.epsilon)
                    v = functional.normalize(matrix.detach().mT @ u, dim=0, eps=self.epsilon)
                    self._u.copy_(u)
                    self._v.copy_(v)
        return self._u.clone() @ (matrix @ self._v.clone())


class _Held(torch.autograd.Function):
    """u'W v, known already, with u and v held."""

    @staticmethod
    def forward(ctx, matrix: Tensor, u: Tensor, v: Tensor, value: Tensor) -> Tensor:
        # the next use of the weight moves the buffers on, also between forward and backward
        ctx.save_for_backward(u.clone(), v.clone())
        return value.clone()

    @staticmethod
    def backward(ctx, g: Tensor):
        u, v = ctx.saved_tensors
        return g * torch.outer(u, v), None, None, None
