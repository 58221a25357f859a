"""The Wasserstein-1 distance as a loss: it is continuous in the generator, and its slope is the critic's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.random import Key


Generator = tuple[float, float]
"""Shift a and scale b of the generator ``a + b z``."""


@dataclass(frozen=True)
class WassersteinContinuity(Claim):
    """Generators that are near for the same noise are near in Wasserstein-1 distance.

    The neighbour asks it of the Wasserstein-2 distance (``power=2.0``).

    Reference: Arjovsky, Chintala, Bottou (2017).

    Example:
        >>> WassersteinContinuity().predicted(((0.0, 1.0), (1.0, 1.0), (0.0, 0.5)))
        1.0
    """

    power: float = 1.0

    part: ClassVar[str] = "A08"
    statement: ClassVar[str] = (
        "The Wasserstein-1 distance between two generators is at most the mean distance of what they make of the "
        "same noise"
    )
    latex: ClassVar[str] = r"W_1(P_\theta, P_{\theta'}) \le E\,|g_\theta(z) - g_{\theta'}(z)|"
    reference: ClassVar[str] = "Arjovsky, Chintala, Bottou (2017), theorem 1"
    assumptions: ClassVar[str] = "the first power of the distance"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[tuple[Generator, Generator, tuple[float, ...]]]:
        tenth = st.integers(-30, 30).map(lambda x: x / 10)
        generator, noise = st.tuples(tenth, tenth), st.lists(tenth, min_size=1, max_size=12).map(tuple)
        return st.tuples(generator, generator, noise)

    def predicted(self, instance) -> float:
        (a, b), (other_a, other_b), noise = instance
        z = np.array(noise)[:, None]
        return theory.shared_noise_bound(a + b * z, other_a + other_b * z)

    def observed(self, instance, key: Key) -> float:
        (a, b), (other_a, other_b), noise = instance
        z = torch.tensor(noise, dtype=torch.float64)
        return ops.wasserstein_1d(a + b * z, other_a + other_b * z, p=self.power).item() ** (1 / self.power)

    @property
    def neighbour(self) -> WassersteinContinuity | None:
        return self.replace(power=2.0) if self.power == 1 else None

    @classmethod
    def examples(cls) -> tuple[WassersteinContinuity, ...]:
        return (cls(),)


@dataclass(frozen=True)
class WassersteinEnvelope(Claim):
    """The slope of the Wasserstein-1 distance in a shift is the mean slope of the optimal critic.

    The neighbour couples real and generated samples as they come (``coupling="given"``).

    Reference: Arjovsky, Chintala, Bottou (2017).

    Example:
        >>> round(WassersteinEnvelope().predicted(((3, 0, 5), (1, 2, 4))), 6)
        0.333333
    """

    coupling: Literal["optimal", "given"] = "optimal"

    part: ClassVar[str] = "A08"
    statement: ClassVar[str] = (
        "As a generator on the line is shifted, the Wasserstein-1 distance changes by the mean slope of the "
        "optimal critic at the generated samples: the mean sign of sorted differences"
    )
    latex: ClassVar[str] = (
        r"\tfrac{d}{dt} W_1(P, P_\theta + t) = -E\, f^{*\prime}(g_\theta(z)) = "
        r"\tfrac1n\sum_i \mathrm{sign}\big(x_{(i)} - y_{(i)}\big)"
    )
    reference: ClassVar[str] = "Arjovsky, Chintala, Bottou (2017), theorem 3"
    assumptions: ClassVar[str] = "no generated sample equals a real one"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[tuple[tuple[int, ...], tuple[int, ...]]]:
        # generated samples at odd places and real ones at even places never meet
        pair = st.tuples(
            st.integers(-20, 20).map(lambda k: 2 * k + 1), st.integers(-20, 20).map(lambda k: 2 * k)
        )
        return st.lists(pair, min_size=1, max_size=12).map(lambda rows: tuple(zip(*rows)))  # type: ignore[return-value]

    def predicted(self, instance) -> float:
        return theory.shift_slope(*instance)

    def observed(self, instance, key: Key) -> float:
        fake, real = (torch.tensor(part, dtype=torch.float64) for part in instance)
        shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
        if self.coupling == "given":
            distance = (fake + shift - real).abs().mean()
        else:
            distance = ops.wasserstein_1d(fake + shift, real, p=1)
        return torch.autograd.grad(distance, shift)[0].item()

    @property
    def neighbour(self) -> WassersteinEnvelope | None:
        return self.replace(coupling="given") if self.coupling == "optimal" else None

    @classmethod
    def examples(cls) -> tuple[WassersteinEnvelope, ...]:
        return (cls(),)
