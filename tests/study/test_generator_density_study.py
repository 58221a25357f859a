"""The study of generators' likelihoods: its numbers are in the order that theory allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import gantheory as gt
from gantheory.study import cells_of, find


STUDY = Path(__file__).parents[2] / "studies" / "reproductions" / "generator_density.py"


def test_smoke_cells_and_their_report(tmp_path):
    """Nothing pays less than the entropy, and no density misses more than what lies on lines."""
    study = find(str(STUDY))
    assert len(cells_of(study, "smoke")) == 3
    results = gt.run(study, preset="smoke", output=tmp_path, jobs=1, key=gt.Key(0))
    assert not results.failures
    for result in results:
        values = result.values
        entropy = values["entropy"]
        assert (np.asarray(values["exact"]) > entropy).all()
        assert (np.asarray(values["kernel"]) > entropy - 0.1).all()
        mixture = values["mixture"]
        assert (
            entropy - 5.7 * float(mixture.stderr)
            < float(mixture)
            < entropy + 0.1 + 5.7 * float(mixture.stderr)
        )
        missed = values["missed"]
        assert (missed.value <= np.asarray(values["on lines"]) + 5.7 * missed.stderr + 0.01).all()
    page = gt.write_report(study, results, tmp_path / "report.html").read_text()
    assert "What GANs pay" in page and "choice of bandwidth" in page
