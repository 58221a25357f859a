"""Laws that a label chooses, with the labels in sight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.algebra.carry import labels_error
from gantheory.distributions.algebra.derived import Derived, density
from gantheory.distributions.algebra.mixture import Mixture
from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.ring import Ring
from gantheory.distributions.sampled import POINTS, sampled_points
from gantheory.random import Key


@dataclass(frozen=True)
class Conditional(Derived):
    """A law drawn by weights, a point drawn by that law, and a label that names the law.

    Equation: ``P(z = k) = w_k``, ``x | z ~ p_z``; the label y is z with probability ``dependence`` and otherwise
    drawn anew by the weights. As a distribution it is the marginal of x, the `Mixture` of the laws, with the
    laws for modes: `sample_labelled` draws both, `given` is the law of a label, ``d p_y + (1 - d) p``,
    `log_prob_given` its density, and `mutual_information` says how much of the label a point shows. The
    dependence is a dial: it moves that information and leaves both marginals as they are.

    Raises `ValueError` as `Mixture` does, and for a dependence outside [0, 1].

    Reference: Mirza and Osindero (2014).

    Example:
        >>> from gantheory import Conditional, Key, Moons, Ring
        >>> pair = Conditional((Ring(), Moons()))
        >>> x, y = pair.sample_labelled(5, Key(0))
        >>> tuple(x.shape), tuple(y.shape)
        ((5, 2), (5,))
    """

    laws: tuple[Distribution, ...]
    weights: tuple[float, ...] | None = None
    dependence: float = 1.0

    def check(self) -> None:
        Mixture(self.laws, self.weights)  # whose checks are these
        if not 0 <= self.dependence <= 1:
            raise ValueError(f"Conditional: dependence must lie between 0 and 1, got {self.dependence}")

    @property
    def marginal(self) -> Mixture:
        """The law of x alone."""
        return Mixture(self.laws, self.weights)

    @property
    def dim(self) -> int:
        return self.laws[0].dim

    @property
    def no_density(self) -> str:
        return self.marginal.no_density

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.marginal.sample(n, key, start=start)

    def sample_labelled(self, n: int, key: Key, *, start: int = 0) -> tuple[Tensor, Tensor]:
        """Draw points ``(*batch, n, dim)``, those of `sample`, and their labels ``(*batch, n)``."""
        x, maker = self.marginal.sample_labelled(n, key, start=start)
        if self.dependence == 1:
            return x, maker
        double = {"start": start, "dtype": torch.float64, "device": x.device}
        anew = key.child("dependence").uniform(n, **double) >= self.dependence
        edges = torch.as_tensor(self.marginal.shares.cumsum()[:-1], device=x.device)
        other = torch.searchsorted(edges, key.child("anew").uniform(n, **double), right=True)
        return x, torch.where(anew, other, maker)

    def given(self, label: int) -> Distribution:
        """Return the law of a label, or raise `ValueError` for a label that does not exist."""
        if not 0 <= label < len(self.laws):
            raise ValueError(f"label must lie between 0 and {len(self.laws) - 1}, got {label}")
        if self.dependence == 1:
            return self.laws[label]
        shares = self._makers()[label]
        kept = [k for k, share in enumerate(shares) if share > 0]
        return Mixture(tuple(self.laws[k] for k in kept), tuple(shares[kept].tolist()))

    def _makers(self) -> np.ndarray:
        """P(z = k | y) as ``(labels, laws)``."""
        shares = self.marginal.shares
        return self.dependence * np.eye(len(shares)) + (1 - self.dependence) * shares

    def log_prob_given(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``log p_y(x)`` ``(..., n)`` at points ``(..., n, dim)`` with labels ``(..., n)``."""
        if y.dtype != torch.int64 or y.shape != x.shape[:-1]:
            raise ValueError(
                f"y must be int64 of shape {tuple(x.shape[:-1])}, got {y.dtype} {tuple(y.shape)}"
            )
        self._checked(x)
        each = torch.stack([density(law).log_prob(x) for law in self.laws], dim=-1)
        return (each + torch.as_tensor(self._makers()).to(x).log()[y]).logsumexp(-1)

    def mutual_information(self) -> Fact:
        """Return ``I(x; y) = E log p_y(x) / p(x)`` in nats, from 0 to the labels' entropy.

        The mean over samples of ``H(y) - H(y | x)``, with five standard errors.
        """
        return _information(self)

    def _log_prob(self, x: Tensor) -> Tensor:
        return self.marginal.log_prob(x)

    def _score(self, x: Tensor) -> Tensor:
        return self.marginal.score(x)

    def components(self) -> Modes | None:
        return self.marginal.components()

    def blurred(self, scale: float) -> Distribution | None:
        marginal = self.marginal.blurred(scale)
        return None if marginal is None else self.replace(laws=marginal.laws)

    def facts(self) -> Facts:
        facts, shares = self.marginal.facts(), self.marginal.shares
        if facts.modes.value is not None and len(facts.modes.value) == len(shares):
            return facts
        unlabelled = Fact(None, reason=f"the label of a point is not known: {self.no_density}")
        mode_of = Fact(lambda x: self.marginal.joint_log_prob(x).argmax(-1), labels_error(shares))
        return replace(
            facts,
            modes=Fact(None, reason="labels number the laws, which are not all Gaussian"),
            mode_of=unlabelled if self.no_density else mode_of,
            labels=unlabelled if self.no_density else Fact(shares),
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        laws = tuple(GaussianMixture(((m,) * dim,)) for m in (-1.0, 1.0))
        held = ("mean", "covariance", "entropy", "labels")
        quantity = "what a point shows of its label"
        moved = "mutual_information"
        return [Dial("labels", quantity, cls(laws, None, 0.5), "dependence", 0.0, 1.0, "linear", moved, held)]

    @classmethod
    def examples(cls) -> list[Conditional]:
        low, high = (GaussianMixture(((m,),)) for m in (-1.0, 1.0))
        return [cls((low, high), (1.0, 2.0), 0.5), cls((Ring(modes=3), Ring(modes=1, radius=0.5)))]


@lru_cache(maxsize=64)
def _information(law: Conditional) -> Fact:
    if law.no_density:
        return Fact(None, reason=f"no density: {law.no_density}")
    joint = law.marginal.joint_log_prob(sampled_points(law))
    shares = law.marginal.shares
    label = law.dependence * joint.softmax(-1) + (1 - law.dependence) * torch.as_tensor(shares)
    unsure = torch.special.entr(label).sum(-1)  # H(y | x) at every point
    return Fact(
        float(-(shares * np.log(shares)).sum() - unsure.mean()), 5 * float(unsure.std()) / POINTS**0.5
    )
