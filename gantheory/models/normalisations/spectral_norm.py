"""Spectral normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory import ops
from gantheory.models.normalisations.weights import WeightNormalisation, as_matrix, plain_name


@dataclass(frozen=True)
class SpectralNorm(WeightNormalisation):
    """Every weight is divided by its largest singular value.

    Equation: ``W / s`` with ``s = max |W v| / |v|``, exact to 1e-5 or so, and its gradient with it. A perceptron
    with relu or tanh is then 1-Lipschitz. With ``rounds`` it is the original form: ``s = u'W v``, with vectors u
    and v that are held in gradients and go on from step to step by so many rounds of power iteration,
    ``u = W v / |W v|``, ``v = W'u / |W'u|``. They stand among the parameters, which they follow after 15 rounds
    for the first ones; the rule takes the rounds, ``PowerIterated(rule)``, and a run without is refused.

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

    def parametrization(self, shape: tuple[int, ...], rows: int) -> nn.Module:
        return Divided(shape, rows, self.rounds)

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        if name.endswith(_HELD):
            angle = torch.arange(1, 1 + shape[0]).to(next(iter(plain.values())))
            return nn.functional.normalize(torch.cos(angle), dim=0)
        return plain[plain_name(name)]

    @classmethod
    def examples(cls) -> list[SpectralNorm]:
        return [cls(), cls(rounds=2)]


_HELD = (".weight.0.u", ".weight.0.v")


class Divided(nn.Module):
    """A weight divided by its spectral norm, or by what vectors ``u`` and ``v`` say of it."""

    def __init__(self, shape: tuple[int, ...], rows: int, rounds: int | None):
        super().__init__()
        self.rows, self.rounds = rows, rounds
        if rounds is not None:
            self.u = nn.Parameter(torch.zeros(shape[rows]))
            self.v = nn.Parameter(torch.zeros(math.prod(shape) // shape[rows]))

    def forward(self, weight: Tensor) -> Tensor:
        matrix = as_matrix(weight, self.rows)
        held = self.rounds is not None
        s = self.u.detach() @ (matrix @ self.v.detach()) if held else ops.spectral_norm(matrix)
        return weight / torch.where(s > 0, s, 1)

    def iterated(self, weight: Tensor, v: Tensor, rounds: int) -> tuple[Tensor, Tensor]:
        """Return u and v after some rounds from v on."""
        matrix, u = as_matrix(weight, self.rows), v
        for _ in range(rounds):
            u = nn.functional.normalize(matrix @ v, dim=0, eps=1e-12)
            v = nn.functional.normalize(matrix.mT @ u, dim=0, eps=1e-12)
        return u, v

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight
