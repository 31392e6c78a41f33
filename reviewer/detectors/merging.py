"""One finding where several say the same: of one rule in one statement, or of two rules about one failure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from reviewer.domain.finding import Evidence, Finding, Question, Severity

_STATEMENT_LINES = 8
"""Lines over which findings with the same statement text count as being in one statement."""

COMES_FROM = "the value comes from here"
"""How the evidence begins that names the source of a value."""

_RANK = {"high": 3, "medium": 2, "low": 1}


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition, sorted by place.

    Findings of one rule in one statement become the first of them, with the others as evidence. Of two rules that
    speak of the same exception at the same expression, the louder and surer stays. Of the places where one function
    trusts the same data in the same way, the first is loud and the others are quiet: checking the data once mends all.
    """
    ordered = sorted(dict.fromkeys(findings), key=lambda f: (f.line, f.column, f.rule, f.message))
    return _quiet_repetitions(_merge_rules(_merge_statement(ordered)))


def _merge_statement(findings: list[Finding]) -> list[Finding]:
    groups: dict[tuple[str, str, str, str], list[list[Finding]]] = {}
    for finding in findings:
        found = groups.setdefault((finding.rule, finding.function, finding.code, finding.severity), [])
        if found and finding.line - found[-1][0].line <= _STATEMENT_LINES:
            found[-1].append(finding)
        else:
            found.append([finding])
    merged = [_merge_group(group) for found in groups.values() for group in found]
    return sorted(merged, key=lambda f: (f.line, f.column, f.rule))


def _merge_group(group: list[Finding]) -> Finding:
    first, *others = group
    others = [other for other in others if other.message != first.message]
    if not others:
        return first
    evidence = [*first.evidence, *(Evidence(other.path, other.line, other.message) for other in others)]
    exceptions = dict.fromkeys(name for finding in group for name in finding.exceptions)
    more = f" (and {len(others)} more in this statement)"
    return dataclasses.replace(
        first, message=first.message + more, evidence=tuple(dict.fromkeys(evidence)), exceptions=tuple(exceptions)
    )


def _merge_rules(findings: list[Finding]) -> list[Finding]:
    by_place: dict[tuple[int, int, str], list[Finding]] = {}
    for finding in findings:
        by_place.setdefault((finding.line, finding.column, finding.function), []).append(finding)
    dropped = {
        id(weaker)
        for found in by_place.values()
        for weaker in found
        if any(_says_the_same(stronger, weaker) for stronger in found if stronger is not weaker)
    }
    return [finding for finding in findings if id(finding) not in dropped]


def _says_the_same(stronger: Finding, weaker: Finding) -> bool:
    shared = set(stronger.exceptions) & set(weaker.exceptions)
    return bool(shared) and set(weaker.exceptions) <= set(stronger.exceptions) and _weight(stronger) > _weight(weaker)


def _weight(finding: Finding) -> tuple[int, int, str]:
    return _RANK[finding.severity], _RANK[finding.confidence], finding.rule


def _quiet_repetitions(findings: list[Finding]) -> list[Finding]:
    """Lower what trusts data that an earlier finding of the same rule in the same function already trusts."""
    first: dict[tuple[str, str, int], Finding] = {}
    roots: dict[tuple[str, int], int] = {}
    result = []
    for finding in findings:
        source = _source_line(finding)
        if source is None or finding.severity is Severity.LOW:
            result.append(finding)
            continue
        # What is taken out of the data on one line and used on another still is that data.
        root = roots.get((finding.function, source), source)
        roots.setdefault((finding.function, finding.line), root)
        earlier = first.setdefault((finding.rule, finding.function, root), finding)
        if earlier is finding:
            result.append(finding)
        else:
            note = Evidence(earlier.path, earlier.line, "the same data is trusted here first")
            result.append(
                dataclasses.replace(
                    finding,
                    asked=Severity.LOW,
                    severity=Severity.LOW,
                    hushed="the same data is trusted earlier",
                    evidence=(*finding.evidence, note),
                )
            )
    return result


def _source_line(finding: Finding) -> int | None:
    """The line that the data of an input finding comes from; None for any other finding."""
    if finding.question is not Question.INPUTS:
        return None
    return next((place.line for place in finding.evidence if place.note.startswith(COMES_FROM)), None)
