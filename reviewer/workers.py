"""Reviewing many files on all processors, and surviving a file that ends a process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reviewer.code.project import Project
from reviewer.code.unit import Limits
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import FileChange
from reviewer.file_review import ReadFile, Reviewed, Surroundings, read_file, review_file
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import OpenMemory, OpenSources

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_ALONE = 400_000
"""Bytes of source up to which one process is faster than starting others."""

Progress = Callable[[int, int], None]
"""Told how many files are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Job:
    """What holds for every file of one review; it can be sent to another process.

    Attributes:
        rules: ids of the rules to ask.
        limits: when to give a definition up.
        sources: opens the files around the change; None where there are none.
        memory: opens what earlier reviews have found; None for nothing.
    """

    rules: tuple[str, ...]
    limits: Limits
    sources: OpenSources | None = None
    memory: OpenMemory | None = None


def review_files(files: Sequence[FileChange], job: Job, progress: Progress | None = None) -> list[Reviewed]:
    """Review files, in their order.

    Args:
        files: those with something to review.
        job: what holds for all of them.
        progress: told after each file.
    """
    progress = progress or _silent
    size = sum(_weight(file) for file in files)
    processes = min(os.cpu_count() or 1, len(files))
    if size <= _ALONE or processes < 2:
        results = []
        with Worker(job) as worker:
            for file in files:
                results.append(worker.review(file))
                progress(len(results), len(files))
        return results
    return _review_in_parallel(files, job, processes, progress)


def _silent(done: int, total: int) -> None:
    """For nobody who waits."""


def _review_in_parallel(files: Sequence[FileChange], job: Job, processes: int, progress: Progress) -> list[Reviewed]:
    from concurrent.futures import as_completed  # noqa: PLC0415 - a push needs no pool
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    # Large files first, so that no process is left alone with one at the end.
    order = sorted(range(len(files)), key=lambda index: -_weight(files[index]))
    results: dict[int, Reviewed] = {}
    with _pool(processes, job) as pool:
        waiting: dict[Future[Reviewed], int] = {}
        for index in order:
            waiting[pool.submit(_review_one, files[index])] = index
        for future in as_completed(waiting):
            try:
                results[waiting[future]] = future.result()
            except BrokenProcessPool:
                break
            progress(len(results), len(files))
    for index in order:
        if index not in results:
            results[index] = _review_apart(files[index], job)
            progress(len(results), len(files))
    return [results[index] for index in range(len(files))]


def _review_apart(file: FileChange, job: Job) -> Reviewed:
    """Review one file in a process of its own, after some file has ended the shared ones."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    with _pool(1, job) as pool:
        try:
            return pool.submit(_review_one, file).result()
        except BrokenProcessPool:
            return Reviewed(file.path, failures=("the process that checked it died; the file may be hostile",))


@contextmanager
def _pool(processes: int, job: Job) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block, however it is left."""
    import multiprocessing  # noqa: PLC0415 - a push needs no pool
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - a push needs no pool

    # Forked processes start with everything imported; elsewhere than on Linux forking is not safe.
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    others = frozenset(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_prepare, initargs=(job,)) as pool:
        try:
            yield pool
        except BaseException:
            # The pool itself would wait until they are done with the files that they have.
            for child in frozenset(multiprocessing.active_children()) - others:
                child.kill()
            raise


class Worker:
    """What one process keeps between files; close it, or use it in a `with`.

    Args:
        job: what holds for all files.
    """

    def __init__(self, job: Job) -> None:
        wanted = set(job.rules)
        knowledge = Knowledge()
        self._rules = tuple(rule for rule in all_rules() if rule.id in wanted)
        self._sources = job.sources() if job.sources is not None else None
        self._memory = job.memory() if job.memory is not None else None
        project = Project(self._sources, knowledge, job.limits) if self._sources is not None else None
        self._around = Surroundings(knowledge, job.limits, project, self._memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: str, content: bytes, changed: frozenset[int] | None) -> ReadFile:
        """Read a file without asking any rule.

        Raises:
            SourceError: it is no Python.
        """
        return read_file(path, content, changed, self._around)

    def review(self, file: FileChange) -> Reviewed:
        """Review one file."""
        reviewed = review_file(file, self._rules, self._around)
        if self._memory is not None:
            self._memory.flush()
            if self._memory.complaint is not None:
                reviewed = replace(reviewed, notes=(*reviewed.notes, self._memory.complaint))
        return reviewed

    def close(self) -> None:
        """Let go of what is open, and write down what is to be remembered."""
        for opened in (self._sources, self._memory):
            if opened is not None:
                opened.close()


_worker: Worker


def _prepare(job: Job) -> None:
    # Ctrl-C goes to the whole process group; a worker has nothing to put in order and ends at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A worker process has one life and one job; its state cannot be passed any other way.
    global _worker  # noqa: PLW0603
    _worker = Worker(job)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone.

    A pool's processes wait for work for ever, and those of a parent that was killed would be left behind, holding its
    output open.
    """
    from multiprocessing import parent_process  # noqa: PLC0415 - a push needs no pool

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _review_one(file: FileChange) -> Reviewed:
    return _worker.review(file)


def _weight(file: FileChange) -> int:
    """Bytes that will be walked: all of a whole file, little more than the changed lines of another."""
    if file.content is None:
        return 0
    return len(file.content) if file.whole else min(len(file.content), 400 * (len(file.added_lines) + 1))
