"""The best critic where data and generated samples are not equally likely, and what any other critic misses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, best_logits, costs, counted, log_ratio, masses, samples_of
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.divergences.variational_bound import Name
from gantheory.games import FGAN, Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class PriorValue(Claim):
    """With data of prior pi, the best critic's value is the divergence of that prior less the prior's entropy.

    The neighbour takes the priors for equal (``prior="equal"``).

    Reference: Goodfellow et al. (2014); Lin (1991).

    Example:
        >>> round(PriorValue().predicted((((1, 1), (1, 3)), 0.25)), 6)
        -0.536287
    """

    prior: Literal["own", "equal"] = "own"

    part: ClassVar[str] = "A01"
    statement: ClassVar[str] = (
        "Where a share pi of samples is real, the critic is best at pi p/(pi p + (1 - pi) q), with the value JS_pi(p, "
        "q) less the entropy of pi"
    )
    latex: ClassVar[str] = (
        r"\max_D\; \pi E_p \log D + (1 - \pi) E_q \log(1 - D) = \mathrm{JS}_\pi(p, q) - H_b(\pi)"
    )
    reference: ClassVar[str] = "Goodfellow et al. (2014); Lin (1991)"
    assumptions: ClassVar[str] = "pi is the share of real samples that the critic sees"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[tuple[Counts, float]]:
        return st.tuples(counted(), st.integers(5, 95).map(lambda k: k / 100))

    def predicted(self, instance: tuple[Counts, float]) -> float:
        counts, prior = instance
        return float(theory.optimal_value(*masses(counts), prior=prior if self.prior == "own" else 0.5))

    def observed(self, instance: tuple[Counts, float], key: Key) -> float:
        """Train a logit an atom on the library's costs of a real and of a generated sample, with these weights."""
        counts, prior = instance
        p, q = (torch.from_numpy(part) for part in masses(counts))

        def loss(logits: torch.Tensor) -> torch.Tensor:
            real, fake = costs(Minimax(), logits)
            return (prior * p * real + (1 - prior) * q * fake).sum()

        return -loss(best_logits(loss, len(p))).item()

    @property
    def neighbour(self) -> PriorValue | None:
        return self.replace(prior="equal") if self.prior == "own" else None

    @classmethod
    def examples(cls) -> tuple[PriorValue, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AnyCritic(Claim):
    """No critic of an f-GAN gains more than its divergence.

    The neighbour measures from the generator's side, ``D_f(q||p)`` (``turned=True``).

    Reference: Nguyen, Wainwright, Jordan (2010); Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> round(AnyCritic("kl").predicted((((1, 1), (1, 3)), (0.0, 0.0))), 6)
        0.143841
    """

    divergence: Name = "kl"
    turned: bool = False

    part: ClassVar[str] = "A11"
    statement: ClassVar[str] = (
        "Whatever the critic T in the range of f', E_p T - E_q f*(T) is at most int q f(p/q): every critic gives a "
        "lower bound"
    )
    latex: ClassVar[str] = r"E_p T - E_q f^*(T) \le \int q\, f\!\left(\frac pq\right)"
    reference: ClassVar[str] = "Nguyen, Wainwright, Jordan (2010); Nowozin, Cseke, Tomioka (2016)"
    assumptions: ClassVar[str] = "T stays where f* is finite, which the objective's last layer sees to"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Counts, tuple[float, ...]]]:
        """Counts, and by how much each atom's logit is off the best one."""

        def with_logits(counts: Counts) -> st.SearchStrategy[tuple[Counts, tuple[float, ...]]]:
            n = len(counts[0])
            off = st.integers(-10, 10).map(lambda k: k / 10)
            return st.tuples(st.just(counts), st.just((0.0,) * n) | st.tuples(*[off] * n))

        return counted(atoms=5).flatmap(with_logits)

    def predicted(self, instance: tuple[Counts, tuple[float, ...]]) -> float:
        p, q = masses(instance[0])
        return float(theory.f_divergence(*((q, p) if self.turned else (p, q)), kind=self.divergence))

    def observed(self, instance: tuple[Counts, tuple[float, ...]], key: Key) -> float:
        counts, off = instance
        objective = FGAN(self.divergence)
        logits = objective.optimal_logit(log_ratio(counts)) + torch.tensor(off, dtype=torch.float64)
        return -objective.critic_loss(*samples_of(counts, logits)).item()

    @property
    def neighbour(self) -> AnyCritic | None:
        return None if self.turned else self.replace(turned=True)

    @classmethod
    def examples(cls) -> tuple[AnyCritic, ...]:
        # the others measure the same from both sides, so that turning them is no mistake
        return tuple(
            cls(name) for name in get_args(Name) if name not in ("hellinger", "jensen-shannon", "gan")
        )
