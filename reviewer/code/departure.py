"""Walking statements behind which the next one is not reached: `return`, `raise`, `break`, `continue`."""

from __future__ import annotations

import libcst as cst

from reviewer.code.environment import rename
from reviewer.code.walker import Walker
from reviewer.domain.fact import Raise, Return


def walk_return(walker: Walker, node: cst.Return) -> None:
    """`return`, with a value or without."""
    value = None
    if node.value is not None:
        value = rename(walker.read(node.value, "returned"), walker.text(node.value))
        if value.made_at is not None:
            walker.use(node, "return", value)
    walker.emit(Return(walker.span(node), walker.context, walker.statement_code, value))
    walker.alive = False


def walk_raise(walker: Walker, node: cst.Raise) -> None:
    """`raise`: a new exception, or one that was caught."""
    exception = None
    handler_block = walker.context.inside("handler")
    handler = handler_block.handler if handler_block is not None else None
    reraise = node.exc is None
    if node.exc is not None:
        value = walker.read(node.exc)
        target = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        if isinstance(target, cst.Name) and handler is not None and target.value == handler.name:
            reraise = True
        else:
            exception = _raised(walker.resolve(target) if isinstance(node.exc, cst.Call) else value.symbol, value.type)
            reraise = isinstance(target, cst.Name) and target.value in walker.caught
    cause = None
    if node.cause is not None:
        walker.read(node.cause.item)
        cause = walker.text(node.cause.item)
    walker.emit(Raise(walker.span(node), walker.context, walker.statement_code, exception, reraise, cause, handler))
    walker.alive = False


def _raised(symbol: str | None, made: str | None) -> str | None:
    """The class that is raised: what is named, or what a function with that name makes."""
    is_function = symbol is not None and symbol.rpartition(".")[2].lstrip("_")[:1].islower()
    return (made or symbol) if is_function else (symbol or made)


def walk_jump(walker: Walker, node: cst.CSTNode) -> None:
    """`break` and `continue`: what is known here goes on behind the loop, or in its next pass."""
    if walker.loops:
        jumps = walker.loops[-1]
        jumps.breaks += isinstance(node, cst.Break)
        if walker.alive:
            (jumps.broken if isinstance(node, cst.Break) else jumps.continued).append(dict(walker.env))
    walker.alive = False
