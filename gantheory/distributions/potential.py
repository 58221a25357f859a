"""Any energy on a box."""

from __future__ import annotations

from dataclasses import dataclass

from gantheory.distributions import formula
from gantheory.distributions.box_law import NAMES, BoxLaw
from gantheory.distributions.distribution import Preset


@dataclass(frozen=True)
class Potential(BoxLaw):
    """The density proportional to exp(-energy) on a box of one to three dimensions, normalised by quadrature.

    Equation: ``p(x) = exp(-U(x)) / Z`` on the box, 0 elsewhere. U is a text in the coordinates x, y, z with
    numbers, ``pi``, ``+ - * /``, ``**`` with a number as exponent, and sin, cos, exp, log, sqrt, abs, tanh, sigmoid,
    minimum, maximum, logaddexp; it is read, never run as code. Samples follow that very density: they are
    accepted under an envelope that interval arithmetic proves. The score is the energy's own derivative.

    Raises `ValueError` for a text outside the language or a box whose sides do not rise; and, when the density
    or a sample is first asked for, where the energy is undefined on the box or too steep for the quadrature.

    Reference: Moore (1966), for the interval arithmetic; von Neumann (1951), for acceptance and rejection.

    Example:
        >>> law = Potential("4 * (x**2 - 1)**2", box=((-2, 2),))
        >>> round(law.facts().covariance.value.item(), 4)
        0.9177
    """

    energy: str
    box: tuple[tuple[float, float], ...] = ((-4.0, 4.0), (-4.0, 4.0))

    def check(self) -> None:
        self._check_box()
        formula.read(self.energy, NAMES[: self.dim])

    @property
    def formula(self) -> str:
        return self.energy

    @property
    def sides(self) -> tuple[tuple[float, float], ...]:
        return self.box

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        radius, source = "sqrt(x**2 + y**2)", "Stimper et al. (2023)"
        moons = (
            f"(({radius} - 2) / 0.2)**2 / 2 + ((abs(x) - 2) / 0.3)**2 / 2 - log(1 + exp(-4 * abs(x) / 0.09))"
        )
        rings = f"-logaddexp(-32 * ({radius} - 1)**2, -32 * ({radius} - 2)**2)"
        return {
            "normflows_two_moons": Preset(
                cls(moons), f"{source}, TwoMoons, unnormalised there and on the plane"
            ),
            "normflows_rings": Preset(
                cls(rings), f"{source}, RingMixture(2), unnormalised there and on the plane"
            ),
        }

    @classmethod
    def examples(cls) -> list[Potential]:
        return [
            cls("4 * (x**2 - 1)**2 - x", box=((-2, 2),)),
            cls("x**2 / 2 + maximum(sin(3 * y), x * tanh(y))", box=((-2, 3), (-1, 2))),
        ]
