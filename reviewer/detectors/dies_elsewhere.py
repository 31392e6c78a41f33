"""Exception that ends a thread, task or callback unseen.

A function of this file is handed over to run elsewhere: in a thread, an executor, a timer, a signal handler.
Exceptions leave it there, where no caller is waiting.

Why: The thread ends with a trace on stderr at best. What it was there for stops happening, the rest of the program
goes on as if it still did, and a future that nobody asks keeps the error to itself.

Instead: Put a handler that logs around the whole body of the function, and keep its loop running where it has one.

Source: https://docs.python.org/3/library/threading.html#threading.excepthook
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee, exception, listed
from reviewer.domain.fact import Argument, Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.failure import is_signal

if TYPE_CHECKING:
    from reviewer.flow.leaving import Leaving

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import threading
import requests

def refresh(url, target):
    while True:
        store(requests.get(url, timeout=5).text, target)

def store(text, target):
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)

def start(url, target):
    worker = threading.Thread(target=refresh, args=(url, target), daemon=True)  #!
    worker.start()
""",
)
GOOD = (
    """
import logging
import threading
import requests

def refresh(url, target):
    while True:
        try:
            target.put(requests.get(url, timeout=5).text)
        except Exception:
            logging.exception("refresh failed")

def start(url, target):
    worker = threading.Thread(target=refresh, args=(url, target), daemon=True)
    worker.start()
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find functions of the file that are handed to a thread or the like and let exceptions out."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not _out_of_sight(fact):
            continue
        for argument in fact.arguments:
            symbol = argument.value.symbol
            if symbol is None or not symbol.startswith(".") or not _is_callback(fact, argument):
                continue
            found = [leaving for leaving in view.flow.leaving(symbol[1:]) if _is_failure(view, leaving)]
            if found:
                yield _finding(view, rule, fact, symbol[1:], found)


def _is_failure(view: View, leaving: Leaving) -> bool:
    return not (leaving.from_input or leaving.doubtful or is_signal(leaving.exception, view.hierarchy))


def _out_of_sight(call: Call) -> bool:
    """What the callback raises reaches nobody: it has a thread to itself, or the future that carries it is dropped."""
    if call.known is None or not call.known.callback:
        return False
    places = " ".join(call.known.callback.values())
    return "of its own" in places or "only logged" in places or (call.known.keep and call.use == "discarded")


def _is_callback(call: Call, argument: Argument) -> bool:
    callbacks = call.known.callback if call.known is not None else {}
    return argument.keyword is None or argument.keyword in callbacks


def _finding(view: View, rule: Rule, call: Call, name: str, found: list[Leaving]) -> Finding:
    where = next(iter(call.known.callback.values()), "elsewhere") if call.known is not None else "elsewhere"
    raised = tuple(leaving.exception for leaving in found)
    told = listed([exception(one) for one in raised])
    first = found[0]
    return rule.finding(
        view,
        call,
        f"{told} may propagate out of {name}, which {callee(call)} runs in {where}: no caller sees it",
        severity=Severity.LOW if view.is_test else None,
        confidence=Confidence.MEDIUM,
        exceptions=raised,
        evidence=rule.way(view, first.steps),
        explanation=(
            f"{exception(first.exception)}{f' ({first.when})' if first.when else ''} ends {name}, and no caller is"
            f" waiting for it. {rule.how}"
        ),
    )
