"""Looks things up in a tenant's catalog, and explains code: what is worked out in a process of its own, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.domain.catalog import Wish
from reviewer.domain.report import Answer
from reviewer.errors import NotFoundError, UsageError
from reviewer.jobs.lesson import described

if TYPE_CHECKING:
    from reviewer.domain.change import Change
    from reviewer.ports import Selection

Count = Callable[[int, int], None]
_HERE = Path()
"""Where a catalog would be looked for that nobody named; a tenant's is always named."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question in words, or for what there is.

    Attributes:
        catalog: URL of the tenant's catalog.
        text: the question; "" for all patterns, in the order of their ids.
        wish: what the answer is narrowed to.
        after: only ids after this one, where there is no question.
        limit: most answers.
    """

    catalog: str
    text: str = ""
    wish: Wish = field(default_factory=Wish)
    after: str = ""
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Match:
    """Code to be looked up.

    Attributes:
        catalog: URL of the tenant's catalog.
        diff: a unified diff; None where there is code.
        code: Python source; None where there is a diff.
        wish: what the answer is narrowed to.
        limit: most answers.
    """

    catalog: str
    diff: str | None = None
    code: str | None = None
    wish: Wish = field(default_factory=Wish)
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Question:
    """Code to be explained.

    Attributes:
        source: the text of one file; None where there is a repository.
        folder: a repository on this machine; None where there is a source.
        head: revision to read it at.
        target: "path", "path:line" or "path::Qualified.name".
    """

    target: str
    source: str | None = None
    folder: str | None = None
    head: str | None = None


def search(question: Search, progress: Count) -> dict[str, Any]:
    """Patterns that fit words, the best first; without words all of them."""
    from reviewer.catalog.lookup.search import search as search_in  # noqa: PLC0415 (heavy)
    from reviewer.catalog_wiring import load_catalogs, look_up  # noqa: PLC0415

    text, wish, limit = question.text, question.wish, question.limit
    if not text:
        known = [one for one in load_catalogs(question.catalog, _HERE).patterns if one.id > question.after]
        shown = known[:limit]
        return {"patterns": [described(one) for one in shown], "more": len(known) > len(shown)}
    hits = look_up(question.catalog, _HERE, lambda store: search_in(store.index(), text, wish, limit), limit)
    return {"results": [hit.data() for hit in hits]}


def match(question: Match, progress: Count) -> dict[str, Any]:
    """Patterns that some code meets, the best first.

    Raises:
        DiffError, SourceError: it cannot be read.
    """
    from reviewer.catalog.lookup.match import match as match_in  # noqa: PLC0415 (heavy)
    from reviewer.catalog_wiring import look_up  # noqa: PLC0415
    from reviewer.diff.contents import change_from_patch  # noqa: PLC0415
    from reviewer.pattern_review import code_of_change, code_of_text  # noqa: PLC0415

    if question.diff is not None:
        files = code_of_change(change_from_patch(question.diff.encode("utf-8", "surrogateescape"), None), None)
    else:
        files = code_of_text((question.code or "").encode("utf-8", "surrogateescape"))
    wish, limit = question.wish, question.limit
    hits = look_up(question.catalog, _HERE, lambda store: match_in(store.index(), files, wish, limit), limit)
    return {"results": [hit.data() for hit in hits]}


def show(question: Search, progress: Count) -> dict[str, Any]:
    """One pattern, by its id in `text`.

    Raises:
        NotFoundError: there is none.
    """
    from reviewer.catalog_wiring import load_catalogs  # noqa: PLC0415 (heavy)

    known = load_catalogs(question.catalog, _HERE)
    for pattern in known.patterns:
        if pattern.id == question.text:
            mine = [lesson for lesson in known.lessons if lesson.id in pattern.incidents]
            incidents = [{"title": one.title, "date": one.date, "source": one.source} for one in mine]
            return {"pattern": described(pattern), "incidents": incidents}
    raise NotFoundError(f"there is no pattern {question.text[:80]!r}; GET /v1/patterns lists them")


def explain(question: Question, progress: Count) -> dict[str, Any]:
    """The four answers for some code, in the reviewer's own words.

    Raises:
        UsageError: there is no such file, function or line.
        SourceError: it is no Python.
    """
    from reviewer.answers import explain_target  # noqa: PLC0415 (heavy)
    from reviewer.wiring import open_repository, open_sources  # noqa: PLC0415

    if question.source is not None:
        told = explain_target(_OneFile(question.target, question.source), question.target)
    elif question.folder is not None:
        with open_repository(question.folder) as repository:
            sources = open_sources(repository.name, question.head)
            told = explain_target(repository, question.target, question.head, sources=sources)
    else:
        raise UsageError("give a source, or a repository with a target")
    answers: Sequence[Answer] = told.answers
    return {"answers": list(answers), "notes": list(told.notes)}


class _OneFile:
    """A repository of one file, which a client has sent."""

    name = ""

    def __init__(self, target: str, source: str) -> None:
        self._target = target
        self._source = source.encode("utf-8", "surrogateescape")

    def select(self, selection: Selection) -> Change:
        """Nothing can be compared."""
        raise UsageError("there is one file and no history")

    def read(self, paths: Sequence[str], revision: str | None) -> dict[str, bytes]:
        """The file, by the path that the target begins with."""
        return {path: self._source for path in paths if self._target.startswith(path)}
