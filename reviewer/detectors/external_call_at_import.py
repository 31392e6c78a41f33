"""External call that runs when the module is imported.

A request, a connection, a query or a child process stands at module or class level.

Why: Importing the module then depends on the other side: when it is down, the program, its tests and its command-line
help do not even start, and when it is slow, every start is.

Instead: Make the call in a function, at first use or at an explicit start-up step.

Source: https://docs.python.org/3/reference/import.html#loading
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import REMOTE, guarding, leaves_process
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.CALLS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

RATES = requests.get("https://rates.example", timeout=5).json()  #!

def rate(name):
    return RATES[name]
""",
    """
import psycopg2

class Store:
    connection = psycopg2.connect("dbname=shop")  #!

    def find(self):
        return self.connection
""",
)
GOOD = (
    """
import requests

def rates():
    return requests.get("https://rates.example", timeout=5).json()
""",
    """
import requests

def main():
    print(requests.get("https://rates.example", timeout=5).json())

if __name__ == "__main__":
    print(requests.get("https://rates.example", timeout=5).json())
""",
    """#!/usr/bin/env python3
import requests
print(requests.get("https://rates.example", timeout=5).json())
""",
)

_KINDS = REMOTE | {"process"}
_SCRIPTS = frozenset({"setup.py", "noxfile.py", "conf.py", "fabfile.py", "tasks.py", "__main__.py"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls at module or class level that leave the process."""
    unit = view.unit
    if unit.kind not in ("module", "class") or view.is_test or _is_script(view):
        return
    for fact in unit.facts:
        if not isinstance(fact, Call) or not fact.context.import_time or fact.context.main:
            continue
        if fact.known is None or fact.known.kind not in _KINDS or not leaves_process(fact):
            continue
        if fact.context.inside("lambda", "def") is not None:
            continue
        caught = guarding(fact.context) is not None
        yield rule.finding(
            view,
            fact,
            f"{callee(fact)} runs at import and contacts the {fact.known.service or 'outside'}",
            severity=Severity.LOW if caught else None,
            confidence=Confidence.HIGH,
            exceptions=tuple(fact.known.raises)[:3],
        )


def _is_script(view: View) -> bool:
    """The file is run and not imported: its first line says so, its name does, or it defines nothing."""
    if view.path.rpartition("/")[2] in _SCRIPTS or (view.lines and view.lines[0].startswith("#!")):
        return True
    return not any(line.startswith(("def ", "class ", "async def ", "@")) for line in view.lines)
