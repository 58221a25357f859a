"""What the generator descends when the critic is best, and held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.divergences.logit_slopes import OBJECTIVES, Loss
from gantheory.games import Minimax
from gantheory.random import Key


Instance = tuple[tuple[int, float], ...]
"""On every atom the count of the data and the generator's score, whose softmax is its law."""


@dataclass(frozen=True)
class GeneratorDescent(Claim):
    """Against the best critic, held, the minimax generator descends 2 JSD; the others KL(q||p) - 2 JSD and KL(p||q).

    The neighbour lets the critic move with the generator while it differentiates (``held=False``).

    Reference: Arjovsky, Bottou (2017); Goodfellow (2014).

    Example:
        >>> GeneratorDescent("minimax").predicted(((1, 0.0), (3, 0.0))).round(4).tolist()
        [0.1277, -0.1277]
    """

    loss: Loss = "minimax"
    held: bool = True

    part: ClassVar[str] = "A03"
    statement: ClassVar[str] = (
        "With the critic held at its best, the gradient of the generator's loss is that of 2 JSD(p, q) "
        "(minimax), of KL(q||p) - 2 JSD(p, q) (non-saturating), and of KL(p||q) (maximum-likelihood cost)"
    )
    latex: ClassVar[str] = (
        r"\nabla_\theta E_{q_\theta}[\log(1 - D^*)] = \nabla_\theta\, 2\,\mathrm{JSD}(p, q_\theta),\quad "
        r"\nabla_\theta E_{q_\theta}[-\log D^*] = \nabla_\theta [\mathrm{KL}(q_\theta\|p) - 2\,\mathrm{JSD}]"
    )
    reference: ClassVar[str] = "Arjovsky, Bottou (2017), theorem 2.5; Goodfellow (2014)"
    assumptions: ClassVar[str] = "the critic is best for the present generator and does not move with it"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[Instance]:
        atom = st.tuples(st.integers(1, 60), st.integers(-40, 40).map(lambda score: score / 10))
        return st.lists(atom, min_size=2, max_size=8).map(tuple)

    def predicted(self, instance: Instance) -> np.ndarray:
        counts, scores = np.array(instance, dtype=np.float64).T
        return theory.descent_gradient(counts / counts.sum(), scores, loss=self.loss)

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        """Differentiate the mean, over the generator's law, of the objective's loss on each atom."""
        counts, start = torch.tensor(instance, dtype=torch.float64).T
        scores = start.clone().requires_grad_()
        log_q, objective = scores.log_softmax(0), OBJECTIVES[self.loss]
        logits = Minimax().optimal_logit((counts / counts.sum()).log() - log_q)  # the critic of all three
        logits = logits.detach() if self.held else logits
        per_atom = torch.func.vmap(lambda a: objective.generator_loss(None, a[None]))(logits)
        return torch.autograd.grad(log_q.exp() @ per_atom, scores)[0].numpy()

    @property
    def neighbour(self) -> GeneratorDescent | None:
        return self.replace(held=False) if self.held else None

    @classmethod
    def examples(cls) -> tuple[GeneratorDescent, ...]:
        return tuple(cls(loss) for loss in OBJECTIVES)
