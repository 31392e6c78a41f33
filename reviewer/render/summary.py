"""What every report for people shares: which findings are shown, in which order, and the one line it ends in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.domain.report import (
    NOTHING,
    Answer,
    FindingItem,
    Judgement,
    Level,
    PatternMatch,
    QuestionName,
    Report,
    Suggestion,
    Usage,
)
from reviewer.domain.suspicion import SUSPECTED
from reviewer.render.options import RenderOptions

QUESTIONS: tuple[tuple[QuestionName, str], ...] = (
    ("calls", "What it calls"),
    ("unavailable", "If that is slow"),
    ("throws", "Where it throws"),
    ("inputs", "What it assumes"),
)
"""Field of an answer, and the question in the words that a person sees."""

RANK: Mapping[Level, int] = {"high": 0, "medium": 1, "low": 2}
"""Severities, the worst first."""

_TEST_FOLDERS = frozenset(["test", "tests", "testing"])
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z`])")
_WORD = re.compile(r"\w+")
_EMPTY_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "happens", "in", "is", "it", "the", "then", "this", "when"]
)
"""Words that say nothing of their own; no denial is among them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The findings of a report, sorted by what becomes of them.

    Attributes:
        files: path -> findings shown in full; worst file first, and inside a file by line.
        cut: loud findings beyond the limit.
        quiet: number of low findings that are only counted.
        known, waived: findings accepted already.
    """

    files: tuple[tuple[str, tuple[FindingItem, ...]], ...]
    cut: int
    quiet: int
    known: tuple[FindingItem, ...]
    waived: tuple[FindingItem, ...]


def choose(report: Report, options: RenderOptions) -> Shown:
    """Sort the findings of a report into shown, counted and accepted."""
    new = [item for item in report.findings if item.status == "new"]
    loud = [item for item in new if item.severity != "low"]
    # Where only quiet ones block, hiding them would leave the person without a reason.
    if options.show_quiet or (report.verdict == "block" and not loud):
        loud = new
    ranked = sorted(loud, key=lambda item: (RANK[item.severity], item.path, item.line, item.column, item.rule))
    kept = ranked[: options.findings_shown]
    files: dict[str, list[FindingItem]] = {}
    for item in kept:
        files.setdefault(item.path, []).append(item)
    return Shown(
        files=tuple(
            (path, tuple(sorted(items, key=lambda item: (item.line, item.column, RANK[item.severity]))))
            for path, items in files.items()
        ),
        cut=len(ranked) - len(kept),
        quiet=len(new) - len(loud),
        known=tuple(item for item in report.findings if item.status == "known"),
        waived=tuple(item for item in report.findings if item.status == "waived"),
    )


def by_line(items: Sequence[FindingItem]) -> list[tuple[FindingItem, ...]]:
    """Findings of one file, in the order of their places, with those of one line together."""
    return [tuple(group) for _, group in itertools.groupby(items, key=lambda item: item.line)]


def added(item: FindingItem) -> str:
    """The explanation without the sentences that say nothing beyond the message: no word of theirs is new."""
    said = {word.lower() for word in _WORD.findall(item.message)} | _EMPTY_WORDS
    lines = []
    for line in item.explanation.strip().split("\n"):
        sentences = [(text, _WORD.findall(text.lower())) for text in _SENTENCE_END.split(line)]
        lines.append(" ".join(text for text, words in sentences if not words or not said.issuperset(words)))
    return "\n".join(lines).strip()


def seen_before(item: FindingItem) -> list[PatternMatch]:
    """The patterns that a finding meets beside what it says itself: one of a pattern alone has its title as message."""
    return [seen for seen in item.patterns if seen.title != item.message]


def offer(suggestion: Suggestion) -> str:
    """What a patch is, and that it was checked: "Log line to apply; 9 checks passed"."""
    passed = f"; {plural(len(suggestion.verified), 'check')} passed" if suggestion.verified else ""
    return f"{'Log line' if suggestion.kind == 'logging' else 'Fix'} to apply{passed}"


OFFLINE = "offline"
"""The model of a report where nobody was to be asked."""

SUSPICION = "suspected by a model, not found by a rule"
"""How a finding is marked that no rule has made."""


def is_suspicion(item: FindingItem) -> bool:
    """Whether a model pointed at it, and no rule."""
    return item.rule.startswith(SUSPECTED)


def opinion(said: Judgement) -> str:
    """What a model says of a finding, on one line."""
    return f"{said.by}: {said.verdict}" + (f": {said.reason}" if said.reason else "")


def footer(report: Report) -> str | None:
    """Who was asked, what that came to and what it cost; None where nobody was to be asked."""
    if report.model == OFFLINE:
        return None
    doubted = sum(item.judgement is not None and item.judgement.verdict == "doubted" for item in report.findings)
    suspected = sum(is_suspicion(item) for item in report.findings)
    coverage = report.coverage
    return _spent(
        report.model,
        report.usage,
        _explained(coverage.units_explained, coverage.units_unexplained),
        *([f"{plural(doubted, 'finding')} doubted"] if doubted else []),
        *([f"{plural(suspected, 'finding')} suspected"] if suspected else []),
    )


def answers_footer(model: str, usage: Usage, explained: int, unexplained: int) -> str:
    """The same for answers alone."""
    return _spent(model, usage, _explained(explained, unexplained))


def learning_footer(model: str, usage: Usage, worded: int, unworded: int) -> str:
    """The same for post-mortems that were learned."""
    if not unworded:
        return _spent(model, usage, f"{plural(worded, 'document')} worded")
    return _spent(model, usage, f"{unworded} of {plural(worded + unworded, 'document')} NOT worded")


def _explained(explained: int, unexplained: int) -> str:
    if not explained and not unexplained:
        return "no unit to explain"
    if not unexplained:
        return f"{plural(explained, 'unit')} explained"
    return f"{unexplained} of {plural(explained + unexplained, 'unit')} NOT explained"


def _spent(model: str, usage: Usage, *what: str) -> str:
    cost = usage.cost_usd
    money = "cost unknown" if cost is None else "no cost" if not cost else f"{cost:.4f} USD"
    if cost and cost < 0.0001:
        money = "less than 0.0001 USD"
    cached = f" ({usage.cached_tokens:,} of them cached)" if usage.cached_tokens else ""
    calls = plural(usage.model_calls, "call")
    return (
        f"Model {model}: {', '.join(what)}; {calls}, {usage.input_tokens:,} tokens in{cached}, "
        f"{usage.output_tokens:,} out, {money}."
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict as a person reads it.

    Attributes:
        word: "Pass", "Warn", "Block", "Not complete" or "Failed".
        text: what was found in what.
        tone: how it is meant; "good" only for a complete review that passes.
    """

    word: str
    text: str
    tone: Literal["good", "warn", "bad"]


def headline(report: Report, shown: Shown) -> Headline:
    """The one line that a report ends (or begins) with; a partial review never sounds like success."""
    complete = report.status == "complete"
    counts = dict.fromkeys(("high", "medium", "low"), 0)
    for item in report.findings:
        if item.status == "new":
            counts[item.severity] += 1
    hidden = " (not shown)" if shown.quiet else ""
    found = ", ".join(
        f"{number} {level}{hidden if level == 'low' else ''}" for level, number in counts.items() if number
    )
    parts = _what_was_found(found, report)
    missing = len(report.coverage.not_checked)
    if not complete:
        parts.append(f"{plural(missing, 'part')} NOT CHECKED" if missing else f"the review is {report.status}")
    accepted = [f"{len(items)} {word}" for items, word in ((shown.known, "known"), (shown.waived, "waived")) if items]
    if accepted:
        parts.append(f"besides {' and '.join(accepted)}")
    text = "; ".join(parts)
    if report.status == "failed":
        return Headline("Failed", text, "bad")
    if report.verdict == "block":
        return Headline("Block" if complete else "Block, not complete", text, "bad")
    if not complete:
        return Headline("Not complete", text, "warn")
    return Headline("Warn", text, "warn") if report.verdict == "warn" else Headline("Pass", text, "good")


def _what_was_found(found: str, report: Report) -> list[str]:
    """What was found in how much; files without anything to review are told apart from those that have it."""
    coverage = report.coverage
    without = len(coverage.files_skipped)
    total = coverage.files_changed - without
    if not found and report.status == "complete" and total <= 0:
        return [f"nothing to review in {plural(without, 'changed file')}" if without else "no file to review"]
    found = found or ("nothing found" if report.status == "complete" else "nothing found so far")
    reviewed = coverage.files_reviewed
    files = plural(total, "file") if total == reviewed else f"{reviewed} of {plural(total, 'file')}"
    units, calls = plural(coverage.units_reviewed, "unit"), plural(len(report.calls), "external call")
    parts = [f"{found} in {files}, {units}, {calls}"]
    if without:
        parts.append("1 other has nothing to review" if without == 1 else f"{without} others have nothing to review")
    return parts


def plural(number: int, noun: str) -> str:
    """A number with its noun: "1 file", "3 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def answered(answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Answers with anything in them, and those that say for every question that there is nothing.

    That some calls could not be resolved is nothing by itself: it holds for nearly every function.
    """
    told: list[Answer] = []
    blank: list[Answer] = []
    for item in answers:
        nothing = all(field == "throws" and text.startswith(NOTHING["throws"]) for field, _, text in rows(item))
        (blank if nothing else told).append(item)
    return told, blank


def not_shown(tests: int, blank: int, more: int = 0) -> str:
    """How many units a report leaves out, and why; "" where it shows all."""
    parts = [
        *([plural(more, "more unit")] if more else []),
        *([f"{plural(tests, 'unit')} of tests"] if tests else []),
        *([f"{plural(blank, 'unit')} with nothing to tell"] if blank else []),
    ]
    return f"Not shown: {', '.join(parts)}." if parts else ""


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests, by the names that pytest and unittest go by."""
    *folders, name = path.split("/")
    stem = name.removesuffix(".py")
    return (
        not _TEST_FOLDERS.isdisjoint(folders)
        or stem == "conftest"
        or stem.startswith("test_")
        or stem.endswith("_test")
    )


def rows(answer: Answer) -> list[tuple[QuestionName, str, str]]:
    """The questions that have an answer: field, question, text. What says that there is nothing is left out."""
    given = [(field, question, getattr(answer, field).strip()) for field, question in QUESTIONS]
    return [(field, question, text) for field, question, text in given if text not in ("", NOTHING[field])]


def most_telling(answers: Sequence[Answer], shown: Shown, most: int) -> list[Answer]:
    """So many of the answers, in their order: first those of units with a finding, then those that call outside."""
    found = {(item.path, item.function) for _, items in shown.files for item in items}
    ranked = sorted(
        range(len(answers)),
        key=lambda index: (
            (answers[index].path, answers[index].function) not in found,
            answers[index].calls.strip() in ("", NOTHING["calls"]),
            index,
        ),
    )
    return [answers[index] for index in sorted(ranked[:most])]


def things(lines: Iterable[str]) -> list[str]:
    """The single things of an answer's lines, each for a line of its own."""
    return [thing for line in lines for thing in _parted(line)]


def _parted(text: str) -> list[str]:
    """Things are parted by "; " outside of brackets; where brackets do not close the text stays whole."""
    found, depth, begin = [], 0, 0
    for index, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            break
        if depth == 0 and text.startswith("; ", index):
            found.append(text[begin : index + 1].strip())
            begin = index + 2
    if depth != 0:
        return [text]
    return [*found, text[begin:].strip()]
