"""What an assistant is told, so that it does not write what has failed here before: a block for AGENTS.md and its like.

The block stands between markers; what is around it is a person's and stays as it is. Written twice it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.domain.catalog import Catalog, Outcome
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern, State
from reviewer.errors import CatalogError

BEGIN = "<!-- reviewer patterns: begin. Made by `reviewer patterns export`; edit the catalog, not this block. -->"
END = "<!-- reviewer patterns: end -->"
_TITLE = ("## What has failed here before", "")
_HEAD = (
    "Each of these has cost an incident. Before you write such code, take the safe form; "
    "`reviewer patterns show ID` tells more.",
    "",
)
_NOTHING = (
    "No incident of this project is recorded yet. Before you commit, mend what `reviewer review --worktree` shows."
)
_MOST = 25
_WORDS = 240
_NAME = 40
_MOST_ASSISTANTS = 5
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#@])")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of the block.

    Attributes:
        pattern: what it is made from.
        count: incidents and confirmed findings.
        assistants: how many of the incidents are known to come from which assistant.
    """

    pattern: Pattern
    count: int
    assistants: tuple[tuple[str, int], ...]


def instructions(catalog: Catalog, outcomes: Sequence[Outcome] = ()) -> list[Instruction]:
    """What would have prevented the failures seen here, the most frequent first.

    A pattern that says what to do instead is one; retired ones are left out.

    Args:
        catalog: patterns and lessons.
        outcomes: what became of findings; those that were useful or fixed count like incidents.
    """
    confirmed: dict[str, int] = {}
    for outcome in {(one.pattern, one.finding): one for one in outcomes}.values():
        if outcome.pattern and outcome.verdict in ("useful", "fixed"):
            confirmed[outcome.pattern] = confirmed.get(outcome.pattern, 0) + 1
    lessons = {lesson.id: lesson for lesson in catalog.lessons}
    found = [
        Instruction(pattern, len(pattern.incidents) + confirmed.get(pattern.id, 0), _assistants(pattern, lessons))
        for pattern in catalog.patterns
        if pattern.state is not State.RETIRED and (pattern.safe_form or pattern.conditions)
    ]
    return sorted(found, key=lambda one: (-one.count, one.pattern.id))[:_MOST]


def block(found: Sequence[Instruction]) -> str:
    """The block with its markers, Markdown, ending in a line feed."""
    rows = [*_HEAD, *(_row(one) for one in found)] if found else [_NOTHING]
    return "\n".join([BEGIN, *_TITLE, *rows, END]) + "\n"


def place(text: str, new: str, name: str) -> str:
    """A file's text with the block in it: in the place of the one that is there, else at its end.

    Args:
        text: the file; "" for one that is not there.
        new: the block.
        name: of the file, for errors.

    Raises:
        CatalogError: its markers do not go together.
    """
    begins, ends = text.count(BEGIN), text.count(END)
    if (begins, ends) == (0, 0):
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{new}"
    start, end = text.find(BEGIN), text.find(END)
    if (begins, ends) != (1, 1) or end < start:
        raise CatalogError(name, "the markers of the block are there more than once or not in order; mend them by hand")
    after = text[end + len(END) :]
    return f"{text[:start]}{new.removesuffix(chr(10))}{after}"


def _row(one: Instruction) -> str:
    told = one.pattern.safe_form or f"Avoid: {one.pattern.conditions}"
    times = f"{one.count} time" if one.count == 1 else f"{one.count} times"
    by = ", ".join(f"{_plain(name, _NAME)} {count}" for name, count in one.assistants[:_MOST_ASSISTANTS])
    who = f"; by assistant, as far as known: {by}" if by else ""
    return f"- **{_plain(one.pattern.title, 120)}** {_plain(told, _WORDS)} ({times}{who}; `{one.pattern.id}`)"


def _assistants(pattern: Pattern, lessons: dict[str, Lesson]) -> tuple[tuple[str, int], ...]:
    if pattern.assistants:
        return pattern.assistants
    counts: dict[str, int] = {}
    for identity in pattern.incidents:
        name = lessons[identity].assistant if identity in lessons else ""
        if name:
            counts[name] = counts.get(name, 0) + 1
    return tuple(sorted(counts.items()))


def _plain(text: str, most: int) -> str:
    """Text on one line, without anything that Markdown or an assistant would take for more than text."""
    shown = "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
    if len(shown) > most:
        shown = shown[: most - 1].rsplit(" ", 1)[0] + "…"
    return _MARKDOWN.sub(r"\\\1", shown)
