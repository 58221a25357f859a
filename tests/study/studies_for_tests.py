"""Studies that the tests run: some of their cells fail, kill their process, or wait to be interrupted."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

import gantheory as gt


@dataclass(frozen=True)
class Square(gt.Noun):
    number: int


@dataclass(frozen=True)
class Trouble(gt.Noun):
    """A cell that does as it is told, as long as the file ``flag`` is there (or missing)."""

    kind: str
    flag: str


@dataclass(frozen=True)
class Squares(gt.Study):
    """Squares of numbers, with troubles among them."""

    question: ClassVar[str] = "What is the square of a number?"

    troubles: tuple[Trouble, ...] = ()

    def cells(self, preset):
        count = {"smoke": 3, "small": 6, "full": 9}[preset]
        return (*self.troubles, *(Square(number) for number in range(count)))

    def measure(self, cell, key):
        if isinstance(cell, Trouble):
            return act(cell)
        draws = key.child(cell.number).normal(100, dtype=torch.float64).numpy()
        mean = gt.Estimate(draws.mean(), draws.std(ddof=1) / 10, n=100)
        return {"square": cell.number**2, "mean": mean, "half": {"low": -np.inf}, "draws": draws}

    def findings(self, results):
        return [gt.Finding("Squares", f"There are {len(results.select(Square))} squares.")]


def act(cell: Trouble) -> dict[str, object]:
    flag = Path(cell.flag)
    if cell.kind == "raise while the flag is there" and flag.exists():
        raise RuntimeError("the flag is there")
    if cell.kind == "die once" and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if cell.kind == "die always":
        os.kill(os.getpid(), signal.SIGKILL)
    if cell.kind == "exit":
        raise SystemExit(3)
    if cell.kind == "return an object":
        return {"what": object()}
    return {"fine": True}
