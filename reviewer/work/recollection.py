"""The same file of the same state of a project is not reviewed twice.

What is found in a file depends on its text, on the lines that count, on what is asked, and on every file that may be
looked at beside it. Those are named by a commit, so that nothing is remembered for the index and the work tree. Nor is
a review that was not complete, which may have wanted time that there is the next time.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import TracebackType
from typing import Self

from reviewer.code.source import decode
from reviewer.domain.change import FileChange
from reviewer.domain.record import RecordError, read_record, write_record
from reviewer.domain.reviewed import Reviewed
from reviewer.ports import Memory
from reviewer.work.job import Job

_KIND = "review"


class Recollection:
    """What earlier reviews found in files; close it, or use it in a `with`.

    Args:
        job: what is asked of every file.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        named = job.state is not None and job.patterns_state is not None
        self._memory: Memory | None = job.memory() if job.memory is not None and named else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._memory is not None:
            self._memory.close()

    @property
    def complaint(self) -> str | None:
        """What a person should know of the memory; None where all is well."""
        return self._memory.complaint if self._memory is not None else None

    def recall(self, file: FileChange) -> Reviewed | None:
        """What was found in a file; None where it was not reviewed in this state yet."""
        if self._memory is None or file.content is None:
            return None
        data = self._memory.recall(_KIND, self._key(file, file.content))
        if data is None:
            return None
        try:
            return replace(read_record(Reviewed, data), lines=tuple(decode(file.path, file.content).lines))
        except RecordError:  # damaged: reviewed again
            return None

    def keep(self, file: FileChange, reviewed: Reviewed) -> None:
        """Remember what was found, if it is all that can be."""
        if self._memory is None or file.content is None or reviewed.failures or reviewed.notes:
            return
        # The lines are at hand whenever it is recalled.
        self._memory.remember(_KIND, self._key(file, file.content), write_record(replace(reviewed, lines=())))

    def _key(self, file: FileChange, content: bytes) -> str:
        lines = "all" if file.whole else f"{sorted(file.added_lines)} {sorted(file.deletion_points)}"
        job = self._job
        asked = f"{job.state} {job.rules} {job.limits} {job.evidence} {job.suggest} {job.patterns_state}"
        asked += f" {file.path!r} {file.partial} {file.failed} {lines}\n"
        return hashlib.sha256(asked.encode("utf-8", "surrogateescape") + content).hexdigest()
