"""Thing that counts as running before its start has succeeded.

An object is put into a registry or kept as the current one, and only then started, connected or entered; nothing
takes it out again when the start fails.

Why: When the start fails, everybody else finds a thing that looks ready and is not: calls to it hang or fail, and the
next attempt refuses because "it is there already".

Instead: Start first and register after, or take it out again in a handler.

Source: https://docs.python.org/3/library/contextlib.html#contextlib.ExitStack
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
async def start(services, stored, make):
    service = make(stored)
    services[stored.id] = service  #!
    await service.start()
    return service
""",
    """
class Box:
    async def switch(self, new):
        self._current = new  #!
        await self._current.__aenter__()
""",
)
GOOD = (
    """
async def start(services, stored, make):
    service = make(stored)
    await service.start()
    services[stored.id] = service
    return service
""",
    """
async def start(services, stored, make):
    service = make(stored)
    services[stored.id] = service
    try:
        await service.start()
    except Exception:
        del services[stored.id]
        raise
""",
    """
import threading

class Box:
    def run(self):
        self._thread = threading.Thread(target=self.work)
        self._thread.start()
""",
)

_STARTS = frozenset(
    {"start", "connect", "open", "initialize", "initialise", "init", "setup", "login", "authenticate", "__aenter__"}
)
_HARMLESS = ("threading.", "multiprocessing.", "asyncio.", "subprocess.")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find objects that are registered first and started after."""
    if view.is_test:
        return
    stores: list[Store] = []
    for fact in view.unit.facts:
        if isinstance(fact, Store):
            if fact.kind in ("item", "attribute") and fact.value.literal is None:
                stores.append(fact)
        elif isinstance(fact, Call) and method(fact) in _STARTS and fact.receiver is not None:
            kept = _kept_before(stores, fact)
            if kept is not None and not _is_undone(fact):
                yield _finding(view, rule, kept, fact)


def _kept_before(stores: list[Store], start: Call) -> Store | None:
    receiver = start.receiver
    if receiver is None or (receiver.type or receiver.made_by or "").startswith(_HARMLESS):
        return None
    if not start.awaited and not (start.known is not None and start.known.kind is not None):
        return None
    for store in reversed(stores):
        if store.context.function != start.context.function:
            continue
        if store.kind == "item" and store.value.text == receiver.text and receiver.text.isidentifier():
            return store
        if store.target == receiver.text and store.kind == "attribute" and _handed_in(store):
            return store
    return None


def _handed_in(store: Store) -> bool:
    """The attribute takes over a thing that exists, rather than making its own."""
    return store.value.text.isidentifier()


def _is_undone(start: Call) -> bool:
    return any(attempt.handlers or attempt.has_finally for attempt in start.context.tries)


def _finding(view: View, rule: Rule, kept: Store, start: Call) -> Finding:
    thing = kept.value.text or kept.target
    return rule.finding(
        view,
        kept,
        f"{thing} is kept in {kept.target} before {start.text}() has succeeded",
        confidence=Confidence.MEDIUM,
        evidence=(rule.at(view, start, "the start that may fail"),),
        explanation=f"When {start.text}() raises, {kept.target} still holds {thing}, which never became ready, and "
        f"its readers assume that it is running. {rule.how}",
    )
