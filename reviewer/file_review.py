"""One file of a change → units → facts → findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.code.budget import Budget, Watched
from reviewer.code.definition import Definitions
from reviewer.code.project import Neighbours, Project
from reviewer.code.source import decode
from reviewer.code.unit import Limits, read_units
from reviewer.detectors.merging import merge_findings
from reviewer.detectors.rule import Rule, View
from reviewer.domain.change import FileChange
from reviewer.domain.finding import Finding
from reviewer.domain.report import Answer, ExternalCall
from reviewer.errors import SourceError
from reviewer.explain.answer import answer_unit
from reviewer.flow.digests import Digests
from reviewer.flow.external import external_calls
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.summary import Summaries
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import Memory


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a review may look at beside the file itself.

    Attributes:
        project: the other files, read on demand.
        memory: what earlier reviews found in them.
    """

    project: Project | None = None
    memory: Memory | None = None


@dataclass(frozen=True)
class Reviewed:
    """What was found in one file.

    Attributes:
        path: the file.
        units: how many changed units were read.
        findings: what the rules found on changed lines, by fingerprint, in the order of their places.
        calls: the external calls of the changed units.
        answers: the four answers for each changed unit.
        failures: reasons why something was not checked.
        lines: the file's lines, for those that show or match them.
        notes: what a person should know of how the review went.
    """

    path: str
    units: int = 0
    findings: Mapping[str, Finding] = field(default_factory=dict)
    calls: tuple[ExternalCall, ...] = ()
    answers: tuple[Answer, ...] = ()
    failures: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def review_file(
    file: FileChange,
    knowledge: Knowledge,
    rules: Sequence[Rule],
    limits: Limits,
    surroundings: Surroundings | None = None,
) -> Reviewed:
    """Review the changed lines of one file.

    Args:
        file: the file, contents included.
        knowledge: what libraries do.
        rules: the rules to ask.
        limits: when to give a definition up.
        surroundings: the project around the file; None where only the file is to be had.
    """
    if file.content is None:
        return Reviewed(file.path, failures=(file.failed or "its contents are not available",))
    changed = None if file.whole else _changed_lines(file)
    around = surroundings or Surroundings()
    neighbours = None
    if around.project is not None:
        around.project.begin()
        neighbours = Neighbours(around.project, file.path)
    try:
        source = decode(file.path, file.content)
        code = read_units(source, changed, knowledge, limits, fragment=file.partial, elsewhere=neighbours)
    except SourceError as error:
        return Reviewed(file.path, failures=(str(error),))
    hierarchy = Hierarchy(knowledge, code.outline.bases, neighbours)
    definitions = Definitions(code, limits)
    digests = Digests(definitions, hierarchy, around.project, around.memory, limits)
    flow = Summaries(definitions, hierarchy, digests)
    lines = tuple(source.lines)
    findings: list[Finding] = []
    failures = [*((file.failed,) if file.failed else ()), *code.failures]
    for unit in code.units:
        view = View(file.path, unit, hierarchy, knowledge, flow, lines, code.units)
        found_here, failed_here = _ask(rules, view, limits.seconds)
        findings.extend(found_here)
        failures.extend(failed_here)
    found = merge_findings(findings)
    # Numbered before the cut to the changed lines: a finding has one identity, whatever else is shown with it.
    by_identity = dict(zip(fingerprint_all(found), found, strict=True))
    kept = {identity: f for identity, f in by_identity.items() if changed is None or _touches(f, changed)}
    return Reviewed(
        path=file.path,
        units=len(code.units),
        findings=kept,
        calls=tuple(call for unit in code.units for call in external_calls(file.path, unit, hierarchy)),
        answers=tuple(answer_unit(file.path, unit, flow) for unit in code.units if unit.facts),
        failures=tuple(failures),
        lines=lines,
    )


def _ask(rules: Sequence[Rule], view: View, seconds: float) -> tuple[list[Finding], list[str]]:
    """What the rules find in one unit, and what kept some of them from it."""
    findings: list[Finding] = []
    failures: list[str] = []
    budget = Budget(seconds)
    view = replace(view, unit=replace(view.unit, facts=Watched.of(view.unit.facts, budget)))
    for index, rule in enumerate(rules):
        try:
            budget.look()
            findings.extend(rule.check(view, rule))
        except SourceError:  # the time is over
            left = ", ".join(late.id for late in rules[index : index + 3])
            left += f" and {len(rules) - index - 3} more" if len(rules) - index > 3 else ""
            failures.append(
                f"{view.unit.name}: not asked of it, or not to the end: {left}; the rules took longer than "
                f"{seconds:g} s, raise limits.unit-seconds"
            )
            break
        except Exception as error:  # noqa: BLE001 - one rule's crash costs its word on one unit, and is told
            failures.append(f"{view.unit.name}: rule {rule.id} failed ({type(error).__name__}: {error})")
    return findings, failures


def _changed_lines(file: FileChange) -> frozenset[int]:
    """Added lines, and for pure deletions the lines on both sides of the gap."""
    gaps = {line for point in file.deletion_points for line in (point, point + 1)}
    return file.added_lines | frozenset(gaps)


def _touches(finding: Finding, changed: frozenset[int]) -> bool:
    if any(line in changed for line in range(finding.line, finding.end_line + 1)):
        return True
    return any(evidence.path == finding.path and evidence.line in changed for evidence in finding.evidence)
