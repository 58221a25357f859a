"""Rows of a batch as one population, and the linear maps that its orbits obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from gantheory.claims.box import Rows
from gantheory.dynamics import Rule, Trajectory, simulate
from gantheory.games import Game
from gantheory.random import Key
from gantheory.sweeps import Values, Zip


def swept(
    game: Game,
    rule: Rule,
    columns: Mapping[str, Sequence[float] | np.ndarray],
    *,
    start: Any,
    steps: int,
    record: Any = 1,
    key: Key = Key(0),  # noqa: B008 (a value)
) -> Trajectory:
    """Run every row from its starts, rows slowest; ``columns`` maps swept fields to a number a row.

    ``start`` is ``(starts, parameters)``, shared by all rows, or ``(rows, starts, parameters)``.
    """
    first = torch.as_tensor(np.asarray(start, dtype=np.float64))
    population = first.shape[-2]
    numbers = tuple(Values(tuple(np.asarray(c, dtype=np.float64).tolist())) for c in columns.values())
    return simulate(
        game,
        rule,
        steps=steps,
        population=population,
        start=first.reshape(-1, first.shape[-1]),
        record=record,
        sweep={", ".join(columns): Zip(numbers)} if columns else {},
        dtype=torch.float64,
        key=key,
    )


def orbits(
    game: Game, rule: Rule, columns: Mapping[str, Any], *, start: Any, steps: int, record: Any = 1
) -> np.ndarray:
    """Return the points ``(rows, starts, recorded steps, parameters)`` of `swept`."""
    points = swept(game, rule, columns, start=start, steps=steps, record=record).points.numpy()
    return points.reshape(-1, np.shape(start)[-2], *points.shape[1:])


def one_step(game: Game, rule: Rule, columns: Mapping[str, Any]) -> np.ndarray:
    """Return the matrices ``(rows, k, k)`` of one step of a rule that is linear, from its images of the axes."""
    images = orbits(game, rule, columns, start=np.eye(sum(game.sizes)), steps=1)[:, :, 1]
    return images.swapaxes(1, 2)


def long_run_factor(points: np.ndarray, *, memory: int = 1, first: int = 0) -> np.ndarray:
    """Return by which factor a step changes distances in the long run, from orbits ``(rows, k, steps, k)``.

    The orbits, from k independent starts, obey ``w_t = M_1 w_{t-1} + ... + M_m w_{t-m}`` with m the ``memory``,
    from step ``first`` on. The matrices are fitted, and the factor is the largest root of their companion
    matrix. Each step is divided by its size, so that all weigh alike.
    """
    k, steps = points.shape[1], points.shape[2]
    Z = points.swapaxes(1, 3)  # (rows, parameters, steps, starts)
    rows, right = [], []
    for t in range(first + memory, steps):
        past = np.concatenate([Z[:, :, t - 1 - lag] for lag in range(memory)], axis=1)
        size = np.linalg.norm(past, axis=(1, 2), keepdims=True)
        size = np.where(size > 0, size, 1.0)
        rows.append(past / size)
        right.append(Z[:, :, t] / size)
    fitted = np.concatenate(right, axis=2) @ np.linalg.pinv(np.concatenate(rows, axis=2))
    companion = np.zeros((len(Z), k * memory, k * memory))
    companion[:, :k] = fitted
    companion[:, k:, :-k] = np.eye(k * (memory - 1))
    return np.abs(np.linalg.eigvals(companion)).max(axis=-1)


def columns_of(rows: Rows) -> np.ndarray:
    """Return the columns of a batch, ``(columns, rows)``."""
    return np.array(rows, dtype=np.float64).T
