"""The mark of the C++ and CUDA sources that a native library was made from.

setup.py, which finds this file by its path, writes it into what it builds; `native` compares it with the sources
that lie beside the package, where they do. So it imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


KINDS = {"cpu": (".cpp", ".h"), "cuda": (".cu", ".cuh", ".h")}
REBUILD = "python setup.py build_ext --inplace"


def mark(csrc: Path, kind: str) -> str:
    """Return 20 hex digits for the names and the bytes of the sources of one ``kind``, "cpu" or "cuda"."""
    found = hashlib.sha256()
    for path in sorted(path for path in csrc.rglob("*") if path.suffix in KINDS[kind]):
        content = path.read_bytes()
        found.update(f"{path.relative_to(csrc).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()[:20]


def stale(built: str | None, root: Path, kind: str) -> str:
    """Say what is wrong, with the command that mends it, where ``root`` has other sources than a library's mark.

    It is empty where they agree, and where there are no sources, as beside an installed wheel.
    """
    if not (root / "csrc" / "bindings.cpp").exists() or not (root / "setup.py").exists():
        return ""
    if built == mark(root / "csrc", kind):
        return ""
    return f"they were built from other sources than those in {root / 'csrc'}: run `{REBUILD}` in {root}"
