"""Sampling with a critic: rejection, Metropolis, and annealed importance weights."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import theory
from gantheory.claims.atoms import Counts, counted, log_ratio, masses
from gantheory.claims.claim import Claim, Kind
from gantheory.games import Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class CriticRejection(Claim):
    """Keeping samples with the probability ``exp(a - max a)`` of the best critic's logit a makes them real.

    Both sides list the share that is kept, then the law of what is kept. The neighbour's generator never makes the
    first atom (``covered=False``).

    Reference: Azadi, Olsson, Darrell, Goodfellow, Odena (2019).

    Example:
        >>> CriticRejection().predicted(((1, 1), (1, 3))).tolist()
        [0.5, 0.5, 0.5]
    """

    covered: bool = True

    part: ClassVar[str] = "J04"
    statement: ClassVar[str] = (
        "Rejection by the best critic turns a generator's samples into samples of the data, and keeps one in max p/q"
    )
    latex: ClassVar[str] = (
        r"P(\text{keep } x) = e^{a(x) - \max a} = \frac{p(x)}{M q(x)}\;\Rightarrow\; x \sim p,\qquad "
        r"P(\text{keep}) = \tfrac1M"
    )
    reference: ClassVar[str] = "Azadi, Olsson, Darrell, Goodfellow, Odena (2019)"
    assumptions: ClassVar[str] = "the generator makes whatever the data hold; the critic is best"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted().filter(lambda counts: len(counts[0]) > 1)

    def predicted(self, instance: Counts) -> np.ndarray:
        p, q = masses(instance)
        return np.array([theory.acceptance_rate(p, q), *p])

    def observed(self, instance: Counts, key: Key) -> np.ndarray:
        real, fake = instance
        counts = (real, fake if self.covered else (0, *fake[1:]))
        q = torch.from_numpy(masses(counts)[1])
        logits = Minimax().optimal_logit(log_ratio(counts))
        made = q > 0
        kept = torch.where(made, q * (logits - logits[made].max()).exp(), 0)
        return torch.cat([kept.sum()[None], kept / kept.sum()]).numpy()

    @property
    def neighbour(self) -> CriticRejection | None:
        return self.replace(covered=False) if self.covered else None

    @classmethod
    def examples(cls) -> tuple[CriticRejection, ...]:
        return (cls(),)


@dataclass(frozen=True)
class CriticMetropolis(Claim):
    """A Metropolis chain that proposes generated samples and accepts by the critic's odds settles on the data.

    Both sides list the share of proposals accepted in the long run, then the chain's law. The neighbour accepts by
    the critic's scores (``accept="scores"``).

    Reference: Turner, Hung, Frank, Saatchi, Yosinski (2019).

    Example:
        >>> CriticMetropolis().predicted(((1, 1), (1, 3))).tolist()
        [0.75, 0.5, 0.5]
    """

    accept: Literal["odds", "scores"] = "odds"

    part: ClassVar[str] = "J04"
    statement: ClassVar[str] = (
        "Accepting a generated x' after x with probability min(1, (1/D(x) - 1)/(1/D(x') - 1)) leaves the data's law "
        "as it is, at any ratio of densities; the share accepted is 1 - TV(p x q, q x p)"
    )
    latex: ClassVar[str] = (
        r"\alpha(x, x') = \min\Big(1, \frac{D(x)^{-1} - 1}{D(x')^{-1} - 1}\Big),\qquad "
        r"p(x)\, q(x')\, \alpha(x, x') = p(x')\, q(x)\, \alpha(x', x)"
    )
    reference: ClassVar[str] = "Turner, Hung, Frank, Saatchi, Yosinski (2019)"
    assumptions: ClassVar[str] = (
        "the critic is best, so its odds are p/q; the generator makes all that the data hold"
    )
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-8

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted(atoms=6)

    def predicted(self, instance: Counts) -> np.ndarray:
        p, q = masses(instance)
        turned = theory.total_variation(np.outer(p, q).ravel(), np.outer(q, p).ravel())
        return np.array([1 - float(turned), *p])

    def observed(self, instance: Counts, key: Key) -> np.ndarray:
        """Solve for the law that the chain's matrix keeps."""
        q = torch.from_numpy(masses(instance)[1])
        logits = Minimax().optimal_logit(log_ratio(instance))
        weight = logits if self.accept == "odds" else logits.sigmoid().log()
        accepted = q * (weight - weight[:, None]).clamp(max=0).exp()
        chain = accepted + torch.diag(1 - accepted.sum(1))
        law = _kept(chain)
        return torch.cat([(law @ accepted).sum()[None], law]).numpy()

    @property
    def neighbour(self) -> CriticMetropolis | None:
        return self.replace(accept="scores") if self.accept == "odds" else None

    @classmethod
    def examples(cls) -> tuple[CriticMetropolis, ...]:
        return (cls(),)


def _kept(chain: Tensor) -> Tensor:
    """Return the law that a chain's matrix leaves as it is, by least squares with its sum."""
    n = len(chain)
    equations = torch.cat([chain.T - torch.eye(n, dtype=chain.dtype), torch.ones(1, n, dtype=chain.dtype)])
    target = torch.zeros(n + 1, 1, dtype=chain.dtype)
    target[-1] = 1
    return torch.linalg.lstsq(equations, target).solution[:, 0]


@dataclass(frozen=True)
class AnnealedWeights(Claim):
    """The mean weight of annealed importance sampling is the ratio of the normalisers.

    The neighbour moves by kernels that do not leave the laws between as they are (``invariant=False``).

    Reference: Neal (2001); Wu, Burda, Salakhutdinov, Grosse (2017).

    Example:
        >>> AnnealedWeights().predicted(((1, 1, 2), (1, 3, 4)))
        3.0
    """

    invariant: bool = True

    part: ClassVar[str] = "J03"
    statement: ClassVar[str] = (
        "Annealed importance weights have the mean Z_T/Z_0, whatever the kernels, if each leaves its law as it is"
    )
    latex: ClassVar[str] = r"E\Big[\prod_t \frac{f_t(x_{t - 1})}{f_{t - 1}(x_{t - 1})}\Big] = \frac{Z_T}{Z_0}"
    reference: ClassVar[str] = "Neal (2001); Wu, Burda, Salakhutdinov, Grosse (2017)"
    assumptions: ClassVar[str] = "the kernel after step t leaves f_t as it is"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[tuple[tuple[int, ...], ...]]:
        """Draw the values of each of some positive functions, from first to last, on every state."""
        return st.integers(3, 5).flatmap(
            lambda steps: st.lists(st.tuples(*[st.integers(1, 20)] * steps), min_size=2, max_size=5).map(
                tuple
            )
        )

    def predicted(self, instance: tuple[tuple[int, ...], ...]) -> float:
        functions = np.array(instance).T
        return theory.importance_mean(functions[0], functions[-1])

    def observed(self, instance: tuple[tuple[int, ...], ...], key: Key) -> float:
        """Carry the weighted law through all steps, with Metropolis kernels that propose evenly."""
        functions = torch.tensor(instance, dtype=torch.float64).T
        carried = functions[0] / functions[0].sum()
        for before, after in itertools.pairwise(functions):
            carried = carried * after / before
            n = len(after)
            moves = (
                (after / after[:, None]).clamp(max=1) / n if self.invariant else after.new_full((n, n), 1 / n)
            )
            carried = carried @ (moves + torch.diag(1 - moves.sum(1)))
        return carried.sum().item()

    @property
    def neighbour(self) -> AnnealedWeights | None:
        return self.replace(invariant=False) if self.invariant else None

    @classmethod
    def examples(cls) -> tuple[AnnealedWeights, ...]:
        return (cls(),)
