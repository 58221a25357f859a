"""Trajectories as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.run import Cost, Run
from gantheory.dynamics.setup import Setup
from gantheory.notation import parse


FORMAT = 2


def save_run(run: Run, path: Path) -> None:
    """Write a run as tensors and texts."""
    setup = run.setup
    content = {
        "format": FORMAT,
        "game": repr(setup.game),
        "rule": repr(setup.rule),
        "key": repr(setup.key),
        "population": setup.population,
        "sweep": {path: repr(noun) for path, noun in setup.sweep.items()},
        "dtype": str(setup.dtype).removeprefix("torch."),
        "profile": run.profile,
        "state": run.state,
        "monitor": run.monitor.state(),
        "step": run.step,
        "cost": (run.cost.samples, run.cost.field_calls, run.cost.seconds),
        "recorded": run.recorded,
        "points": torch.stack(run.points),
        "losses": torch.stack(run.losses),
    }
    if path.is_dir() or not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: not a file in a folder that exists")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        torch.save(content, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_run(path: Path, names: dict[str, Any]) -> Run:
    """Read a run; raises `ValueError` for what is no saved trajectory."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        found = content["format"]
    except Exception as failure:  # torch.load raises many kinds for what is not its own
        raise ValueError(f"{path}: not a saved trajectory: {failure}") from None
    if found != FORMAT:
        raise ValueError(f"{path}: has format {found}, this version reads {FORMAT}")
    setup = Setup(
        parse(content["game"], names=names),
        parse(content["rule"], names=names),
        content["population"],
        {path: parse(text) for path, text in content["sweep"].items()},
        getattr(torch, content["dtype"]),
        torch.device("cpu"),
        parse(content["key"]),
    )
    monitor = Monitor(content["profile"], noisy=setup.noisy)
    monitor.restore(content["monitor"])
    return Run(
        setup,
        content["profile"],
        content["state"],
        monitor,
        content["step"],
        Cost(*content["cost"]),
        list(content["recorded"]),
        list(content["points"].unbind(0)),
        list(content["losses"].unbind(0)),
    )
