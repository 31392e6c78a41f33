"""Attribute checked and then read again, while another thread may clear it.

A condition makes sure that an attribute is not None, the next statements read the attribute again, and another
function of the file sets it to None; the file works with threads.

Why: Between the check and the use the other thread clears the attribute: the code fails with AttributeError on None,
rarely and only under load.

Instead: Read the attribute once into a local name, check that name and use it; or hold a lock over both.

Source: https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Block, Call, Fact, Store, Unit
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import threading

def step(session, model):
    if session.runtime is not None:
        session.runtime.model = model  #!

def clean_up(sessions):
    for session in sessions:
        session.runtime = None

def start(sessions):
    threading.Thread(target=clean_up, args=(sessions,)).start()
""",
)
GOOD = (
    """
import threading

def step(session, model):
    runtime = session.runtime
    if runtime is not None:
        runtime.model = model

def clean_up(sessions):
    for session in sessions:
        session.runtime = None

def start(sessions):
    threading.Thread(target=clean_up, args=(sessions,)).start()
""",
    """
def step(session, model):
    if session.runtime is not None:
        session.runtime.model = model

def clean_up(session):
    session.runtime = None
""",
)

_CHECKS = frozenset({"not-none", "truthy"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find guarded attributes of shared objects that are read again after the check."""
    if view.is_test:
        return
    threaded: bool | None = None
    told: set[tuple[str, tuple[Block, ...]]] = set()
    for fact in view.unit.facts:
        path = _reread(fact)
        owner, dot, name = path.rpartition(".") if path is not None else ("", "", "")
        # What hangs on self alone is mostly used by one thread at a time; a session or job is shared.
        if (
            path is None
            or not dot
            or not owner.isidentifier()
            or owner in ("self", "cls")
            or (path, fact.context.blocks[-1:]) in told
        ):
            continue
        if threaded is None:
            threaded = any(line.startswith(("import threading", "from threading")) for line in view.lines)
        if not threaded:
            return
        cleared = _cleared(view, name) if fact.context.inside("lock") is None else None
        if cleared is not None:
            told.add((path, fact.context.blocks[-1:]))
            unit, store = cleared
            yield rule.finding(
                view,
                fact,
                f"{path} is read again after its check, and {unit.name} may set it to None in between",
                confidence=Confidence.MEDIUM,
                exceptions=("AttributeError",),
                evidence=(rule.at(view, store, f"{unit.name} sets it to None"),),
            )


def _reread(fact: Fact) -> str | None:
    """The path that a statement goes through after a check has established it; None where there is no such thing."""
    if isinstance(fact, Call) and fact.receiver is not None:
        return fact.receiver.text if not _CHECKS.isdisjoint(fact.receiver.guards) else None
    if isinstance(fact, Store) and fact.kind == "attribute":
        path = fact.target.rpartition(".")[0]
        condition = fact.context.inside("if")
        if condition is not None and re.search(rf"(?<![\w.]){re.escape(path)}(?![\w.(])", condition.text):
            return path
    return None


def _cleared(view: View, name: str) -> tuple[Unit, Store] | None:
    """Another function of the file that sets the attribute of some object to None, outside of its making."""
    ending = f".{name} = None"
    if not any(line.rstrip().endswith(ending) for line in view.lines):
        return None
    for caller in view.flow.definitions.referring(name):
        unit = view.flow.definitions.unit(caller) if caller != view.unit.name else None
        if unit is None or unit.name.endswith("__init__"):
            continue
        for fact in unit.facts:
            if isinstance(fact, Store) and fact.target.endswith("." + name) and fact.value.literal == "None":
                return unit, fact
    return None
