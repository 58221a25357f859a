"""The command `gantheory simulate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

import gantheory as gt


PROBED = 2000
"""The samples of each member that a probe takes."""


def simulate(
    game: str,
    rule: str,
    /,
    *,
    steps: int | None = None,
    samples: int | None = None,
    seconds: float | None = None,
    population: int = 1,
    start: str | None = None,
    sweep: Annotated[tuple[str, ...], Parameter(consume_multiple=False)] = (),
    record: int | None = None,
    probe: Annotated[tuple[str, ...], Parameter(consume_multiple=False)] = (),
    checkpoint: Path | None = None,
    seed: int = 0,
    dtype: Literal["float32", "float64"] | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """Run a game under a rule, for a population or a sweep, and show what became of it.

    Parameters
    ----------
    game
        The game as it prints itself, such as "DiracGAN(Minimax())".
    rule
        The rule, such as "ExtraGradient(SGD(0.1))".
    steps
        The number of steps; 1000 by default, or as many as fit where samples or seconds are limited.
    samples
        The number of samples of the data that each member may draw.
    seconds
        The time that all steps may take.
    population
        The number of members, for every point of a sweep.
    start
        Where all members start, numbers with commas such as 1,1; drawn by default.
    sweep
        A field and its numbers, low:high:count, low:high:count:log or 1,2,5, as in
        rule.step.rate=1e-3:1:200:log; twice for a map of two fields.
    record
        Keep every so many steps; by default as many as a page can show.
    probe
        A metric to take on the way against the game's own data, such as mode_coverage; twice for two.
    checkpoint
        A file that keeps the run: killed, the same command goes on from there.
    seed
        The seed of the key.
    dtype
        The kind of numbers; float64 below 100 parameters by default.
    output
        A page (.html), or the recorded points (.npz, .csv); a table on the terminal by default.
    """
    import torch

    from gantheory.report import simulation

    if output is not None:
        simulation.check_output(output)
    numbers = None if start is None else _numbers(start, "--start must be numbers with commas, such as 1,1")
    sweeps = dict(_sweep(text) for text in sweep)
    if len(sweeps) < len(sweep):
        raise ValueError("a field is swept twice: give it one --sweep")
    options: dict[str, Any] = {"population": population, "start": numbers, "sweep": sweeps}
    made = gt.parse(game), gt.parse(rule)
    limited = samples is not None or seconds is not None
    steps = 1000 if steps is None and not limited else steps
    if record is None and steps is not None:
        record = simulation.affordable_record(*made, steps=steps, **options)
    runs = gt.simulate(
        *made,
        steps=steps,
        budget=gt.Budget(samples=samples, seconds=seconds) if limited else None,
        record=record,
        probes={name: _metric(name, made[0]) for name in probe},
        checkpoint=checkpoint,
        dtype=None if dtype is None else getattr(torch, dtype),
        progress=sys.stderr.isatty(),
        key=gt.Key(seed),
        **options,
    )
    if output is None:
        from gantheory.cli_show import simulation_table

        simulation_table(runs)
    else:
        print(simulation.write_simulation(runs, output))
    return 0


def _metric(name: str, game: Any) -> Any:
    """Return a metric of trajectories, against what the game learns."""
    from gantheory.cli_show import exported
    from gantheory.report.training_findings import truth_of

    metrics = dict(exported("metrics"))
    if name not in metrics:
        raise ValueError(f"no metric is called {name!r}: there are {', '.join(metrics)}")
    truth = truth_of(game)
    if truth is None:
        raise ValueError(f"--probe needs a game with data, for {name} compares with the truth")
    if name == "learning_outcome":
        return lambda runs: gt.learning_outcome(runs, truth, n=PROBED).learned
    return lambda runs: metrics[name](runs, truth, n=PROBED)


def _sweep(text: str) -> tuple[str, Any]:
    """Read ``path=low:high:count[:log]`` or ``path=1,2,5``."""
    path, equals, values = text.partition("=")
    wanted = "--sweep must be FIELD=LOW:HIGH:COUNT, FIELD=LOW:HIGH:COUNT:log or FIELD=1,2,5"
    if not equals or not path.strip() or not values.strip():
        raise ValueError(f"{wanted}, but is {text!r}")
    low, *rest = values.split(":")
    if not rest:
        return path.strip(), gt.Values(_numbers(values, wanted))
    if len(rest) not in (2, 3) or rest[2:] not in ([], ["log"]) or not rest[1].strip().isdigit():
        raise ValueError(f"{wanted}, but is {text!r}")
    first, last = _numbers(f"{low},{rest[0]}", wanted)
    return path.strip(), (gt.Log if rest[2:] else gt.Linear)(first, last, int(rest[1]))


def _numbers(text: str, wanted: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{wanted}, but has {text!r}") from None
