"""Cells in processes of their own: a pool that survives the death of its workers."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing import connection, forkserver
from multiprocessing.synchronize import Event

import torch

from gantheory.notation import parse
from gantheory.study.cell import Outcome, measure
from gantheory.study.source import load, nouns
from gantheory.study.store import Store


@dataclass(frozen=True)
class Task:
    """One cell as texts, which is all that travels to a worker."""

    folder: str
    name: str
    source: str
    study: str
    cell: str
    key: str
    environment: str


def in_pool(tasks: Iterable[Task], jobs: int, stopped: Callable[[], bool]) -> Generator[Outcome]:
    """Yield the outcomes of tasks as they come from ``jobs`` processes, until ``stopped()``.

    When a worker is killed, the cells in flight are suspects and run again one at a time, so that the
    one which kills its worker a second time is known, and is a failure.
    """
    pool = _Pool(jobs)
    waiting, suspects, running = deque(tasks), deque[Task](), dict[Future, Task]()
    retried: set[Task] = set()
    try:
        while running or (not stopped() and (waiting or suspects)):
            while not stopped() and (queue := suspects or waiting) and len(running) < jobs:
                if running and (suspects or retried.intersection(running.values())):
                    break
                task = queue.popleft()
                running[pool.submit(task)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(map(_is_lost, done)):
                pool.check_started()
                pool.kill()
                done, _ = wait(running)
            for future in done:
                task = running.pop(future)
                if not _is_lost(future):
                    yield future.result()
                elif task in retried:
                    yield _killer(task)
                else:
                    retried.add(task)
                    suspects.append(task)
    except BaseException:
        pool.kill()
        raise
    finally:
        pool.close()


def _is_lost(future: Future) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _killer(task: Task) -> Outcome:
    reason = "its worker process died twice while it ran: killed, out of memory, or crashed in native code"
    Store(task.folder).fail(task.name, task.cell, reason)
    return Outcome(task.cell, 0.0, reason)


class _Pool:
    """An executor that is made when needed, and made anew after its workers were killed."""

    def __init__(self, jobs: int):
        self._jobs = jobs
        self._executor: ProcessPoolExecutor | None = None
        self._context = multiprocessing.get_context("forkserver")
        self._others = set(multiprocessing.active_children())
        start_server()  # before anything else starts it without our preload
        self._ready = self._context.Event()

    def submit(self, task: Task) -> Future:
        try:
            return self._started().submit(_compute, task)
        except BrokenProcessPool:  # a worker was killed while it had nothing to do
            self.kill()
            return self._started().submit(_compute, task)

    def check_started(self) -> None:
        """Raise `ValueError` when workers die before they are ready, so that trying again is no use."""
        if not self._ready.is_set():
            raise ValueError(
                "the worker processes cannot start (their error is printed above): a script must call run "
                'under `if __name__ == "__main__":`, for its workers read the file too'
            )

    def kill(self) -> None:
        # SIGKILL, for workers ignore SIGTERM: a broken executor would wait for them for ever
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self.close()

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            threads = max(1, (os.cpu_count() or 1) // self._jobs)
            self._executor = ProcessPoolExecutor(
                self._jobs,
                mp_context=self._context,
                initializer=_initialise,
                initargs=(threads, self._ready),
            )
        return self._executor


def start_server() -> None:
    """Start the fork server, deaf to Ctrl-C and SIGTERM, and so with all its children from birth.

    Both signals reach the whole process group; the runner alone answers, by letting the cells finish.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(["gantheory.study.preload"])
    if threading.current_thread() is not threading.main_thread():
        forkserver.ensure_running()
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        forkserver.ensure_running()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _initialise(threads: int, ready: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where the server was started by someone else
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    torch.set_num_threads(threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ready.set()


def _end_with_parent() -> None:
    """End this worker when the runner is gone, in the middle of a cell if need be."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _compute(task: Task) -> Outcome:
    store = Store(task.folder)
    if store.path(task.name).exists():  # its worker was killed between the commit and the answer
        return Outcome(task.cell, 0.0)
    study, names = _read_study(task.source, task.study)
    cell, key = parse(task.cell, names=names), parse(task.key)
    return measure(store, study, cell, key, source=task.source, environment=json.loads(task.environment))


@cache
def _read_study(source: str, text: str):
    names = nouns(load(source))
    return parse(text, names=names), names
