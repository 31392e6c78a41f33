"""What a model is shown of a fix when it is asked for queries: the lesson, the code of both sides, and its facts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from reviewer.catalog.induce.advice import Case, Tried
from reviewer.catalog.induce.trait import Sample
from reviewer.catalog.query.language import write_detector
from reviewer.catalog.query.primer import primer
from reviewer.catalog.query.registry import all_features
from reviewer.catalog.replay.layout import Layout
from reviewer.catalog.replay.sites import Site
from reviewer.code.unit import MODULE
from reviewer.domain.lesson import TOPICS, Lesson
from reviewer.explain.secrets.redaction import redact
from reviewer.explain.section import printable

MOST_CODE = 20_000
"""Characters of code, both sides together."""
MOST_FACTS = 9_000
"""Characters of facts of the lines before the fix; of those after it, half as many."""
MOST_LESSON = 5_000
_AROUND = 12
"""Lines shown on both sides of a changed one."""
_VALUES = 4
"""Values of one feature that are told."""
_VALUE = 80
_STATEMENT = 90
"""Characters of a statement beside its facts."""
_NOTHING = "none"
_UNTOLD = frozenset({"unit-name", "test-code", "own", "target-root", "base", "reached-from"})
"""Features that tell of the project, or that the code shows as well."""
_TURNING = frozenset({"call", "loop", "if", "try", "handler", "with", "raise"})
"""Facts that are worth a relation."""
_IN_SHORT = frozenset({"fact", "callee", "method", "awaited", "condition", "handler", "exception", "inside"})


def values_of(lesson: Lesson, case: Case, earlier: Sequence[Sequence[Tried]]) -> dict[str, str]:
    """What the placeholders of the prompt `query` stand for, without secrets and of bounded size.

    Args:
        lesson: what happened.
        case: the fix.
        earlier: the rounds before.
    """
    return {
        "language": primer(),
        "lesson": "\n".join(_bounded(_lesson(lesson), MOST_LESSON)),
        "code": "\n".join(_bounded(_code(case), MOST_CODE)),
        "facts": "\n".join(_facts(case)),
        "earlier": "\n".join([*_offline(case), *_earlier(earlier)]) or _NOTHING,
    }


def _lesson(lesson: Lesson) -> Iterator[str]:
    yield f"title: {_quoted(lesson.title)}"
    for topic in TOPICS:
        said = lesson.statements.get(topic)
        if said is not None:
            yield f"{topic}: {' '.join(_quoted(quote.text) for quote in said.quotes)}"


def _code(case: Case) -> Iterator[str]:
    """Both sides of each function that the fix mended, in the order in which the facts have them."""
    sites = list(case.trial.sites.sites)
    rank = {
        (sample.scope.view.path, sample.scope.view.unit.name): place
        for place, sample in reversed(list(enumerate(case.ground.wanted)))
    }
    sites.sort(key=lambda site: (site.before.function == MODULE, rank.get((site.before.path, site.before.function), 0)))
    for site in sites:
        yield from _site(site, case)


def _site(site: Site, case: Case) -> Iterator[str]:
    one = next(one for one in case.trial.sites.files.values() if one.file.old_path == site.before.path)
    if one.before is not None:
        yield f"## {_quoted(site.before.path)}, {_quoted(site.before.function)}, before the fix:"
        inside = one.before.lines_of(site.before.function)
        yield from _rows(one.before, inside, site.near, one.file.removed, "-")
    if not site.after:
        yield "After the fix it is gone."
    for spot in site.after:
        there = case.trial.sites.files[spot.path]
        if there.after is None:
            continue
        inside = there.after.lines_of(spot.function)
        near = {line for line in inside if line in there.file.added or line in there.file.gaps_after}
        if near:
            yield f"## {_quoted(spot.path)}, {_quoted(spot.function)}, after the fix:"
            yield from _rows(there.after, inside, near, there.file.added, "+")


def _rows(
    layout: Layout, inside: Collection[int], near: Collection[int], marked: Collection[int], mark: str
) -> Iterator[str]:
    """The lines of a function around some of its lines, and its head."""
    lines = layout.source.lines
    numbers = [line for line in sorted(inside) if 0 < line <= len(lines)]
    clean = dict(zip(numbers, redact("\n".join(lines[line - 1] for line in numbers)).text.split("\n"), strict=True))
    wanted = {line + step for line in near for step in range(-_AROUND, _AROUND + 1)}
    shown = [line for line in numbers if line in wanted or line == numbers[0]]
    before = 0
    for line in shown:
        if before and line > before + 1:
            yield "       …"
        yield f"{line:5} {mark if line in marked else ' '}| {printable(clean[line])}"
        before = line


def _facts(case: Case) -> Iterator[str]:
    wanted = case.ground.wanted
    files = case.trial.sites.files
    written = [
        sample
        for sample in case.ground.against
        if (file := files.get(sample.scope.view.path)) is not None and sample.fact.span.line in file.file.added
    ]
    yield "Before the fix, on its lines and beside them:"
    yield from _bounded(_described(wanted, case), MOST_FACTS) or [_NOTHING]
    yield "Before the fix, elsewhere in the same functions, in short:"
    yield from _bounded(_around(wanted, case), MOST_FACTS // 3) or [_NOTHING]
    yield "After the fix, on the lines that it wrote:"
    yield from _bounded(_described(written, case), MOST_FACTS // 2) or [_NOTHING]


def _described(samples: Iterable[Sample], case: Case) -> Iterator[str]:
    """Facts with their features, by function and line; what all facts of a function have alike is told once."""
    units: dict[tuple[str, str], dict[int, list[Sample]]] = {}
    for sample in samples:
        view = sample.scope.view
        units.setdefault((view.path, view.unit.name), {}).setdefault(sample.fact.span.line, []).append(sample)
    for (path, name), lines in sorted(units.items(), key=lambda item: item[0][1] == MODULE):
        first = next(iter(lines.values()))[0]
        alike = "; ".join(_features(first, case, unit_wide=True))
        yield f"in {_quoted(path)}, {_quoted(name)}{f' (each: {alike})' if alike else ''}"
        for found in lines.values():
            yield _statement(found[0])
            told = ("; ".join(_features(sample, case)) for sample in found)
            yield from (f"    - {features}" for features in dict.fromkeys(told) if features)


def _around(wanted: Sequence[Sample], case: Case) -> Iterator[str]:
    """The other facts of the functions, those that relations are followed to, with what they are."""
    seen = {id(sample.fact) for sample in wanted}
    scopes = {id(sample.scope): sample for sample in wanted}
    for near in scopes.values():
        lines = [sample.fact.span.line for sample in wanted if sample.scope is near.scope]
        reach = range(min(lines) - _AROUND, max(lines) + _AROUND + 1)
        for fact in near.scope.facts:
            sample = Sample(near.scope, fact, near.names)
            if id(fact) not in seen and fact.span.line in reach and sample.kind & _TURNING:
                told = "; ".join(_features(sample, case, only=_IN_SHORT))
                yield f"{_statement(sample)} | {told}"


def _statement(sample: Sample) -> str:
    lines = sample.scope.view.lines
    line = sample.fact.span.line
    text = lines[line - 1].strip() if 0 < line <= len(lines) else sample.fact.code
    return f"- {line}: {printable(redact(text).text)[:_STATEMENT]}"


def _features(
    sample: Sample, case: Case, *, unit_wide: bool = False, only: Collection[str] | None = None
) -> Iterator[str]:
    """Features that a fact has, without values that only this project has."""
    for feature in sorted(all_features(), key=lambda feature: feature.name != "fact"):
        left_out = feature.relation or feature.name in _UNTOLD or feature.unit_wide is not unit_wide
        if left_out or (only is not None and feature.name not in only):
            continue
        found = sorted(sample.scope.values(feature, sample.fact))
        told = [value for value in found if feature.values or case.names.may_be_told(feature.name, value)]
        if told:
            values = ", ".join(printable(redact(value).text)[:_VALUE] for value in told[:_VALUES])
            yield feature.name if feature.flag else f"{feature.name}: {values}"


def _offline(case: Case) -> Iterator[str]:
    if case.offline is not None:
        yield f"- made by a program: `{printable(json.dumps(write_detector(case.offline.detector)))}`"
        yield f"    {_told(case.offline.replay.reason)}"


def _earlier(earlier: Sequence[Sequence[Tried]]) -> Iterator[str]:
    for number, tried in enumerate(earlier, 1):
        for one in tried:
            yield f"- round {number}: `{printable(redact(one.text).text)}`"
            yield f"    {_told(one.verdict)}"


def _bounded(rows: Iterable[str], most: int) -> list[str]:
    """As many rows as there is room for, and how many are left out."""
    kept: list[str] = []
    size = 0
    left = 0
    for row in rows:
        size += len(row) + 1
        if size > most:
            left += 1
        else:
            kept.append(row)
    return [*kept, f"… {left} more lines are left out"] if left else kept


def _told(text: str) -> str:
    clean = redact(" ".join(text.split())).text
    return clean if len(clean) <= 1_200 else f"{clean[:1_200]}…"


def _quoted(text: str) -> str:
    return json.dumps(_told(text), ensure_ascii=False)
