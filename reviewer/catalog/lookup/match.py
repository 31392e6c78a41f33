"""Look-up by code: which entries of a catalog speak of what some code does.

Three things make a hit, the surest first: a pattern's own detector finds the code; the code shows what the entry speaks
of, by its signs and by what the reviewer's own rules find in it; it uses the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.catalog.lookup.code_question import Code, ask_by_code
from reviewer.catalog.lookup.meaning import Meaning
from reviewer.catalog.lookup.ranking import ENOUGH, score_of
from reviewer.catalog.lookup.search import answers_to, search
from reviewer.catalog.lookup.snippet import is_code, read_snippet
from reviewer.catalog.query.running import run
from reviewer.catalog.query.trigger import triggers_in
from reviewer.detectors.ranking import rank, read_history
from reviewer.detectors.rule import Rule, View
from reviewer.domain.catalog import Hit, Wish
from reviewer.domain.detector import Match
from reviewer.domain.finding import Finding
from reviewer.domain.pattern import Pattern
from reviewer.flow.reading import ReadFile, Surroundings
from reviewer.ports import CatalogIndex

_DETECTED = 6.0
"""Words that it is worth where a pattern's detector finds the code; more than names and signs come to."""
_MOST_UNITS = 60
"""Units of one look-up that are asked about by what they show; detectors are asked about all."""
_TOLD = 3


@dataclass(frozen=True, slots=True)
class File:
    """A file whose code is looked up.

    Attributes:
        read: the file.
        views: the units in question.
        findings: what the reviewer's own rules found in them.
        before: lines that stand before what the person gave; taken off the numbers that are told.
    """

    read: ReadFile
    views: Sequence[View]
    findings: Sequence[Finding]
    before: int = 0


def file_of_snippet(text: str, rules: Sequence[Rule], around: Surroundings) -> File:
    """A few lines of code as a file, asked by the reviewer's rules.

    Args:
        text: the lines.
        rules: the rules.
        around: what reading draws on.

    Raises:
        SourceError: it is no Python.
    """
    read, before = read_snippet(text, around)
    path, lines = read.code.source.path, tuple(read.code.source.lines)
    views: list[View] = []
    findings: list[Finding] = []
    for unit in read.code.units:
        read.flow.prepare(unit)
        view = View(path, unit, read.flow.hierarchy, around.knowledge, read.flow, read.upward, lines, read.code.units)
        views.append(view)
        for rule in rules:
            findings.extend(rank(finding, read_history()) for finding in rule.check(view, rule))
    return File(read, views, findings, before)


def look_up(
    index: CatalogIndex,
    text: str,
    wish: Wish,
    limit: int,
    *,
    rules: Sequence[Rule],
    around: Surroundings,
    meaning: Meaning | None = None,
) -> list[Hit]:
    """The entries that speak of a text, be it a question in words or a few lines of code; none where nothing fits.

    Args:
        index: the catalog's.
        text: the question, or the code.
        wish: what the answer is narrowed to.
        limit: most hits.
        rules, around: what code is read with.
        meaning: also asks for what means the same as the words in other words.
    """
    if not is_code(text):
        return search(index, text, wish, limit, meaning)
    return match(index, [file_of_snippet(text, rules, around)], wish, limit)


def match(index: CatalogIndex, files: Iterable[File], wish: Wish, limit: int) -> list[Hit]:
    """The entries that speak of what some code does, the best first; none where nothing fits.

    Args:
        index: the catalog's.
        files: the code.
        wish: what the answer is narrowed to.
        limit: most hits.
    """
    best: dict[str, tuple[float, Hit]] = {}
    asked = 0
    for file in files:
        detected = _detected(index, file, wish)
        _keep_best(best, ((_DETECTED, hit) for hit in detected.values()))
        for view in file.views:
            if asked < _MOST_UNITS and view.unit.facts:
                asked += 1
                _keep_best(best, _shown(index, _code_of(file, view), wish))
    ordered = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].id))
    return [replace(hit, score=score_of(words)) for words, hit in ordered[:limit]]


def _keep_best(best: dict[str, tuple[float, Hit]], found: Iterable[tuple[float, Hit]]) -> None:
    """What a detector finds and what code shows add up; of what several units show, the best counts."""
    for words, hit in found:
        known = best.get(hit.id)
        if known is None:
            best[hit.id] = (words, hit)
        elif known[0] >= _DETECTED > words:
            best[hit.id] = (max(known[0], _DETECTED + words / 10), known[1])
        elif words > known[0]:
            best[hit.id] = (words, hit)


def _detected(index: CatalogIndex, file: File, wish: Wish) -> Mapping[str, Hit]:
    """Hits of the patterns whose detectors find the code."""
    patterns = {
        pattern.id: pattern
        for pattern in index.runnable(triggers_in(file.read.code.source.text, {one.rule for one in file.findings}))
        if pattern.detector is not None
    }
    detectors = {name: pattern.detector for name, pattern in patterns.items() if pattern.detector is not None}
    found = run(detectors, file.read, file.views, file.findings) if detectors else {}
    entries = {entry.id: entry for entry in index.entries(found, wish)} if found else {}
    return {
        name: Hit(
            name, entries[name].title, 1.0, _why_detected(patterns[name], found[name], file), entries[name].incidents
        )
        for name in sorted(entries)
    }


def _why_detected(pattern: Pattern, matches: Sequence[Match], file: File) -> str:
    places = ", ".join(dict.fromkeys(str(match.line - file.before) for match in matches))
    reasons = "; ".join(dict.fromkeys(reason for match in matches for reason in match.reasons))
    told = f": {reasons}" if reasons else ""
    return f"its detector ({pattern.state.value}) finds line {places}{told}"


def _shown(index: CatalogIndex, code: Code, wish: Wish) -> Iterator[tuple[float, Hit]]:
    """Hits of the entries that speak of what a unit shows."""
    parts = ask_by_code(code)
    for answer in answers_to(parts, index, wish):
        shown = [part.says for part in answer.parts if part.idea]
        if answer.words >= ENOUGH and shown:
            reason = "; ".join(dict.fromkeys(shown[:_TOLD]))
            yield (
                answer.words,
                Hit(answer.entry.id, answer.entry.title, 0.0, f"the code {reason}", answer.entry.incidents),
            )


def _code_of(file: File, view: View) -> Code:
    unit = view.unit
    findings = [f for f in file.findings if f.function == unit.name and unit.line <= f.line <= unit.end_line]
    first = max(unit.line, file.before + 1)
    return Code(view, findings, "\n".join(view.lines[first - 1 : unit.end_line]), file.before)
