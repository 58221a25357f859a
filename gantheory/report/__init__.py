"""Reports: the records of a study, or one simulation, as one page that needs nothing else."""

from __future__ import annotations

from gantheory.report.claims import write_claims
from gantheory.report.page import write_report
from gantheory.report.rebuild import rebuild
from gantheory.report.simulation import write_simulation


__all__ = [
    "rebuild",
    "write_claims",
    "write_report",
    "write_simulation",
]
