"""A run on disk, so that a killed one goes on where it was."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from gantheory.dynamics.files import identity, read_content, restore, save_run
from gantheory.dynamics.population import Profile
from gantheory.dynamics.run import Run


SHARE = 20
"""A run computes at least this many times as long as it took to save it, before it is saved again."""


class Checkpoint:
    """The file of a run, written every so many seconds and at the end."""

    def __init__(self, path: str | Path, seconds: float):
        self.path, self.seconds = Path(path), seconds
        if not seconds >= 0:
            raise ValueError(f"save_every must be seconds, at least 0, got {seconds!r}")
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise FileNotFoundError(f"{path}: not a file in a folder that exists")
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            left.unlink()  # of a process that was killed while it wrote
        self._next = time.perf_counter() + seconds

    def due(self) -> float:
        """Return the time, as `time.perf_counter` counts, at which to save next."""
        return self._next

    def save(self, run: Run) -> None:
        """Write the run."""
        begun = time.perf_counter()
        save_run(run, self.path)
        took = time.perf_counter() - begun
        self._next = time.perf_counter() + (self.seconds and max(self.seconds, SHARE * took))

    def resume(self, fresh: Run, last: int) -> Run | None:
        """Return the saved run that began as a fresh one, or `None`; raises `ValueError` where it is another."""
        if not self.path.exists():
            return None
        content = read_content(self.path)
        own = identity(fresh.setup) | {"start": fresh.start, "stop_diverged": fresh.stop_diverged}
        for name, wanted in own.items():
            if content.get(name) != wanted:
                raise ValueError(
                    f"{self.path} holds another run: its {name} is {content.get(name)}, not {wanted}. Name another "
                    "file, or delete it"
                )
        if content["step"] > last:
            raise ValueError(f"{self.path} is at step {content['step']}, beyond the {last} asked for")
        return restore(fresh.setup, content)


def start_text(start: Any, profile: Profile) -> str:
    """Return what names a start: that it was drawn, or a digest of the points given."""
    if start is None:
        return "drawn"
    data = b"".join(w.detach().cpu().contiguous().numpy().tobytes() for w in profile)
    return hashlib.sha256(data).hexdigest()
