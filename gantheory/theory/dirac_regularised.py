"""What penalties and consensus do to Dirac-GAN away from linearisation at its equilibrium."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from gantheory.theory.dirac_details import consensus_dirac_field
from gantheory.theory.dirac_gan import dirac_jacobian
from gantheory.theory.spectra import contraction_factor, one_step_map


def consensus_jacobian(jacobian: ArrayLike, weight: ArrayLike) -> np.ndarray:
    """Return the Jacobian of consensus at a zero of the field, ``J + c J' J``, shape ``(..., k, k)``.

    The rule follows ``v + c J' v``, the field and ``c`` times the gradient of ``|v|^2 / 2``. Where the symmetric part
    of J is at least 0 and J invertible, all its eigenvalues have positive real parts for every c > 0.

    Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> consensus_jacobian([[0.0, -0.5], [0.5, 0.0]], 1.0).tolist()
        [[0.25, -0.5], [0.5, 0.25]]
    """
    J = np.asarray(jacobian, dtype=np.float64)
    return J + np.asarray(weight, dtype=np.float64)[..., None, None] * (np.swapaxes(J, -1, -2) @ J)


def dirac_consensus_escapes(
    theta: ArrayLike, psi: ArrayLike, *, weight: float, time: float = 100.0, published: bool = False
) -> np.ndarray:
    """Say from which starts the flow of consensus on Dirac-GAN goes off, booleans of the points' shape.

    A start escapes where its distance to the equilibrium exceeds 3 at the end and grew over the last tenth of the
    time. The local lemma knows nothing of it: the equilibrium attracts for every weight. The field, and what
    ``published`` makes of it, are those of `consensus_dirac_field`.

    Reference: the field is that of Mescheder, Nowozin, Geiger (2017); integrated by Dormand and Prince's method.

    Example:
        >>> dirac_consensus_escapes([0.5, 2.0], [0.5, -2.0], weight=1.0).tolist()
        [False, True]
    """
    theta, psi = np.broadcast_arrays(np.asarray(theta, dtype=np.float64), np.asarray(psi, dtype=np.float64))
    start = np.stack([theta, psi], axis=-1)

    def flow(t: float, z: np.ndarray) -> np.ndarray:
        points = z.reshape(-1, 2)
        return -consensus_dirac_field(points[:, 0], points[:, 1], weight, published=published).ravel()

    found = solve_ivp(flow, (0.0, time), start.ravel(), t_eval=[0.9 * time, time], rtol=1e-6, atol=1e-8)
    near, end = np.linalg.norm(found.y.T.reshape(2, *start.shape), axis=-1)
    return (end > 3) & (end > near)


def gradient_penalty_cycle(
    weight: float, *, target: float = 1.0, rate: float = 0.0, rule: str = "simultaneous"
) -> float:
    """Return how far from the data WGAN-GP keeps the generator of Dirac-GAN: the amplitude of theta.

    Equation: with the penalty ``w (|psi| - g)^2`` the field has no zero, for it jumps at ``psi = 0``. Between jumps
    theta swings around ``+-2 w g`` with the eigenvalues ``w +- i sqrt(1 - w^2)``, and half a swing multiplies its
    distance by ``q = exp(-pi w / sqrt(1 - w^2))``; so it settles on the amplitude ``2 w g (1 + q) / (1 - q)``, which is
    ``4 g / pi`` for a vanishing weight. From ``w = 1`` on nothing swings, q is 0, and the generator rests at the
    distance ``2 w g`` from the data.

    With a ``rate`` the same of steps of that size by `one_step_map`, whose largest eigenvalue z gives
    ``q = |z|^(pi / |arg z|)``; jumps fall between two steps, so this is exact only as the rate goes to 0.
    Infinite where the steps spiral outwards, ``q >= 1``.

    Raises `ValueError` for a weight that is not positive, and for unknown rules.

    Reference: Mescheder, Geiger, Nowozin (2018), who show that it does not converge; Gulrajani et al. (2017).

    Example:
        >>> round(gradient_penalty_cycle(0.35), 4), gradient_penalty_cycle(2.0)
        (1.3266, 4.0)
    """
    if not weight > 0:
        raise ValueError(f"weight must be positive, got {weight}")
    if rate:
        z = np.linalg.eigvals(one_step_map([[0.0, -1.0], [1.0, 2 * weight]], rate, rule=rule))[0]
        decay, angle = -math.log(abs(z)), abs(float(np.angle(z)))
    else:
        decay, angle = weight, math.sqrt(max(0.0, 1 - weight**2))
    if decay <= 0:
        return math.inf
    q = math.exp(-math.pi * decay / angle) if angle > 0 else 0.0
    return 2 * weight * target * (1 + q) / (1 - q)


def sector_stable(rate: ArrayLike, weight: ArrayLike, *, rule: str = "simultaneous") -> np.ndarray:
    """Say where steps of Dirac-GAN with R1 are stable for every slope that the loss may have, booleans.

    Equation: ``rho < 1`` for the step at the slope 1, the steepest (at the equilibrium it is 1/2), and
    ``h gamma <= 1``, which keeps the penalty from overshooting where the slope is 0. Each slope alone is then stable;
    whether a slope that changes from step to step is, as Aizerman asked of control systems, is not known.

    Notation: h is ``rate``, gamma ``weight``. Shapes: any that broadcast. Raises `ValueError` for an unknown rule.

    Reference: Aizerman (1949), for the question; Mescheder, Geiger, Nowozin (2018), for the step.

    Example:
        >>> sector_stable([0.5, 1.5], 1.0).tolist()
        [True, False]
    """
    h, gamma = np.broadcast_arrays(np.asarray(rate, dtype=np.float64), np.asarray(weight, dtype=np.float64))
    J = dirac_jacobian(objective="wgan", weight=gamma)
    return (contraction_factor(J, h, rule=rule) < 1) & (h * gamma <= 1)
