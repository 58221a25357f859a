"""Whether work leaves the interpreter to other threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def turns_meanwhile(work: Callable[[], object], pause: float = 1e-4) -> list[float]:
    """Do the work in a thread of its own; return how long this thread waited for each of its turns meanwhile."""
    worker = threading.Thread(target=work)
    waits, last = [], time.perf_counter()
    worker.start()
    while worker.is_alive():
        time.sleep(pause)
        waits.append(time.perf_counter() - last)
        last += waits[-1]
    worker.join()
    return waits
