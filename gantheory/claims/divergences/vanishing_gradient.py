"""What is left of the generator's gradient near a perfect critic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.divergences.logit_slopes import OBJECTIVES
from gantheory.random import Key


Instance = tuple[float, int, tuple[float, float], tuple[float, ...]]
"""The critic's distance from a perfect one, its wave number, the generator's two parameters, and noise."""


@dataclass(frozen=True)
class VanishingGradient(Claim):
    """Near a perfect and flat critic the minimax generator's gradient is at most ``M eps/(1 - eps)``.

    The neighbour takes the non-saturating loss (``loss="non-saturating"``), whose gradient has no such bound.

    Reference: Arjovsky, Bottou (2017).

    Example:
        >>> round(VanishingGradient().predicted((0.5, 1, (0.0, 1.0), (0.0,))), 6)
        1.0
    """

    loss: Literal["minimax", "non-saturating"] = "minimax"

    part: ClassVar[str] = "A07"
    statement: ClassVar[str] = (
        "Where D and its gradient are below eps on all generated samples, the gradient of E log(1 - D(g(z))) in "
        "the generator's parameters is below M eps/(1 - eps), M^2 the mean square of the generator's Jacobian"
    )
    latex: ClassVar[str] = (
        r"\sup|D| + \sup|\nabla D| < \epsilon \;\Rightarrow\; "
        r"\big|\nabla_\theta E\log(1 - D(g_\theta(z)))\big| < M\,\frac{\epsilon}{1 - \epsilon}"
    )
    reference: ClassVar[str] = "Arjovsky, Bottou (2017), theorem 2.4"
    assumptions: ClassVar[str] = "the perfect critic is 0 and flat on generated samples; the minimax loss"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="

    def instances(self) -> st.SearchStrategy[Instance]:
        tenth = st.integers(-20, 20).map(lambda x: x / 10)
        generator, noise = st.tuples(tenth, tenth), st.lists(tenth, min_size=1, max_size=8).map(tuple)
        # quick waves, a critic near 0 and samples where it rises most come near to the bound
        closeness = st.just(0.01) | st.integers(1, 90).map(lambda percent: percent / 100)
        places = st.just(((0.0, 0.0), (0.0,))) | st.tuples(generator, noise)
        return st.tuples(closeness, st.integers(1, 1000), places).map(
            lambda drawn: (drawn[0], drawn[1], drawn[2][0], drawn[2][1])
        )

    def predicted(self, instance: Instance) -> float:
        closeness, _, _, noise = instance
        size = math.sqrt(sum(1 + z * z for z in noise) / len(noise))
        return theory.vanishing_gradient_bound(closeness, size)

    def observed(self, instance: Instance, key: Key) -> float:
        """Differentiate through the critic ``D(x) = A (1 + c sin kx)`` and the generator ``a + b z``."""
        closeness, k, parameters, noise = instance
        c = 0.999  # D stays above 0, where the other losses are finite
        amplitude = closeness / (1 + c + c * k)
        theta = torch.tensor(parameters, dtype=torch.float64, requires_grad=True)
        x = theta[0] + theta[1] * torch.tensor(noise, dtype=torch.float64)
        logits = torch.logit(amplitude * (1 + c * torch.sin(k * x)))
        loss = OBJECTIVES[self.loss].generator_loss(None, logits)
        return torch.autograd.grad(loss, theta)[0].norm().item()

    @property
    def neighbour(self) -> VanishingGradient | None:
        return self.replace(loss="non-saturating") if self.loss == "minimax" else None

    @classmethod
    def examples(cls) -> tuple[VanishingGradient, ...]:
        return (cls(),)
