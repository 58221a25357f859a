"""What the Jacobian at an equilibrium says about a rule that steps along the field."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


RULES = ("simultaneous", "alternating", "extragradient")


def eigenvalues(jacobian: ArrayLike) -> np.ndarray:
    """Return the eigenvalues of Jacobians ``(..., k, k)``, complex ``(..., k)``, by real then imaginary part.

    With the field v as gradient of losses, the flow ``w' = -v(w)`` is stable where all real parts are
    positive.

    Raises `ValueError` where the last two axes are not square.

    Example:
        >>> eigenvalues([[0.0, -0.5], [0.5, 0.0]]).imag.round(6).tolist()
        [-0.5, 0.5]
    """
    J = _square(jacobian)
    return np.sort_complex(np.linalg.eigvals(J).astype(np.complex128))


def one_step_map(
    jacobian: ArrayLike,
    rate: ArrayLike,
    *,
    rule: str = "simultaneous",
    critic_steps: int = 1,
    order: tuple[str, str] = ("critic", "generator"),
    generator_size: int = 1,
) -> np.ndarray:
    """Return the linearisation at an equilibrium of one step of a rule, ``(..., k, k)``.

    Equation: with Jacobian J, step size h, and ``J_G``, ``J_D`` its rows of generator and critic (the
    other rows zero),

    - "simultaneous": ``I - h J``;
    - "alternating": ``(I - h J_G) (I - h J_D)^n`` with n critic steps, which come first; the reverse
      product for ``order=("generator", "critic")``;
    - "extragradient": ``I - h J + h^2 J^2``.

    Shapes: ``jacobian (..., k, k)``, ``rate (...)``, broadcast; the first ``generator_size`` parameters
    are the generator's. Raises `ValueError` for unknown rules and orders.

    Reference: Mescheder, Nowozin, Geiger (2017); Korpelevich (1976).

    Example:
        >>> one_step_map([[0.0, -1.0], [1.0, 0.0]], 0.5, rule="alternating").tolist()
        [[0.75, 0.5], [-0.5, 1.0]]
    """
    J = _square(jacobian)
    h = np.asarray(rate, dtype=np.float64)[..., None, None]
    I = np.eye(J.shape[-1])
    if rule == "simultaneous":
        return I - h * J
    if rule == "extragradient":
        return I - h * J + h**2 * (J @ J)
    if rule != "alternating":
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    if sorted(order) != ["critic", "generator"] or critic_steps < 1:
        raise ValueError(
            f"alternating steps need an order of 'critic' and 'generator' and critic_steps of at least 1, "
            f"got order={order!r}, critic_steps={critic_steps}"
        )
    rows = np.arange(J.shape[-1])[:, None] < generator_size
    half = {
        "generator": I - h * np.where(rows, J, 0.0),
        "critic": np.linalg.matrix_power(I - h * np.where(rows, 0.0, J), critic_steps),
    }
    return half[order[1]] @ half[order[0]]


def contraction_factor(
    jacobian: ArrayLike, rate: ArrayLike, *, rule: str = "simultaneous", **options
) -> np.ndarray:
    """Return the factor by which a rule's distance to the equilibrium changes a step in the long run.

    Equation: the spectral radius of `one_step_map`, whose options it takes. Below 1 the rule converges
    from near starts, at this rate; above 1 the equilibrium repels; at 1 linearisation decides nothing.

    Shapes: as `one_step_map`; the result has the broadcast shape ``(...)``.

    Reference: Bertsekas (1999); Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> round(float(contraction_factor([[0.0, -0.5], [0.5, 0.0]], 0.2)), 6)
        1.004988
    """
    return np.abs(np.linalg.eigvals(one_step_map(jacobian, rate, rule=rule, **options))).max(axis=-1)


def converges(jacobian: ArrayLike, rate: float, *, rule: str = "simultaneous", **options) -> bool | None:
    """Say whether a rule converges to the equilibrium from near starts; None where linearisation is silent.

    Equation: ``rho < 1``, ``rho > 1``, ``rho = 1`` (to 1e-9) with rho the `contraction_factor`, whose
    arguments it takes, for one Jacobian and one rate.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> J = [[0.0, -0.5], [0.5, 0.0]]
        >>> [converges(J, 0.2, rule=rule) for rule in RULES]
        [False, None, True]
    """
    rho = float(contraction_factor(jacobian, rate, rule=rule, **options))
    return None if abs(rho - 1) <= 1e-9 else rho < 1


def _square(jacobian: ArrayLike) -> np.ndarray:
    J = np.asarray(jacobian, dtype=np.float64)
    if J.ndim < 2 or J.shape[-1] != J.shape[-2]:
        raise ValueError(f"jacobian must have shape (..., k, k), but has shape {J.shape}")
    return J
