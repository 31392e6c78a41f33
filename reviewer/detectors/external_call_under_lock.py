"""External call while a lock or a transaction is held.

A call over the network, or of a child process, stands in the `with` block of a lock or of a database transaction.

Why: As long as the other side takes, the lock keeps all other threads or tasks out, and the transaction keeps rows
locked and a connection from the pool. One slow service becomes a standstill of everything that needs the lock.

Instead: Call first and take the lock for the assignment alone; commit first and tell others after (an outbox).

Source: https://microservices.io/patterns/data/transactional-outbox.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import leaves_process
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Block, Call
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.CALLS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import threading
import requests

LOCK = threading.Lock()

def refresh(url, cache):
    with LOCK:
        cache["rates"] = requests.get(url, timeout=5).json()  #!
""",
    """
import requests
from django.db import transaction

def pay(order, url):
    with transaction.atomic():
        order.save()
        requests.post(url, json={"id": order.id}, timeout=5)  #!
""",
)
GOOD = (
    """
import threading
import requests

LOCK = threading.Lock()

def refresh(url, cache):
    rates = requests.get(url, timeout=5).json()
    with LOCK:
        cache["rates"] = rates
""",
    """
import requests
from django.db import transaction

def pay(order, url):
    with transaction.atomic():
        order.save()
    requests.post(url, json={"id": order.id}, timeout=5)
""",
    """
import threading

class Wire:
    def __init__(self, peer):
        self.lock = threading.Lock()

    def send(self, line):
        with self.lock:
            with open("wire.log", "a", encoding="utf-8") as log:
                log.write(line)
""",
)

_SLOW = frozenset({"http", "llm", "cloud", "queue", "dns"})
_UNDER_LOCK = _SLOW | {"db", "cache", "process"}
_IN_TRANSACTION = _SLOW | {"process"}
_SIGNALS = frozenset({"kill", "terminate", "send_signal", "poll", "close"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find external calls inside the block of a lock or transaction, one for each block."""
    if view.is_test:
        return
    told: set[Block] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.kind not in _UNDER_LOCK:
            continue
        block = fact.context.inside("lock", "transaction")
        if block is None or block in told or not leaves_process(fact):
            continue
        if fact.known.name.rpartition(".")[2] in _SIGNALS:
            continue
        if block.kind == "transaction" and fact.known.kind not in _IN_TRANSACTION:
            continue
        told.add(block)
        held = "transaction" if block.kind == "transaction" else f"lock {block.text}"
        # A lock of a coroutine often guards just this connection, and the loop goes on meanwhile.
        quiet = block.kind == "lock" and (block.is_async or fact.known.kind not in _SLOW)
        yield rule.finding(
            view,
            fact,
            f"{callee(fact)} is called while the {held} is held",
            severity=Severity.LOW if quiet else None,
            confidence=Confidence.MEDIUM,
            evidence=(Evidence(view.path, block.span.line, f"the {held} is taken here"),),
            explanation=f"Until the {fact.known.service or 'other side'} answers, everything that needs the "
            f"{held} waits. "
            f"{rule.how}",
        )
