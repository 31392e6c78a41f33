"""One process that reviews file after file, and what it keeps between them."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reviewer.code.project import Project
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import FileChange
from reviewer.domain.reviewed import Reviewed
from reviewer.errors import CatalogError, SourceError
from reviewer.file_review import review_file
from reviewer.flow.reading import ReadFile, Surroundings, read_file
from reviewer.knowledge.lookup import Knowledge
from reviewer.work.job import Job

if TYPE_CHECKING:
    from reviewer.catalog.meeting import KnownPatterns


class Worker:
    """What one process keeps between files; close it, or use it in a `with`.

    Args:
        job: what holds for all files.
    """

    def __init__(self, job: Job) -> None:
        wanted = set(job.rules)
        knowledge = Knowledge()
        self._rules = tuple(rule for rule in all_rules() if rule.id in wanted)
        self._evidence, self._suggest = job.evidence, job.suggest
        self._patterns, self._failure = _opened(job)
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
        """Review one file; where that takes too long or goes too deep the file is not checked, and the next one is."""
        try:
            reviewed = review_file(
                file,
                self._rules,
                self._around,
                evidence=self._evidence,
                suggest=self._suggest,
                patterns=self._patterns,
            )
        except SourceError as error:
            reviewed = Reviewed(file.path, failures=(str(error),))
        if self._failure is not None:
            reviewed = replace(reviewed, failures=(*reviewed.failures, self._failure))
        if self._memory is not None:
            self._memory.flush()
            if self._memory.complaint is not None:
                reviewed = replace(reviewed, notes=(*reviewed.notes, self._memory.complaint))
        return reviewed

    def close(self) -> None:
        """Let go of what is open, and write down what is to be remembered."""
        for opened in (self._sources, self._memory, self._patterns):
            if opened is not None:
                opened.close()


def _opened(job: Job) -> tuple[KnownPatterns | None, str | None]:
    """The patterns of the catalogs; else why they cannot be asked."""
    if job.patterns is None:
        return None, None
    try:
        return job.patterns(), None
    except CatalogError as error:
        return None, f"the patterns of the catalog were not asked: {error}"
