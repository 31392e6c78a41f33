"""Pipe to a child process that nobody empties.

A child writes into a pipe (`stdout=PIPE`, `stderr=PIPE`) that the parent does not read to its end: it waits for the
child first, or leaves a detached child running.

Why: A pipe holds about 64 KiB. When it is full the child stops in its next write and the parent waits for ever; when
the parent ends, the child is killed by its next write.

Instead: Use `communicate()`, or send the stream to a file or to DEVNULL.

Source: https://docs.python.org/3/library/subprocess.html#subprocess.Popen.wait
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on, method, place
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Argument, Call
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import subprocess

def build():
    child = subprocess.Popen(["make"], stdout=subprocess.PIPE)  #!
    return child.wait() == 0
""",
    """
import asyncio

async def tunnel(port):
    child = await asyncio.create_subprocess_exec(  #!
        "tunnel", str(port), stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    line = await child.stderr.readline()
    return line, child.pid
""",
)
GOOD = (
    """
import subprocess

def build():
    child = subprocess.Popen(["make"], stdout=subprocess.PIPE)
    out, _ = child.communicate()
    return out

def list_files():
    child = subprocess.Popen(["ls"], stdout=subprocess.PIPE)
    for line in child.stdout:
        print(line)
    return child.wait()
""",
    """
import subprocess

def build():
    child = subprocess.Popen(["make"], stdout=subprocess.DEVNULL)
    return child.wait() == 0
""",
    """
import subprocess

class Server:
    def start(self):
        self.child = subprocess.Popen(["serve"], stdout=subprocess.PIPE, start_new_session=True)
""",
)

_MAKERS = frozenset({"subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"})
_STREAMS = ("stdout", "stderr")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find children whose output pipes are waited on before, or never, read."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.name not in _MAKERS:
            continue
        pipes = [argument for argument in fact.arguments if _is_pipe(argument)]
        if not pipes or fact.target is None or not fact.target.isidentifier():
            continue
        if handed_on(view.unit, fact):
            continue
        made = place(fact)
        later = [
            call
            for call in view.unit.facts
            if isinstance(call, Call) and call.receiver is not None and call.receiver.made_at == made
        ]
        names = {method(call) for call in later}
        if "communicate" in names:
            continue
        detached = fact.argument("start_new_session")
        waits = next((call for call in later if method(call) == "wait"), None)
        read = _read_streams(view, fact)
        unread = [argument for argument in pipes if argument.keyword not in read]
        if waits is not None and unread:
            yield rule.finding(
                view,
                fact,
                f"{fact.target}.{unread[0].keyword} is a pipe that nothing reads while {callee(waits)} waits",
                confidence=Confidence.MEDIUM,
                evidence=(Evidence(view.path, waits.span.line, "waits for the child here"),),
            )
        elif waits is None and detached is not None and detached.literal == "True":
            yield rule.finding(
                view,
                fact,
                f"the child of {callee(fact)} lives on with a pipe to this process as its {pipes[0].keyword}",
                confidence=Confidence.MEDIUM,
            )


def _is_pipe(argument: Argument) -> bool:
    return argument.keyword in _STREAMS and argument.value.text.rpartition(".")[2] == "PIPE"


def _read_streams(view: View, call: Call) -> set[str]:
    """The streams that the unit speaks of: reading needs the name."""
    lines = view.lines[call.span.end_line : view.unit.end_line]
    return {name for name in _STREAMS if any(f"{call.target}.{name}" in line for line in lines)}
