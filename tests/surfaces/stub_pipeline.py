"""A pipeline for the tests of the surfaces, whose findings can be told from the source without any rule.

A changed line with "LOUD" is a high finding and one with "QUIET" a low one; a file with "UNREADABLE" is not checked, and
one with "CRASH" makes the pipeline itself fail.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Collection
from dataclasses import dataclass

from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.domain.change import Change, FileChange
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.domain.report import Answer, Coverage, FindingItem, NotChecked, Report, Tool, Usage
from reviewer.domain.settings import Settings


@dataclass(frozen=True)
class StubRule:
    """A rule with its texts and no check."""

    id: str = "loud-word"
    title: str = "A loud word"
    question: Question = Question.THROWS
    severity: Severity = Severity.HIGH
    what: str = "The word stands there."
    why: str = "It is loud."
    how: str = "Say it quietly."
    source: str = "https://example.org/words"
    bad: tuple[str, ...] = ("LOUD()",)
    good: tuple[str, ...] = ("quiet()",)


def all_rules() -> tuple[StubRule, ...]:
    """The rules of this pipeline."""
    return (StubRule(), StubRule(id="quiet-word", title="A quiet word", severity=Severity.LOW))


def review_change(
    change: Change,
    settings: Settings,
    *,
    baseline: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
    **_: object,
) -> Report:
    """A report made of words."""
    reviewed = [file for file in change.files if file.content is not None and file.skipped is None]
    if progress is not None:
        progress(len(reviewed), len(reviewed))
    findings = [item for file in reviewed for item in _findings(file)]
    missing = [file for file in reviewed if b"UNREADABLE" in (file.content or b"")]
    if any(b"CRASH" in (file.content or b"") for file in reviewed):
        raise ZeroDivisionError("as asked")
    items = [
        _item(finding, identity, known=identity in baseline)
        for finding, identity in zip(findings, fingerprint_all(findings), strict=True)
    ]
    new = [item for item in items if item.status == "new"]
    blocks = any(settings.blocks(Severity(item.severity)) for item in new)
    return Report(
        schema="reviewer.review/1",
        id="r",
        created_at="2026-01-01T00:00:00Z",
        tool=Tool(name="reviewer", version="0"),
        repository=change.repository,
        base=change.base,
        head=change.head,
        model="offline",
        status="partial" if missing or change.failures else "complete",
        verdict="block" if blocks else "warn" if any(item.severity != "low" for item in new) else "pass",
        coverage=Coverage(
            files_changed=len(change.files),
            files_reviewed=len(reviewed) - len(missing),
            units_reviewed=len(reviewed),
            not_checked=[
                *(NotChecked(path=path, reason=reason) for path, reason in change.failures),
                *(NotChecked(path=file.path, reason="as asked") for file in missing),
            ],
            files_skipped=[NotChecked(path=f.path, reason=f.skipped) for f in change.files if f.skipped is not None],
            notes=list(change.notes),
        ),
        calls=[],
        findings=items,
        answers=[],
        usage=Usage(model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=None, elapsed_ms={}),
    )


@dataclass(frozen=True)
class StubAnswers:
    """What is said of a target."""

    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    spent: None = None


def explain_target(
    repository: object, target: str, head: str | None = None, *, folder: str = "", **_: object
) -> StubAnswers:
    """One answer that repeats the question."""
    del repository
    said = Answer(path=target, line=1, function=str(head), calls="c", unavailable="u", throws="t", inputs="i")
    return StubAnswers((said,))


def _findings(file: FileChange) -> list[Finding]:
    lines = (file.content or b"").decode().split("\n")
    changed = range(1, len(lines) + 1) if file.whole else sorted(file.added_lines)
    found = []
    for number in changed:
        text = lines[number - 1] if number <= len(lines) else ""
        for word, severity in (("LOUD", Severity.HIGH), ("QUIET", Severity.LOW)):
            if word in text:
                found.append(
                    Finding(
                        rule=f"{word.lower()}-word",
                        question=Question.THROWS,
                        severity=severity,
                        confidence=Confidence.HIGH,
                        path=file.path,
                        line=number,
                        end_line=number,
                        column=text.index(word) + 1,
                        function="<module>",
                        message=f"{word} in {text.strip()}",
                        code=text,
                    )
                )
    return found


def _item(finding: Finding, identity: str, *, known: bool) -> FindingItem:
    return FindingItem(
        id=identity,
        rule=finding.rule,
        question=finding.question.value,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        path=finding.path,
        line=finding.line,
        end_line=finding.end_line,
        column=finding.column,
        function=finding.function,
        message=finding.message,
        code=finding.code,
        exceptions=[],
        evidence=[],
        explanation="",
        patterns=[],
        suggestion=None,
        judgement=None,
        status="known" if known else "new",
        waiver=None,
    )


def install() -> None:
    """Stand in for the pipeline in this process."""
    sys.modules.update(modules())


def modules() -> dict[str, types.ModuleType]:
    """The modules that this one stands in for."""
    stubs: dict[str, dict[str, object]] = {
        "reviewer.review": {"review_change": review_change},
        "reviewer.answers": {"explain_target": explain_target},
        "reviewer.detectors.registry": {"all_rules": all_rules},
    }
    modules = {name: types.ModuleType(name) for name in stubs}
    for name, module in modules.items():
        module.__dict__.update(stubs[name])
    return modules
