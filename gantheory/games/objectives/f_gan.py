"""The variational f-divergence objectives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.games.objectives.objective import Objective


class _Row(NamedTuple):
    """The critic's output T and the conjugate f*(T), both of the logit; the best logit of log p/q."""

    output: Callable[[Tensor], Tensor]
    conjugate: Callable[[Tensor], Tensor]
    optimal: Callable[[Tensor], Tensor]
    integral: str


Kind = Literal["kl", "reverse-kl", "pearson", "neyman", "hellinger", "jensen-shannon", "gan"]

_ROWS: dict[Kind, _Row] = {
    "kl": _Row(lambda a: a, lambda a: (a - 1).exp(), lambda s: 1 + s, "int p log(p/q)"),
    "reverse-kl": _Row(lambda a: -(-a).exp(), lambda a: a - 1, lambda s: s, "int q log(q/p)"),
    # f is defined for ratios of at least 0: its conjugate stays at -1 where the parabola would turn
    "pearson": _Row(
        lambda a: a, lambda a: (a / 2 + 1).relu().square() - 1, lambda s: 2 * s.expm1(), "int (p - q)^2 / q"
    ),
    "neyman": _Row(
        lambda a: -(-a).expm1(), lambda a: -2 * (-a / 2).expm1(), lambda s: 2 * s, "int (p - q)^2 / p"
    ),
    "hellinger": _Row(
        lambda a: -(-a).expm1(), lambda a: a.expm1(), lambda s: s / 2, "int (sqrt p - sqrt q)^2"
    ),
    "jensen-shannon": _Row(
        lambda a: math.log(2) - softplus(-a), lambda a: softplus(a) - math.log(2), lambda s: s, "2 JSD(p, q)"
    ),
    "gan": _Row(lambda a: -softplus(-a), lambda a: softplus(a), lambda s: s, "2 JSD(p, q) - log 4"),
}


@dataclass(frozen=True)
class FGAN(Objective):
    """The variational bound of an f-divergence, minimised by the generator and maximised by the critic.

    Equation: with the logit a, output ``T(a)`` and convex conjugate f*, ``critic = -E_p T + E_q f*(T)`` and
    ``generator = -E_q f*(T)``. At the best output ``T = f'(p/q)`` the critic's loss is ``-int q f(p/q)``:

    - "kl" ``int p log(p/q)``, "reverse-kl" ``int q log(q/p)``;
    - "pearson" ``int (p - q)^2 / q``, "neyman" ``int (p - q)^2 / p``: the integral says which, for papers
      give the same name to either;
    - "hellinger" ``int (sqrt p - sqrt q)^2``, without a factor 1/2;
    - "jensen-shannon" ``2 JSD``, "gan" ``2 JSD - log 4``.

    Losses of "kl", "reverse-kl", "neyman" and "hellinger" grow as exponentials: they overflow in float32
    beyond logits of 80. Raises `ValueError` for another kind.

    Reference: Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> import torch
        >>> FGAN("pearson").divergence
        'int (p - q)^2 / q'
        >>> FGAN("gan").losses(torch.zeros(2), torch.zeros(2))[1]
        tensor(1.3863)
    """

    kind: Kind

    @property
    def divergence(self) -> str:  # type: ignore[override]
        return _ROWS[self.kind].integral

    @property
    def classifies(self) -> bool:  # type: ignore[override]
        return self.kind in ("gan", "jensen-shannon")

    @property
    def contested(self) -> tuple[float, float]:
        return (-2.0 if self.kind == "pearson" else -math.inf), math.inf

    @property
    def largest(self) -> float:  # type: ignore[override]
        return math.inf if self.kind in ("pearson", "jensen-shannon", "gan") else 80.0

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -_ROWS[self.kind].conjugate(fake_logits).mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        row = _ROWS[self.kind]
        return row.conjugate(fake_logits).mean() - row.output(real_logits).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return _ROWS[self.kind].optimal(log_ratio)

    @classmethod
    def examples(cls) -> Iterable[FGAN]:
        return [cls(kind) for kind in _ROWS]
