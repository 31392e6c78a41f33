"""Error path that can fail itself.

A handler or a `finally` block does something outside the program, or parses something, without protection of its own.

Why: The error path runs when the file system, the network or the process is already in trouble. Its own failure
replaces the first one, skips the rest of the clean-up, and the report shows the wrong cause.

Instead: Protect the call with a `try` or `contextlib.suppress` of its own, and keep the first error.

Source: https://docs.python.org/3/library/exceptions.html#exception-context
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee, clause, exception, listed
from reviewer.domain.fact import Block, Call
from reviewer.domain.finding import Evidence, Finding, Question, Severity
from reviewer.flow.risk import Risk, names, open_risks

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import os
import shutil

def publish(source, target):
    try:
        shutil.copy(source, target)
    except OSError:
        os.unlink(target)  #!
        return False
    return True
""",
    """
import subprocess

def stop(process: subprocess.Popen):
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.wait(timeout=30)  #!
""",
)
GOOD = (
    """
import json
import requests

def load(url):
    response = requests.get(url, timeout=5)
    try:
        response.raise_for_status()
    except requests.HTTPError:
        return json.loads(response.text)["error"]  #~
    return response.text
""",
    """
import contextlib
import os
import shutil

def publish(source, target):
    try:
        shutil.copy(source, target)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(target)
        return False
    return True
""",
    """
import os
import shutil

def publish(source, target):
    try:
        shutil.copy(source, target)
    except OSError:
        os.unlink(target)  #~
        raise
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls with documented failures in handlers and `finally` blocks."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None:
            continue
        block = fact.context.inside("handler", "finally")
        if block is None or _protected_inside(fact, block) or not _reaches_out(fact):
            continue
        found = tuple(risk for risk in open_risks(fact, view.flow) if not risk.steps)
        if found and not all(risk.rare for risk in found):
            yield _finding(view, rule, fact, block, found)


def _reaches_out(call: Call) -> bool:
    """Something is asked of the outside, or parsed; giving an open thing back and writing to it count as harmless."""
    known = call.known
    if known is None or known.name.rpartition(".")[2] in ("close", "flush", "write", "resolve"):
        return False
    return known.kind is not None or known.decoded


def _protected_inside(call: Call, block: Block) -> bool:
    return any(attempt.span.line >= block.span.line for attempt in call.context.tries)


def _finding(view: View, rule: Rule, call: Call, block: Block, found: tuple[Risk, ...]) -> Finding:
    raised = names(found)
    handler = block.handler
    where = clause(handler) if handler is not None else "finally"
    return rule.finding(
        view,
        call,
        f"{callee(call)} may raise {listed([exception(name) for name in raised])} inside {where}",
        severity=_severity(view, call, block),
        exceptions=raised,
        evidence=(Evidence(view.path, block.span.line, where),),
        explanation=(
            f"The error path of {call.context.function} ends with {exception(raised[0])} when {found[0].when}, in place"
            f" of the error that it was written for. {rule.how}"
        ),
    )


def _severity(view: View, call: Call, block: Block) -> Severity:
    handler = block.handler
    if view.is_test or call.context.import_time or call.context.main:
        return Severity.LOW
    if handler is not None and (handler.reraises or handler.raises or call.use != "discarded"):
        return Severity.LOW  # the error is on its way already, or the call is the second attempt
    return Severity.MEDIUM
