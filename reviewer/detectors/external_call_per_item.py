"""External call for each item of a loop.

A query or request stands in the body of a loop over items, one after the other.

Why: The time of the whole grows with the number of items: a hundred rows are a hundred round trips, and a side that
has become slow makes each of them slow. With rows of a database it is the N+1 query.

Instead: Ask for all at once (a join, `IN`, a batch call), or in parallel with a limit.

Source: https://docs.sqlalchemy.org/en/20/glossary.html#term-N-plus-one-problem
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import leaves_process
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Block, Call
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.CALLS
SEVERITY = Severity.LOW

BAD = (
    """
import requests

def load(urls):
    return [requests.get(url, timeout=5).json() for url in urls]  #!
""",
    """
import sqlite3

def load(connection: sqlite3.Connection):
    orders = []
    for row in connection.execute("select id from orders"):
        orders.append(connection.execute("select * from lines where id = ?", row))  #!
    return orders
""",
)
GOOD = (
    """
import requests

def load(url):
    for attempt in range(3):
        try:
            return requests.get(url, timeout=5).json()
        except requests.Timeout as error:
            print(error)
""",
    """
import asyncio
import httpx

async def load(client: httpx.AsyncClient, urls):
    return await asyncio.gather(*[client.get(url) for url in urls])
""",
)

_KINDS = frozenset({"http", "db", "cache", "cloud", "llm", "queue", "dns"})
_READS_ON = frozenset(
    {"fetchone", "fetchmany", "fetchall", "read", "recv", "poll", "close", "commit", "rollback", "add"}
)
"""What continues an exchange that is under way, or only collects."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls that are made once for each item, one finding for each loop."""
    if view.is_test:
        return
    told: set[Block] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.kind not in _KINDS:
            continue
        loop = fact.context.inside("for", "comprehension")
        if loop is None or loop in told or loop.is_async or not leaves_process(fact):
            continue
        if fact.known.name.rpartition(".")[2] in _READS_ON or loop.text.startswith(("range(", "(", "[")):
            continue
        told.add(loop)
        rows = loop.value is not None and loop.value.boundary == "database" and fact.known.kind == "db"
        yield rule.finding(
            view,
            fact,
            f"{callee(fact)} is called once for each of {loop.text}",
            severity=Severity.MEDIUM if rows else None,
            confidence=Confidence.MEDIUM if rows else Confidence.LOW,
            evidence=(Evidence(view.path, loop.span.line, f"goes through {loop.text}"),),
        )
