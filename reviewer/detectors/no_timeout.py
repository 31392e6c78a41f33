"""External call that may wait for ever.

A call that leaves the process has no timeout, and the library's default is to wait without limit; or a limit that the
library sets is switched off.

Why: When the other side accepts the connection and never answers, the call never returns; the worker, and soon all
workers, stand still without an error or a log line.

Instead: Give a timeout that is shorter than your caller's own patience, and say what happens when it runs out.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Unit, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.domain.library import Timeout
from reviewer.flow.waiting import is_bounded, setter_of

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def load(url):
    return requests.get(url).text  #!
""",
    """
import requests

def load(url):
    return requests.get(url, timeout=None).text  #!
""",
    """
import httpx

def load(url):
    return httpx.get(url, timeout=None).text  #!
""",
    """
import httpx

def load(url):
    return httpx.get(url, timeout=httpx.Timeout(None)).text  #!
""",
    """
import socket

def load(address):
    peer = socket.socket()
    peer.connect(address)  #!
""",
    """
import asyncio

async def load(host):
    return await asyncio.open_connection(host, 80)  #!
""",
)
GOOD = (
    """
import requests

def load(url):
    return requests.get(url, timeout=5).text
""",
    """
import requests

def load(url, **options):
    return requests.get(url, **options).text
""",
    """
import socket

def load(address):
    peer = socket.socket()
    peer.settimeout(5)
    peer.connect(address)
    return peer.recv(100)
""",
    """
import socket

def load(address):
    peer = socket.create_connection(address, timeout=5)
    return peer.recv(100)
""",
    """
import ssl

def wrap(context: ssl.SSLContext, peer, host):
    return context.wrap_socket(peer, server_hostname=host)
""",
    """
import asyncio

async def load(host):
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, 80)
        return await reader.read()

async def read(host):
    return await asyncio.wait_for(asyncio.open_connection(host, 80), 5)
""",
    """
import httpx

def load(url):
    return httpx.get(url, timeout=httpx.Timeout(5)).text
""",
    """
import redis.asyncio
from redis.asyncio.lock import Lock

async def claim(client: redis.asyncio.Redis, name):
    lock = Lock(client, name, timeout=30, blocking=False)
    return lock if await lock.acquire(token="me") else None
""",
    """
import subprocess
import click

def start(command):
    click.echo("Starting ...")
    try:
        subprocess.run(command, check=True)  #~
    except subprocess.CalledProcessError as error:
        click.echo(f"It ended with {error.returncode}", err=True)
""",
)

_QUIET_KINDS = frozenset({"process", "db", "file", "queue"})
"""A child process or a statement is often meant to take its time, and the side that hangs is rarely a stranger."""
_WITH_TERMINAL = frozenset({"subprocess.run", "subprocess.call", "subprocess.check_call"})
_REDIRECTS = ("stdin", "stdout", "stderr", "input")
_SPEAKS = frozenset({"print", "click.echo", "click.secho", "typer.echo", "typer.secho", "rich.print"})
_CONNECTS = frozenset({"open_connection", "open_unix_connection", "create_connection", "connect"})
"""Of what is bounded from outside: reading from a peer waits by design in whoever serves it, connecting never does."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find external calls whose waiting nothing bounds."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.timeout is None or fact.open_ended:
            continue
        timeout = fact.known.timeout
        given = fact.argument(timeout.parameter, timeout.position) if timeout.parameter else None
        switched_off = given is not None and (given.literal == "None" or _is_unlimited(view.unit, given.made_at))
        if given is not None and not switched_off:
            continue
        if not switched_off and (timeout.default != "none" or fact.known.kind is None):
            continue
        if fact.known.kind is None and not fact.known.releases:
            continue  # waiting inside the program (a lock, a thread) is no question of other sides
        if fact.known.kind == "file":
            continue
        if _is_bounded_elsewhere(view, fact, timeout):
            continue
        yield rule.finding(
            view,
            fact,
            f"{callee(fact)} waits without limit: "
            + (
                f"{timeout.parameter}={given.text} switches the timeout off"
                if switched_off and given is not None
                else "no timeout is given and the default is none"
            ),
            severity=Severity.LOW if view.is_test or _is_quiet(fact) else None,
            confidence=Confidence.HIGH,
            hushed="somebody waits for it at the terminal, and can end it" if _is_watched(view, fact) else "",
            explanation=f"{_sentence(fact.known.note) or rule.why} {rule.how}",
        )


def _is_watched(view: View, call: Call) -> bool:
    """Whether a child program has the terminal of a program that speaks to somebody there."""
    if call.callee not in _WITH_TERMINAL or call.open_ended:
        return False
    if any(call.argument(name) is not None for name in _REDIRECTS):
        return False
    captured = call.argument("capture_output")
    return (captured is None or captured.literal == "False") and any(
        isinstance(fact, Call) and (fact.callee in _SPEAKS or fact.text.lower().endswith("console.print"))
        for fact in view.unit.facts
    )


def _is_quiet(call: Call) -> bool:
    known = call.known
    if known is None or known.timeout is None or known.kind in _QUIET_KINDS:
        return True
    last = known.name.rpartition(".")[2]
    if last == "wrap_socket" or last.startswith("receive"):
        return True  # the limit of the socket below holds; a peer may be silent by design
    return (known.timeout.outer or known.timeout.setter is not None) and last not in _CONNECTS


def _is_unlimited(unit: Unit, made_at: tuple[int, int] | None) -> bool:
    """The limit is an object that was made with None alone: `httpx.Timeout(None)`."""
    if made_at is None:
        return False
    for fact in unit.facts:
        if isinstance(fact, Call) and (fact.span.line, fact.span.column) == made_at:
            last = (fact.callee or "").rpartition(".")[2]
            return last.endswith("Timeout") and [a.value.literal for a in fact.arguments] == ["None"]
    return False


def _is_bounded_elsewhere(view: View, call: Call, timeout: Timeout) -> bool:
    if timeout.outer and not call.awaited:
        return True  # whoever awaits it may give the limit
    if _only_looks(call):
        return True
    if timeout.constructor and call.receiver is not None and _set_by_constructor(call, timeout.constructor):
        return True
    setter, receiver = setter_of(call)
    if setter and _set_on_socket(view, receiver, setter):
        return True
    if any("timeout" in name.lower() for name in view.unit.decorators):
        return True
    return is_bounded(call.context)


def _only_looks(call: Call) -> bool:
    """Whether the call, or the lock that it is of, was told to answer at once instead of waiting."""
    given = call.argument("blocking")
    if given is not None:
        return given.literal == "False"
    settings = call.receiver.settings if call.receiver is not None else None
    return ("blocking", "False") in (settings or ())


def _set_by_constructor(call: Call, parameter: str) -> bool:
    settings = call.receiver.settings if call.receiver is not None else None
    if settings is None:
        return True  # made elsewhere: what it was given is unknown
    return any(name == parameter and value != "None" for name, value in settings)


def _set_on_socket(view: View, receiver: Value | None, setter: str) -> bool:
    """The socket got its limit by a method, by the call that made it, or for all sockets of the process."""
    if receiver is None or receiver.made_by is None or receiver.parameter is not None:
        return True  # handed in: whoever made it may have set its limit
    if receiver.made_by != "socket.socket":
        return True
    told = (f"{receiver.text}.{setter}(", f"{receiver.text}.setblocking(", "setdefaulttimeout(")
    return any(word in line for line in view.lines for word in told)


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}." if note else ""
