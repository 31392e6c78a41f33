"""The stage of a review that asks a model: which units, what is made of its answers, what that says of the review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.finding import Confidence, Evidence, Finding, Severity
from reviewer.domain.report import Answer, FindingItem, Judgement, NotChecked, Usage
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Scope
from reviewer.domain.suspicion import SUSPECTED
from reviewer.errors import ReviewerError
from reviewer.explain.check import Opinion, Pointed
from reviewer.explain.conversation import Conversation, Explained
from reviewer.explain.hearing import hear
from reviewer.explain.inquiry import told_of
from reviewer.explain.second_look import Look, Looks, SecondLook
from reviewer.explain.section import Section, section_of
from reviewer.explain.spending import Allowance, Spending
from reviewer.ports import LanguageModel, Memory, OpenMemory

_ALONE = 15
"""Percent below which the likeliest suspicion in a unit does not stand without a second look."""
_ALONE_TOO = 25
"""The same for the others."""
_CONTESTED = 30
"""Percent from which a suspicion is not closed by a second look alone."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Who is asked in a review, about what, and at what cost.

    Attributes:
        model: who.
        scope: which units.
        second_look: what was pointed at is looked at once more.
        summary: the findings are summed up.
        allowance: what it may cost.
        memory: earlier answers; None for none.
    """

    model: LanguageModel
    scope: Scope = "risky"
    second_look: bool = True
    allowance: Allowance = field(default_factory=Allowance)
    memory: OpenMemory | None = None
    summary: bool = True


@dataclass(frozen=True, slots=True)
class Suspected:
    """What a model pointed at and no rule found.

    Attributes:
        finding: as a finding, still without identity.
        judgement: what came of looking again; None where nobody did.
    """

    finding: Finding
    judgement: Judgement | None = None


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
        explained, unexplained: units that were to be explained, and are or are not.
        settled: more may be built on it; not where a question still waits for its answer, or none was answered.
    """

    items: list[FindingItem]
    suspected: Mapping[str, tuple[Suspected, ...]]
    answers: list[Answer]
    not_checked: list[NotChecked]
    notes: list[str]
    usage: Usage
    explained: int = 0
    unexplained: int = 0
    settled: bool = False


def explain_findings(
    reviewed: Sequence[Reviewed], items: Sequence[FindingItem], use: ModelUse, spending: Spending | None = None
) -> Explanation:
    """Ask a model about the units of a review, and lay what it says over the findings.

    The model can take no finding away, and has no say in how severe one is: one that it doubts, with a reason that the
    tree bears out, becomes quiet unless it is certain by itself, and keeps its place and the doubt.

    Args:
        reviewed: the files.
        items: their findings, accepted ones included.
        use: who is asked.
        spending: counts what is spent, where more is to be spent of the same allowance.

    Returns:
        What it comes to. Whatever fails costs explanations, which are listed as not checked, and nothing else. Where an
        event loop runs already it is held up meanwhile: whoever serves others reviews in a thread.
    """
    spending = spending or Spending(use.allowance)
    try:
        return _explained(reviewed, items, use, spending)
    except ReviewerError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - what a model says is an extra: its crash must not cost the review
        reason = told_of(error)
    return Explanation(
        items=list(items),
        suspected={},
        answers=[answer for file in reviewed for answer in file.answers],
        not_checked=[
            NotChecked(path=file.path, reason=f"not explained: {reason}") for file in reviewed if file.evidence
        ],
        notes=[],
        usage=spending.usage,
        unexplained=sum(len(file.evidence) for file in reviewed),
    )


def _explained(
    reviewed: Sequence[Reviewed], items: Sequence[FindingItem], use: ModelUse, spending: Spending
) -> Explanation:
    sections, twins = _told_apart(_sections(reviewed, items, use.scope))
    asking = partial(_ask, sections, use, spending)
    explained, looks = hear(asking, use.model, use.memory) if sections else (Explained(), Looks())
    by_unit = {(s.evidence.path, s.evidence.line, s.evidence.function): s.id for s in sections}
    opinions = {
        key: (opinion, explained.by[name])
        for name, answered in explained.units.items()
        for key, opinion in answered.opinions.items()
    }
    judged = [_judged(item, *opinions.get(item.id, (None, ""))) for item in items]
    suspected: dict[str, list[Suspected]] = {}
    closed = 0
    for section in sections:
        answered = explained.units.get(section.id)
        for place, pointed in enumerate(answered.missed if answered is not None else ()):
            look = looks.found.get((section.id, place))
            if look is None and pointed.verdict == "open" and pointed.likely < (_ALONE_TOO if place else _ALONE):
                continue
            if look is not None and look.verdict == "close" and pointed.likely < _CONTESTED:
                closed += 1
                continue
            known = next((item for item in judged if _is_same(item, pointed, section)), None)
            if known is None:
                finding = _finding(pointed, section, look)
                suspected.setdefault(section.evidence.path, []).append(Suspected(finding, _looked(look)))
            elif known.judgement is None:
                opinion = Opinion("confirmed", pointed.line, "It was pointed at independently.", pointed.scenario)
                judged[judged.index(known)] = _judged(known, opinion, explained.by[section.id])
    return Explanation(
        items=judged,
        suspected={path: tuple(found) for path, found in suspected.items()},
        answers=[
            _answer(answer, explained, by_unit.get((answer.path, answer.line, answer.function)))
            for file in reviewed
            for answer in file.answers
        ],
        not_checked=[
            *_not_checked(sections, twins, explained.failures),
            *_not_checked(sections, (), looks.failures, "suspicions not looked at again"),
        ],
        notes=[*_notes(sections, explained, looks, closed), *_unpriced(use, spending)],
        usage=spending.usage,
        explained=len(explained.units.keys() - explained.failures.keys()),
        unexplained=len(twins) + len(explained.failures) + len(explained.passed_over),
        settled=_is_settled(explained, looks),
    )


def _is_settled(explained: Explained, looks: Looks) -> bool:
    if explained.waiting or looks.waiting:
        return False
    unanswered = explained.failures.keys() | explained.passed_over.keys()
    return not unanswered or bool(explained.units.keys() - unanswered)


async def _ask(
    sections: Sequence[Section], use: ModelUse, spending: Spending, memory: Memory | None
) -> tuple[Explained, Looks]:
    explained = await Conversation(use.model, spending, memory).explain(sections)
    pointed = [(s, explained.units[s.id].missed) for s in sections if s.id in explained.units]
    again = [(section, found) for section, found in pointed if found]
    if not again or not use.second_look:
        return explained, Looks()
    return explained, await SecondLook(use.model, spending, memory).look(again)


def _told_apart(sections: Sequence[Section]) -> tuple[list[Section], list[Section]]:
    """The units, and those besides that bear the name of another one: an answer could be about either."""
    named: dict[str, Section] = {}
    twins = []
    for section in sections:
        if named.setdefault(section.id, section) is not section:
            twins.append(section)
    return list(named.values()), twins


def _sections(reviewed: Sequence[Reviewed], items: Sequence[FindingItem], scope: Scope) -> list[Section]:
    """The units to ask about, those with the most severe findings first."""
    found = []
    for file in reviewed:
        inside = [item for item in items if item.path == file.path and item.status != "waived"]
        names = Counter(evidence.function for evidence in file.evidence)
        for evidence in file.evidence:
            ours = [item for item in inside if _holds(evidence, item, alone=names[evidence.function] == 1)]
            if scope == "all" or ours or (scope == "risky" and evidence.risky):
                found.append(section_of(evidence, file.lines, ours))
    return sorted(found, key=lambda section: -_weight(section))


def _holds(evidence: UnitEvidence, item: FindingItem, *, alone: bool) -> bool:
    """Whether a finding is a unit's; where another one has its name, as a property and its setter have, by its line."""
    if evidence.function == "<module>":
        return item.function == "<module>"
    inside = evidence.line <= item.line <= evidence.end_line
    if item.function == evidence.function:
        return alone or inside
    return inside and item.function.startswith(f"{evidence.function}.")


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


def _looked(look: Look | None) -> Judgement | None:
    """What came of looking again at what was not closed; where the two looks differ, people decide."""
    if look is None:
        return None
    verdict: Literal["confirmed", "unsure"] = "confirmed" if look.verdict == "fix" else "unsure"
    where = f"line {look.line}: " if look.line is not None and look.reason else ""
    overruled = "a second look would close it: " if look.verdict == "close" else ""
    return Judgement(by=look.by, verdict=verdict, reason=f"{overruled}{where}{look.reason}")


def _finding(pointed: Pointed, section: Section, look: Look | None) -> Finding:
    shown = pointed.verdict == "confirmed" and (look is None or look.verdict != "close")
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
            if pointed.verdict == "confirmed"
            else "a model pointed at it, and the parser's facts leave it open",
            f"the model sees a chance of {pointed.likely} % that it matters",
        ),
    )


def _answer(answer: Answer, explained: Explained, name: str | None) -> Answer:
    answered = explained.units.get(name) if name is not None else None
    if name is None or answered is None or answered.answers is None:
        return answer
    said = answered.answers
    if not (said.calls or said.unavailable or said.throws or said.inputs):
        return answer
    return replace(
        answer,
        by=explained.by[name],
        calls=said.calls or answer.calls,
        unavailable=said.unavailable or answer.unavailable,
        throws=said.throws or answer.throws,
        inputs=said.inputs or answer.inputs,
    )


def _not_checked(
    sections: Sequence[Section], twins: Sequence[Section], failures: Mapping[str, str], what: str = "not explained"
) -> list[NotChecked]:
    found: dict[tuple[str, str], None] = {}
    for section in sections:
        if section.id in failures:
            found[section.evidence.path, failures[section.id]] = None
    for section in twins:
        found[section.evidence.path, f"{section.evidence.function} cannot be told from another unit by its name"] = None
    return [NotChecked(path=path, reason=f"{what}: {reason}") for path, reason in found]


def _unpriced(use: ModelUse, spending: Spending) -> list[str]:
    """That a bound on money holds nothing back."""
    usd = use.allowance.usd
    if usd is None or spending.cost is not None:
        return []
    return [f"the {usd:g} USD of a review bound nothing: what has answered has no price in tool.reviewer.model.prices"]


def _notes(sections: Sequence[Section], explained: Explained, looks: Looks, closed: int) -> list[str]:
    notes = []
    for reason in dict.fromkeys(explained.passed_over.values()):
        count = sum(other == reason for other in explained.passed_over.values())
        notes.append(f"{count} of {len(sections)} units are not explained: {reason}")
    for reason in dict.fromkeys(looks.passed_over.values()):
        count = sum(other == reason for other in looks.passed_over.values())
        notes.append(f"what was pointed at in {count} units was not looked at again: {reason}")
    if closed:
        notes.append(f"suspicions of the model's own that it closed when it looked again: {closed}")
    if explained.dropped:
        notes.append(f"{len(explained.dropped)} parts of the model's answers were dropped, for example: "
                     f"{explained.dropped[0]}")  # fmt: skip
    return notes
