"""One of several laws, drawn by weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.algebra.derived import (
    Derived,
    all_of,
    check_laws,
    components_of,
    density,
    without_density,
)
from gantheory.distributions.algebra.mixture_facts import blended_facts
from gantheory.distributions.algebra.modes import mixture_modes
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.circles import Circles
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Facts, Modes
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.mixture import mixture_facts


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Mixture(Derived):
    """One of several laws on the same space, drawn by weights.

    Equation: ``p(x) = sum_k w_k p_k(x)``, for ``weights`` that are divided by their sum; `None` stands for
    equal ones. A mixture of Gaussian mixtures has every fact of the one `GaussianMixture` it is. Otherwise
    moments and the edge follow from the laws', the entropy is a mean over samples with five standard
    errors, and labels number the laws, the likeliest law first found for a point. It is a `Density` where
    all laws are. Sampling draws from every law and keeps one, so that rows depend on nothing else.

    Raises `ValueError` without laws, for laws of different dimensions, or weights that are not as many
    positive, finite numbers.

    Reference: McLachlan, Peel (2000).

    Example:
        >>> from gantheory import Circles, Mixture, Moons
        >>> Mixture((Circles(), Moons()), (3, 1)).facts().labels.value.tolist()
        [0.75, 0.25]
    """

    laws: tuple[Distribution, ...]
    weights: tuple[float, ...] | None = None

    def check(self) -> None:
        check_laws(self.laws, type(self).__name__)
        weights = (1.0,) * len(self.laws) if self.weights is None else self.weights
        if len(weights) != len(self.laws) or not all(0 < w < math.inf for w in weights):
            raise ValueError(f"weights must be {len(self.laws)} positive, finite numbers, got {self.weights}")

    @property
    def dim(self) -> int:
        return self.laws[0].dim

    @property
    def shares(self) -> np.ndarray:
        """The weights, of sum 1."""
        weights = np.array(self.weights or (1.0,) * len(self.laws))
        return weights / weights.sum()

    @property
    def no_density(self) -> str:
        return without_density(self.laws)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.sample_labelled(n, key, start=start)[0]

    def sample_labelled(self, n: int, key: Key, *, start: int = 0) -> tuple[Tensor, Tensor]:
        """Draw samples ``(*batch, n, dim)`` and the numbers ``(*batch, n)`` of the laws that made them."""
        x = self.laws[0].sample(n, key.child("law", 0), start=start)
        u = key.child("label").uniform(n, start=start, dtype=torch.float64, device=x.device)
        label = torch.searchsorted(torch.as_tensor(self.shares.cumsum()[:-1], device=x.device), u, right=True)
        for k, law in enumerate(self.laws[1:], start=1):
            x = torch.where((label == k)[..., None], law.sample(n, key.child("law", k), start=start), x)
        return x, label

    def joint_log_prob(self, x: Tensor) -> Tensor:
        """Return ``log w_k + log p_k(x)`` as ``(..., n, K)``, or raise `ValueError` without a density."""
        x = self._checked(x)
        each = [math.log(w) + density(law).log_prob(x) for w, law in zip(self.shares, self.laws)]
        return torch.stack(each, dim=-1)

    def _log_prob(self, x: Tensor) -> Tensor:
        return self.joint_log_prob(x).logsumexp(-1)

    def _score(self, x: Tensor) -> Tensor:
        share = self.joint_log_prob(x).softmax(-1).unsqueeze(-1)
        scores = torch.stack([density(law).score(x) for law in self.laws], dim=-2)
        return torch.where(share > 0, share * scores, 0).sum(-2)  # a law may have no score off its support

    def components(self) -> Modes | None:
        parts = all_of(components_of(law) for law in self.laws)
        return mixture_modes(parts, self.shares) if parts else None

    def blurred(self, scale: float) -> Mixture | None:
        laws = all_of(law.blurred(scale) for law in self.laws)
        return self.replace(laws=tuple(laws)) if laws else None

    def facts(self) -> Facts:
        components = self.components()
        return mixture_facts(components) if components is not None else blended_facts(self)

    @classmethod
    def examples(cls) -> list[Mixture]:
        wide = GaussianMixture(((0.0, 0.0), (4.0, 0.0)), weights=(1.0, 3.0))
        return [cls((wide, Circles((2.0,), scale=0.3)), (1.0, 2.0)), cls((Checkerboard(gap=0.5), wide))]
