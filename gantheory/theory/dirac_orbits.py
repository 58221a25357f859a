"""Where Dirac-GAN orbits go when linearisation is silent or tells only half."""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy
from numpy.typing import ArrayLike

from gantheory.theory.dirac_gan import dirac_expressions, dirac_jacobian
from gantheory.theory.spectra import converges


def nonsaturating_radius(time: ArrayLike, start: ArrayLike) -> np.ndarray:
    """Return the distance to the equilibrium of the unregularised non-saturating Dirac-GAN at a time.

    Equation: with ``s = theta psi`` the flow has ``d|z|^2/dt = -2 s tanh(s/2)``, whose average over a turn
    is ``dr^2/dt = -r^4/8``; so ``1/r^2 = 1/r_0^2 + t/8`` and ``t r^2 -> 8``. Purely imaginary eigenvalues
    thus hide a sublinear convergence. Alternating steps of size h follow it with ``t = h n``; simultaneous
    ones do not (see `nonsaturating_cycle`).

    Assumes radii well below 1 (the average is the leading order) and, for steps, h well below 1.

    Reference: Mescheder, Geiger, Nowozin (2018), who note the imaginary eigenvalues; averaging as in
    Sanders, Verhulst, Murdock (2007).

    Example:
        >>> round(float(nonsaturating_radius(8e6, 1.0) ** 2 * 1e6), 3)
        1.0
    """
    r = np.asarray(start, dtype=np.float64)
    return 1 / np.sqrt(1 / r**2 + np.asarray(time, dtype=np.float64) / 8)


def nonsaturating_cycle(rate: ArrayLike) -> np.ndarray:
    """Return the radius of the cycle that simultaneous steps reach on the non-saturating Dirac-GAN.

    Equation: a step adds ``h^2 r^2/4`` to r^2 and the averaged flow takes ``h r^4/8`` away, so
    ``r^2 = 2h``, to leading order in h.

    Reference: derived as `nonsaturating_radius` is; the eigenvalues are in Mescheder, Geiger, Nowozin
    (2018).

    Example:
        >>> float(nonsaturating_cycle(0.02))
        0.2
    """
    return np.sqrt(2 * np.asarray(rate, dtype=np.float64))


def dirac_fate(objective: str, rate: float, *, weight: float = 0.0, rule: str = "simultaneous") -> str:
    """Say what orbits of the Dirac-GAN that start near the equilibrium do for ever.

    - "converges": geometrically, linearisation decides;
    - "creeps": converges like one over the root of the steps (alternating steps, NSGAN and LSGAN);
    - "circles": stays at about its distance (alternating steps, zero-sum objectives such as GAN and WGAN);
    - "cycles": leaves the equilibrium and settles where damping of higher order holds it, for NSGAN on
      `nonsaturating_cycle`;
    - "leaves": moves away, nothing is said of where to.

    Equation: where linearisation is silent, with losses ``G(t)`` and ``D(t)`` of the logit ``t = psi theta``, the flow
    has ``d(D' theta^2 - G' psi^2)/dt = -2 kappa t^2`` to leading order, ``kappa = D' G'' - G' D''`` at 0: orbits
    creep in for a positive kappa and circle for 0.

    Assumes, for what is not geometric, steps well below the limit ``h f'(0) = 2``.

    Raises `ValueError` for an unknown objective or rule, and where a player does not care for logit 0, as in least
    squares with targets 0 and 1: its equilibria are a line.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> [dirac_fate("nsgan", 0.1, rule=rule) for rule in ("simultaneous", "alternating")]
        ['cycles', 'creeps']
    """
    kappa = _damping(objective)
    verdict = converges(dirac_jacobian(objective=objective, weight=weight), rate, rule=rule)
    if verdict:
        return "converges"
    damped = weight == 0 and kappa > 0
    if verdict is None:
        return "creeps" if damped else "leaves" if weight == 0 and kappa < 0 else "circles"
    return "cycles" if damped and rule == "simultaneous" else "leaves"


@cache
def _damping(objective: str) -> float:
    """The number kappa of `dirac_fate`."""
    expressions = dirac_expressions(objective)
    theta, psi, gamma = expressions.symbols
    G, D = (loss.subs({theta: 1, gamma: 0}) for loss in expressions.losses)
    (G1, G2), (D1, D2) = ([sympy.diff(loss, psi, k).subs(psi, 0) for k in (1, 2)] for loss in (G, D))
    if G1 == 0 or D1 == 0:
        raise ValueError(
            f"{objective!r} has a line of equilibria on Dirac-GAN, none that orbits leave or reach"
        )
    return float(D1 * G2 - G1 * D2)
