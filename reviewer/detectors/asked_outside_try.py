"""Answer that is parsed under a handler and fetched without one.

A coroutine awaits an answer, and the statements right after parse it in a `try` whose handler survives every error;
the call itself stands before the `try`.

Why: The function is written to go on without an answer it can read, but no answer at all (a time limit, a refused
connection, a quota) passes by the handler and ends the caller's work.

Instead: Begin the `try` before the call, or handle its failures apart.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import guarding
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import survives
from reviewer.detectors.wording import callee, clause
from reviewer.domain.fact import Call, TryStatement
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json

async def pick(model, question, log):
    answer = await model.ask(question)  #!
    try:
        return json.loads(answer)["tool"]
    except Exception as error:
        log.error("unreadable: %s", error)
        return None
""",
    """
import json

async def pick(model, question, timer, log):
    with timer("ask"):
        answer = await model.ask(question)  #!
    try:
        return json.loads(answer)["tool"]
    except Exception as error:
        log.error("unreadable: %s", error)
        return None
""",
)
GOOD = (
    """
import json

async def pick(model, question, log):
    try:
        answer = await model.ask(question)
        return json.loads(answer)["tool"]
    except Exception as error:
        log.error("no tool: %s", error)
        return None
""",
    """
import json

async def pick(model, question):
    answer = await model.ask(question)
    try:
        return json.loads(answer)["tool"]
    except ValueError as error:
        raise RuntimeError("unreadable") from error
""",
)

_PARSERS = frozenset({"json.loads", "json.load", "yaml.safe_load", "ast.literal_eval"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find awaited answers whose parsing alone is protected."""
    if view.is_test or not view.unit.is_async:
        return
    fetched: dict[str, Call] = {}
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.awaited and fact.target is not None and guarding(fact.context) is None:
            fetched[fact.target] = fact
        elif isinstance(fact, TryStatement) and fetched:
            found = _parsed_here(fetched, fact)
            if found is not None:
                del fetched[found.target or ""]
                handler = next(h for h in fact.statement.handlers if survives(h)) if fact.statement else None
                if handler is None:
                    continue
                yield rule.finding(
                    view,
                    found,
                    f"{callee(found)} is outside the try whose `{clause(handler)}` handles an unreadable answer",
                    confidence=Confidence.MEDIUM,
                    exceptions=("Exception",),
                )


def _parsed_here(fetched: dict[str, Call], attempt: TryStatement) -> Call | None:
    if attempt.statement is None:
        return None
    if not any("Exception" in handler.types and survives(handler) for handler in attempt.statement.handlers):
        return None
    calls = [fact for fact in attempt.body if isinstance(fact, Call)]
    if not any(call.callee in _PARSERS for call in calls) or any(call.awaited for call in calls[:2]):
        return None
    for call in calls[:2]:
        for argument in call.arguments[:1]:
            known = fetched.get(argument.value.text)
            if known is not None and _stands_before(known, attempt):
                return known
    return None


def _stands_before(call: Call, attempt: TryStatement) -> bool:
    """The call runs wherever the `try` does; a `with` around it alone makes no difference."""
    around = [block for block in call.context.blocks if block.kind != "with"]
    return around == [block for block in attempt.context.blocks if block.kind != "with"][: len(around)]
