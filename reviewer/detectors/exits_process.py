"""Library code that ends the process.

A function that is no command of a program calls `sys.exit`, `exit` or `os._exit`.

Why: SystemExit passes every `except Exception` on its way up, so one bad file or answer ends the server, the worker
or the notebook of whoever called; in a coroutine it tears down the event loop with all other tasks.

Instead: Raise an exception that says what is wrong, and let the command line turn it into an exit code.

Source: https://docs.python.org/3/library/sys.html#sys.exit
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import is_route
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call
from reviewer.domain.finding import Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.LOW

BAD = (
    """
import sys

class Store:
    def load(self, path):
        if not path.exists():
            sys.exit(f"{path} is missing")  #!
""",
    """
import sys

async def load(store):
    if not await store.ready():
        sys.exit(1)  #!
""",
)
GOOD = (
    """
import sys

def main():
    sys.exit(run())
""",
    """
import sys
import click

@click.command()
def start():
    sys.exit(2)
""",
)

_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})
_COMMANDS = frozenset({"main", "cli", "command", "cmd", "exit", "quit", "usage", "die", "abort", "signal", "argparse"})
_PROGRAM = re.compile(
    r"(^|/)(cli|commands?|cmd|scripts?|bin|tools?|management)/|(^|/|_)(cli|main|__main__|setup|manage)\.py$"
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find exits in functions that are no commands."""
    unit = view.unit
    if view.is_test or unit.kind == "module" or _PROGRAM.search(view.path) or words_of(unit.name) & _COMMANDS:
        return
    if any(decorator.rpartition(".")[2] in ("command", "group", "callback") for decorator in unit.decorators):
        return
    for fact in unit.facts:
        if isinstance(fact, Call) and fact.callee in _EXITS and not fact.context.main and not fact.context.import_time:
            harsh = fact.context.is_async or is_route(view)
            yield rule.finding(
                view,
                fact,
                f"{callee(fact)} in {fact.context.function} ends the whole process of whoever called it",
                severity=Severity.MEDIUM if harsh else Severity.LOW,
                exceptions=("SystemExit",),
            )
