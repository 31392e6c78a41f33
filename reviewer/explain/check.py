"""An answer held against what was asked: what the tree does not confirm is dropped, and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reviewer.domain.evidence import Place, Verdict
from reviewer.domain.report import FindingItem
from reviewer.explain.claim import Claims
from reviewer.explain.failure import Failure, failure_of
from reviewer.explain.reply import ExplainReply, FindingReply, MissedReply, UnitReply
from reviewer.explain.section import Section

MOST_MISSED = 3
"""Failures that are taken from one answer for one unit."""
LEAST_LIKELY = 12
"""Percent below which a failure that the facts leave open is not worth a second look."""
_CERTAIN = 100
_LEAST_QUOTED = 3
"""Characters of a statement that is looked for as a part of a line."""
_LONGEST_NAME = 20
"""Characters of a name that nobody asked about."""
_NEAR = 2
"""Lines around a named one within which the quoted statement is looked for first."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model says of a finding, checked.

    Attributes:
        verdict: what it thinks.
        line: the line that decides it; None where it named none that was shown.
        reason: why; "" where that could not be kept.
        scenario: trigger, effect, who notices, what to do; "" for each that could not be kept.
    """

    verdict: Literal["confirmed", "doubted", "unsure"]
    line: int | None
    reason: str
    scenario: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Pointed:
    """A failure that a model pointed at, found in the tree and not contradicted there.

    Attributes:
        failure: which of the closed list.
        line, end_line: where it is.
        code: the line.
        verdict: what the facts say of it, "confirmed" or "open".
        likely: the chance that it matters, in percent, as the model sees it.
        scenario: trigger, effect, who notices, what to do.
    """

    failure: Failure
    line: int
    end_line: int
    code: str
    verdict: Verdict
    likely: int
    scenario: tuple[str, str, str, str]


@dataclass(frozen=True)
class Answered:
    """What is left of an answer for one unit.

    Attributes:
        opinions: fingerprint of a finding -> what is said of it.
        answers: the four answers; None where they were not given. A part that could not be kept is "".
        missed: what no rule found.
        dropped: why parts were dropped.
    """

    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    answers: UnitReply | None = None
    missed: tuple[Pointed, ...] = ()
    dropped: tuple[str, ...] = ()


def check_reply(reply: ExplainReply, section: Section) -> Answered:
    """What of an answer may be used for a unit.

    Args:
        reply: the answer, which may be about other units too.
        section: what was shown of this one.
    """
    checker = _Checker(section)
    opinions = dict(checker.opinions(reply.findings))
    answers = next((checker.answers(unit) for unit in reply.units if unit.id == section.id), None)
    missed = tuple(checker.missed([item for item in reply.missed if item.unit == section.id]))
    return Answered(opinions, answers, missed, tuple(checker.dropped))


def strangers(reply: ExplainReply, sections: Sequence[Section]) -> list[str]:
    """What an answer says of findings and units that nobody asked about."""
    units = {section.id for section in sections}
    findings = {name for section in sections for name in section.findings}
    found = [f"finding {_named(item.id)} was not asked about" for item in reply.findings if item.id not in findings]
    found += [f"unit {_named(item.id)} was not asked about" for item in reply.units if item.id not in units]
    return found + [f"unit {_named(item.unit)} was not asked about" for item in reply.missed if item.unit not in units]


def _named(name: str) -> str:
    """A name that a model made up, short, and with what only looks like another letter told apart."""
    return ascii(name[:_LONGEST_NAME])


class _Checker:
    def __init__(self, section: Section) -> None:
        self._section = section
        self._claims = Claims(section)
        self.dropped: list[str] = []

    def opinions(self, replies: Sequence[FindingReply]) -> Iterator[tuple[str, Opinion]]:
        verdicts: dict[str, set[str]] = {}
        for reply in replies:
            verdicts.setdefault(reply.id, set()).add(reply.verdict)
        for reply in replies:
            finding = self._section.findings.get(reply.id)
            if finding is None:
                continue  # of another unit, or of none: `strangers` tells
            if len(verdicts[reply.id]) > 1:
                self.dropped.append(f"it says of {finding.rule} at line {finding.line} both one thing and another")
                continue
            line = reply.line if reply.line in self._section.shown or self._is_evidence(finding, reply.line) else None
            reason = self._said(reply.reason)
            verdict = reply.verdict
            if verdict == "doubted" and (line is None or not reason):
                self.dropped.append(f"a doubt of {finding.rule} that names nothing that was shown")
                verdict = "unsure"
            yield finding.id, Opinion(verdict, line, reason, self._scenario(reply))

    def answers(self, reply: UnitReply) -> UnitReply:
        said = {name: self._said(getattr(reply, name)) for name in ("calls", "unavailable", "throws", "inputs")}
        return UnitReply(id=reply.id, **said)

    def missed(self, replies: Sequence[MissedReply]) -> Iterator[Pointed]:
        taken: set[tuple[str, int]] = set()
        possible = [reply for reply in replies if 0 <= reply.likely <= _CERTAIN]
        if len(possible) < len(replies):
            self.dropped.append("a failure whose chance is no number from 0 to 100 %")
        for reply in sorted(possible, key=lambda reply: -reply.likely)[:MOST_MISSED]:
            failure = failure_of(reply.failure)
            if failure is None:
                self.dropped.append(f"{reply.failure[:40]!r} is not in the list of failures")
                continue
            line = self._line_of(reply)
            if line is None:
                self.dropped.append(f"{failure.id}: the quoted statement is not in the unit")
                continue
            place = self._place(line)
            verdict = place.verdicts.get(failure.id) if place is not None else None
            if place is None or verdict is None:
                self.dropped.append(f"{failure.id} cannot happen at line {line}")
                continue
            if verdict == "contradicted":
                self.dropped.append(f"{failure.id} at line {line} is excluded by the code")
                continue
            if verdict == "open" and reply.likely < LEAST_LIKELY:
                self.dropped.append(f"{failure.id} at line {line} is too improbable, {reply.likely} % by its own word")
                continue
            scenario = self._scenario(reply)
            if not (scenario[0] or scenario[1]):
                self.dropped.append(f"{failure.id} at line {line}: its scenario speaks of what was not shown")
                continue
            if (failure.id, line) not in taken:
                taken.add((failure.id, line))
                code = self._section.shown[line]
                yield Pointed(failure, line, max(place.end_line, line), code, verdict, reply.likely, scenario)
        if len(possible) > MOST_MISSED:
            self.dropped.append(f"{len(possible) - MOST_MISSED} more failures in one unit than are taken")

    def _scenario(self, reply: FindingReply | MissedReply) -> tuple[str, str, str, str]:
        return (
            self._said(reply.trigger),
            self._said(reply.effect),
            self._said(reply.noticed),
            self._said(reply.advice, advice=True),
        )

    def _said(self, text: str, *, advice: bool = False) -> str:
        if not text.strip():
            return ""
        said, fault = self._claims.said(text, advice=advice)
        if fault is not None:
            self.dropped.append(f"it speaks of {fault[:60]!r}, which was not shown")
        return said

    @staticmethod
    def _is_evidence(finding: FindingItem, line: int) -> bool:
        return any(item.line == line for item in finding.evidence)

    def _line_of(self, reply: MissedReply) -> int | None:
        """The line that holds the quoted statement: the named one, else the nearest."""
        quoted = next((_folded(row) for row in reply.statement.splitlines() if row.strip()), "")
        if not quoted:
            return None
        evidence = self._section.evidence
        rows = {
            line: _folded(text)
            for line, text in self._section.shown.items()
            if evidence.line <= line <= evidence.end_line
        }
        equal = [line for line, row in rows.items() if row == quoted]
        part = [line for line, row in rows.items() if len(quoted) >= _LEAST_QUOTED and quoted in row]
        near = [line for line in part if abs(line - reply.line) <= _NEAR]
        for found in (near, equal, part):
            if found:
                return min(found, key=lambda line: (abs(line - reply.line), line))
        return None

    def _place(self, line: int) -> Place | None:
        places = self._section.evidence.places
        here = next((place for place in places if place.line == line), None)
        return here or next((place for place in reversed(places) if place.line <= line <= place.end_line), None)


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
