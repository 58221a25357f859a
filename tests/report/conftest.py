"""One report for all tests of reports."""

from __future__ import annotations

import pytest

import gantheory as gt
from tests.report.study_for_report import ManyThings


@pytest.fixture(scope="session")
def many_things(tmp_path_factory):
    """The study, its results, and the path of its page in its output folder."""
    study, folder = ManyThings(), tmp_path_factory.mktemp("report")
    results = gt.run(study, output=folder, progress=False)
    return study, results, gt.write_report(study, results, folder / "report.html")
