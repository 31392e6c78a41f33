"""What has failed before in code of a unit's shape, for whoever explains the unit; a hint, and no finding.

First the patterns that its findings meet, then those that are known in words only and speak of what the unit shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reviewer.detectors.rule import View
from reviewer.domain.catalog import Wish
from reviewer.domain.finding import Finding
from reviewer.domain.pattern import Pattern
from reviewer.ports import CatalogIndex

MOST = 2
"""Patterns that one unit is told of."""
LEAST_WORDS = 2.5
"""Words (`lookup.ranking`) that a look-up has to be worth: twice what makes an answer for a person, who can judge it.
At 2.5 all that graded snippets are reminded of is graded (`benchmarks.look_up`), at 2.0 a tenth of it is not."""


def reminders(
    view: View, findings: Iterable[Finding], met: Mapping[str, Pattern], indexes: Sequence[CatalogIndex]
) -> tuple[str, ...]:
    """What a unit reminds of, a line each: the title, and when such code fails.

    Args:
        view: the unit.
        findings: what was found in its file, with the patterns that were met.
        met: the patterns that may be met, by id.
        indexes: of the catalogs, the team's own first.
    """
    unit = view.unit
    ours = [one for one in findings if one.function == unit.name and unit.line <= one.line <= unit.end_line]
    told = {
        name.id: _words(met[name.id].title, met[name.id].conditions)
        for one in ours
        for name in one.patterns
        if name.why and name.id in met
    }
    if len(told) < MOST and unit.facts:
        text = "\n".join(view.lines[unit.line - 1 : unit.end_line])
        for name, words in _similar(view, ours, text, indexes):
            told.setdefault(name, words)
    return tuple(list(told.values())[:MOST])


def _similar(
    view: View, findings: Sequence[Finding], text: str, indexes: Sequence[CatalogIndex]
) -> Iterator[tuple[str, str]]:
    """Ids and words of entries that have no detector and speak of what a unit shows, the best first."""
    from reviewer.catalog.lookup.code_question import Code, ask_by_code  # noqa: PLC0415 - only a model is told
    from reviewer.catalog.lookup.search import answers_to  # noqa: PLC0415

    parts = ask_by_code(Code(view, findings, text))
    found: dict[str, tuple[float, str]] = {}
    for at, index in enumerate(indexes):
        worth = {
            answer.entry.id: answer.words
            for answer in answers_to(parts, index, Wish())
            if answer.words >= LEAST_WORDS and any(part.idea for part in answer.parts)
        }
        told = index.words_only(worth) if worth else ()
        masked = known_to(indexes[:at], [name for name, _ in told])
        found.update({name: (worth[name], passage) for name, passage in told if name not in masked})
    for name, (_, passage) in sorted(found.items(), key=lambda item: (-item[1][0], item[0])):
        yield name, passage


def known_to(indexes: Iterable[CatalogIndex], ids: Collection[str]) -> frozenset[str]:
    """Those of some entries that one of some catalogs has too, whatever it says of them."""
    return frozenset(entry.id for index in indexes for entry in index.entries(ids, Wish())) if ids else frozenset()


def _words(title: str, conditions: str) -> str:
    return f"{title.rstrip('.')}. {conditions}".strip()
