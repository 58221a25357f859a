"""The four energies on which planar flows were first shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gantheory.distributions.box_law import BoxLaw


_WAVE = "sin(pi * x / 2)"
_BUMP = "3 * exp(-((x - 1) / 0.6)**2 / 2)"
_STEP = "3 * sigmoid((x - 1) / 0.3)"
_ENERGIES = (
    "((sqrt(x**2 + y**2) - 2) / 0.4)**2 / 2 - logaddexp(-((x - 2) / 0.6)**2 / 2, -((x + 2) / 0.6)**2 / 2)",
    f"((y - {_WAVE}) / 0.4)**2 / 2",
    f"-logaddexp(-((y - {_WAVE}) / 0.35)**2 / 2, -((y - {_WAVE} + {_BUMP}) / 0.35)**2 / 2)",
    f"-logaddexp(-((y - {_WAVE}) / 0.4)**2 / 2, -((y - {_WAVE} + {_STEP}) / 0.35)**2 / 2)",
)


@dataclass(frozen=True)
class RezendeMohamed(BoxLaw):
    """One of the four energies of the paper on normalizing flows, normalised on a square.

    Equation: ``p = exp(-U_number) / Z`` on ``[-half, half]^2``, with w_1 = sin(2 pi x / 4),
    w_2 = 3 exp(-((x - 1) / 0.6)^2 / 2), w_3 = 3 sigmoid((x - 1) / 0.3) and

    - ``U_1 = ((|z| - 2) / 0.4)^2 / 2 - log(e^(-((x - 2) / 0.6)^2 / 2) + e^(-((x + 2) / 0.6)^2 / 2))``,
    - ``U_2 = ((y - w_1) / 0.4)^2 / 2``,
    - ``U_3 = -log(e^(-((y - w_1) / 0.35)^2 / 2) + e^(-((y - w_1 + w_2) / 0.35)^2 / 2))``,
    - ``U_4 = -log(e^(-((y - w_1) / 0.4)^2 / 2) + e^(-((y - w_1 + w_3) / 0.35)^2 / 2))``.

    The last three do not decay along x, so that on the plane they have no density: codes that add envelopes
    of their own cannot be compared. Here the square is stated, and `facts` has what the density leaves at its edge.

    Raises `ValueError` for a number outside 1 to 4, or a half side outside (0, 20].

    Reference: Rezende and Mohamed (2015), table 1.

    Example:
        >>> round(RezendeMohamed(1).facts().entropy.value, 5)
        2.66001
    """

    number: int = 1
    half: float = 4.0

    def check(self) -> None:
        if not 1 <= self.number <= len(_ENERGIES):
            raise ValueError(f"RezendeMohamed: number must lie between 1 and 4, got {self.number}")
        if not 0 < self.half <= 20 or not math.isfinite(self.half):
            raise ValueError(f"RezendeMohamed: half must lie between 0 and 20, got {self.half}")

    @property
    def formula(self) -> str:
        return _ENERGIES[self.number - 1]

    @property
    def sides(self) -> tuple[tuple[float, float], ...]:
        return ((-self.half, self.half),) * 2

    @classmethod
    def examples(cls) -> list[RezendeMohamed]:
        return [cls(1), cls(3), cls(4, half=3.0)]
