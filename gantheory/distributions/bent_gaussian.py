"""A Gaussian bent along a curve: the plane sets of neural spline flows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


class _Shape(NamedTuple):
    """A curve, its slope, its published noise, and its exact moments for t ~ N(0, 1)."""

    height: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    noise: float
    mean: float
    variance: float
    covariance: float  # of the height with t


_LEAN = math.sqrt(2 / math.pi)  # E|t|
_SHAPES = {
    "crescent": _Shape(lambda t: t**2 / 2 - 1, lambda t: t, math.exp(-1), -0.5, 0.5, 0.0),
    "cubed": _Shape(lambda t: 0.2 * t**3, lambda t: 0.6 * t**2, 1.0, 0.0, 0.6, 0.6),
    "sine": _Shape(
        lambda t: torch.sin(5 * t),
        lambda t: 5 * torch.cos(5 * t),
        math.exp(-1),
        0.0,
        (1 - math.exp(-50)) / 2,
        5 * math.exp(-12.5),
    ),
    "abs": _Shape(lambda t: t.abs() - 1, torch.sign, math.exp(-1.5), _LEAN - 1, 1 - _LEAN**2, 0.0),
    "sign": _Shape(
        lambda t: torch.sign(t) + t, torch.ones_like, math.exp(-1.5), 0.0, 2 + 2 * _LEAN, 1 + _LEAN
    ),
}


@dataclass(frozen=True)
class BentGaussian(Density):
    """A standard normal coordinate and a second one that follows a curve over it, with Gaussian noise.

    Equation: ``x_1 ~ N(0, 1)``, ``x_2 | x_1 ~ N(f(x_1), noise^2)`` with f one of

    - ``"crescent"``: t^2 / 2 - 1, ``"cubed"``: 0.2 t^3, ``"sine"``: sin 5t, ``"abs"``: |t| - 1, ``"sign"``:
      sign(t) + t.

    A noise of `None` is the published one: exp(-1) for the crescent and the sine, 1 for the cube, exp(-3/2)
    for the others. The published crescent and cube have their axes exchanged. Density, score, entropy and
    moments are exact, and the chain rule is also the exact autoregressive model.

    Raises `ValueError` for an unknown shape or a noise that is not positive.

    Reference: Durkan, Bekasov, Murray, Papamakarios (2019).

    Example:
        >>> bent = BentGaussian("sine", noise=0.1)
        >>> round(bent.facts().entropy.value, 4)
        0.5353
    """

    shape: str = "crescent"
    noise: float | None = None

    def check(self) -> None:
        if self.shape not in _SHAPES:
            raise ValueError(f"BentGaussian: shape must be one of {', '.join(_SHAPES)}, got {self.shape!r}")
        if not 0 < self._width < math.inf:
            raise ValueError(f"BentGaussian: noise must be positive and finite, got {self.noise}")

    @property
    def dim(self) -> int:
        return 2

    @property
    def _width(self) -> float:
        return _SHAPES[self.shape].noise if self.noise is None else self.noise

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        t, e = key.child("noise").normal(n, 2, start=start).unbind(-1)
        return torch.stack((t, _SHAPES[self.shape].height(t) + self._width * e), dim=-1)

    def log_prob(self, x: Tensor) -> Tensor:
        t, white = self._whiten(x)
        return -(t.square() + white.square()) / 2 - math.log(2 * math.pi * self._width)

    def score(self, x: Tensor) -> Tensor:
        t, white = self._whiten(x)
        pull = white / self._width
        return torch.stack((pull * _SHAPES[self.shape].slope(t) - t, -pull), dim=-1)

    def _whiten(self, x: Tensor) -> tuple[Tensor, Tensor]:
        t, y = check_points(x, 2).unbind(-1)
        return t, (y - _SHAPES[self.shape].height(t)) / self._width

    def facts(self) -> Facts:
        curve, width = _SHAPES[self.shape], self._width
        beside = curve.covariance
        return Facts(
            mean=Fact(np.array([0.0, curve.mean])),
            covariance=Fact(np.array([[1.0, beside], [beside, curve.variance + width**2]])),
            entropy=Fact(math.log(2 * math.pi * math.e * width)),
            intrinsic_dimension=Fact(2),
            tail_index=Fact(math.inf),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {
            f"nsf_{shape}": Preset(cls(shape, curve.noise), "Durkan et al. (2019), plane.py")
            for shape, curve in _SHAPES.items()
        }

    @classmethod
    def examples(cls) -> list[BentGaussian]:
        return [*(cls(shape) for shape in _SHAPES), cls("sine", noise=0.1)]
