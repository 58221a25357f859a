"""What a critic that is linear in features measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.optimize import minimize

from gantheory import theory
from gantheory.claims.atoms import samples_of
from gantheory.claims.claim import Claim, Kind
from gantheory.games import FGAN
from gantheory.random import Key


Instance = tuple[tuple[int, int, float, float], ...]
"""On every atom the counts of real and of generated samples, and two features."""


@dataclass(frozen=True)
class MomentMatching(Claim):
    """An f-GAN whose critic is linear in features measures how far the generator is from having the data's moments.

    The neighbour leaves the constant out of the features (``constant=False``): then not even the masses match.

    Reference: Liu, Bousquet, Chaudhuri (2017).

    Example:
        >>> atoms = ((1, 1, -1.0, 0.0), (1, 4, 0.0, 0.0), (1, 1, 1.0, 0.0))
        >>> round(abs(MomentMatching().predicted(atoms)), 6)
        0.0
    """

    constant: bool = True

    part: ClassVar[str] = "A15"
    statement: ClassVar[str] = (
        "The largest E_p T - E_q exp(T - 1) over critics T that are linear in features is the least KL(p'||q) over "
        "laws p' with the data's mean features: a weak critic asks for moments only"
    )
    latex: ClassVar[str] = (
        r"\sup_w\; E_p\, w^\top\phi - E_q\, e^{w^\top\phi - 1} = "
        r"\min\{\mathrm{KL}(p'\|q) : E_{p'}\phi = E_p\phi\}"
    )
    reference: ClassVar[str] = "Liu, Bousquet, Chaudhuri (2017); Liu, Chaudhuri (2018)"
    assumptions: ClassVar[str] = "the constant is one of the features"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-7

    def instances(self) -> st.SearchStrategy[Instance]:
        count, feature = st.integers(1, 20), st.integers(-10, 10).map(lambda phi: phi / 10)
        return st.lists(st.tuples(count, count, feature, feature), min_size=2, max_size=6).map(tuple)

    def predicted(self, instance: Instance) -> float:
        real, fake, *features = np.array(instance, dtype=np.float64).T
        return theory.moment_projection(real / real.sum(), fake / fake.sum(), np.stack(features, axis=1))[0]

    def observed(self, instance: Instance, key: Key) -> float:
        """Minimise the library's critic loss over the weights of the features, by Newton's method in a region."""
        real, fake, *features = zip(*instance)
        phi = torch.tensor([[1.0] * self.constant + list(row) for row in zip(*features)], dtype=torch.float64)

        def parts(w: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            """Loss, gradient and Hessian in w: the loss is a sum over logits."""
            logits = (phi @ torch.from_numpy(w)).requires_grad_()
            loss = FGAN("kl").critic_loss(*samples_of((real, fake), logits))
            (slope,) = torch.autograd.grad(loss, logits, create_graph=True)
            (curvature,) = torch.autograd.grad(slope.sum(), logits)
            gradient = phi.T @ slope.detach()
            return loss.item(), gradient.numpy(), ((phi.T * curvature) @ phi).numpy()

        found: Any = minimize(
            lambda w: parts(w)[0],
            np.zeros(phi.shape[1]),
            jac=lambda w: parts(w)[1],
            hess=lambda w: parts(w)[2],
            method="trust-exact",
            options={"gtol": 1e-9},
        )
        return -float(found.fun)

    @property
    def neighbour(self) -> MomentMatching | None:
        return self.replace(constant=False) if self.constant else None

    @classmethod
    def examples(cls) -> tuple[MomentMatching, ...]:
        return (cls(),)
