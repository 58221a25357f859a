"""A game, a rule and a key make a trajectory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.rule import Rule
from gantheory.dynamics.run import Run
from gantheory.dynamics.setup import Setup
from gantheory.dynamics.trajectory import Trajectory, recorded_steps
from gantheory.games import Game
from gantheory.random import Key
from gantheory.sweeps import Linear, Log, Values


SMALL = 100
"""Games below this number of parameters run in float64 unless told otherwise."""


def simulate(
    game: Game,
    rule: Rule,
    *,
    steps: int,
    population: int = 1,
    start: Sequence[float] | Sequence[Sequence[float]] | Tensor | None = None,
    record: int | Log | Linear | Values | None = None,
    sweep: Mapping[str, Any] | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> Trajectory:
    """Run a game under a rule, for a whole population at once.

    ``start`` is one point of all players' parameters, one for each of the ``population``, which all sweep
    points share, or one for each member; `None` draws it. ``record`` keeps first and last (`None`), every
    k-th step (an int) or the steps that a sweep noun lists. ``sweep`` maps fields annotated `float`, as
    ``"rule.step.rate"`` or ``"game.penalty.weight"``, to sweep nouns; they are crossed, the first slowest,
    and every point gets a population of its own with the same noise: members = points x population, seeds
    fastest. ``dtype`` is float64 below 100 parameters and float32 above, unless given.
    ``progress(step, steps)`` is called now and then.

    Divergence, cycling and collapse are outcomes, not errors. Raises `ValueError` for arguments that do
    not fit and `MemoryError`, with the size, for what memory cannot hold.

    Example:
        >>> from gantheory import SGD, DiracGAN, Minimax, Simultaneous
        >>> game, rule = DiracGAN(Minimax()), Simultaneous(SGD(0.2))
        >>> runs = simulate(game, rule, steps=3, start=(1.0, 1.0), record=1, key=Key(0))
        >>> tuple(runs.points.shape)
        (1, 4, 2)
    """
    if not isinstance(game, Game) or not isinstance(rule, Rule):
        raise ValueError(f"simulate needs a game and a rule, got {game!r} and {rule!r}")
    if dtype is None:
        dtype = torch.float64 if sum(game.sizes) < SMALL else torch.float32
    setup = Setup(game, rule, population, dict(sweep or {}), dtype, _usable(device), key)
    wanted = recorded_steps(record, 0, steps)
    setup.check_memory(len(wanted))
    run = Run.begin(setup, start)
    run.advance(steps, wanted, progress)
    return Trajectory(run)


def _usable(device: torch.device | str) -> torch.device:
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, TypeError) as failure:
        raise ValueError(f"device {device!r} cannot be used here: {failure}") from None
