"""Timeout that cannot be right.

A timeout of zero or less; one of minutes in code that answers a request; or a fixed one on a program that downloads
or builds.

Why: Zero fails at once or, for some libraries, means no limit at all. In a request handler minutes are longer than
browser, proxy and caller wait: they have long gone, and the worker is still held. How long a download takes depends
on its size and the line: a fixed limit ends healthy ones.

Instead: Give a positive number of seconds below your own caller's limit; move longer work to a job.

Source: https://sre.google/sre-book/addressing-cascading-failures/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import REMOTE, is_route
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def load(url):
    return requests.get(url, timeout=0).text  #!
""",
    """
import requests
from flask import Flask

app = Flask(__name__)

@app.route("/orders")
def orders():
    return requests.get("http://orders", timeout=300).text  #!
""",
    """
import subprocess

def fetch(image):
    command = ["docker", "pull", image]
    subprocess.run(command, check=True, timeout=300)  #!
""",
)
GOOD = (
    """
import requests
from flask import Flask

app = Flask(__name__)

@app.route("/orders")
def orders():
    return requests.get("http://orders", timeout=10).text

def nightly(url):
    return requests.get(url, timeout=300).text
""",
    """
import queue

def take(waiting: queue.Queue):
    return waiting.get(timeout=0)
""",
)

_LONG = 60.0
"""Seconds that no caller of a request handler waits: the usual read timeout of proxies in front of one."""
_DOWNLOADS = re.compile(
    r"""["'](docker|podman|git|pip|pip3|uv|npm|pnpm|yarn|apt|apt-get|brew|cargo)["'],\s*["'](pull|clone|fetch|install|build|ci|sync)["']"""
)
_KINDS = (REMOTE | {"process"}) - {"other"}  # with zero a socket or poll looks whether there is something


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find timeouts of zero and, in request handlers, of minutes."""
    route: bool | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.timeout is None:
            continue
        timeout = fact.known.timeout
        given = fact.argument(timeout.parameter, timeout.position) if timeout.parameter else None
        seconds = _number(given.literal if given is not None else None)
        if seconds is None or fact.known.kind not in _KINDS or given is None:
            continue
        seconds *= timeout.unit
        if fact.known.kind == "process" and seconds > 0 and (program := _download(view, fact)) is not None:
            yield rule.finding(
                view,
                fact,
                f"`{program}` is ended after {seconds:g} seconds, however large the download is",
                severity=Severity.LOW,
                explanation="How long it takes depends on the size and on the line: the limit ends healthy "
                "downloads, too. "
                "Leave it out and show the progress, or limit the silence instead of the whole.",
            )
        if seconds <= 0:
            if fact.known.kind == "process":
                continue  # a look whether the child has ended
            yield rule.finding(
                view,
                fact,
                f"{callee(fact)} gets {timeout.parameter}={given.text}, which leaves the other side no time",
                severity=Severity.LOW if view.is_test else None,
                confidence=Confidence.HIGH,
                explanation=f"{fact.text} fails at once with a zero, or waits for ever where zero means no limit. "
                "Give a "
                "positive number of seconds, shorter than your caller's own patience.",
            )
        elif seconds > _LONG:
            route = is_route(view) if route is None else route
            if route:
                yield rule.finding(
                    view,
                    fact,
                    f"{callee(fact)} may hold this request for {seconds:g} seconds",
                    severity=Severity.LOW,
                )


def _download(view: View, call: Call) -> str | None:
    """The downloading program that a child process runs, by the command as written here or at its assignment."""
    if not call.arguments:
        return None
    command = call.arguments[0].value
    texts = [command.text]
    if command.text.isidentifier():
        texts = [fact.value.text for fact in view.unit.facts if isinstance(fact, Store) and fact.target == command.text]
    found = next((match for text in texts if (match := _DOWNLOADS.search(text))), None)
    return f"{found[1]} {found[2]}" if found else None


def _number(literal: str | None) -> float | None:
    try:
        return float(literal) if literal is not None else None
    except ValueError:
        return None
