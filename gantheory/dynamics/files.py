"""Trajectories as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch.utils import _pytree as pytree

from gantheory.dynamics.budget import Cost
from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.run import Run
from gantheory.dynamics.setup import Setup
from gantheory.estimate import Estimate
from gantheory.notation import parse


FORMAT = 2


def identity(setup: Setup) -> dict[str, Any]:
    """Return what a setup is, as texts and numbers."""
    return {
        "game": repr(setup.game),
        "rule": repr(setup.rule),
        "key": repr(setup.key),
        "population": setup.population,
        "sweep": {path: repr(noun) for path, noun in setup.sweep.items()},
        "dtype": str(setup.dtype).removeprefix("torch."),
    }


def save_run(run: Run, path: Path) -> None:
    """Write a run as tensors and texts; the file is whole or as it was, whatever happens meanwhile."""
    content = identity(run.setup) | {
        "format": FORMAT,
        "profile": run.profile,
        "state": run.state,
        "monitor": run.monitor.state(),
        "step": run.step,
        "start": run.start,
        "stop_diverged": run.stop_diverged,
        "resting": None if run.resting is None else torch.tensor(run.resting),
        "out of budget": run.out_of_budget,
        "cost": (run.cost.samples, run.cost.field_calls, run.cost.seconds),
        "recorded": run.recorded,
        "points": torch.stack(run.points) if run.points else None,
        "losses": torch.stack(run.losses) if run.losses else None,
        "probes": {name: _rows(values) for name, values in run.probes.items()},
    }
    if path.is_dir() or not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: not a file in a folder that exists")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_run(path: Path, names: dict[str, Any]) -> Run:
    """Read a run; raises `ValueError` for what is no saved trajectory."""
    content = read_content(path)
    setup = Setup(
        parse(content["game"], names=names),
        parse(content["rule"], names=names),
        content["population"],
        {path: parse(text) for path, text in content["sweep"].items()},
        getattr(torch, content["dtype"]),
        torch.device("cpu"),
        parse(content["key"]),
    )
    return restore(setup, content)


def read_content(path: Path) -> dict[str, Any]:
    """Read what a file says, without understanding its texts."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        found = content["format"]
    except Exception as failure:  # torch.load raises many kinds for what is not its own
        raise ValueError(f"{path}: not a saved trajectory: {failure}") from None
    if found not in (1, FORMAT):
        raise ValueError(f"{path}: has format {found}, this version reads 1 to {FORMAT}")
    return content


def restore(setup: Setup, content: dict[str, Any]) -> Run:
    """Return the run of a setup that a file holds."""

    def placed(tree: Any) -> Any:
        return pytree.tree_map_only(
            torch.Tensor, lambda leaf: leaf.to(setup.device) if leaf.dim() else leaf, tree
        )

    profile = placed(content["profile"])
    monitor = Monitor(profile, noisy=setup.noisy)
    monitor.restore({name: placed(value) for name, value in content["monitor"].items()})
    if "start" not in content["monitor"]:  # a file of before starts were kept
        monitor.start = monitor.windows[0][:, 0]
    resting = content.get("resting")
    points, losses = (
        [] if content[name] is None else list(placed(content[name]).unbind(0))
        for name in ("points", "losses")
    )
    return Run(
        setup,
        profile,
        placed(content["state"]),
        monitor,
        content["step"],
        Cost(*content["cost"]),
        list(content["recorded"]),
        points,
        losses,
        {name: _estimates(rows) for name, rows in content.get("probes", {}).items()},
        content.get("start", ""),
        content.get("stop_diverged", False),
        None if resting is None else resting.numpy(),
        out_of_budget=content.get("out of budget", False),
    )


def _rows(values: dict[int, Estimate]) -> list[tuple[Any, ...]]:
    return [
        (step, *(torch.tensor(array) for array in (e.value, e.stderr, e.floor)), e.n, e.dof)
        for step, e in values.items()
    ]


def _estimates(rows: list[tuple[Any, ...]]) -> dict[int, Estimate]:
    return {
        step: Estimate(value.numpy(), stderr.numpy(), n=n, floor=floor.numpy(), dof=dof)
        for step, value, stderr, floor, n, dof in rows
    }
