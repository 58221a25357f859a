"""The laws of one coordinate given those before it, that autoregressive models and decoders are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus


Kind = Literal["gaussian", "logistic", "categorical"]


@dataclass(frozen=True)
class CoordinateLaw:
    """A law of one number with ``size`` parameters ``(..., size)``.

    Equation: ``sum_k w_k f((x - m_k) / s_k) / s_k`` with f the normal or the logistic density; with ``levels``, the
    mass that this logistic mixture puts on ``[x - 1/2, x + 1/2]``, from where ``x = 0`` takes all below and
    ``x = levels - 1`` all above; or free probabilities of 0 to ``levels - 1``. Of ``levels`` numbers, m and s are
    counted in halves of their range from its middle.

    Raises `ValueError` for numbers of components or levels that do not fit the kind.
    """

    kind: Kind
    components: int = 1
    levels: int | None = None

    def __post_init__(self) -> None:
        if self.components < 1:
            raise ValueError(f"components must be at least 1, got {self.components}")
        if self.levels is not None and self.levels < 2:
            raise ValueError(f"levels must be at least 2, or None for real numbers, got {self.levels}")
        if self.kind == "categorical" and (self.levels is None or self.components > 1):
            raise ValueError(
                "a categorical law needs levels, 2 for zeros and ones, and one component, got "
                f"levels={self.levels} and components={self.components}"
            )
        if self.kind == "gaussian" and self.levels is not None:
            raise ValueError(
                "a law of whole numbers must be logistic or categorical, got levels with gaussian"
            )

    @property
    def size(self) -> int:
        if self.kind == "categorical":
            return (self.levels or 0) - 1
        return 2 if self.components == 1 else 3 * self.components

    @property
    def noise(self) -> int:
        """How many normal numbers a draw is made of."""
        return 1 if self.kind == "categorical" or self.components == 1 else 2

    @property
    def half_range(self) -> float:
        return 1.0 if self.levels is None else (self.levels - 1) / 2

    def standardised(self, x: Tensor) -> Tensor:
        """Return points as networks see them: whole numbers of ``levels`` within -1 and 1."""
        return x if self.levels is None else x / self.half_range - 1

    def log_prob(self, phi: Tensor, x: Tensor) -> Tensor:
        """Return the log-density or log-probability ``(...)`` of numbers ``(...)``."""
        if self.kind == "categorical":
            chances = self._log_chances(phi)
            return chances.gather(-1, x.long().unsqueeze(-1)).squeeze(-1)
        log_weight, m, log_s = self._mixture(phi)
        z = (x.unsqueeze(-1) - m) * (-log_s).exp()
        if self.levels is not None:
            return (log_weight + self._log_mass(x.unsqueeze(-1), z, log_s)).logsumexp(-1)
        if self.kind == "gaussian":
            log_f = -0.5 * z.square() - 0.5 * math.log(2 * math.pi)
        else:
            log_f = -z - 2 * softplus(-z)
        return (log_weight + log_f - log_s).logsumexp(-1)

    def draw(self, phi: Tensor, noise: Tensor) -> Tensor:
        """Return the numbers ``(...)`` made of normal numbers ``(..., noise)``."""
        if self.kind == "categorical":
            return _chosen(self._log_chances(phi), noise[..., 0]).to(phi.dtype)
        log_weight, m, log_s = self._mixture(phi)
        if self.components > 1:
            k = _chosen(log_weight, noise[..., 0]).unsqueeze(-1)
            m, log_s = m.gather(-1, k), log_s.gather(-1, k)
        z = noise[..., -1]
        if self.kind == "logistic":
            z = (torch.erfc(-z / math.sqrt(2)) / torch.erfc(z / math.sqrt(2))).log()
        x = m.squeeze(-1) + log_s.squeeze(-1).exp() * z
        return x if self.levels is None else (x + 0.5).floor().clamp(0, self.levels - 1)

    def _log_chances(self, phi: Tensor) -> Tensor:
        return torch.cat((torch.zeros_like(phi[..., :1]), phi), dim=-1).log_softmax(-1)

    def _mixture(self, phi: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        *logits, m, log_s = phi.unflatten(-1, (-1, self.components)).unbind(-2)
        log_weight = logits[0].log_softmax(-1) if logits else torch.zeros_like(m)
        if self.levels is not None:
            m, log_s = self.half_range * (1 + m), log_s + math.log(self.half_range)
        return log_weight, m, log_s

    def _log_mass(self, x: Tensor, z: Tensor, log_s: Tensor) -> Tensor:
        """The logarithm of ``F(b) - F(a) = F(b) F(-a) (1 - exp(a - b))``, F logistic, where a and b are the ends."""
        half = 0.5 * (-log_s).exp()
        below, above = logsigmoid(z + half), logsigmoid(half - z)
        inner = below + above + torch.log(-torch.expm1(-2 * half))
        return torch.where(x <= 0, below, torch.where(x >= (self.levels or 0) - 1, above, inner))


def _chosen(log_chances: Tensor, normal: Tensor) -> Tensor:
    """Return the number of the choice that a normal number falls on."""
    ends = log_chances.exp().cumsum(-1)[..., :-1]
    return (torch.special.ndtr(normal).unsqueeze(-1) >= ends).sum(-1)
