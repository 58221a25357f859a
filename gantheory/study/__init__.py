"""Studies: questions measured cell by cell, so that no finished cell is ever lost."""

from __future__ import annotations

from gantheory.study.executor import run
from gantheory.study.results import Failure, Result, Results
from gantheory.study.signals import Interrupted
from gantheory.study.source import find, load, study_in, with_data
from gantheory.study.status import Folder, Status, read_study, status
from gantheory.study.store import Store
from gantheory.study.study import PRESETS, Finding, Study, cells_of


__all__ = [
    "PRESETS",
    "Failure",
    "Finding",
    "Folder",
    "Interrupted",
    "Result",
    "Results",
    "Status",
    "Store",
    "Study",
    "cells_of",
    "find",
    "load",
    "read_study",
    "run",
    "status",
    "study_in",
    "with_data",
]
