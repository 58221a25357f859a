"""A study whose report has a bit of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import gantheory as gt


@dataclass(frozen=True)
class Point(gt.Noun):
    rule: str
    rate: float


@dataclass(frozen=True)
class ManyThings(gt.Study):
    question: ClassVar[str] = "Does <i>everything</i> reach the page & stay text?"

    fails: bool = True

    def cells(self, preset):
        rules = ("alternating", "extra", "simultaneous")
        broken = (Point("</script><script>broken", 1.0),) if self.fails else ()
        return (*(Point(rule, rate) for rule in rules for rate in (0.1, 0.2, 0.4, 0.8)), *broken)

    def measure(self, cell, key):
        if cell.rule.startswith("<"):
            raise ValueError("<b>this rule</b> is unknown")
        factor = gt.Estimate(1 + cell.rate**2, 0.01, n=100, floor=0.5)
        return {"factor": factor, "limit": np.inf, "stable": cell.rate < 0.5, "orbit": np.ones((50, 2))}

    def findings(self, results):
        t = np.linspace(0, 6, 500)
        lines = [
            {"type": "scatter", "mode": "lines", "name": name, "x": t, "y": np.sin(t + shift)}
            for name, shift in (("first", 0.0), ("second", 1.0))
        ]
        rows = [(r.cell.rule, r.values["factor"], r.cell.rate, None) for r in results]
        header = ("rule", "factor", "a, b", "nothing")
        yield gt.Finding(
            "Two <curves>", "With `code` and **stress**.\n\nAnd <b>text</b>.", {"data": lines}, (header, rows)
        )
        heat = {"type": "heatmap", "z": np.outer(t[:40], t[:40])}
        yield gt.Finding("A map", "Of heat.", {"data": [heat], "layout": {"title": {"text": "</script>"}}})
        yield gt.Finding("No figure", "Only words.")
