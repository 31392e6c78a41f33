"""Code → what the catalog is asked about it: the files of a change, a snippet, or a whole project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.catalog.lookup.match import File, file_of_snippet
from reviewer.catalog.query.running import Prepared
from reviewer.catalog.query.trigger import identifiers_in, may_match, words_of
from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import View
from reviewer.domain.change import Change, FileChange
from reviewer.domain.detector import Detector, Match
from reviewer.domain.finding import Finding
from reviewer.errors import SourceError
from reviewer.flow.reading import ReadFile, Surroundings, read_file
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import OpenSources
from reviewer.work.pool import Progress


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pattern was found."""

    path: str
    match: Match


@dataclass(frozen=True, slots=True)
class Siblings:
    """What searching a project came to.

    Attributes:
        places: where the pattern was found, in order.
        files: how many files were searched.
        not_checked: path and reason of those that were not.
    """

    places: tuple[Place, ...]
    files: int
    not_checked: tuple[tuple[str, str], ...] = ()

    def data(self) -> dict[str, object]:
        """The same for machines."""
        return {
            "places": [
                {"path": p.path, "line": p.match.line, "end_line": p.match.end_line, "function": p.match.function}
                | {"code": p.match.code, "why": list(p.match.reasons)}
                for p in self.places
            ],
            "files": self.files,
            "not_checked": [{"path": path, "reason": reason} for path, reason in self.not_checked],
        }


def code_of_text(content: bytes) -> list[File]:
    """A few lines of code as the look-up takes them.

    Raises:
        SourceError: it is no Python.
    """
    text = decode("code", content).text
    return [file_of_snippet(text, all_rules(), Surroundings(Knowledge()))]


def code_of_change(change: Change, sources: OpenSources | None) -> list[File]:
    """The changed units of a change as the look-up takes them; files that are no Python are left out.

    Args:
        change: the change.
        sources: opens the files around it.
    """
    reader = _Reader(sources)
    try:
        return [file for one in change.files if (file := reader.file(one)) is not None]
    finally:
        reader.close()


def find_siblings(
    detector: Detector, change: Change, sources: OpenSources | None, progress: Progress | None = None
) -> Siblings:
    """The places of a whole project that a detector finds.

    Args:
        detector: what is looked for.
        change: all files of the project, as for `--all`.
        sources: opens them for each other.
        progress: told after each file.
    """
    reader = _Reader(sources, rules=(detector.rule,) if detector.form == "rule" else ())
    groups = words_of(detector, reader.knowledge)
    prepared = Prepared({"it": detector})
    places: list[Place] = []
    failures: list[tuple[str, str]] = list(change.failures)
    todo = [file for file in change.files if file.skipped is None]
    try:
        for number, one in enumerate(todo, 1):
            if one.content is None:
                failures.append((one.path, one.failed or "its contents are not available"))
            elif may_match(groups, identifiers_in(one.content.decode("utf-8", "replace"))):
                try:
                    file = reader.read(one)
                except SourceError as error:
                    failures.append((one.path, str(error)))
                    continue
                found = prepared.run(file.read, file.views, file.findings)
                failures.extend((one.path, failure) for failure in (*file.read.code.failures, *found.failures))
                places.extend(Place(one.path, match) for match in found.matches.get("it", ()))
            if progress is not None:
                progress(number, len(todo))
    finally:
        reader.close()
    places.sort(key=lambda place: (place.path, place.match.line, place.match.column))
    return Siblings(tuple(places), len(todo), tuple(failures))


class _Reader:
    """Reads files of one state of a project.

    Args:
        sources: opens the files around them.
        rules: ids of the rules to ask; None for all.
    """

    def __init__(self, sources: OpenSources | None, rules: Sequence[str] | None = None) -> None:
        self.knowledge = Knowledge()
        limits = Limits()
        self._sources = sources() if sources is not None else None
        project = Project(self._sources, self.knowledge, limits) if self._sources is not None else None
        self._around = Surroundings(self.knowledge, limits, project)
        self._rules = [rule for rule in all_rules() if rules is None or rule.id in rules]

    def file(self, change: FileChange) -> File | None:
        """The changed units of a file with what the rules find in them; None for what cannot be read."""
        if change.skipped is not None or change.content is None:
            return None
        try:
            return self.read(change)
        except SourceError:
            return None

    def read(self, change: FileChange) -> File:
        """As `file`.

        Raises:
            SourceError: it is no Python.
        """
        content = change.content or b""
        changed = None if change.whole else change.added_lines
        read = read_file(change.path, content, changed, self._around, fragment=change.partial)
        views = _views(read, self._around)
        findings: list[Finding] = []
        for view in views:
            read.flow.prepare(view.unit)
            for rule in self._rules:
                findings.extend(rule.check(view, rule))
        return File(read, views, findings)

    def close(self) -> None:
        """Let go of what is open."""
        if self._sources is not None:
            self._sources.close()


def _views(read: ReadFile, around: Surroundings) -> list[View]:
    lines, path = tuple(read.code.source.lines), read.code.source.path
    return [
        View(path, unit, read.flow.hierarchy, around.knowledge, read.flow, read.upward, lines, read.code.units)
        for unit in read.code.units
    ]
