"""Reviews the buffers of one repository, one after the other, and keeps warm what that takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.diff.buffer import change_of
from reviewer.domain.catalog import Quiet
from reviewer.domain.change import Change
from reviewer.domain.fact import Call
from reviewer.domain.report import Answer, FindingItem
from reviewer.domain.settings import Settings
from reviewer.errors import RepositoryError, RevisionError, SourceError
from reviewer.ports import OpenSources

if TYPE_CHECKING:
    from reviewer.domain.library import Callable as KnownCallable
    from reviewer.work.worker import Worker


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a review of a buffer finds.

    Attributes:
        items: the findings in what changed, accepted ones included.
        complaints: what could not be checked, and why.
    """

    items: tuple[FindingItem, ...] = ()
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a line.

    Attributes:
        answer: the four answers for the function around it; None where it stands in none.
        calls: what libraries say of the calls on it.
    """

    answer: Answer | None = None
    calls: tuple[KnownCallable, ...] = ()


Trace = tuple[tuple[int, int] | None, ...]
"""When some files were written, in nanoseconds, and their sizes; None for one that is not there."""


class Analyst:
    """Reviews the buffers of one repository. Not for several threads at once.

    Args:
        root: of the work tree; None for files that lie in no repository.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._git_dir: Path | None = None
        self._worker: Worker | None = None
        self._committed: dict[str, bytes | None] = {}
        self._settings = Settings()
        self._known: frozenset[str] = frozenset()
        self._quiet = Quiet()
        self._complaints: tuple[str, ...] = ()
        self._head: Trace = ()

    def review(self, path: str, text: str) -> Analysis:
        """What a review finds in what changed in a buffer since the last commit.

        Args:
            path: from the root of the repository.
            text: the buffer.
        """
        if (head := self._trace_of_head()) != self._head:
            self.forget()
            self._head = head
        worker = self._opened()
        if not self._settings.covers(path):
            return Analysis()
        from reviewer.publication import Accepted, publish  # noqa: PLC0415 (start-up)

        change = change_of(path, self._before(path), text)
        reviewed = worker.review(change)
        accepted = Accepted(self._settings, self._known, date.today(), self._quiet)
        items, _ = publish(change, reviewed, reviewed.findings, accepted)
        return Analysis(tuple(items), (*self._complaints, *reviewed.failures))

    def explain(self, path: str, text: str, line: int) -> Explanation:
        """What is known of a line, and of the function around it.

        Args:
            path: from the root of the repository.
            text: the buffer.
            line: from 1.
        """
        from reviewer.explain.answer import answer_unit  # noqa: PLC0415 (start-up)

        worker = self._opened()
        try:
            read = worker.read(path, text.encode("utf-8", "surrogatepass"), frozenset({line}))
        except SourceError:
            return Explanation()
        calls: dict[str, KnownCallable] = {}
        answer = None
        for unit in read.code.units:
            if unit.line <= line <= unit.end_line and unit.name != "<module>":
                answer = answer_unit(path, unit, read.flow)
            for fact in unit.facts:
                if isinstance(fact, Call) and fact.known is not None and fact.span.line <= line <= fact.span.end_line:
                    calls.setdefault(fact.known.name, fact.known)
        return Explanation(answer, tuple(calls.values()))

    def log_patch(self, path: str, text: str, line: int) -> str | None:
        """A proved patch with the log line that is missing at a line; None where there is none.

        Args:
            path: from the root of the repository.
            text: the buffer.
            line: from 1.
        """
        from reviewer.instrument.patches import Wishes, instrument  # noqa: PLC0415 (start-up)
        from reviewer.log_review import LogReader  # noqa: PLC0415 (start-up)

        content = text.encode("utf-8", "surrogatepass")
        reader = LogReader(self._sources())
        try:
            subject = reader.read(path, content, frozenset({line}))
            patch = instrument(subject, content, Wishes(lines=frozenset({line}))).patch
        except SourceError:
            return None
        finally:
            reader.close()
        return None if patch is None else patch.diff

    def forget(self) -> None:
        """Files on the disk have changed: read them again."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._committed.clear()

    def _trace_of_head(self) -> Trace:
        """What is another after a commit, a checkout or a reset, which no editor tells of; it costs two looks."""
        if self._root is None:
            return ()
        from reviewer.diff.place import locate  # noqa: PLC0415 (start-up)

        self._git_dir = self._git_dir or locate(self._root).git_dir
        return tuple(_trace(self._git_dir / name) for name in ("HEAD", "logs/HEAD"))

    def _opened(self) -> Worker:
        if self._worker is None:
            from reviewer.catalog_wiring import catalog_of_review  # noqa: PLC0415 (start-up)
            from reviewer.code.limits import Limits  # noqa: PLC0415 (start-up)
            from reviewer.detectors.registry import all_rules  # noqa: PLC0415 (start-up)
            from reviewer.memory_wiring import open_memory  # noqa: PLC0415 (start-up)
            from reviewer.work.job import Job  # noqa: PLC0415 (start-up)
            from reviewer.work.worker import Worker  # noqa: PLC0415 (start-up)

            self._read_settings()
            rules = tuple(rule.id for rule in all_rules() if rule.id not in self._settings.rules_off)
            bounds = self._settings.limits
            found = catalog_of_review(Change(str(self._root) if self._root else None, None, None, ()), None)
            self._quiet = found.quiet
            self._complaints += tuple(f"{what}: {why}" for what, why in found.failures)
            job = Job(
                rules,
                Limits(lines=bounds.unit_lines, seconds=bounds.unit_seconds),
                self._sources(),
                open_memory(),
                suggest=False,
                patterns=found.patterns.open,
            )
            self._worker = Worker(job)
        return self._worker

    def _read_settings(self) -> None:
        """The settings and the baseline of the work tree; what cannot be understood of them does not count."""
        self._settings, self._known, self._complaints = Settings(), frozenset(), ()
        if self._root is None:
            return
        from reviewer.detectors.registry import all_rules  # noqa: PLC0415 (start-up)
        from reviewer.wiring import open_repository, prepare_change  # noqa: PLC0415 (start-up)

        with open_repository(self._root) as repository:
            nothing = Change(repository.name, None, None, ())
            prepared = prepare_change(nothing, repository, [rule.id for rule in all_rules()])
        self._settings, self._known = prepared.settings, prepared.baseline
        self._complaints = tuple(f"{path}: {reason}" for path, reason in prepared.change.failures)

    def _sources(self) -> OpenSources | None:
        if self._root is None:
            return None
        from reviewer.wiring import open_sources  # noqa: PLC0415 (start-up)

        return open_sources(self._root, None)

    def _before(self, path: str) -> bytes | None:
        if path not in self._committed:
            self._committed.update(self._read_committed(path))
        return self._committed[path]

    def _read_committed(self, path: str) -> Mapping[str, bytes | None]:
        if self._root is None:
            return {path: None}
        from reviewer.wiring import open_repository  # noqa: PLC0415 (start-up)

        try:
            with open_repository(self._root) as repository:
                return {path: repository.read([path], "HEAD").get(path)}
        except (RepositoryError, RevisionError):
            return {path: None}  # no commit yet


def _trace(file: Path) -> tuple[int, int] | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size
