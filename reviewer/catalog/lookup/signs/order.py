"""Signs of what stands before or after what: awaits, commits, queues, checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reviewer.catalog.lookup.signs.sign import (
    ACQUIRING,
    LOCK,
    RECEIVING,
    RELEASING,
    SENDING,
    TRANSACTION,
    Sign,
    block_like,
    calls_of,
    is_called,
    loops_of,
    method_of,
    owner_of,
)
from reviewer.detectors.rule import View
from reviewer.domain.fact import Block, Call, Fact, Store, Try, Usage

_ENQUEUING = frozenset(
    {"delay", "apply_async", "enqueue", "send_task", "defer", "publish", "send_message", "add_job", "enqueue_job"}
)
_WRITING = frozenset({"save", "create", "add", "insert", "insert_one", "bulk_create", "add_all", "merge", "execute"})
_LOOKING = frozenset({"exists", "first", "one_or_none", "scalar_one_or_none", "count", "find_one", "get", "filter_by"})
_STORING = frozenset({"upload_file", "upload_fileobj", "put_object", "upload", "upload_from_file", "copy_object"})
_ASKING = frozenset({"get", "post", "put", "fetch", "urlopen", "download", "request"})
_EMPTY = ("None", "False", "''")
_SWAPPED = re.compile(r",\s*self\.\w+\s*=.*,\s*(None|False|'')\s*$|^\s*self\.\w+,.*=\s*(None|False|''),")
"""`mine, self.token = self.token, None`, which is no single assignment."""
_OUTSIDE = re.compile(r"requests|https?|client|s3|bucket|storage|blob|api|session", re.IGNORECASE)


def interrupted_exchange(view: View) -> Iterator[Sign]:
    """A request is awaited and then its answer: who is cancelled in between leaves the answer on the connection."""
    waiting = [call for call in calls_of(view.unit.facts) if call.awaited]
    for sent, received in pairwise(waiting):
        if method_of(sent) in SENDING and method_of(received) in RECEIVING and not _minds_cancelling(received):
            yield Sign(
                "awaits between sending a command and reading its answer",
                ("cancellation", "stale-reply", "connection-pool"),
                sent.span.line,
            )


def interrupted_loan(view: View) -> Iterator[Sign]:
    """Something is given back after an await, with no `finally` to see to it."""
    waiting = [call for call in calls_of(view.unit.facts) if call.awaited]
    for index, call in enumerate(waiting):
        if method_of(call) in RELEASING and index and not _in_finally(call):
            taken = any(method_of(earlier) in ACQUIRING for earlier in waiting[:index])
            says = "gives back what it took only where no await before it is cancelled"
            if taken or "pool" in call.text.lower():
                yield Sign(says, ("cancellation", "give-back", "connection-pool", "resource-leak"), call.span.line)


def narrow_clean_up(view: View) -> Iterator[Sign]:
    """Clean-up under `except Exception` around an await: cancellation does not come by there."""
    for call in calls_of(view.unit.facts):
        handler = next((b.handler for b in call.context.blocks if b.kind == "handler" and b.handler), None)
        if handler is None or not set(handler.types) & {"Exception", "OSError", "ConnectionError", "TimeoutError"}:
            continue
        if method_of(call) in RELEASING and (view.unit.is_async or call.awaited):
            yield Sign(
                "cleans up in a handler that cancellation passes by",
                ("cancellation", "cleanup", "give-back"),
                call.span.line,
            )


def state_before_effect(view: View) -> Iterator[Sign]:
    """Local state says that something is over before the call that ends it was awaited."""
    says = "changes its own state before the awaited call that it stands for"
    for call in calls_of(view.unit.facts):
        if not call.awaited or call.context.function != view.unit.name:
            continue
        emptied = (
            fact.span.line
            for fact in view.unit.facts
            if isinstance(fact, Store) and fact.target.startswith("self.") and fact.value.literal in _EMPTY
        )
        swapped = (at for at in range(view.unit.line, call.span.line) if _SWAPPED.search(view.lines[at - 1]))
        line = next((line for line in (*emptied, *swapped) if line < call.span.line), None)
        if line is not None:
            yield Sign(says, ("state-before-effect", "cancellation"), line)


def queued_before_commit(view: View) -> Iterator[Sign]:
    """A job is put on a queue in a transaction, or right after a row was written that it needs."""
    wrote: Call | None = None
    for call in calls_of(view.unit.facts):
        if method_of(call) in _WRITING and method_of(call) != "execute":
            wrote = call
        elif is_called(call, "commit", "on_commit"):
            wrote = None
        elif method_of(call) in _ENQUEUING and not call.context.inside("lambda"):
            open_still = wrote is not None or block_like(call, TRANSACTION) or call.context.inside("transaction")
            if open_still:
                yield Sign(
                    "puts a job on a queue before the row that it needs is committed",
                    ("before-commit", "task-queue", "transaction", "race"),
                    call.span.line,
                )


def check_then_insert(view: View) -> Iterator[Sign]:
    """A row is looked for and written where none was found."""
    calls = calls_of(view.unit.facts)
    for index, call in enumerate(calls):
        if method_of(call) not in _LOOKING or _is_cache(call):
            continue
        wrote = next((c for c in calls[index + 1 : index + 6] if method_of(c) in _WRITING and not _is_cache(c)), None)
        if wrote is None or _protected(wrote, "Integrity", "Unique", "Duplicate"):
            continue
        if wrote.context.inside("if", "else") or any(_tests_negation(fact) for fact in view.unit.facts):
            yield Sign(
                "looks whether a row is there and then writes it",
                ("check-then-act", "race", "uniqueness", "double-submit"),
                call.span.line,
            )


def outside_under_lock(view: View) -> Iterator[Sign]:
    """A call leaves the process between taking a lock, or beginning a transaction, and letting it go."""
    held: Call | None = None
    for call in calls_of(view.unit.facts):
        if LOCK.search(call.text) and not is_called(call, "release", "unlock"):
            held = call
        elif is_called(call, "commit", "release", "unlock", "rollback"):
            held = None
        elif _leaves(call):
            block = (
                call.context.inside("lock", "transaction") or block_like(call, LOCK) or block_like(call, TRANSACTION)
            )
            if held is not None or (block is not None and not _OUTSIDE.search(block.text.partition(".")[0])):
                yield Sign(
                    "calls a service while a lock or a transaction is held",
                    ("io-under-lock", "contention", "transaction", "lock"),
                    call.span.line,
                )


def rows_in_any_order(view: View) -> Iterator[Sign]:
    """Rows of a query are changed one after the other, in whatever order they came."""
    for loop in loops_of(view.unit):
        header = loop.block.text if loop.block else ""
        if not loop.block or loop.block.kind != "for" or "order_by" in header or "sorted" in header:
            continue
        target = loop.block.target
        changed = next((f for f in loop.body if isinstance(f, Store) and f.target.startswith(f"{target}.")), None)
        if changed is not None and re.search(r"query|objects|select|scalars|filter|\.all\(", header):
            yield Sign(
                "changes rows in the order in which a query gave them",
                ("lock-order", "deadlock", "database-lock"),
                changed.span.line,
            )


def commit_in_loop(view: View) -> Iterator[Sign]:
    """A transaction ends inside a loop over the rows of a query."""
    for loop in loops_of(view.unit):
        header = loop.block.text if loop.block else ""
        if not re.search(r"iterator|yield_per|cursor|stream|fetch|execute|query|objects", header):
            continue
        ends = next((f for f in loop.body if _ends_transaction(f)), None)
        if ends is not None:
            yield Sign(
                "ends a transaction while it is still reading the rows of a query",
                ("commit-in-loop", "cursor", "transaction", "pooler"),
                ends.span.line,
            )


def _ends_transaction(fact: Fact) -> bool:
    if isinstance(fact, Call) and is_called(fact, "commit"):
        return True
    return isinstance(fact, Call) and is_called(fact, "atomic", "begin", "transaction")


def _leaves(call: Call) -> bool:
    if call.known is not None and call.known.kind in ("http", "cloud", "queue", "llm"):
        return True
    if method_of(call) in _STORING:
        return True
    return method_of(call) in _ASKING and bool(_OUTSIDE.search(owner_of(call))) and not TRANSACTION.search(call.text)


def _is_cache(call: Call) -> bool:
    return "cache" in owner_of(call)


def _tests_negation(fact: Fact) -> bool:
    return isinstance(fact, Usage) and fact.operation == "test"


def _in_finally(call: Call) -> bool:
    return call.context.inside("finally") is not None


def _minds_cancelling(call: Call) -> bool:
    return any(_stops_cancelling(attempt) for attempt in call.context.tries) or _shielded(call.context.blocks)


def _stops_cancelling(attempt: Try) -> bool:
    caught = {name.rpartition(".")[2] for handler in attempt.handlers for name in handler.types}
    return attempt.has_finally or bool(caught & {"CancelledError", "BaseException"})


def _shielded(blocks: tuple[Block, ...]) -> bool:
    return any("shield" in block.text.lower() for block in blocks)


def _protected(call: Call, *words: str) -> bool:
    caught = [name for attempt in call.context.tries for handler in attempt.handlers for name in handler.types]
    return any(word in name for word in words for name in caught)


SIGNS = (
    interrupted_exchange,
    interrupted_loan,
    narrow_clean_up,
    state_before_effect,
    queued_before_commit,
    check_then_insert,
    outside_under_lock,
    rows_in_any_order,
    commit_in_loop,
)
