"""A game, a rule and a key make a trajectory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.budget import Budget
from gantheory.dynamics.checkpoint import Checkpoint, start_text
from gantheory.dynamics.failures import explained
from gantheory.dynamics.probes import Probe, Probes
from gantheory.dynamics.progress import shown
from gantheory.dynamics.recorded import ENDLESS, recorded_steps, whole_steps
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.run import Plan, Run
from gantheory.dynamics.setup import Setup
from gantheory.dynamics.trajectory import Trajectory
from gantheory.games import Game
from gantheory.random import Key
from gantheory.sweeps import Linear, Log, Values


SMALL = 100
"""Games below this number of parameters run in float64 unless told otherwise."""


def simulate(
    game: Game,
    rule: Rule,
    *,
    steps: int | None = None,
    budget: Budget | None = None,
    population: int = 1,
    start: Sequence[float] | Sequence[Sequence[float]] | Tensor | None = None,
    record: int | Log | Linear | Values | None = None,
    sweep: Mapping[str, Any] | None = None,
    probes: Mapping[str, Probe] | None = None,
    probe_at: int | Log | Linear | Values | None = None,
    stop_diverged: bool = False,
    checkpoint: str | Path | None = None,
    save_every: float = 30.0,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
    progress: bool | Callable[[int, int], None] | None = None,
    key: Key,
) -> Trajectory:
    """Run a game under a rule, for a whole population at once.

    The run ends after ``steps``, or where a ``budget`` of samples, field calls or seconds is used up; at least
    one of the two is given. ``start`` is one point of all players' parameters, one for each of the
    ``population``, which all sweep points share, or one for each member; `None` draws it. ``record`` keeps first
    and last (`None`), every k-th step (an int) or the steps that a sweep noun lists. ``sweep`` maps fields
    annotated `float`, as ``"rule.step.rate"`` or ``"game.penalty.weight"``, to sweep nouns; they are crossed, the
    first slowest, and every point gets a population of its own with the same noise: members = points x
    population, seeds fastest.

    ``probes`` map names to metrics, functions of the trajectory so far that return an `Estimate`; they are taken
    at the first step, at 1, 2, 4, 8 ... and at the last, or as ``probe_at`` says, like ``record``, and kept in
    `Trajectory.probes`; the run goes on as if nobody looked, and their seconds are not counted. With
    ``stop_diverged`` members who have left all bounds (see `Monitor`; not those that only still grow) rest from
    the next multiple of 100 steps on and cost nothing; the others see the same noise, but their numbers agree to
    rounding only. Games of the interpreter, which cost next to nothing, do not rest.

    ``checkpoint`` names a file that is written every ``save_every`` seconds and at the end; the same call
    goes on from it, to the same bits, after whatever stopped it. ``dtype`` is float64 below 100 parameters
    and float32 above, unless given. ``progress=True`` shows how far it is, on the error stream; a function is told
    ``(step, steps)`` now and then.

    Divergence, cycling and collapse are outcomes, not errors. Raises `ValueError` for arguments that do
    not fit, among them games whose networks do not, and `MemoryError`, with the size, for what memory cannot hold.

    Example:
        >>> from gantheory import SGD, DiracGAN, Key, Minimax, Simultaneous
        >>> game, rule = DiracGAN(Minimax()), Simultaneous(SGD(0.2))
        >>> runs = simulate(game, rule, steps=3, start=(1.0, 1.0), record=1, key=Key(0))
        >>> tuple(runs.points.shape)
        (1, 4, 2)
    """
    _check(game, rule, budget, key)
    if steps is None and budget is None:
        raise ValueError("simulate needs steps, or a budget=Budget(...), to know where to end")
    if dtype is None:
        dtype = torch.float64 if sum(game.sizes) < SMALL else torch.float32
    setup = Setup(game, rule, population, dict(sweep or {}), dtype, _usable(device), key)
    wanted = math.inf if steps is None else whole_steps(steps)
    setup.check_memory(0 if budget else len(recorded_steps(record, 0, int(wanted))))
    with explained("a step", game):
        setup.check_step()
    with explained("the start", game):
        profile = setup.start(start)
        run = Run.begin(setup, profile)
    run.start, run.stop_diverged = start_text(start, profile), stop_diverged
    affordable = math.inf if budget is None else budget.steps(run.each)
    last = ENDLESS if min(wanted, affordable) == math.inf else int(min(wanted, affordable))
    if last == ENDLESS and isinstance(record, int):
        raise ValueError(
            "to record every so many steps, say with steps= how many there may be, for memory's sake"
        )
    recorded = recorded_steps(record, 0, last)
    setup.check_memory(len(recorded))
    saved = None if checkpoint is None else Checkpoint(checkpoint, save_every)
    run = (saved and saved.resume(run, last)) or run
    seconds = math.inf if budget is None or budget.seconds is None else budget.seconds
    measured = Probes.wanted(probes, probe_at, 0, last, Trajectory)
    with shown(progress) as told:
        run.advance(Plan(last, recorded, measured, seconds, last < wanted, saved, told))
    return Trajectory(run)


def _check(game: Any, rule: Any, budget: Any, key: Any) -> None:
    for role, given, kind in (("game", game, Game), ("rule", rule, Rule)):
        if not isinstance(given, kind):
            raise ValueError(
                "simulate needs a game and a rule, such as LikelihoodGame(model, data) and Simultaneous(Adam(1e-3)), "
                f"but its {role} is {given!r:.200}"
            )
    if budget is not None and not isinstance(budget, Budget):
        raise ValueError(f"budget must be a Budget, such as Budget(samples=100_000), got {budget!r:.80}")
    if not isinstance(key, Key):
        raise ValueError(f"key must be a Key, such as Key(0), got {key!r:.80}")


def _usable(device: torch.device | str) -> torch.device:
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, TypeError) as failure:
        raise ValueError(f"device {device!r} cannot be used here: {failure}") from None
