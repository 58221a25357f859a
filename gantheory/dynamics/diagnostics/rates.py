"""How fast a trajectory comes to a point: linear rates and powers, with intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from gantheory.dynamics.diagnostics.placed import Points, rows_of
from gantheory.dynamics.trajectory import Trajectory
from gantheory.estimate import Estimate
from gantheory.statistics import power_fit, rate_fit


ROUNDING = 1e3
"""Distances within so many roundings of the point say nothing of a rate."""


def convergence_factor(runs: Trajectory, *, target: Points | None = None, share: float = 0.5) -> Estimate:
    """Fit the factor a step by which every member's distance to a point shrinks.

    Equation: ``|w_t - target| = c rho^t``, by least squares on logarithms over the last ``share`` of the
    recorded steps that lie above rounding; ``target`` is the nearest of the game's equilibria to the member's last
    point unless given. Below 1 a member converges. One value a member; NaN where fewer than three steps are left. The
    standard errors are those of the regression: where a distance swings about its trend, record many turns.

    Raises `ValueError` without a target for a game whose equilibria are not known, and for a share outside (0, 1].

    Reference: Mescheder, Geiger, Nowozin (2018), for the rates.

    Example:
        >>> from gantheory import SGD, Bilinear, ExtraGradient, Key, simulate
        >>> runs = simulate(Bilinear(), ExtraGradient(SGD(0.5)), steps=60, start=(1.0, 1.0), record=1, key=Key(0))
        >>> round(float(convergence_factor(runs)) ** 2, 9)  # 1 - u^2 + u^4
        0.8125
    """
    return _fitted(runs, target, share, rate_fit, first=0)


def convergence_exponent(runs: Trajectory, *, target: Points | None = None, share: float = 0.5) -> Estimate:
    """Fit the power of the step number with which every member's distance to a point falls.

    Equation: ``|w_t - target| = c t^k``, over the recorded steps from 1 as in `convergence_factor`; record
    them evenly in the logarithm, ``record=Log(...)``, so that no decade outweighs the others.

    Raises `ValueError` as `convergence_factor` does.

    Example:
        >>> from gantheory import SGD, Bilinear, Halpern, Key, Log, ProximalPoint, simulate
        >>> rule, record = Halpern(ProximalPoint(SGD(1.0))), Log(10, 1000, 20)
        >>> runs = simulate(Bilinear(), rule, steps=1000, start=(1.0, 0.0), record=record, key=Key(0))
        >>> round(float(convergence_exponent(runs)), 1)
        -1.0
    """
    return _fitted(runs, target, share, lambda x, y: power_fit(x, y)[0], first=1)


def _fitted(
    runs: Trajectory, target: Points | None, share: float, fit: Callable[..., Estimate], *, first: int
) -> Estimate:
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1], got {share}")
    distances, nothing = distances_to(runs, target)
    found = [_one(runs.steps, row, n, share, fit, first) for row, n in zip(distances, nothing)]
    values, errors, counts = (np.array(part) for part in zip(*found))
    return Estimate(values, errors, n=int(counts.min()), dof=max(1, int(counts.min()) - 2))


def _one(
    steps: np.ndarray, distances: np.ndarray, nothing: float, share: float, fit: Callable, first: int
) -> tuple[float, float, int]:
    usable = np.isfinite(distances) & (distances > nothing) & (steps >= first)
    chosen = np.flatnonzero(usable)
    chosen = chosen[len(chosen) - max(3, int(share * len(chosen))) :] if len(chosen) >= 3 else chosen
    if len(chosen) < 3:
        return np.nan, np.nan, len(chosen)
    estimate = fit(steps[chosen], distances[chosen])
    return float(estimate), float(estimate.stderr), len(chosen)


def distances_to(runs: Trajectory, target: Points | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return distances to a target, or the nearest equilibrium, ``(members, recorded)``, and below what they are
    rounding ``(members,)``."""
    known = runs.game.equilibria() if target is None else target
    if target is None and not known:
        raise ValueError(f"the equilibria of {runs.game!r} are not known: give a target")
    candidates = rows_of(runs.game, known, name="target")
    points = runs.points.double().cpu()
    nearest = candidates[torch.cdist(points[:, -1].nan_to_num(), candidates).argmin(-1)]
    distances = torch.linalg.vector_norm(points - nearest[:, None], dim=-1)
    # around the origin numbers stay exact however small, elsewhere they end at the rounding of the target
    floor = ROUNDING * torch.finfo(runs.points.dtype).eps * torch.linalg.vector_norm(nearest, dim=-1)
    return distances.numpy(), floor.clamp(min=torch.finfo(runs.points.dtype).tiny).numpy()
