"""The study of costs: its fits find powers and fixed costs that are known, its page says them, its memory is honest."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.study import cells_of, find


FOLDER = Path(__file__).parents[2] / "studies" / "benchmarks"


@pytest.fixture(scope="module")
def study():
    return find(str(FOLDER / "growth.py"))


class Found(list):
    """Results as findings see them."""

    def select(self, kind):
        return Found(r for r in self if type(r.cell) is kind)


def test_a_page_says_the_powers_and_the_fixed_costs_of_its_records(study):
    found = Found()
    for cell in cells_of(study, "small"):
        n = np.array(cell.sizes, dtype=float)
        cost = 0.002 * n if type(cell).__name__ == "Time" else 3 + 0.5 * n
        name = "seconds" if type(cell).__name__ == "Time" else "megabytes"
        found.append(SimpleNamespace(cell=cell, values={name: cost.tolist()}))
    findings = study.findings(found)
    assert [finding.title for finding in findings] == ["A population of GANs", "Orbits of Dirac-GAN"]
    for finding in findings:
        header, rows = finding.table
        assert len(rows) in (4, 8) and len(finding.figure["data"]) == 3 * len(rows)
        for row in rows:
            row = dict(zip(header, row, strict=True))
            if row["against"] == "parameters":
                continue  # widths are drawn over the parameters that they mean
            time = row["cost"] == "time, ms"
            assert (row["a"], row["b"]) == (pytest.approx((0, 2) if time else (3, 0.5)))
            assert not time or float(row["power"]) == pytest.approx(1)
            assert time or 0 < float(row["power"]) < 1
    assert "1.00 in members" in findings[0].text and "`a + b n`" in findings[0].text
    assert study.findings(Found()) == []  # nothing measured, nothing said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from Linux's /proc")
def test_memory_is_what_a_run_holds_above_what_was_held_before(study, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    growth = importlib.import_module("growth")
    megabyte = 2**20 // 4

    def work():
        kept = torch.ones(30 * megabyte)
        torch.ones(20 * megabyte)  # freed at once
        return kept

    torch.ones(64 * megabyte)  # freed before, and not to be taken again unseen
    few = [torch.ones(megabyte // 64) for _ in range(2000)]  # small ones lie on the heap
    del few
    for _ in range(2):
        assert 49 <= growth._peak(work) < 56
    held = growth._peak(lambda: [torch.ones(megabyte // 64) for _ in range(1280)])
    assert 19 <= held < 26


def test_its_runs_are_of_the_sizes_said(study, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    growth = importlib.import_module("growth")
    alone, whole = growth.network(population=2, steps=3, width=8, batch=8)
    assert growth.parameters(8) == sum(whole().game.sizes)
    assert (len(whole().points), int(whole()._run.step), int(alone()._run.step)) == (2, 3, 5)
    assert len(growth.small(population=4, steps=2)[1]().points) == 4
    assert isinstance(study, gt.Study)
