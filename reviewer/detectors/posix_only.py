"""Name that only some platforms have.

A signal, function or behaviour of Unix is used without a look at the platform, in a function that neither is named for
Unix nor is called under such a look alone.

Why: On Windows `signal.SIGHUP` or `os.killpg` raises AttributeError, `loop.add_signal_handler` raises
NotImplementedError, and `os.kill(pid, 0)`, a harmless probe on Unix, ends the process.

Instead: Test `hasattr(signal, "SIGHUP")` or `sys.platform`, or say in the package's metadata that Windows is not
served.

Source: https://docs.python.org/3/library/signal.html#signal.signal
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
import signal

def watch(stop):
    signal.signal(signal.SIGHUP, stop)  #!
""",
    """
import os

def alive(pid):
    try:
        os.kill(pid, 0)  #!
    except ProcessLookupError:
        return False
    return True
""",
)
GOOD = (
    """
import os
import sys

def detach():
    if os.fork():
        os._exit(0)

def start():
    if sys.platform != "win32":
        detach()
""",
    """
import os

def detach_posix():
    os.setsid()
""",
    """
import signal

def watch(stop):
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, stop)
    signal.signal(signal.SIGTERM, stop)
""",
    """
import os
import sys

def leave(pid):
    if sys.platform != "win32":
        os.killpg(pid, 15)
""",
)

_SIGNALS = frozenset(
    f"signal.{name}"
    for name in (
        "SIGHUP", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE", "SIGALRM", "SIGSTOP", "SIGCONT",
        "SIGTSTP", "SIGWINCH",
    )
)  # fmt: skip
_CALLS = frozenset(
    {
        "os.fork", "os.forkpty", "os.getuid", "os.geteuid", "os.getgid", "os.getegid", "os.killpg", "os.getpgid",
        "os.setsid", "os.setpgrp", "os.chown", "os.mkfifo", "os.nice", "os.getloadavg", "os.uname", "signal.alarm",
        "signal.setitimer", "signal.pause", "signal.sigwait", "signal.pthread_sigmask",
    }
)  # fmt: skip
_OTHERS = re.compile(r"win32|\bos\.name\b|platform\.system|Windows|IS_WINDOWS")
"""What a file that thinks of Windows says somewhere."""
_FOR_UNIX = re.compile(r"(^|_)(posix|unix|linux|darwin|macos)(_|$)", re.IGNORECASE)
_ASKED = ("platform", "hasattr", "os.name", "win32", "nt", "posix", "windows", "IS_WIN", "linux")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find names of Unix that nothing around makes sure of.

    Loud where the file itself shows that it is meant for other platforms too.
    """
    if view.is_test:
        return
    portable: bool | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        what = _unix_only(fact)
        if what is None or _asked(fact) or ends(view, fact, "AttributeError"):
            continue
        if _FOR_UNIX.search(view.unit.name.rpartition(".")[2]) or _called_where_asked(view):
            return
        if portable is None:
            portable = any(_OTHERS.search(line) for line in view.lines)
        yield rule.finding(
            view,
            fact,
            f"{what} exists only on Unix, and nothing here checks the platform",
            severity=Severity.MEDIUM if portable else Severity.LOW,
            confidence=Confidence.MEDIUM if portable else Confidence.LOW,
            exceptions=("AttributeError",),
        )


def _unix_only(fact: Call) -> str | None:
    if fact.callee in _CALLS:
        return fact.callee
    if fact.callee == "os.kill" and len(fact.arguments) == 2 and fact.arguments[1].value.literal == "0":
        return "os.kill(…, 0) as a probe"
    if fact.text.endswith(".add_signal_handler"):
        return fact.text
    return next((argument.value.symbol for argument in fact.arguments if argument.value.symbol in _SIGNALS), None)


def _called_where_asked(view: View) -> bool:
    """Whether the calls of the unit that the file shows all stand under a look at the platform."""
    calls = [
        fact
        for peer in view.peers
        for fact in peer.facts
        if isinstance(fact, Call) and fact.callee == f".{view.unit.name}"
    ]
    return bool(calls) and all(_asked(call) for call in calls)


def _asked(fact: Call) -> bool:
    return any(
        block.kind in ("if", "else") and any(word in block.text for word in _ASKED) for block in fact.context.blocks
    )
