"""What fits: free memory and free disk, asked before work begins."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path


SMALL = 1 << 26
"""Bytes below which nobody asks whether they fit."""


def free_memory() -> float:
    """Return the bytes of main memory that this process may still take, infinity where the system does not say.

    That is the least of what the system has available, what its control group leaves (a container's limit, above
    which the system kills) and what the address space leaves (``ulimit -v``).
    """
    return max(0.0, min(_available(), _left_in_group(), _left_in_address_space()))


def _available() -> float:
    try:
        fields = Path("/proc/meminfo").read_text().split("MemAvailable:")
        return int(fields[1].split()[0]) * 1024  # with the caches that the system would give up
    except (OSError, IndexError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # no such count on this system
        return math.inf


def _left_in_group(own: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> float:
    """Return what the control groups (version 2) of this process leave of their limits."""
    left = math.inf
    try:
        [path] = [line[3:] for line in own.read_text().splitlines() if line.startswith("0::")]
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            limit = folder / "memory.max"
            if limit.exists() and (most := limit.read_text().strip()) != "max":
                idle = (folder / "memory.stat").read_text().split("\ninactive_file ")[1].split()[0]
                used = int((folder / "memory.current").read_text()) - int(idle)  # files' pages are given up
                left = min(left, int(most) - used)
            if folder == root:
                break
    except (OSError, IndexError, ValueError):  # no groups, or those of version 1
        pass
    return left


def _left_in_address_space() -> float:
    try:
        import resource

        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most == resource.RLIM_INFINITY:
            return math.inf
        return most - int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError, ValueError):
        return math.inf


def check_room(need: float, what: str, advice: str, *, detail: str = "", free: float | None = None) -> None:
    """Raise `MemoryError` where ``what`` needs more bytes than are free, with both numbers and what to do.

    Below 64 MiB nothing is asked. ``free`` is that of another device than the CPU.
    """
    if need < SMALL:
        return
    free = free_memory() if free is None else free
    if need > free:
        size = f"{gigabytes(need)} ({detail})" if detail else gigabytes(need)
        raise MemoryError(f"{what} would need {size}, and {gigabytes(free)} are free: {advice}")


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
