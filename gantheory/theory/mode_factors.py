"""The factors by which an update rule multiplies one mode of a linear field."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


_DIRECT: dict[str, Callable[..., complex]] = {
    "simultaneous": lambda mu, h: 1 - h * mu,
    "extragradient": lambda mu, h: 1 - h * mu + (h * mu) ** 2,
    "proximal point": lambda mu, h: 1 / (1 + h * mu),
    "consensus": lambda mu, h, weight: 1 - h * (mu + weight * abs(mu) ** 2),
    "symplectic adjustment": lambda mu, h, weight: 1 - h * (mu - weight * 1j * mu.imag * mu),
    "Hamiltonian descent": lambda mu, h: 1 - h * abs(mu) ** 2,
    "crossing the curl": lambda mu, h: 1 + 2j * h * mu.imag * mu,
    "look-ahead": lambda mu, h, steps, pull: 1 + pull * ((1 - h * mu) ** steps - 1),
}
_MEMORIES: dict[str, Callable[..., list[complex]]] = {
    "momentum": lambda mu, h, beta: [1, h * mu - 1 - beta, beta],
    "optimistic": lambda mu, h: [1, 2 * h * mu - 1, -h * mu],
    "delayed": lambda mu, h, staleness: _delayed(h * mu, staleness),
}


def _delayed(u: complex, staleness: int) -> list[complex]:
    coefficients: list[complex] = [1, -1, *[0] * staleness]
    coefficients[-1] += u  # which is the second where nothing is delayed
    return coefficients


def mode_factors(
    eigenvalue: complex, rate: float, *, rule: str = "simultaneous", **parameters: float
) -> np.ndarray:
    """Return the factors with which a rule multiplies a mode of the field each step: it dies if all are below 1.

    Equation: for v(w) = J w, a mode with the eigenvalue mu of J, and u = rate mu, the factors are

    - "simultaneous": ``1 - u``; "extragradient": ``1 - u + u^2``; "proximal point": ``1 / (1 + u)``;
    - "momentum" with ``beta``: the roots of ``z^2 - (1 - u + beta) z + beta``;
    - "optimistic", and extragradient with past gradients: of ``z^2 - (1 - 2u) z - u``;
    - "delayed" with ``staleness`` s: of ``z^{s+1} - z^s + u``;
    - "look-ahead" with ``steps`` k and ``pull`` a: ``1 + a ((1 - u)^k - 1)``;
    - for a normal J: "consensus" with ``weight`` c: ``1 - rate (mu + c |mu|^2)``; "symplectic adjustment":
      ``1 - rate (mu - i c Im(mu) mu)``; "Hamiltonian descent": ``1 - rate |mu|^2``; "crossing the curl":
      ``1 + 2i rate Im(mu) mu``.

    Raises `ValueError` for an unknown rule, and for parameters that are not the rule's.

    Reference: Gidel et al. (2019); Daskalakis et al. (2018); Balduzzi et al. (2018); each rule's own.

    Example:
        >>> [round(float(abs(z)), 6) for z in mode_factors(1j, 0.5, rule="optimistic")]
        [0.707107, 0.707107]
    """
    mu = complex(eigenvalue)
    try:
        if rule in _DIRECT:
            return np.array([_DIRECT[rule](mu, rate, **parameters)])
        if rule in _MEMORIES:
            return np.roots(_MEMORIES[rule](mu, rate, **parameters))
    except TypeError:
        raise ValueError(
            f"{rule!r} does not take the parameters {parameters}: see the list of rules"
        ) from None
    raise ValueError(f"rule must be one of {', '.join([*_DIRECT, *_MEMORIES])}, got {rule!r}")


def alternating_momentum_factors(speed: float, betas: tuple[float, float]) -> np.ndarray:
    """Return the four factors of alternating heavy-ball steps on a bilinear game, complex, largest modulus first.

    Equation: for ``x' A y`` with singular value sigma, rates h_1, h_2, and momenta b_1, b_2 of the two players, the
    roots of ``(z - 1)^2 (z - b_1) (z - b_2) + u^2 z^3``, with the ``speed`` ``u = sigma sqrt(h_1 h_2)``. For small u
    the largest is below 1 where ``1 / (1 - b_1) + 1 / (1 - b_2) < 2``: a negative momentum of one player is enough.

    Reference: Gidel et al. (2019), negative momentum.

    Example:
        >>> [round(float(abs(alternating_momentum_factors(0.2, (0.0, b)))[0]), 4) for b in (-0.5, 0.0, 0.5)]
        [0.9955, 1.0, 1.0327]
    """
    b1, b2 = betas
    polynomial = np.polymul(np.poly([1, 1]), np.poly([b1, b2]))
    polynomial[1] += speed**2
    roots = np.roots(polynomial).astype(np.complex128)
    return roots[np.argsort(-np.abs(roots), kind="stable")]


def delay_limit(staleness: int) -> float:
    """Return the rate up to which ``w+ = w - rate w_{t-s}`` converges: ``2 sin(pi / (2 (2s + 1)))``.

    For a mode of real eigenvalue mu the limit is this over mu. Raises `ValueError` for a negative staleness.

    Reference: Levin, May (1976).

    Example:
        >>> delay_limit(0), round(delay_limit(1), 12)
        (2.0, 1.0)
    """
    if staleness < 0:
        raise ValueError(f"staleness must be at least 0, got {staleness}")
    return 2 * math.sin(math.pi / (2 * (2 * staleness + 1)))
