"""Reports: the records of a study as one page that needs nothing else."""

from __future__ import annotations

from gantheory.report.page import write_report
from gantheory.report.rebuild import rebuild


__all__ = ["rebuild", "write_report"]
