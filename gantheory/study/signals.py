"""Stopping on request: once to finish what runs, twice to end at once."""

from __future__ import annotations

import os
import signal
import threading


class Interrupted(KeyboardInterrupt):
    """A run was asked to stop and did so in order: the same command resumes it.

    ``exit_code`` is 130 after Ctrl-C (SIGINT) and 75 after SIGTERM, as a batch system sends it.
    """

    def __init__(self, number: int):
        super().__init__("interrupted: the same command resumes")
        self.exit_code = 75 if number == signal.SIGTERM else 130


class Stop:
    """A ``with`` block in which the first SIGINT or SIGTERM sets ``requested`` and the second raises.

    Outside the main thread, where Python gives no signals, it does nothing.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_exception) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]

    def _receive(self, number: int, _frame) -> None:
        if self.requested is not None:
            raise KeyboardInterrupt
        self.requested = number
        # os.write: a handler may run in the middle of a print, which must not be entered twice
        os.write(2, b"\ngantheory: finishing the running cells; once more to kill them\n")
