"""The integrals of exp(-U) over a box, and an envelope that it stays below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions import interval
from gantheory.distributions.facts import Edge
from gantheory.distributions.formula import at_points, evaluate, read


CELLS = {1: 4096, 2: 192, 3: 32}
"""Cells along every axis, by dimension."""

LEAST = 0.02
"""The least share of accepted attempts with which a sampler is offered."""


@dataclass(frozen=True)
class Integrals:
    """Moments, entropy and the edge's, with one error for all (twice the difference of two rules)."""

    mean: np.ndarray
    covariance: np.ndarray
    entropy: float
    edge: Edge
    error: float


@dataclass(frozen=True)
class Tables:
    """The logarithm of the integral of exp(-U), other integrals, and the envelope's cells."""

    log_mass: float
    integrals: Integrals
    low: np.ndarray
    width: np.ndarray
    cells: int
    log_bound: Tensor
    edges: Tensor

    def place(self, pick: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return points (n, d) in the cells that numbers (n,) in [0, 1) pick, and the bounds of -U there."""
        cell = torch.searchsorted(self.edges.to(pick.device), pick, right=True)
        index = np.unravel_index(cell.cpu().numpy(), (self.cells,) * len(self.low))
        at = torch.from_numpy(np.stack(index, axis=-1)).to(u) + u
        low, width = torch.from_numpy(self.low).to(u), torch.from_numpy(self.width).to(u)
        return low + at * width, self.log_bound.to(u.device)[cell]


@lru_cache(maxsize=32)
def tables(text: str, names: tuple[str, ...], sides: tuple[tuple[float, float], ...]) -> Tables:
    """Return the tables of an energy; raises `ValueError` where it has no density or no envelope here."""

    def energy(x: np.ndarray) -> np.ndarray:
        return at_points(text, names, torch.from_numpy(x)).numpy()

    (log_mass, integrals), (log_coarse, coarse) = (_integrals(energy, sides, order) for order in (4, 3))
    error = 2 * _difference(integrals, coarse) + 2 * abs(log_mass - log_coarse) + 1e-11
    if not error < 1e-3:
        raise ValueError(
            f"the energy {text!r} changes too fast for the quadrature on this box, whose error is {error:.1g}: "
            "take a smaller box or a smoother energy"
        )
    low, width = (np.array(v) for v in zip(*((a, (b - a) / CELLS[len(sides)]) for a, b in sides)))
    bound = -_lower_bounds(text, names, low, width)
    total = _log_sum(bound) + np.log(width).sum()
    if not log_mass - total > np.log(LEAST):
        raise ValueError(
            f"the energy {text!r} has no useful lower bound on this box (it may be unbounded, or change too fast): "
            "take a smaller box or a smoother energy"
        )
    edges = np.exp(bound - _log_sum(bound)).cumsum()[:-1]
    exact = Integrals(integrals.mean, integrals.covariance, integrals.entropy, integrals.edge, error)
    return Tables(
        log_mass, exact, low, width, CELLS[len(sides)], torch.from_numpy(bound), torch.from_numpy(edges)
    )


def _lower_bounds(text: str, names: tuple[str, ...], low: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return a lower bound of the energy on every cell, (cells^d,), with a margin for rounding."""
    d = len(low)
    number = np.indices((CELLS[d],) * d).reshape(d, -1)
    starts, ends = low[:, None] + number * width[:, None], low[:, None] + (number + 1) * width[:, None]
    values = {name: interval.Interval(a, b) for name, a, b in zip(names, starts, ends)}
    flat = np.ones(number.shape[1])
    with np.errstate(all="ignore"):  # what overflows or is undefined becomes infinite bounds
        bound = evaluate(
            read(text, names), values, interval.FUNCTIONS, lambda c: interval.Interval(c * flat, c * flat)
        ).low
    return bound - 1e-9 * (1 + np.abs(np.where(np.isfinite(bound), bound, 0)))


def _integrals(
    energy: Callable[[np.ndarray], np.ndarray], sides: tuple[tuple[float, float], ...], order: int
) -> tuple[float, Integrals]:
    """Return the log of the mass, and the other integrals, by Gauss-Legendre rules on every cell."""
    d = len(sides)
    nodes, log_weights = zip(*(_rule(*side, CELLS[d], order) for side in sides))
    x, log_w = _grid(nodes), _grid(log_weights).sum(-1)
    u = energy(x)
    if np.isnan(u).any():
        where = x[np.isnan(u).argmax()].tolist()
        raise ValueError(f"the energy is not a number at {where}: take a box on which it is defined")
    log_mass = _log_sum(log_w - u)
    p = np.exp(log_w - u - log_mass)
    mean = p @ x
    offset = x - mean
    entropy = log_mass + float(p @ np.where(p > 0, u, 0))
    flux, reach = np.zeros(d), 0.0
    for axis, ends in enumerate(sides):
        for end, sign in zip(ends, (-1, 1)):
            face = _grid([np.array([end]) if i == axis else nodes[i] for i in range(d)])
            others = _grid([np.zeros(1) if i == axis else log_weights[i] for i in range(d)]).sum(-1)
            share = float(np.exp(_log_sum(others - energy(face)) - log_mass))
            flux[axis] += sign * share
            reach += sign * end * share
    return log_mass, Integrals(mean, (p[:, None] * offset).T @ offset, entropy, Edge(flux, reach), 0.0)


def _log_sum(terms: np.ndarray) -> float:
    top = float(terms.max())
    return top if not np.isfinite(top) else top + float(np.log(np.exp(terms - top).sum()))


def _rule(low: float, high: float, cells: int, order: int) -> tuple[np.ndarray, np.ndarray]:
    at, mass = np.polynomial.legendre.leggauss(order)
    width = (high - low) / cells
    nodes = low + width * (np.arange(cells)[:, None] + (at + 1) / 2)
    return nodes.ravel(), np.log(np.tile(mass * width / 2, cells))


def _grid(axes) -> np.ndarray:
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def _difference(a: Integrals, b: Integrals) -> float:
    pairs = (
        (a.mean, b.mean),
        (a.covariance, b.covariance),
        (a.entropy, b.entropy),
        (a.edge.flux, b.edge.flux),
        (a.edge.reach, b.edge.reach),
    )
    return max(float(np.abs(np.subtract(*pair)).max()) for pair in pairs)
