"""What a rule is, and what it may look at."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING

from reviewer.domain.fact import Call, Fact, Span, Unit, Usage, Value
from reviewer.domain.file_role import is_test
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

if TYPE_CHECKING:
    from reviewer.flow.hierarchy import Hierarchy
    from reviewer.flow.leaving import Step
    from reviewer.flow.summary import Summaries
    from reviewer.flow.upward import Upward
    from reviewer.knowledge.lookup import Knowledge


@dataclass(frozen=True)
class View:
    """What a detector sees besides the unit itself.

    Attributes:
        path: the file, relative to the repository.
        unit: the unit being checked.
        hierarchy: what handlers cover.
        knowledge: what libraries do.
        flow: what leaves the functions of the file, changed or not, and of those that they call.
        upward: where it arrives.
        lines: the file's lines; index 0 is line 1.
        peers: all units of the file that were read, this one included.
    """

    path: str
    unit: Unit
    hierarchy: Hierarchy
    knowledge: Knowledge
    flow: Summaries = field(repr=False)
    upward: Upward = field(repr=False)
    lines: tuple[str, ...] = ()
    peers: tuple[Unit, ...] = field(default=(), repr=False)

    @property
    def is_test(self) -> bool:
        """The file is test code, where a failure is a test result and not an incident."""
        return is_test(self.path)


Check = Callable[[View, "Rule"], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """A rule: a stable id with its reason.

    Attributes:
        id: kebab-case name that says what it finds.
        question: which of the four questions a finding answers.
        severity: the usual harm; a finding may say another.
        title: one line.
        what: what is found.
        why: what happens in operation.
        how: what to do.
        source: where this is written.
        check: the detector.
        bad: example source; lines that end in `#!` are those where a finding must stand, `#~` a low one.
        good: example source with no finding but low ones on lines that end in `#~`.
    """

    id: str
    question: Question
    severity: Severity
    title: str
    what: str
    why: str
    how: str
    source: str
    check: Check = field(repr=False, compare=False)
    bad: tuple[str, ...] = field(repr=False)
    good: tuple[str, ...] = field(repr=False)

    def finding(
        self,
        view: View,
        fact: Fact,
        message: str,
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.MEDIUM,
        exceptions: tuple[str, ...] = (),
        evidence: tuple[Evidence, ...] = (),
        explanation: str = "",
        span: Span | None = None,
        hushed: str = "",
    ) -> Finding:
        """A finding of this rule at a fact.

        Args:
            view: where the fact was seen.
            fact: what the finding stands on.
            message: one line naming the concrete thing.
            severity: other than the rule's usual one.
            confidence: how likely it is true.
            exceptions: qualified names involved.
            evidence: further places.
            explanation: what happens, to whom, and what to do.
            span: another place than the fact's own.
            hushed: why it is to stay quiet whatever else speaks for it, in words.
        """
        place = span or fact.span
        code = fact.code
        if span is not None and 0 < span.line <= len(view.lines):
            code = view.lines[span.line - 1].strip()[:200]
        return Finding(
            rule=self.id,
            question=self.question,
            severity=severity or self.severity,
            confidence=confidence,
            path=view.path,
            line=place.line,
            end_line=place.end_line,
            column=place.column,
            function=fact.context.function,
            message=message,
            code=code,
            exceptions=exceptions,
            evidence=evidence,
            explanation=explanation or f"{self.why} {self.how}",
            asked=severity or self.severity,
            hushed=hushed or ("it is test code" if view.is_test else ""),
            source=_source(fact),
            kind=fact.known.kind if isinstance(fact, Call) and fact.known is not None else None,
        )

    def at(self, view: View, fact: Fact, note: str) -> Evidence:
        """Evidence at a fact's line."""
        return Evidence(view.path, fact.span.line, note)

    def way(self, view: View, steps: Iterable[Step]) -> tuple[Evidence, ...]:
        """Evidence at each step of an exception's way, in whichever file it is."""
        return tuple(Evidence(step.path or view.path, step.line, f"{step.text} in {step.function}") for step in steps)


def _source(fact: Fact) -> str | None:
    """Where the data comes from that a fact is about."""
    if isinstance(fact, Usage):
        return _origin(fact.subject)
    if isinstance(fact, Call):
        given = [fact.receiver] if fact.receiver is not None else []
        values = [*given, *(argument.value for argument in fact.arguments)]
        return next((origin for value in values if (origin := _origin(value)) is not None), None)
    return None


def _origin(value: Value) -> str | None:
    return value.boundary or ("" if value.decoded else None)


def rule_of(module: ModuleType) -> Rule:
    """Build the rule that a detector module describes.

    The module's docstring is the documentation: a title line, then paragraphs; those that begin with "Why:",
    "Instead:" and "Source:" are the reason, the advice and the reference, the rest says what is found. The module has
    `QUESTION`, `SEVERITY`, `BAD`, `GOOD` (tuples of source text) and `check`. Its name, with dashes, is the rule's id.
    """
    paragraphs = [" ".join(p.split()) for p in inspect.cleandoc(module.__doc__ or "").split("\n\n")]
    named = {"Why:": "", "Instead:": "", "Source:": ""}
    what = []
    for paragraph in paragraphs[1:]:
        label = paragraph.split(" ", 1)[0]
        if label in named:
            named[label] = paragraph.removeprefix(label).strip()
        else:
            what.append(paragraph)
    return Rule(
        id=module.__name__.rpartition(".")[2].replace("_", "-"),
        question=module.QUESTION,
        severity=module.SEVERITY,
        title=paragraphs[0].rstrip("."),
        what=" ".join(what),
        why=named["Why:"],
        how=named["Instead:"],
        source=named["Source:"],
        check=module.check,
        bad=tuple(module.BAD),
        good=tuple(module.GOOD),
    )
