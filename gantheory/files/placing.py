"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from gantheory.room import free_disk, gigabytes


class Stopped(KeyboardInterrupt):
    """Writing was asked to stop, and nothing of it is left: ``exit_code`` is 130 or 143, as a shell has it."""

    def __init__(self, path: Path, exit_code: int):
        super().__init__(f"{path}: interrupted, and nothing was written")
        self.exit_code = exit_code


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """Yield a name beside ``path`` for a file or folder, which gets ``path`` for its name at the end.

    Where the block is left by an error, Ctrl-C or SIGTERM, what was made is removed and ``path`` is as it
    was. A full disk is an `OSError` that names ``path``.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    received: list[int] = []
    try:
        with _terminable(received):
            yield temporary
            _replace(temporary, path)
    except KeyboardInterrupt:
        raise Stopped(path, 128 + received[0] if received else 130) from None
    except OSError as failure:
        if failure.strerror is None:
            raise
        raise type(failure)(f"{path}: {failure.strerror}; nothing was written") from None
    finally:
        _remove(temporary)


def _replace(temporary: Path, path: Path) -> None:
    if not path.is_dir():
        os.replace(temporary, path)
        return
    aside = temporary.with_name(temporary.name + "-old")  # a folder with files cannot be replaced in one step
    os.rename(path, aside)
    try:
        os.rename(temporary, path)
    except BaseException:
        os.rename(aside, path)
        raise
    finally:
        _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _terminable(received: list[int]) -> Iterator[None]:
    """Let SIGTERM raise `KeyboardInterrupt`, where Python gives signals: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def check_place(path: Path, *, need: float) -> None:
    """Raise an error that names ``path`` unless its folder exists, may be written to, and has the room."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"{path}: no such folder: {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{path}: no permission to write into {folder}")
    free = free_disk(folder)
    if need > free:
        raise OSError(f"{path} would take {gigabytes(need)}, and {gigabytes(free)} are free")


class Output(io.RawIOBase):
    """A file that is written from its beginning to its end, and its SHA-256."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._digest = sha256()
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        data = memoryview(data).cast("B")
        self._digest.update(data)
        self._take(data)
        self._at += len(data)
        return len(data)

    def _take(self, data: memoryview) -> None:
        self._file.write(data)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()
