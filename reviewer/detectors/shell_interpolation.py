"""Value written into a shell command.

A command line for the shell is put together with an f-string, `%`, `format` or `+`, and a part of it is not quoted.

Why: A path with a space or a quote breaks the command; a name with `;` or `$(…)` runs another one.

Instead: Start the program with a list of arguments and without a shell; where a shell is needed, put each part through
`shlex.quote`.

Source: https://docs.python.org/3/library/subprocess.html#security-considerations
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def count(folder):
    return await asyncio.create_subprocess_shell(f"find {folder} -type f | wc -l")  #!
""",
    """
import subprocess

def archive(name):
    subprocess.run(f"tar cf {name}.tar {name}", shell=True, check=True, timeout=60)  #!
""",
)
GOOD = (
    """
import shlex
import subprocess

def archive(name):
    subprocess.run(f"tar cf out.tar {shlex.quote(name)}", shell=True, check=True, timeout=60)
    subprocess.run(["tar", "cf", f"{name}.tar", name], check=True, timeout=60)
    subprocess.run("ls | wc -l", shell=True, check=True, timeout=60)
""",
)

_ALWAYS = frozenset({"asyncio.create_subprocess_shell", "os.system", "os.popen", "subprocess.getoutput"})
_BY_FLAG = frozenset(
    {"subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find shell commands with parts that are not quoted."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not fact.arguments:
            continue
        if fact.callee not in _ALWAYS and not (fact.callee in _BY_FLAG and _in_shell(fact)):
            continue
        command = fact.arguments[0].value
        if command.made_by not in ("f-string", "str.format"):
            continue
        quiet = view.is_test
        yield rule.finding(
            view,
            fact,
            f"{fact.text}() hands {command.text} to a shell with parts that are not quoted",
            severity=Severity.LOW if quiet else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


def _in_shell(fact: Call) -> bool:
    shell: Value | None = fact.argument("shell")
    return shell is not None and shell.text == "True"
