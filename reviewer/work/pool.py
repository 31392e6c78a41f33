"""Reviewing many files on all processors, and surviving a file that ends a process."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.domain.change import FileChange
from reviewer.domain.deadline import AGAINST_THE_CLOCK, Deadline
from reviewer.domain.reviewed import Reviewed
from reviewer.work.job import Job
from reviewer.work.processors import count_processors
from reviewer.work.recollection import Recollection

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from reviewer.work.worker import Worker

_ALONE = 400_000
"""Bytes of source up to which one process is faster than starting others."""
_STACK = 16 * 1024 * 1024
"""Bytes of stack of a thread that parses, everywhere as many as a main thread has at most."""

Progress = Callable[[int, int], None]
"""Told how many files are done, and of how many."""


def review_files(
    files: Sequence[FileChange], job: Job, progress: Progress | None = None, deadline: Deadline | None = None
) -> list[Reviewed]:
    """Review files, and give what was found in their order.

    Args:
        files: those with something to review.
        job: what holds for all of them.
        progress: told after each file.
        deadline: files that are not ready then have failed; those with most changed lines come first. None for no
            hurry.
    """
    progress = progress or _silent
    with Recollection(job) as recollection:
        results = [recollection.recall(file) for file in files]
        complaint = recollection.complaint
    todo = [index for index, known in enumerate(results) if known is None]
    done = len(files) - len(todo)
    if done:
        progress(done, len(files))
    if deadline is not None:
        todo.sort(key=lambda index: -_changed_lines(files[index]))
    wanted = [files[index] for index in todo]
    fresh = _review(wanted, job, lambda more, _: progress(done + more, len(files)), deadline)
    with Recollection(job) as recollection:
        for index, reviewed in zip(todo, fresh, strict=True):
            results[index] = reviewed
            recollection.keep(files[index], reviewed)
    found = [result for result in results if result is not None]
    if complaint is not None and found:
        found[0] = replace(found[0], notes=(*found[0].notes, complaint))
    return found


def _review(files: Sequence[FileChange], job: Job, progress: Progress, deadline: Deadline | None) -> list[Reviewed]:
    if not files:
        return []
    size = sum(_weight(file) for file in files)
    processes = min(count_processors(), len(files))
    if size > _ALONE and processes > 1:
        return _review_in_parallel(files, job, processes, progress, deadline)
    results: list[Reviewed] = []
    with closing(_one_by_one(files, job) if deadline is None else _in_time(files, job, deadline)) as found:
        for reviewed in found:
            results.append(reviewed)
            progress(len(results), len(files))
    return results + [_late(file, deadline) for file in files[len(results) :]]


def _one_by_one(files: Sequence[FileChange], job: Job) -> Generator[Reviewed]:
    from reviewer.work.worker import Worker  # noqa: PLC0415 - loads the parser, which a review from memory does not need

    with Worker(job) as worker:
        for file in files:
            yield worker.review(file)


def _in_time(files: Sequence[FileChange], job: Job, deadline: Deadline) -> Generator[Reviewed]:
    """The same until the deadline, in a thread, so that the file at hand then is not waited for either."""
    results: queue.SimpleQueue[Reviewed | BaseException] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            with closing(_one_by_one(files, job)) as found:
                for reviewed in found:
                    results.put(reviewed)
                    if given_up.is_set():
                        return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it is waited for
            results.put(error)

    usual = threading.stack_size(_STACK)
    try:
        threading.Thread(target=work, name=AGAINST_THE_CLOCK, daemon=True).start()
    finally:
        threading.stack_size(usual)
    try:
        for _ in files:
            try:
                reviewed = results.get(timeout=deadline.left)
            except queue.Empty:
                return
            if isinstance(reviewed, BaseException):
                raise reviewed
            yield reviewed
    finally:
        given_up.set()


def _late(file: FileChange, deadline: Deadline | None) -> Reviewed:
    return Reviewed(file.path, failures=(deadline.reason,) if deadline is not None else ())


def _silent(done: int, total: int) -> None:
    """For nobody who waits."""


def _review_in_parallel(
    files: Sequence[FileChange], job: Job, processes: int, progress: Progress, deadline: Deadline | None
) -> list[Reviewed]:
    from concurrent.futures import as_completed  # noqa: PLC0415 - a push needs no pool
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    order = list(range(len(files)))
    if deadline is None:
        # Large files first, so that no process is left alone with one at the end.
        order.sort(key=lambda index: -_weight(files[index]))
    results: dict[int, Reviewed] = {}
    with suppress(TimeoutError), _pool(processes, job) as pool:
        waiting: dict[Future[Reviewed], int] = {}
        for index in order:
            waiting[pool.submit(_review_one, files[index])] = index
        for future in as_completed(waiting, None if deadline is None else deadline.left):
            try:
                results[waiting[future]] = future.result()
            except BrokenProcessPool:
                break
            progress(len(results), len(files))
    for index in order:
        if index not in results:
            late = deadline is not None and not deadline.left
            results[index] = _late(files[index], deadline) if late else _review_apart(files[index], job, deadline)
            progress(len(results), len(files))
    return [results[index] for index in range(len(files))]


def _review_apart(file: FileChange, job: Job, deadline: Deadline | None) -> Reviewed:
    """Review one file in a process of its own, after some file has ended the shared ones."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - a push needs no pool

    with suppress(TimeoutError), _pool(1, job) as pool:
        try:
            return pool.submit(_review_one, file).result(None if deadline is None else deadline.left)
        except BrokenProcessPool:
            return Reviewed(file.path, failures=("the process that checked it died; the file may be hostile",))
    return _late(file, deadline)


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


_worker: Worker


def _prepare(job: Job) -> None:
    # Ctrl-C goes to the whole process group; a worker has nothing to put in order and ends at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from reviewer.work.worker import Worker  # noqa: PLC0415 - loads the parser

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


def _changed_lines(file: FileChange) -> int:
    return (file.content or b"").count(b"\n") if file.whole else len(file.added_lines)


def _weight(file: FileChange) -> int:
    """Bytes that will be walked: all of a whole file, little more than the changed lines of another."""
    if file.content is None:
        return 0
    return len(file.content) if file.whole else min(len(file.content), 400 * (len(file.added_lines) + 1))
