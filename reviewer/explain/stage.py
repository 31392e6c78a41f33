"""The stage of a review that asks a model: which units, what is made of its answers, what that says of the review."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.finding import Confidence, Evidence, Finding, Severity
from reviewer.domain.report import Answer, FindingItem, Judgement, NotChecked, Usage
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Scope
from reviewer.domain.suspicion import SUSPECTED
from reviewer.explain.check import Answered, Opinion, Pointed
from reviewer.explain.conversation import Conversation, Explained
from reviewer.explain.section import Section, section_of
from reviewer.explain.spending import Allowance, Spending
from reviewer.ports import LanguageModel, OpenMemory


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Who is asked in a review, about what, and at what cost.

    Attributes:
        model: who.
        scope: which units.
        allowance: what it may cost.
        memory: earlier answers; None for none.
    """

    model: LanguageModel
    scope: Scope = "risky"
    allowance: Allowance = field(default_factory=Allowance)
    memory: OpenMemory | None = None


@dataclass(frozen=True)
class Explanation:
    """What the stage comes to.

    Attributes:
        items: the findings, with what was said of them.
        suspected: file -> what no rule found, still without identity.
        answers: the four answers.
        not_checked: what was to be explained and is not, since a call failed.
        notes: what a person should know.
        usage: what was spent.
    """

    items: list[FindingItem]
    suspected: Mapping[str, tuple[Finding, ...]]
    answers: list[Answer]
    not_checked: list[NotChecked]
    notes: list[str]
    usage: Usage


def explain_findings(reviewed: Sequence[Reviewed], items: Sequence[FindingItem], use: ModelUse) -> Explanation:
    """Ask a model about the units of a review, and lay what it says over the findings.

    The model can take no finding away, and has no say in how severe one is: one that it doubts, with a reason that the
    tree bears out, becomes quiet unless it is certain by itself, and keeps its place and the doubt.

    Args:
        reviewed: the files.
        items: their findings, accepted ones included.
        use: who is asked.
    """
    sections = _sections(reviewed, items, use.scope)
    spending = Spending(use.allowance)
    explained = asyncio.run(_ask(sections, use, spending))
    by_unit = {(s.evidence.path, s.evidence.line, s.evidence.function): explained.units.get(s.id) for s in sections}
    opinions = {key: opinion for answered in explained.units.values() for key, opinion in answered.opinions.items()}
    judged = [_judged(item, opinions.get(item.id), use.model.name) for item in items]
    suspected: dict[str, list[Finding]] = {}
    for section in sections:
        answered = explained.units.get(section.id)
        for pointed in answered.missed if answered is not None else ():
            known = next((item for item in judged if _is_same(item, pointed, section)), None)
            if known is None:
                suspected.setdefault(section.evidence.path, []).append(_finding(pointed, section))
            elif known.judgement is None:
                opinion = Opinion("confirmed", pointed.line, "It was pointed at independently.", pointed.scenario)
                judged[judged.index(known)] = _judged(known, opinion, use.model.name)
    return Explanation(
        items=judged,
        suspected={path: tuple(found) for path, found in suspected.items()},
        answers=[_answer(answer, by_unit.get((answer.path, answer.line, answer.function)))
                 for file in reviewed for answer in file.answers],
        not_checked=_not_checked(sections, explained.failures),
        notes=_notes(sections, explained),
        usage=Usage(
            model_calls=spending.calls,
            input_tokens=spending.tokens.input,
            output_tokens=spending.tokens.output,
            cached_tokens=spending.tokens.cached,
            cost_usd=spending.cost,
            elapsed_ms={},
        ),
    )  # fmt: skip


async def _ask(sections: Sequence[Section], use: ModelUse, spending: Spending) -> Explained:
    if not sections:
        return Explained()
    memory = use.memory() if use.memory is not None else None
    try:
        return await Conversation(use.model, spending, memory).explain(sections)
    finally:
        await use.model.close()
        if memory is not None:
            memory.close()


def _sections(reviewed: Sequence[Reviewed], items: Sequence[FindingItem], scope: Scope) -> list[Section]:
    """The units to ask about, those with the most severe findings first."""
    found = []
    for file in reviewed:
        inside = [item for item in items if item.path == file.path and item.status != "waived"]
        for evidence in file.evidence:
            ours = [item for item in inside if _holds(evidence, item)]
            if scope == "all" or ours or (scope == "risky" and evidence.risky):
                found.append(section_of(evidence, file.lines, ours))
    return sorted(found, key=lambda section: -_weight(section))


def _holds(evidence: UnitEvidence, item: FindingItem) -> bool:
    if evidence.function == "<module>":
        return item.function == "<module>"
    return item.function == evidence.function or (
        item.function.startswith(f"{evidence.function}.") and evidence.line <= item.line <= evidence.end_line
    )


def _weight(section: Section) -> int:
    return max((Severity(item.severity).rank for item in section.findings.values()), default=0)


def _judged(item: FindingItem, opinion: Opinion | None, model: str) -> FindingItem:
    if opinion is None:
        return item
    quiet = opinion.verdict == "doubted" and item.confidence != "high"
    said = _told(opinion.scenario)
    return replace(
        item,
        severity="low" if quiet else item.severity,
        explanation=said if said and opinion.verdict != "doubted" else item.explanation,
        judgement=Judgement(by=model, verdict=opinion.verdict, reason=_placed(opinion)),
        grounds=[*item.grounds, f"{model} doubts it"] if quiet else item.grounds,
    )


def _placed(opinion: Opinion) -> str:
    where = f"line {opinion.line}: " if opinion.line is not None and opinion.reason else ""
    return f"{where}{opinion.reason}"


def _told(scenario: Iterable[str]) -> str:
    return " ".join(part if part.endswith((".", "!", "?", "…")) else f"{part}." for part in scenario if part)


def _is_same(item: FindingItem, pointed: Pointed, section: Section) -> bool:
    apart = item.line > pointed.end_line or item.end_line < pointed.line
    if apart or item.path != section.evidence.path:
        return False
    return item.rule in pointed.failure.same or (
        item.question == pointed.failure.question.value and item.line == pointed.line
    )


def _finding(pointed: Pointed, section: Section) -> Finding:
    shown = pointed.verdict == "confirmed"
    trigger, effect, *_ = pointed.scenario
    seen = f"{pointed.failure.says}; {trigger.rstrip('.')}" if trigger else pointed.failure.says
    return Finding(
        rule=f"{SUSPECTED}{pointed.failure.id}",
        question=pointed.failure.question,
        severity=Severity.MEDIUM if shown else Severity.LOW,
        confidence=Confidence.MEDIUM if shown else Confidence.LOW,
        path=section.evidence.path,
        line=pointed.line,
        end_line=pointed.end_line,
        column=1,
        function=section.evidence.function,
        message=(effect or trigger).rstrip("."),
        code=pointed.code.strip(),
        evidence=(Evidence(section.evidence.path, pointed.line, seen),),
        explanation=_told(pointed.scenario),
        grounds=(
            "a model pointed at it, and the parser's facts show it"
            if shown
            else "a model pointed at it, and the parser's facts leave it open",
            f"the model sees a chance of {pointed.likely} % that it matters",
        ),
    )


def _answer(answer: Answer, answered: Answered | None) -> Answer:
    if answered is None or answered.answers is None:
        return answer
    said = answered.answers
    return replace(
        answer,
        calls=said.calls or answer.calls,
        unavailable=said.unavailable or answer.unavailable,
        throws=said.throws or answer.throws,
        inputs=said.inputs or answer.inputs,
    )


def _not_checked(sections: Sequence[Section], failures: Mapping[str, str]) -> list[NotChecked]:
    found: dict[tuple[str, str], None] = {}
    for section in sections:
        if section.id in failures:
            found[section.evidence.path, failures[section.id]] = None
    return [NotChecked(path=path, reason=f"not explained: {reason}") for path, reason in found]


def _notes(sections: Sequence[Section], explained: Explained) -> list[str]:
    notes = []
    for reason in dict.fromkeys(explained.passed_over.values()):
        count = sum(other == reason for other in explained.passed_over.values())
        notes.append(f"{count} of {len(sections)} units are not explained: {reason}")
    if explained.dropped:
        notes.append(f"{len(explained.dropped)} parts of the model's answers were dropped, for example: "
                     f"{explained.dropped[0]}")  # fmt: skip
    return notes
