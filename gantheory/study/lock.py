"""One runner per folder: a lock that ends with its process."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def lock(path: Path):
    """Hold the lock file at ``path`` for the length of a ``with`` block.

    On one host the kernel's lock on the open file decides, so a lock left behind by a process that
    died, however it died, is free at once, and two processes cannot both take it over. Other hosts, for
    which that lock need not hold on a shared disk, are known by the name in the file.

    Raises `ValueError` when the folder is in use, with the holder's process and host.
    """
    handle = _acquire(path)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)  # while the lock is held, so that nobody's new file is removed
        os.close(handle)


def holder(path: Path) -> str | None:
    """Return who seems to hold the lock, as "process 12 on host", or `None`.

    For looking at: it asks only whether the process lives, for even a try to lock could get in the way.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    pid, host = _read(handle)
    os.close(handle)
    if host == socket.gethostname():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass  # it lives, and is another user's
    return f"process {pid} on {host}" if host else None


def _acquire(path: Path) -> int:
    here = socket.gethostname()
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = False
            except BlockingIOError:
                held = True
            pid, host = _read(handle)
            if held:
                raise ValueError(
                    f"{path.parent} is in use by process {pid} on {host}: wait for it, or use --output"
                )
            if host not in ("", here):
                raise ValueError(
                    f"{path.parent} is locked by process {pid} on {host}, which {here} cannot look at: "
                    f"if nothing runs there any more, remove {path}"
                )
            if _is_at(handle, path):
                os.truncate(handle, 0)
                os.pwrite(handle, json.dumps({"pid": os.getpid(), "host": here}).encode(), 0)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # the holder before us removed the file between our open and our lock


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _read(handle: int) -> tuple[int, str]:
    """Return the pid and host in the file; 0 and "" when its writer died before it had written them."""
    try:
        fields = json.loads(os.pread(handle, 4096, 0))
        return int(fields["pid"]), str(fields["host"])
    except (ValueError, KeyError, TypeError):
        return 0, ""
