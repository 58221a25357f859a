"""The largest constant step with which a rule still converges."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from gantheory.theory.spectra import RULES, eigenvalues


def largest_step(jacobian: ArrayLike, *, rule: str = "simultaneous") -> float:
    """Return the h up to which every step size contracts: rho < 1 on (0, h), and no longer at h.

    Zero where even the smallest steps do not contract, infinity where all do.

    Equation: with eigenvalues ``mu = a + ib`` of the Jacobian J at the equilibrium,

    - "simultaneous": ``h < min 2a / |mu|^2``, for every ``a > 0``;
    - "extragradient": the smallest positive root of ``2a - h (3a^2 - b^2) + 2 a |mu|^2 h^2 - |mu|^4 h^3``;
    - "optimistic": of ``2a + |mu|^2 h - 4 a |mu|^2 h^2 - 3 |mu|^4 h^3``, by Schur's and Cohn's test of
      ``z^2 - (1 - 2 h mu) z - h mu``;
    - "alternating", one step of each of two scalar players, ``J = [[a, b], [c, d]]``, by Jury's test:
      ``ad > bc``, ``a + d > h ad``, ``4 - 2h (a + d) + h^2 (ad + bc) > 0``.

    For R1 on Dirac-GAN (``a = 0, bc = -f'^2, d = gamma``) these are ``h < gamma/f'^2`` with complex
    eigenvalues, ``f'^2 h^2 < 4 - 2 gamma h`` for alternating steps.

    Shapes: ``jacobian (k, k)``; alternating ``(2, 2)``. Raises `ValueError` for others, unknown rules.

    Reference: Mescheder, Nowozin, Geiger (2017); Jury (1964); Cohn (1922).

    Example:
        >>> J = [[0.0, -0.5], [0.5, 1.0]]
        >>> [round(largest_step(J, rule=rule), 3) for rule in ("simultaneous", "alternating")]
        [4.0, 1.657]
    """
    J = np.asarray(jacobian, dtype=np.float64)
    if J.ndim != 2 or (rule == "alternating" and J.shape != (2, 2)):
        raise ValueError(f"one Jacobian is wanted, (2, 2) for alternating steps, got shape {J.shape}")
    if rule == "alternating":
        (a, b), (c, d) = J.tolist()
        return _first_exit([[a * d - b * c], [a + d, -a * d], [4, -2 * (a + d), a * d + b * c]])
    if rule not in (*RULES, "optimistic"):
        raise ValueError(f"rule must be one of {', '.join(RULES)}, optimistic, got {rule!r}")
    limits = []
    for mu in eigenvalues(J):
        size = abs(mu)
        # rounding gives purely imaginary eigenvalues a real part, which would decide the sign
        a = mu.real if abs(mu.real) > 1e-12 * size else 0.0
        if rule == "simultaneous":
            limits.append([2 * a, -(size**2)])
        elif rule == "extragradient":
            limits.append([2 * a, mu.imag**2 - 3 * a**2, 2 * a * size**2, -(size**4)])
        else:
            limits.append([2 * a, size**2, -4 * a * size**2, -3 * size**4])
    return _first_exit(limits)


def _first_exit(polynomials: Iterable[list[float]]) -> float:
    """Return the end of the interval (0, h) on which all polynomials (lowest power first) are positive."""
    end = math.inf
    for coefficients in polynomials:
        terms = np.trim_zeros(np.asarray(coefficients, dtype=np.float64), "f")
        if terms.size == 0 or terms[0] < 0:
            return 0.0
        roots = np.roots(terms[::-1])
        # a double root, computed, leaves the real axis by the square root of the rounding error
        real = roots.real[(np.abs(roots.imag) <= 1e-7 * np.abs(roots)) & (roots.real > 0)]
        end = min(end, *real.tolist()) if real.size else end
    return end


def alternating_eigenvalues(
    rate: float, *, slope: float = 0.5, generator_steps: int = 1, critic_steps: int = 1
):
    """Return both eigenvalues of alternating steps on the unregularised Dirac-GAN, complex.

    Equation: ``1 - alpha^2/2 +- sqrt((1 - alpha^2/2)^2 - 1)`` with ``alpha = sqrt(n_G n_D) h f'(0)``. They
    lie on the unit circle for ``alpha <= 2`` (at 2 with a Jordan block at -1, so orbits grow linearly),
    and one lies outside beyond.

    ``slope`` is ``f'(0)``: 1/2 for GAN and NSGAN, 1 for WGAN.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> np.abs(alternating_eigenvalues(0.2)).round(12).tolist()
        [1.0, 1.0]
    """
    alpha_squared = generator_steps * critic_steps * (rate * slope) ** 2
    centre = 1 - alpha_squared / 2
    root = np.sqrt(complex(centre**2 - 1))
    return np.array([centre - root, centre + root])
