"""External call that may wait for ever.

A call that leaves the process has no timeout, and the library's default is to wait without limit.

Why: When the other side accepts the connection and never answers, the call never returns; the worker, and soon all
workers, stand still without an error or a log line.

Instead: Give a timeout that is shorter than your caller's own patience, and say what happens when it runs out.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Context
from reviewer.domain.finding import Confidence, Finding, Question, Severity

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
)

_BOUNDING = (
    "asyncio.timeout",
    "asyncio.timeout_at",
    "anyio.fail_after",
    "anyio.move_on_after",
    "async_timeout.timeout",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find external calls whose waiting nothing bounds."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.kind is None:
            continue
        timeout = fact.known.timeout
        if timeout is None or timeout.default != "none" or timeout.outer or fact.open_ended:
            continue
        given = fact.argument(timeout.parameter, timeout.position) if timeout.parameter else None
        if given is not None and given.literal != "None":
            continue
        if timeout.constructor and fact.receiver is not None and _set_by_constructor(fact, timeout.constructor):
            continue
        if _bounded(fact.context):
            continue
        explicit = given is not None
        yield rule.finding(
            view,
            fact,
            f"{fact.text}() waits without limit: "
            + (
                f"{timeout.parameter}=None switches the timeout off"
                if explicit
                else "no timeout is given and the default is none"
            ),
            confidence=Confidence.HIGH,
            explanation=f"{fact.known.note or rule.why} {rule.how}",
        )


def _set_by_constructor(call: Call, parameter: str) -> bool:
    settings = call.receiver.settings if call.receiver is not None else None
    if settings is None:
        return True  # made elsewhere: what it was given is unknown
    return any(name == parameter and value != "None" for name, value in settings)


def _bounded(context: Context) -> bool:
    return any(block.symbol in _BOUNDING for block in context.blocks)
