"""Eigenvalues of the field's Jacobian, and of one step of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs
from torch import Tensor

from gantheory.dynamics.diagnostics.one_step import OneStep
from gantheory.dynamics.diagnostics.picture import Picture, axis
from gantheory.dynamics.diagnostics.placed import DENSE, Points, placed, split
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.rule import Rule
from gantheory.games import Game
from gantheory.random import Key


@dataclass(frozen=True, eq=False)
class Spectrum(Picture):
    """Eigenvalues of a matrix ``(size, size)``, sorted by real part, all of them or those at its edges.

    ``residual`` is the largest ``|M u - lambda u|`` over the unit eigenvectors u found.
    """

    eigenvalues: NDArray[np.complex128]
    size: int
    residual: float
    what: str

    @property
    def complete(self) -> bool:
        """Whether these are all eigenvalues."""
        return len(self.eigenvalues) == self.size

    @property
    def radius(self) -> float:
        """The largest modulus."""
        return float(np.abs(self.eigenvalues).max())

    @property
    def least_real(self) -> float:
        """The smallest real part; positive for the field of a game that attracts."""
        return float(self.eigenvalues.real.min())

    def figure(self) -> dict[str, Any]:
        turn = np.linspace(0, 2 * np.pi, 181)
        points = {
            "type": "scatter",
            "mode": "markers",
            "name": self.what,
            "x": self.eigenvalues.real,
            "y": self.eigenvalues.imag,
            "marker": {"size": 9, "opacity": 0.8},
        }
        circle = {
            "type": "scatter",
            "mode": "lines",
            "name": "unit circle",
            "x": np.cos(turn),
            "y": np.sin(turn),
            "line": {"dash": "dot", "width": 1.5},
            "hoverinfo": "skip",
        }
        data = [points, circle] if self.what == "step" else [points]
        layout = {
            "xaxis": axis("real part"),
            "yaxis": axis("imaginary part", scaleanchor="x"),
            "showlegend": len(data) > 1,
        }
        return {"data": data, "layout": layout}


def field_spectrum(
    game: Game, point: Points, *, count: int | None = None, key: Key | None = None
) -> Spectrum:
    """Return eigenvalues of the Jacobian of a game's field at a point.

    Equation: ``J = dv/dw`` of the stacked gradients v, the players' parameters one after the other.
    Up to 256 parameters all of them, by the matrix; above, or with ``count``, by Arnoldi's method on products
    with J: so many of largest modulus, of smallest and of largest real part. In float64, on one batch drawn
    from ``key`` where the game draws.

    Raises `ValueError` for a point that does not fit, for a game that draws without a key, and where no
    eigenvalue was found.

    Reference: Mescheder, Nowozin, Geiger (2017); Berard et al. (2020).

    Example:
        >>> from gantheory import DiracGAN, Minimax
        >>> field_spectrum(DiracGAN(Minimax()), (0.0, 0.0)).eigenvalues.round(12).tolist()
        [-0.5j, 0.5j]
    """
    many, profile, batch = _single(game, point, key)
    near, n = Linearised(many, profile, batch), sum(game.sizes)
    if _dense(n, count):
        return _all(near.matrix()[0], "field")

    def product(u: np.ndarray) -> np.ndarray:
        row = torch.from_numpy(np.array(u, dtype=np.float64)).reshape(1, n)
        return torch.cat(near.product(split(game, row)), dim=-1)[0].numpy()

    return _some(product, n, count or 6, ("LM", "SR", "LR"), "field")


def step_spectrum(
    game: Game,
    rule: Rule,
    point: Points,
    *,
    after: int = 0,
    count: int | None = None,
    key: Key | None = None,
) -> Spectrum:
    """Return eigenvalues of the derivative of one step of a rule, in point and state together.

    The step begins where ``after`` steps from the point have led, with the state of then: what a rule keeps,
    as momentum or a previous gradient, has eigenvalues too, and its first step may be another than its second. A
    fixed point attracts where the ``radius`` is below 1. By central differences of fourth order, exact to rounding
    for steps that are linear; up to 256 numbers all eigenvalues, above, or with ``count``, so many of the
    largest modulus.

    Raises `ValueError` for arguments that do not fit, and where the step has no derivative.

    Reference: Gidel et al. (2019).

    Example:
        >>> from gantheory import SGD, Bilinear, ExtraGradient
        >>> spectrum = step_spectrum(Bilinear(), ExtraGradient(SGD(0.5)), (0.0, 0.0))
        >>> round(spectrum.radius**2, 9)  # 1 - u^2 + u^4
        0.8125
    """
    if after < 0:
        raise ValueError(f"after must be a number of steps of at least 0, got {after}")
    _single(game, point, key)  # checks point and key
    step = OneStep(game, rule, point, after=after, key=key)
    if _dense(step.size, count):
        return _all(step.derivative(torch.eye(step.size, dtype=torch.float64)).T, "step")

    def product(u: np.ndarray) -> np.ndarray:
        direction = torch.from_numpy(np.array(u, dtype=np.float64)).reshape(1, -1)
        return step.derivative(direction)[0].numpy()

    return _some(product, step.size, count or 6, ("LM",), "step")


def _single(game: Game, point: Points, key: Key | None):
    many, profile, batch = placed(game, point, key)
    if many.members != 1:
        raise ValueError(f"point must be one point, got {many.members} rows")
    return many, profile, batch


def _dense(n: int, count: int | None) -> bool:
    if count is None:
        return n <= DENSE
    if not 1 <= count <= n - 2:
        raise ValueError(f"count must lie between 1 and {n - 2} for a matrix of {n} rows, got {count}")
    return False


def _all(matrix: Tensor, what: str) -> Spectrum:
    M = matrix.numpy()
    if not np.isfinite(M).all():
        raise ValueError(f"the derivative of the {what} is not finite at this point: take another one")
    found, vectors = np.linalg.eig(M)
    return _sorted(found, np.linalg.norm(M @ vectors - vectors * found, axis=0), len(M), what)


def _some(product: Callable, n: int, count: int, edges: tuple[str, ...], what: str) -> Spectrum:
    """Eigenvalues at the edges of a spectrum, from products alone."""
    operator: Any = LinearOperator((n, n), matvec=product, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    edges_of: Any = eigs  # whose stub knows too little
    start = Key(0).child("arnoldi").normal(n, dtype=torch.float64).numpy()  # not numpy's global generator
    values, residuals = [], []
    for edge in edges:
        try:
            found, vectors = edges_of(operator, count, which=edge, v0=start, tol=1e-10)
        except ArpackNoConvergence as stopped:
            found, vectors = stopped.eigenvalues, stopped.eigenvectors
        for value, u in zip(found, vectors.T):
            if not np.isclose(value, values, rtol=1e-6, atol=1e-9).any():
                image = product(u.real) + 1j * product(u.imag)
                values.append(value)
                residuals.append(np.linalg.norm(image - value * u))
    if not values:
        raise ValueError(f"Arnoldi's method found no eigenvalue of the {what} here: ask for more with count")
    return _sorted(np.array(values), np.array(residuals), n, what)


def _sorted(values: np.ndarray, residuals: np.ndarray, n: int, what: str) -> Spectrum:
    found: NDArray[np.complex128] = values.astype(np.complex128)
    order = np.lexsort((found.imag, found.real.round(12)))
    return Spectrum(found[order], n, float(residuals.max()), what)
