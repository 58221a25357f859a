"""What fits: free memory and free disk, asked before work begins."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path


def free_memory() -> float:
    """Return the bytes of main memory that are free, infinity where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # no such count on this system
        return math.inf


def free_disk(folder: Path) -> int:
    """Return the bytes that an ordinary user may still write into a folder."""
    return shutil.disk_usage(folder).free


def gigabytes(count: float) -> str:
    """Return a number of bytes as text.

    Example:
        >>> gigabytes(3 * 2**30)
        '3 GiB'
    """
    return f"{count / 2**30:.3g} GiB"
