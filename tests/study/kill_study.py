"""A study of many short cells that writes down what it computes: the killed and interrupted runs use it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import gantheory as gt


@dataclass(frozen=True)
class Wait(gt.Noun):
    """A cell that takes some milliseconds."""

    index: int
    milliseconds: int


@dataclass(frozen=True)
class Waiting(gt.Study):
    question: ClassVar[str] = "Is every finished cell kept?"

    def cells(self, preset):
        count = {"smoke": 12, "small": 60, "full": 200}[preset]
        return tuple(Wait(index, 10 + index % 11) for index in range(count))

    def measure(self, cell, key):
        log = os.environ.get("KILL_STUDY_LOG")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                file.write(f"{cell.index}\n")
        # longer than any test waits: such a cell ends by a kill alone
        time.sleep(600 if os.environ.get("KILL_STUDY_SLOW") else cell.milliseconds / 1000)
        return {"square": cell.index**2, "row": np.arange(cell.index)}

    def findings(self, results):
        return [gt.Finding("All there", f"{len(results)} cells.")]
