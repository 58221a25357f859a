"""Where Dirac-GAN orbits go when linearisation is silent or tells only half."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gantheory.theory.dirac_gan import dirac_jacobian
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
    - "creeps": converges like ``r^2 = 8/(h n)`` (non-saturating, alternating steps);
    - "circles": stays at about its distance (alternating steps, GAN and WGAN);
    - "cycles": leaves the equilibrium and settles on `nonsaturating_cycle`;
    - "leaves": moves away geometrically, as linearisation says; nothing is said of where to.

    Assumes, for what is not geometric, steps well below the limit ``h f'(0) = 2``.

    Raises `ValueError` for an unknown objective or rule.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> [dirac_fate("nsgan", 0.1, rule=rule) for rule in ("simultaneous", "alternating")]
        ['cycles', 'creeps']
    """
    verdict = converges(dirac_jacobian(objective=objective, weight=weight), rate, rule=rule)
    if verdict:
        return "converges"
    unregularised = objective == "nsgan" and weight == 0
    if verdict is None:
        return "creeps" if unregularised else "circles"
    return "cycles" if unregularised and rule == "simultaneous" else "leaves"
