"""Answer used without looking at its status.

The library gives back a failed answer like a good one, and neither the status is read nor the check is called.

Why: An error page, a redirect to a login or "too many requests" is taken for the data: parsing fails far from the
cause, or an error body is stored as the result.

Instead: Call the check (`raise_for_status()`), or compare the status and say what happens otherwise.

Source: https://requests.readthedocs.io/en/latest/user/quickstart/#response-status-codes
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on, leaves_process, uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.domain.library import ErrorStatus

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def load(url):
    return requests.get(url, timeout=5).json()  #!
""",
    """
import requests

def send(url, order):
    requests.post(url, json=order, timeout=5)  #!
""",
    """
import httpx

async def load(client: httpx.AsyncClient, url):
    answer = await client.get(url)  #!
    return answer.json()["rows"]
""",
)
GOOD = (
    """
import requests

def load(url):
    answer = requests.get(url, timeout=5)
    answer.raise_for_status()
    return answer.json()
""",
    """
import requests

def load(url):
    answer = requests.get(url, timeout=5)
    if answer.status_code != 200:
        return None
    return answer.json()
""",
    """
import requests

def load(url):
    return requests.get(url, timeout=5)
""",
    """
import requests

def load(url, check):
    answer = requests.get(url, timeout=5)
    check(answer)
    return answer.json()
""",
    """
import aiohttp

async def load(url):
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.get(url) as answer:
            return await answer.json()
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls whose failure comes back as a value that nobody looks at."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.status is None:
            continue
        status = fact.known.status
        if fact.known.kind == "process" or not leaves_process(fact) or fact.open_ended:
            continue
        if not status.attributes or not status.methods or _is_checked_by_library(fact, status):
            continue
        if fact.use not in ("discarded", "assigned", "attribute", "with") or handed_on(view.unit, fact):
            continue
        wanted = {*status.attributes, *status.methods}
        seen = [use for use in uses_of(view.unit, fact) if use.operation in ("attribute", "method", "test")]
        if any(use.detail in wanted or use.operation == "test" for use in seen):
            continue
        used = next((use.detail for use in seen), None)
        yield rule.finding(
            view,
            fact,
            f"the status of {callee(fact)} is not checked" + (f" before .{used} is used" if used else ""),
            severity=Severity.LOW if view.is_test else None,
            confidence=Confidence.HIGH,
            explanation=f"{fact.text} does not raise for an error status: a 401, 429 or 500 is used as if it were a "
            f"success. Call .{status.methods[0]}() or compare .{status.attributes[0]}.",
        )


def _is_checked_by_library(call: Call, status: ErrorStatus) -> bool:
    if status.parameter is not None and (given := call.argument(status.parameter)) is not None:
        return given.literal != "False"
    settings = call.receiver.settings if call.receiver is not None else None
    names = {name for name, _ in settings or ()}
    # Hooks of a client may check every answer.
    return bool(names & {status.constructor, "event_hooks", "hooks"})
