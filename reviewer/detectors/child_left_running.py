"""Child process that lives on after its time limit.

The wait for a child process has a time limit, and the handler for its end neither kills the child nor hands it to
somebody.

Why: The limit ends the waiting, not the program. Each one that hangs stays behind with its memory, its files and its
locks, until the machine has room for no more.

Instead: Kill the child in the handler, then wait for it.

Source: https://docs.python.org/3/library/subprocess.html#subprocess.Popen.communicate
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Raise, TryStatement
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def build():
    child = await asyncio.create_subprocess_exec("make")
    try:
        await asyncio.wait_for(child.communicate(), timeout=60)
    except asyncio.TimeoutError:  #!
        return "too slow"
""",
    """
import subprocess

def build():
    child = subprocess.Popen(["make"])
    try:
        child.communicate(timeout=60)
    except subprocess.TimeoutExpired:  #!
        return "too slow"
""",
)
GOOD = (
    """
import asyncio

async def build():
    child = await asyncio.create_subprocess_exec("make")
    try:
        await asyncio.wait_for(child.communicate(), timeout=60)
    except asyncio.TimeoutError:
        child.kill()
        await child.wait()
        return "too slow"
""",
    """
import subprocess

def build(end):
    child = subprocess.Popen(["make"])
    try:
        child.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        end(child)
""",
    """
import subprocess

def stop(child: subprocess.Popen):
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        print("still there")
""",
)

_WAITS = frozenset({"communicate", "wait"})
_CHILDREN = frozenset({"subprocess.Popen", "asyncio.subprocess.Process"})
_LIMITS = frozenset({"TimeoutError", "asyncio.TimeoutError", "subprocess.TimeoutExpired"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find handlers of a time limit that leave the child process alone."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        wait = next((part for part in fact.body if _waits_for_child(part)), None)
        if not isinstance(wait, Call) or wait.receiver is None or _is_ended(view.unit.facts, wait.receiver.text):
            continue
        for handler, inside in zip(fact.statement.handlers, fact.in_handlers, strict=False):
            if _LIMITS.isdisjoint(handler.types) or handler.reraises or any(isinstance(f, Raise) for f in inside):
                continue
            child = wait.receiver.text
            yield rule.finding(
                view,
                fact,
                f"{child} runs on after {wait.text}() has taken too long",
                confidence=Confidence.MEDIUM,
                evidence=(rule.at(view, wait, "only this waiting is limited"),),
                span=handler.span,
            )
            break


def _waits_for_child(fact: Fact) -> bool:
    if not isinstance(fact, Call) or fact.receiver is None or fact.receiver.type not in _CHILDREN:
        return False
    last = fact.text.rpartition(".")[2]
    return last in _WAITS and (fact.argument("timeout") is not None or fact.use == "argument" or bool(fact.arguments))


def _is_ended(facts: tuple[Fact, ...], child: str) -> bool:
    """Somebody kills the child, or gets it or its number to do so."""
    for fact in facts:
        if isinstance(fact, Call):
            if fact.text.startswith(child + ".") and fact.text.rpartition(".")[2] in (
                "kill",
                "terminate",
                "send_signal",
            ):
                return True
            if any(a.value.text in (child, f"{child}.pid") for a in fact.arguments):
                return True
    return False
