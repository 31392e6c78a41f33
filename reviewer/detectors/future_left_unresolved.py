"""Future that a failure leaves unresolved.

A function does the work for somebody who waits for a future, gives it the result, and gives it no exception when the
work fails.

Why: The exception ends the thread or task that did the work, and the future is never resolved: whoever waits for it
waits for ever, without an error and without a log line.

Instead: Put the work into a `try`, and call `set_exception` with what it raises.

Source: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.set_exception
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
from concurrent.futures import Future

def work(job, future: Future):
    result = job.run()
    future.set_result(result)  #!
""",
    """
def work(job, future):
    future.set_result(job.run())  #!
""",
)
GOOD = (
    """
from concurrent.futures import Future

def work(job, future: Future):
    try:
        result = job.run()
        future.set_result(result)
    except Exception as error:
        future.set_exception(error)
""",
    """
def done(future, result):
    future.set_result(result)
""",
    """
def work(job, future):
    try:
        future.set_result(job.run())
    except Exception:
        fail(future)
""",
)

_FUTURES = frozenset({"concurrent.futures.Future", "asyncio.Future"})
_PLAIN = frozenset(
    {"len", "str", "int", "dict", "list", "tuple", "set", "bool", "isinstance", "get", "pop", "time", "monotonic"}
)
"""What hardly fails between taking a job and answering it."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find futures that get the result of some work and never its failure."""
    if view.is_test:
        return
    calls: list[Call] = []
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        if method(fact) == "set_result" and fact.receiver is not None and _is_handed_in(view, fact.receiver):
            work = _work(calls, fact)
            if work is not None and not _told_otherwise(view, fact):
                yield rule.finding(
                    view,
                    fact,
                    f"{fact.receiver.text} is never resolved when {callee(work)} fails",
                    confidence=Confidence.HIGH,
                    evidence=(rule.at(view, work, "the work that may fail"),),
                )
        calls.append(fact)


def _is_handed_in(view: View, value: Value) -> bool:
    """A future of somebody else: a parameter, known by its type or, where there is none, by its name."""
    if value.parameter is None and value.text not in {parameter.name for parameter in view.unit.parameters}:
        return False
    if value.type is not None:
        return value.type in _FUTURES
    return value.text.lower().endswith(("future", "fut"))


def _work(calls: list[Call], resolved: Call) -> Call | None:
    """The call in the same function that makes the result."""
    given = resolved.arguments[0].value.text if resolved.arguments else ""
    for call in reversed(calls):
        if call.context.function != resolved.context.function or method(call) in _PLAIN:
            continue
        if call.target == given or (
            call.use == "argument" and given.removeprefix("await ").startswith(f"{call.text}(")
        ):
            return call
    return None


def _told_otherwise(view: View, resolved: Call) -> bool:
    """Its failure reaches the future, or somebody who gets the future as a whole."""
    future = resolved.receiver.text if resolved.receiver is not None else ""
    for fact in view.unit.facts:
        if isinstance(fact, Call):
            if fact.text in (f"{future}.set_exception", f"{future}.cancel"):
                return True
            if any(argument.value.text == future for argument in fact.arguments):
                return True
    return False
