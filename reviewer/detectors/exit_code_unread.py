"""Child process whose exit status nobody reads.

A program is run, and its exit status is neither checked by the library nor looked at.

Why: The program fails, prints its reason to a stream nobody reads, and the caller goes on with what it should have
made.

Instead: Pass `check=True`, or compare the return code and say what failed.

Source: https://docs.python.org/3/library/subprocess.html#subprocess.run
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on, leaves_process, method, uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.LOW

BAD = (
    """
import subprocess

def build():
    subprocess.run(["make", "all"], timeout=600)  #!
""",
    """
import os

def build():
    os.system("make all")  #!
""",
    """
import subprocess

def version():
    done = subprocess.run(["make", "--version"], capture_output=True, text=True, timeout=5)  #!
    return done.stdout.strip()
""",
)
GOOD = (
    """
import subprocess

def build():
    subprocess.run(["make", "all"], timeout=600, check=True)
    done = subprocess.run(["make", "all"], timeout=600)
    if done.returncode:
        raise RuntimeError("make failed")
    return subprocess.call(["make", "test"])
""",
    """
import subprocess

def stop(child: subprocess.Popen):
    child.kill()
    child.wait()
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find programs whose failure is not looked at."""
    if view.is_test:
        return
    stops: set[str] | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.kind != "process":
            continue
        status = fact.known.status
        if status is None or not leaves_process(fact) or fact.open_ended:
            continue
        if status.parameter is not None and fact.argument(status.parameter) is not None:
            continue  # check=False, too, says that somebody thought of it
        if method(fact) == "wait":
            if stops is None:
                stops = {
                    call.receiver.text
                    for call in view.unit.facts
                    if isinstance(call, Call) and call.receiver is not None and method(call) in ("kill", "terminate")
                }
            if fact.receiver is None or fact.receiver.text in stops or _reads_returncode(view, fact.receiver.text):
                continue
        if fact.use == "discarded" or (
            status.attributes and _is_unread(view, fact, status.attributes + status.methods)
        ):
            yield rule.finding(
                view,
                fact,
                f"nothing checks whether {callee(fact)} succeeded",
                confidence=Confidence.MEDIUM,
            )


def _reads_returncode(view: View, receiver: str) -> bool:
    word = f"{receiver}.returncode"
    return any(word in line for line in view.lines[view.unit.line - 1 : view.unit.end_line])


def _is_unread(view: View, call: Call, wanted: tuple[str, ...]) -> bool:
    if call.use not in ("assigned", "attribute") or handed_on(view.unit, call):
        return False
    return not any(use.detail in wanted for use in uses_of(view.unit, call))
