"""The study of update rules: its smoke cells measure what theory predicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gantheory as gt
from gantheory.study import cells_of, find


STUDY = Path(__file__).parents[2] / "studies" / "dynamics.py"


@pytest.fixture(scope="module")
def study():
    return find(str(STUDY))


def test_measured_is_predicted(study):
    for cell in cells_of(study, "smoke"):
        values = study.measure(cell, gt.Key(0))
        if type(cell).__name__ == "Dirac":
            # a double eigenvalue, as at the critical weight 1, takes the root of the rounding error
            assert abs(float(values["measured"]) - values["predicted"]) < 1e-6
        if type(cell).__name__ == "Rotation":
            np.testing.assert_allclose(values["measured"], values["predicted"], rtol=0.02)
        if type(cell).__name__ == "Delay":
            stable, rate = np.asarray(values["stable"]), np.asarray(values["rate"])
            assert stable[rate < 0.97 * values["limit"]].all()
            assert not stable[rate > 1.001 * values["limit"]].any()


def test_the_report_says_it(study, tmp_path):
    results = gt.run(study, preset="smoke", output=tmp_path, jobs=1, key=gt.Key(0))
    assert not results.failures
    page = gt.write_report(study, results, tmp_path / "report.html").read_text()
    for title in (
        "Which GAN training converges",
        "Step sizes against a rotation",
        "How late a gradient may come",
    ):
        assert title in page
