"""What a number was measured with: versions, commit, machine."""

from __future__ import annotations

import os
import platform
import shlex
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy
import torch

from gantheory.ops import native


def environment(source: str = "") -> dict[str, str | int]:
    """Return versions, machine, backend, and the git commit of the folder that ``source`` lies in."""
    folder = Path(source).parent if source.endswith(".py") else Path(__file__).parent
    return {
        "gantheory": version("gantheory"),
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "commit": commit(folder),
        "platform": platform.platform(),
        "host": socket.gethostname(),
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "backend": native.backend(),
        "command": command(),
    }


def command() -> str:
    """Return the command that runs in this process, as one would type it."""
    name = Path(sys.argv[0]).name
    return shlex.join(["gantheory" if name in ("cli.py", "__main__.py") else name, *sys.argv[1:]])


def commit(folder: Path) -> str:
    """Return the git commit of a folder, with "+" where files differ from it; empty outside git."""
    try:
        ask = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def processor() -> str:
    """Return the processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
