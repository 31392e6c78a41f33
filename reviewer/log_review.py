"""One change, file or function → proved logging patches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from reviewer.code.limits import Limits
from reviewer.code.neighbours import Neighbours
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.code.unit import CodeFile, read_units
from reviewer.domain.change import Change, FileChange
from reviewer.domain.fact import Unit
from reviewer.errors import SourceError
from reviewer.instrument.choice import Reword
from reviewer.instrument.patches import Instrumented, Wishes, instrument
from reviewer.instrument.proposal import Patch, Withheld
from reviewer.instrument.subject import Subject, Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import OpenSources, Repository
from reviewer.target import find_target

if TYPE_CHECKING:
    from reviewer.counsel.log_wording import Wording

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LogReport:
    """The logging patches of a change.

    Attributes:
        patches: one for each file that gets lines, by path.
        withheld: path and place of what gets none.
        not_checked: path and reason of what could not be read.
    """

    patches: tuple[Patch, ...] = ()
    withheld: tuple[tuple[str, Withheld], ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()
    contents: dict[str, bytes] = field(default_factory=dict)
    """The files of the patches as they were read."""


class LogReader:
    """Reads the files of one state of a project and instruments them; close it after use.

    Args:
        sources: opens the files around; None where there are none.
        limits: when to give a definition up.
    """

    def __init__(self, sources: OpenSources | None = None, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        knowledge = Knowledge()
        self._sources = sources() if sources is not None else None
        project = Project(self._sources, knowledge, limits) if self._sources is not None else None
        self._around = Surroundings(knowledge, limits, project)

    def read(self, path: str, content: bytes, changed: frozenset[int] | None = None) -> Subject:
        """Read a file.

        Args:
            path: from the root of the repository.
            content: its bytes.
            changed: the lines whose functions are wanted; None for all.

        Raises:
            SourceError: it is no Python.
        """
        around = self._around
        neighbours = None
        if around.project is not None:
            around.project.begin()
            neighbours = Neighbours(around.project, path)
        code = read_units(decode(path, content), changed, around.knowledge, around.limits, elsewhere=neighbours)
        return Subject(code, around)

    def close(self) -> None:
        """Let go of what is open."""
        if self._sources is not None:
            self._sources.close()


def log_change(
    change: Change,
    wishes: Wishes,
    *,
    sources: OpenSources | None = None,
    progress: Progress | None = None,
    wording: Wording | None = None,
) -> LogReport:
    """Logging patches for the changed functions of a change.

    Args:
        change: the files, contents included.
        wishes: what is wanted; lines are those of the change.
        sources: opens the files around the change.
        progress: told how many files are done, and of how many.
        wording: who words the lines; None for the program itself.
    """
    todo = [file for file in change.files if file.skipped is None]
    reader = LogReader(sources)
    results: list[tuple[Instrumented, tuple[str, ...]]] = []
    contents: dict[str, bytes] = {}
    try:
        for number, file in enumerate(todo, 1):
            results.append(_instrument(reader, file, wishes, wording))
            if file.content is not None:
                contents[file.path] = file.content
            if progress is not None:
                progress(number, len(todo))
    finally:
        reader.close()
    return _report(results, change.failures, contents)


def log_target(
    repository: Repository,
    target: str,
    head: str | None,
    wishes: Wishes,
    *,
    folder: str = "",
    sources: OpenSources | None = None,
    wording: Wording | None = None,
) -> LogReport:
    """Logging patches for a file, the place at a line, or a named function.

    Args:
        repository: where the file is.
        target: as for `find_target`.
        head: revision to read it at; None for the work tree.
        wishes: what is wanted.
        folder: directory of the repository where the person is; "" for the root.
        sources: opens the files around it.
        wording: who words the lines; None for the program itself.

    Raises:
        UsageError: there is no such file, function or line.
        SourceError: the file is no Python.
    """
    found = find_target(repository, target, head, folder)
    reader = LogReader(sources)
    try:
        subject = reader.read(found.path, found.content, found.changed)
        subject = _only(subject, found.units(subject.code))
        result = instrument(subject, found.content, wishes, _reworder(subject, wording))
    except SourceError as error:
        raise SourceError(f"{found.path}: {error}") from error
    finally:
        reader.close()
    return _report([(result, subject.code.failures)], (), {found.path: found.content})


def _instrument(
    reader: LogReader, file: FileChange, wishes: Wishes, wording: Wording | None
) -> tuple[Instrumented, tuple[str, ...]]:
    if file.content is None or file.partial:
        return Instrumented(file.path, None), (file.failed or "its contents are not available",)
    changed = None if file.whole else file.added_lines
    if changed is not None and not changed:
        return Instrumented(file.path, None), ()
    try:
        subject = reader.read(file.path, file.content, changed)
        return instrument(subject, file.content, wishes, _reworder(subject, wording)), subject.code.failures
    except SourceError as error:
        return Instrumented(file.path, None), (str(error),)


def _reworder(subject: Subject, wording: Wording | None) -> Reword | None:
    if wording is None:
        return None
    return partial(wording.reword, subject)


def _report(
    results: Sequence[tuple[Instrumented, tuple[str, ...]]],
    failures: Sequence[tuple[str, str]],
    contents: dict[str, bytes],
) -> LogReport:
    patches = tuple(one.patch for one, _ in results if one.patch is not None)
    return LogReport(
        patches=patches,
        withheld=tuple((one.path, withheld) for one, _ in results for withheld in one.withheld),
        not_checked=(*failures, *((one.path, reason) for one, reasons in results for reason in reasons)),
        contents={patch.path: contents[patch.path] for patch in patches},
    )


def _only(subject: Subject, units: tuple[Unit, ...]) -> Subject:
    code = subject.code
    return Subject(CodeFile(code.source, code.outline, units, code.failures, code.names), subject.around)


def by_reason(report: LogReport) -> Iterator[tuple[str, int]]:
    """How many places were withheld for each reason, the commonest first."""
    counts: dict[str, int] = {}
    for _, withheld in report.withheld:
        counts[withheld.reason] = counts.get(withheld.reason, 0) + 1
    yield from sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
