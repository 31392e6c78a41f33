"""Walking `with`: what is entered, and what it suppresses or holds."""

from __future__ import annotations

import libcst as cst

from reviewer.code.binding import bind
from reviewer.code.call import read_call
from reviewer.code.environment import join, rename
from reviewer.code.names import Names
from reviewer.code.walker import Walker
from reviewer.domain.fact import Block, BlockKind, Context, Handler, Try, Value
from reviewer.domain.library import Callable

_SUPPRESS = frozenset({"contextlib.suppress"})


def walk_with(walker: Walker, node: cst.With) -> None:
    """`with` and `async with`."""
    walker.statement_code = walker.first_line(node)
    is_async = node.asynchronous is not None
    old = walker.context
    for item in node.items:
        _enter(walker, item, is_async)
    with_suppress = any(
        attempt.suppress for attempt in walker.context.tries[: len(walker.context.tries) - len(old.tries)]
    )
    before = dict(walker.env) if with_suppress else None
    walker.walk(node.body.body)
    walker.context = old
    if before is not None:
        walker.env = join(before, walker.env)
        walker.alive = True


def _enter(walker: Walker, item: cst.WithItem, is_async: bool) -> None:
    value = (
        read_call(walker, item.item, "with", None, awaited=is_async)
        if isinstance(item.item, cst.Call)
        else walker.read(item.item, "with")
    )
    text = walker.text(item.item)
    symbol = value.made_by or value.type or value.symbol
    known = walker.names.known(symbol)
    kind = _kind(walker.names, known, value, text)
    walker.use(item, "context", rename(value, text), symbol or "")
    callee = walker.resolve(item.item.func) if isinstance(item.item, cst.Call) else symbol
    now = walker.context
    tries = now.tries
    if callee in _SUPPRESS and isinstance(item.item, cst.Call):
        types = tuple(walker.resolve(argument.value) or walker.text(argument.value) for argument in item.item.args)
        span = walker.span(item)
        # From Python 3.12 on it takes what it names out of exception groups too.
        handler = Handler(span, types, silent=True, code=text, starred=True)
        tries = (Try(span, (handler,), suppress=True), *tries)
    block = Block(
        kind, walker.span(item), text, symbol=callee or symbol, value=rename(value, text), is_async=is_async,
        groups=known is not None and known.groups,
    )  # fmt: skip
    walker.context = Context(now.function, tries, (*now.blocks, block), now.is_async, now.import_time, now.main)
    if item.asname is not None and isinstance(item.asname.name, cst.BaseExpression):
        entered = value
        if known is not None and known.enters is not None:
            entered = Value(
                value.text, known.enters, None, None, value.boundary, value.decoded, None, None, None,
                value.made_by, value.made_at, frozenset(), value.settings,
            )  # fmt: skip
        bind(walker, item.asname.name, entered)


def _kind(names: Names, known: Callable | None, value: Value, text: str) -> BlockKind:
    """What is held inside, by what is known of the call or of its type, else by the name."""
    holds = known.holds if known is not None else None
    if holds is None and value.type is not None and (typed := names.known(value.type)) is not None:
        holds = typed.holds
    if holds is not None:
        return holds
    is_lock = "lock" in text.lower().rpartition(".")[2] and "block" not in text.lower()
    return "lock" if is_lock else "with"
