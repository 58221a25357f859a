"""Spectral normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory import ops
from gantheory.models.normalisations.weights import WeightNormalisation, as_matrix


@dataclass(frozen=True)
class SpectralNorm(WeightNormalisation):
    """Every weight is divided by its largest singular value.

    Equation: ``W / s`` with ``s = max |W v| / |v|``, exact to 1e-5 or so, and its gradient with it. A perceptron
    with relu or tanh is then 1-Lipschitz. With ``rounds`` s is that many rounds of power iteration,
    ``u = W v / |W v|``, ``v = W'u / |W'u|``, ``s = u'W v``, which is too small where they are few, with u and v
    held in gradients. They begin at one fixed vector, for a network is a function of its parameters: the
    original keeps v from step to step and takes one round, which `ops.spectral_normalization` does in a
    loop of your own.

    A convolution's weight is the matrix of channels out against all else, as in the paper; its norm is
    not that of the convolution. A weight of zeros stays 0. Raises `ValueError` below one round.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> import torch
        >>> from gantheory import Key, MLP, Normalised
        >>> critic = Normalised(MLP(2, (64, 64), 1), SpectralNorm())
        >>> w = critic.init(Key(0))
        >>> x = torch.eye(2)
        >>> bool((critic(w, x)[0] - critic(w, x)[1]).abs() <= 2**0.5)
        True
    """

    rounds: int | None = None

    def check(self) -> None:
        if self.rounds is not None and self.rounds < 1:
            raise ValueError(f"SpectralNorm needs a round of power iteration, or None, got {self.rounds}")

    def parametrization(self, rows: int) -> nn.Module:
        return _Divided(rows, self.rounds)

    @classmethod
    def examples(cls) -> list[SpectralNorm]:
        return [cls(), cls(rounds=2)]


class _Divided(nn.Module):
    def __init__(self, rows: int, rounds: int | None):
        super().__init__()
        self.rows, self.rounds = rows, rounds

    def forward(self, weight: Tensor) -> Tensor:
        matrix = as_matrix(weight, self.rows)
        s = ops.spectral_norm(matrix) if self.rounds is None else self._iterated(matrix)
        return weight / torch.where(s > 0, s, 1)

    def _iterated(self, matrix: Tensor) -> Tensor:
        held, v = matrix.detach(), power_start(matrix)
        for _ in range(self.rounds or 0):
            u = nn.functional.normalize(held @ v, dim=0, eps=1e-12)
            v = nn.functional.normalize(held.mT @ u, dim=0, eps=1e-12)
        return u @ (matrix @ v)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight


def power_start(matrix: Tensor) -> Tensor:
    """Return the fixed vector, of the length of a matrix's rows, at which power iteration begins."""
    angle = torch.arange(1, 1 + matrix.shape[1], dtype=matrix.dtype, device=matrix.device)
    return nn.functional.normalize(torch.cos(angle), dim=0)
