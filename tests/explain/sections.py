"""Sections of small sources, made by the real pipeline."""

from __future__ import annotations

from textwrap import dedent

from reviewer.code.limits import Limits
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.settings import Settings
from reviewer.explain.section import Section, section_of
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.review import review_change


def file_of(source: str, path: str = "a.py") -> FileChange:
    """A new file; the source may be indented as a whole."""
    return FileChange(path, ChangeKind.ADDED, content=dedent(source).lstrip("\n").encode(), whole=True)


def change_of(source: str, path: str = "a.py") -> Change:
    """A change that adds one file."""
    return Change(repository=None, base=None, head=None, files=(file_of(source, path),))


def sections_of(source: str, path: str = "a.py") -> list[Section]:
    """All units of a source, with their findings."""
    reviewed = review_file(file_of(source, path), all_rules(), Surroundings(Knowledge(), Limits()), evidence=True)
    items = review_change(change_of(source, path), Settings()).findings
    return [
        section_of(evidence, reviewed.lines, [item for item in items if item.function == evidence.function])
        for evidence in reviewed.evidence
    ]


def section(source: str, path: str = "a.py") -> Section:
    """The last unit of a source."""
    return sections_of(source, path)[-1]
