"""Reviewing many files on all processors, and surviving a file that ends a process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewer.code.unit import Limits
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule
from reviewer.domain.change import FileChange
from reviewer.domain.settings import Settings
from reviewer.file_review import Reviewed, review_file
from reviewer.knowledge.lookup import Knowledge

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_ALONE = 400_000
"""Bytes of source up to which one process is faster than starting others."""

Progress = Callable[[int, int], None]
"""Told how many files are done, and of how many."""


def review_files(
    files: Sequence[FileChange], rules: Sequence[Rule], settings: Settings, progress: Progress | None = None
) -> list[Reviewed]:
    """Review files, in their order.

    Args:
        files: those with something to review.
        rules: the rules to ask.
        settings: for the limits.
        progress: told after each file.
    """
    progress = progress or _silent
    limits = Limits(lines=settings.limits.unit_lines, seconds=settings.limits.unit_seconds)
    size = sum(_weight(file) for file in files)
    processes = min(os.cpu_count() or 1, len(files))
    if size <= _ALONE or processes < 2:
        knowledge = Knowledge()
        results = []
        for file in files:
            results.append(review_file(file, knowledge, rules, limits))
            progress(len(results), len(files))
        return results
    return _review_in_parallel(files, [rule.id for rule in rules], limits, processes, progress)


def _silent(done: int, total: int) -> None:
    """For nobody who waits."""


def _review_in_parallel(
    files: Sequence[FileChange], rules: list[str], limits: Limits, processes: int, progress: Progress
) -> list[Reviewed]:
    from concurrent.futures import as_completed  # noqa: PLC0415 - a push needs no pool
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    # Large files first, so that no process is left alone with one at the end.
    order = sorted(range(len(files)), key=lambda index: -_weight(files[index]))
    results: dict[int, Reviewed] = {}
    with _pool(processes, rules, limits) as pool:
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
            results[index] = _review_apart(files[index], rules, limits)
            progress(len(results), len(files))
    return [results[index] for index in range(len(files))]


def _review_apart(file: FileChange, rules: list[str], limits: Limits) -> Reviewed:
    """Review one file in a process of its own, after some file has ended the shared ones."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    with _pool(1, rules, limits) as pool:
        try:
            return pool.submit(_review_one, file).result()
        except BrokenProcessPool:
            return Reviewed(file.path, failures=("the process that checked it died; the file may be hostile",))


@contextmanager
def _pool(processes: int, rules: list[str], limits: Limits) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block, however it is left."""
    import multiprocessing  # noqa: PLC0415 - a push needs no pool
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - a push needs no pool

    # Forked processes start with everything imported; elsewhere than on Linux forking is not safe.
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    others = frozenset(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_prepare, initargs=(rules, limits)) as pool:
        try:
            yield pool
        except BaseException:
            # The pool itself would wait until they are done with the files that they have.
            for child in frozenset(multiprocessing.active_children()) - others:
                child.kill()
            raise


class _Worker:
    """What one worker process keeps between files."""

    def __init__(self, rules: list[str], limits: Limits) -> None:
        wanted = set(rules)
        self.knowledge = Knowledge()
        self.rules = tuple(rule for rule in all_rules() if rule.id in wanted)
        self.limits = limits


_worker: _Worker


def _prepare(rules: list[str], limits: Limits) -> None:
    # Ctrl-C goes to the whole process group; a worker has nothing to put in order and ends at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A worker process has one life and one job; its state cannot be passed any other way.
    global _worker  # noqa: PLW0603
    _worker = _Worker(rules, limits)


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
    return review_file(file, _worker.knowledge, _worker.rules, _worker.limits)


def _weight(file: FileChange) -> int:
    """Bytes that will be walked: all of a whole file, little more than the changed lines of another."""
    if file.content is None:
        return 0
    return len(file.content) if file.whole else min(len(file.content), 400 * (len(file.added_lines) + 1))
