"""The studies of published findings: their smoke cells run, and their reports say what was seen."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import gantheory as gt
from gantheory.study import find


FOLDER = Path(__file__).parents[2] / "studies" / "reproductions"
STUDIES = ("averaging.py", "flow_gans.py", "packing.py", "unrolling.py")


@pytest.fixture
def orderings():
    find(str(FOLDER / "averaging.py"))  # puts the folder where its neighbours are found
    return sys.modules["orderings"]


@pytest.mark.parametrize("name", STUDIES)
def test_smoke(name, tmp_path):
    study = find(str(FOLDER / name))
    results = gt.run(study, preset="smoke", output=tmp_path, jobs=1, progress=False, key=gt.Key(0))
    assert not results.failures, results.failures
    page = gt.write_report(study, results, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "one-sided 95 %" in page
    for cell in results:
        if "predicted" in cell.values:
            np.testing.assert_allclose(cell.values["measured"], cell.values["predicted"], rtol=1e-4)


def test_an_ordering_is_seen_where_it_is_there(orderings, key):
    """Under no difference it is seen in one of twenty draws: of 2,000, at most 150 (false alarm below 1e-6)."""
    noise = key.normal(2000, 8).double().numpy()
    seen = [orderings.above(gt.Estimate(row), gt.Estimate(np.zeros(8))).seen for row in noise]
    assert 60 <= sum(seen) <= 150
    assert orderings.above(gt.Estimate(noise[0] + 9), gt.Estimate(noise[0])).seen
    assert not orderings.above(gt.Estimate(noise[0]), gt.Estimate(noise[0])).seen
    with pytest.raises(ValueError, match="five seeds"):
        orderings.above(gt.Estimate(noise[0][:4]), gt.Estimate(noise[1][:4]))
