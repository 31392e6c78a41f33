"""Call inside a coroutine that holds the whole event loop.

A blocking call (a child process, an HTTP request without `await`, `time.sleep`, a database driver) stands in an
`async def`, or in a plain function, generator or constructor of the same file that the coroutine runs.

Why: While it waits nothing else on the loop runs: every other request, heartbeat and timer of the process stands
still, and a slow other side stops the whole service instead of one request.

Instead: Await the library's asynchronous form, or hand the call to `asyncio.to_thread`.

Source: https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Unit
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

if TYPE_CHECKING:
    from reviewer.flow.leaving import Body

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import subprocess

async def find(name):
    return subprocess.run(["pgrep", name], check=True, timeout=3)  #!
""",
    """
import requests

async def load(url):
    return requests.get(url, timeout=5).json()  #!
""",
    """
import time

async def poll(job):
    while not job.done:
        time.sleep(1)  #!
""",
    """
import requests

def fetch(url):
    return requests.get(url, timeout=5).json()

async def load(url):
    return fetch(url)  #!
""",
    """
import requests

class Client:
    def fetch(self, url):
        return requests.get(url, timeout=5).json()

    async def load(self, url):
        return self.fetch(url)  #!
""",
    """
import requests

class Catalogue:
    def __init__(self, url):
        self.text = requests.get(url, timeout=5).text

def pages(url):
    for number in range(3):
        yield requests.get(f"{url}/{number}", timeout=5).text

async def load(url):
    found = Catalogue(url)  #!
    for page in pages(url):  #!
        found.text += page
    return found
""",
)
GOOD = (
    """
import asyncio, subprocess

async def find(name):
    return await asyncio.to_thread(subprocess.run, ["pgrep", name], check=True, timeout=3)
""",
    """
import asyncio

async def poll(job):
    while not job.done:
        await asyncio.sleep(1)
""",
    """
import asyncio, requests

async def load(url):
    def fetch():
        return requests.get(url, timeout=5).json()
    return await asyncio.to_thread(fetch)
""",
    """
import asyncio, requests

async def load(url):
    return await asyncio.to_thread(lambda: requests.get(url, timeout=5))
""",
    """
import asyncio, requests

def pages(url):
    for number in range(3):
        yield requests.get(f"{url}/{number}", timeout=5).text

async def load(url):
    return await asyncio.to_thread(list, pages(url))
""",
    """
async def keep(storage, name, target):
    content = await storage.load(name)
    with open(target, "wb") as file:  #~
        file.write(content)
""",
)

_QUIET_KINDS = frozenset({None, "file"})
_SLEEPS = frozenset({"time.sleep"})
_WAITS = frozenset(
    {
        "concurrent.futures.Future.result",
        "queue.Queue.get",
        "queue.Queue.join",
        "threading.Barrier.wait",
        "threading.Condition.wait",
        "threading.Event.wait",
        "threading.Thread.join",
    }
)
"""Waiting for another thread, which may need the loop itself."""
_CONTENTS = frozenset(
    {"open", "read_text", "write_text", "read_bytes", "write_bytes", "rmtree", "copytree", "copy", "move"}
)
"""What moves file contents; looking a file up is felt even less."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find blocking calls that run on the event loop, directly or through a plain function of the project."""
    if not view.unit.is_async or view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not fact.context.is_async or fact.awaited:
            continue
        if fact.known is not None:
            if _holds(fact) and not _never_waits(view.unit, fact):
                yield _finding(view, rule, fact, fact)
        else:
            helper = _run_by(view, fact)
            inner = _first(view, helper) if helper is not None else None
            if helper is not None and inner is not None:
                where = Evidence(inner[0] or view.path, inner[1].span.line, f"{inner[1].text}() blocks here")
                yield _finding(view, rule, fact, inner[1], (helper.unit.name, where))


def _holds(call: Call) -> bool:
    known = call.known
    if known is None or not known.blocking or known.coroutine:
        return False
    if known.kind == "file":
        # Reading and writing small local files is common in coroutines and rarely felt; it is told only quietly.
        return known.name.rpartition(".")[2] in _CONTENTS
    return known.kind is not None or known.name in _SLEEPS or known.name in _WAITS


def _run_by(view: View, call: Call, caller: str = ".") -> Body | None:
    """The plain function of the project whose body a call runs: a generator's runs where it is iterated over."""
    helper = view.flow.run_by(call, caller)
    if helper is None or helper.unit.is_async or (helper.unit.is_generator and call.use != "iterated"):
        return None
    return helper


def _first(view: View, helper: Body, depth: int = 3) -> tuple[str, Call] | None:
    """The first call of a plain function, and of those it calls, that would be loud in a coroutine; with its file."""
    for fact in helper.unit.facts:
        if not isinstance(fact, Call) or fact.context.inside("lambda") is not None:
            continue
        if _holds(fact) and _severity(fact) is not Severity.LOW and not _never_waits(helper.unit, fact):
            return helper.path, fact
        if depth > 1 and fact.known is None:
            inner = _run_by(view, fact, helper.name)
            found = _first(view, inner, depth - 1) if inner is not None and inner.name != helper.name else None
            if found is not None:
                return found
    return None


def _never_waits(unit: Unit, call: Call) -> bool:
    """A look without waiting, or a socket in non-blocking mode: it is told so, or the code expects BlockingIOError."""
    if any("BlockingIOError" in handler.types for attempt in call.context.tries for handler in attempt.handlers):
        return True
    timeout = call.known.timeout if call.known is not None else None
    given = call.argument(timeout.parameter, timeout.position) if timeout is not None and timeout.parameter else None
    if given is not None and given.literal in ("0", "0.0"):
        return True
    if call.receiver is None or call.known is None or call.known.kind != "other":
        return False
    told = f"{call.receiver.text}.setblocking"
    return any(isinstance(fact, Call) and fact.text == told for fact in unit.facts)


def _severity(call: Call) -> Severity:
    known = call.known
    assert known is not None  # noqa: S101 - only described calls hold anything
    quiet = known.kind in _QUIET_KINDS and known.name not in _SLEEPS and known.name not in _WAITS
    return Severity.LOW if quiet else Severity.MEDIUM


def _finding(view: View, rule: Rule, call: Call, inner: Call, through: tuple[str, Evidence] | None = None) -> Finding:
    known = inner.known
    assert known is not None  # noqa: S101 - only described calls get here
    reached = f", through {through[0]}()" if through else ""
    waits = "sleeps" if known.name in _SLEEPS else f"waits for the {known.service}" if known.service else "waits"
    return rule.finding(
        view,
        call,
        f"{inner.text}() blocks the event loop while it {waits}{reached}",
        severity=_severity(inner),
        confidence=Confidence.MEDIUM if through else Confidence.HIGH,
        hushed="reading or writing a file is rarely felt" if known.kind == "file" else "",
        evidence=through[1:] if through is not None else (),
        explanation=(
            f"{call.context.function} is a coroutine, and {inner.text}() does not return to the event loop until "
            f"it is done: meanwhile no other task on the loop runs. {rule.how}"
        ),
    )
