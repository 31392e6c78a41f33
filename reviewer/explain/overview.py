"""A review as a model is shown it to sum it up: a row for each finding that matters; bounded, no code, no secrets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.domain.finding import Severity
from reviewer.domain.report import FindingItem, NotChecked
from reviewer.domain.suspicion import SUSPECTED
from reviewer.explain.secrets.redaction import redact
from reviewer.explain.section import printable

MOST_FINDINGS = 8
"""Findings that are shown; the rest is counted."""
MOST_MISSING = 3
"""Parts that were not checked that are shown; the rest is counted."""
_TOGETHER = 3
"""Findings of one rule after which those of other rules come first."""
_MANY = 5
"""Units among which a single finding is easily passed over."""
_SEVERAL = 3
"""Findings from which quiet ones that were confirmed are worth a summary."""
_MESSAGE, _SAID, _REASON, _OUTCOME, _NAME = 200, 220, 160, 80, 120
"""Characters of the parts of a row."""
_SENTENCES = 2
"""Sentences of an explanation that are shown: what has to happen, and what happens then."""
_END = re.compile(r"(?<=[.!?…]) (?=[A-Z`\"'])")
_IGNORED = "ignored"
"""The harm of an exception that only ends a test."""


@dataclass(frozen=True)
class Overview:
    """A review, shown.

    Attributes:
        text: what is shown.
        rows: name -> what its row says.
        findings: name -> the finding of that row, for those that are one.
    """

    text: str
    rows: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, FindingItem] = field(default_factory=dict)

    @property
    def gravest(self) -> frozenset[str]:
        """The names of the findings that nothing shown is graver than."""
        ranks = {name: Severity(item.severity).rank for name, item in self.findings.items()}
        return frozenset(name for name, rank in ranks.items() if rank == max(ranks.values()))

    def part(self, names: Iterable[str]) -> Part:
        """Some of the rows."""
        ours = list(names)
        items = [self.findings[name] for name in ours if name in self.findings]
        return Part("\n".join(self.rows[name] for name in ours), tuple((item.path, item.line) for item in items))


@dataclass(frozen=True)
class Part:
    """Some rows of an overview, for what is said of them.

    Attributes:
        text: what is shown.
        places: path and line of their findings.
    """

    text: str
    places: tuple[tuple[str, int], ...]

    def has_line(self, number: int) -> bool:
        """Whether one of the findings stands at a line of this number."""
        return any(line == number for _, line in self.places)

    def has_place(self, path: str, number: int) -> bool:
        """Whether one of the findings stands at this line of a file whose path ends so."""
        return any(line == number and f"/{known}".endswith(f"/{path}") for known, line in self.places)


def overview_of(findings: Sequence[FindingItem], missing: Sequence[NotChecked], units: int) -> Overview | None:
    """Show a review; None where it has nothing to sum up: what there is says itself.

    Args:
        findings: all of them.
        missing: parts that were not checked.
        units: how many were reviewed.
    """
    new = [item for item in findings if item.status == "new"]
    told = _ranked(filter(_matters, new))
    if not _is_worth_it(told, missing, units):
        return None
    shown = {f"F{number}": item for number, item in enumerate(told[:MOST_FINDINGS], 1)}
    rows = {name: _row(item) for name, item in shown.items()}
    rows |= {f"N{number}": _missing(one) for number, one in enumerate(missing[:MOST_MISSING], 1)}
    left = [*told[MOST_FINDINGS:], *(item for item in new if not _matters(item))]
    listed = [f"- {name} {row}" for name, row in rows.items()]
    text = "\n".join(["Findings:", *listed, *_left(left, len(missing) - MOST_MISSING)])
    return Overview(text, rows, shown)


def _matters(item: FindingItem) -> bool:
    """It is shown in full to people, or a model bears it out."""
    return item.severity != "low" or (item.judgement is not None and item.judgement.verdict == "confirmed")


def _ranked(items: Iterable[FindingItem]) -> list[FindingItem]:
    """The gravest first, then what a model bears out; of those alike, one rule leaves room for the others."""
    before: Counter[str] = Counter()
    ranks = []
    for item in sorted(items, key=lambda item: -item.score):
        confirmed = item.judgement is not None and item.judgement.verdict == "confirmed"
        ranks.append(((-Severity(item.severity).rank, not confirmed, before[item.rule] // _TOGETHER), item))
        before[item.rule] += 1
    return [item for _, item in sorted(ranks, key=lambda ranked: ranked[0])]


def _is_worth_it(told: Sequence[FindingItem], missing: Sequence[NotChecked], units: int) -> bool:
    if any(item.severity != "low" for item in told):
        return len(told) > 1 or bool(missing) or units > _MANY
    return len(told) >= _SEVERAL and len({(item.path, item.function) for item in told}) > 1


def _row(item: FindingItem) -> str:
    verdict = f", {item.judgement.verdict}" if item.judgement is not None else ""
    place = f"{_quoted(item.path)}:{item.line}" + (
        f" in {_quoted(item.function)}" if item.function != "<module>" else ""
    )
    parts = [f"{place} [{item.rule}, {item.severity}{verdict}] {_short(item.message, _MESSAGE)}"]
    parts += _consequences(item)
    return "; ".join(parts)


def _consequences(item: FindingItem) -> Iterator[str]:
    suspected = item.rule.startswith(SUSPECTED)
    if suspected or (item.judgement is not None and item.judgement.verdict == "confirmed"):
        sentences = [text for text in _END.split(item.explanation) if text.rstrip(".") != item.message]
        yield _short(" ".join(sentences[:_SENTENCES]), _SAID)
    if item.boundary is not None and item.boundary.harm != _IGNORED:
        reached = item.boundary
        yield f"arrives at {_short(reached.name, _NAME)} ({reached.framework}): {_short(reached.outcome, _OUTCOME)}"


def _missing(one: NotChecked) -> str:
    return f"{_quoted(one.path)} is not checked: {_short(one.reason, _REASON)}"


def _left(items: Sequence[FindingItem], missing: int) -> Iterator[str]:
    counts = Counter(item.severity for item in items)
    found = ", ".join(f"{counts[level]} {level}" for level in ("high", "medium", "low") if counts[level])
    if found:
        yield f"Left out here: {found}"
    if missing > 0:
        yield f"Left out here: {missing} more parts that are not checked"


def _short(text: str, most: int) -> str:
    """Text on one line, cut at a word."""
    safe = printable(redact(" ".join(text.split())).text)
    if len(safe) <= most:
        return safe
    return re.sub(r"\s+\S*$", "", safe[: most - 1]) + "…"


def _quoted(text: str) -> str:
    """A name: bare where it can only be one, else in quotation marks."""
    safe = _short(text, _NAME)
    return safe if re.fullmatch(r"[\w./<>-]+", safe) else json.dumps(safe, ensure_ascii=False)
