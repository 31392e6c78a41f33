"""Shared thing that two tasks may both make.

A coroutine finds an attribute unset, awaits what makes its value, and then sets it; no lock is held. It is loud where
the attribute is made on first use, and low in methods that by their name run once (start, connect, …).

Why: While the first task waits, a second one finds the attribute unset as well: two connections, sessions or
conversations are made, one is lost and never closed, and the tasks may go on with different ones.

Instead: Hold an `asyncio.Lock` over the check and the making, and check again inside; or keep the task that makes it.

Source: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.domain.fact import Block, Call, Context, Return, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
class Session:
    async def id(self):
        if self._id is None:
            self._id = await self.client.create()  #!
        return self._id
""",
    """
class Pool:
    async def get(self):
        if not self._pool:
            pool = await make_pool(self.url)
            self._pool = pool  #!
        return self._pool
""",
    """
class Pool:
    async def get(self):
        if self._pool is not None:
            return self._pool
        self._pool = await make_pool(self.url)  #!
        return self._pool
""",
)
GOOD = (
    """
class Session:
    async def id(self):
        async with self._lock:
            if self._id is None:
                self._id = await self.client.create()
        return self._id
""",
    """
class Session:
    async def id(self):
        if self._id is None:
            self._id = make()
        return self._id
""",
    """
class Session:
    async def connect(self):
        if self._peer is None:
            self._peer = await dial(self.url)  #~
""",
)

_ONCE = frozenset({"start", "connect", "open", "setup", "init", "initialize", "initialise", "aenter", "login", "run"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find attributes that are checked, awaited for and set without a lock."""
    if not view.unit.is_async or view.is_test:
        return
    known: set[str] = set()  # attributes for which a return has settled the case that they are set
    last_await: Call | None = None
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.awaited:
            last_await = fact
        elif isinstance(fact, Return) and fact.value is not None and not fact.yields:
            condition = fact.context.inside("if")
            if condition is not None and condition.text in (fact.value.text, f"{fact.value.text} is not None"):
                known.add(fact.value.text)
        elif isinstance(fact, Store) and fact.kind == "attribute" and fact.target.startswith("self."):
            if last_await is None or fact.value.literal is not None or _locked(fact.context):
                continue
            condition = _asks_whether_unset(fact)
            since = condition.span.line if condition is not None else 0
            if (condition is None and fact.target not in known) or last_await.span.line < since:
                continue
            if not _makes(fact, last_await):
                continue
            once = words_of(view.unit.name.rpartition(".")[2]) & _ONCE
            yield rule.finding(
                view,
                fact,
                f"{fact.target} is set after an await, and nothing keeps a second task from making it as well",
                severity=Severity.LOW if once else None,
                confidence=Confidence.MEDIUM,
                evidence=(rule.at(view, last_await, "another task may run here and find it unset, too"),),
            )


def _asks_whether_unset(store: Store) -> Block | None:
    """The condition around a store that holds while its target is unset."""
    for block in reversed(store.context.blocks):
        if block.kind == "if" and re.fullmatch(
            rf"(not {re.escape(store.target)}|{re.escape(store.target)} is None)", block.text
        ):
            return block
        if block.kind == "def":
            return None
    return None


def _makes(store: Store, made: Call) -> bool:
    """The awaited call gives the value that is kept."""
    return store.value.text.startswith("await ") or (made.target is not None and made.target == store.value.text)


def _locked(context: Context) -> bool:
    return any(
        block.kind in ("lock", "with") and re.search(r"lock|mutex|semaphore", block.text, re.IGNORECASE)
        for block in context.blocks
    )
