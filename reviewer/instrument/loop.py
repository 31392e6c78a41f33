"""The loops around a place: how often a line there would be written, and whether it costs much beside what they do."""

from __future__ import annotations

import ast

from reviewer.domain.fact import Call
from reviewer.instrument.assignment import Function
from reviewer.instrument.subject import Subject

Loop = ast.For | ast.AsyncFor | ast.While
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_WAITING = frozenset({"http", "llm", "cloud", "queue", "process", "db", "cache", "dns", "file", "other"})
"""Kinds of calls beside which writing a line takes no time."""


def is_hot(subject: Subject, node: ast.stmt | ast.ExceptHandler, function: Function) -> bool:
    """Whether a line there would be written in the inner of two loops, neither of which waits for anything.

    Args:
        subject: the file.
        node: the statement or clause.
        function: the innermost function around it.
    """
    loops = loops_around(subject, node, function)
    return len(loops) > 1 and not _waits(subject, loops[0])


def loops_around(subject: Subject, node: ast.stmt | ast.ExceptHandler, function: Function) -> list[Loop]:
    """The loops of a function that may come to a place again, the innermost first.

    Args:
        subject: the file.
        node: the statement or clause.
        function: the innermost function around it.
    """
    loops: list[Loop] = []
    is_caught = False
    child: ast.AST = node
    for outer in subject.around_of(node):
        if outer is function:
            break
        body = getattr(outer, "body", None)
        if isinstance(body, list) and any(one is child for one in body):
            if isinstance(outer, _LOOPS):
                loops.append(outer)
            is_caught = is_caught or (isinstance(outer, ast.Try | ast.TryStar) and bool(outer.handlers))
        child = outer
    block = node.body if isinstance(node, ast.ExceptHandler) else subject.block_of(node)
    if any(isinstance(inner, ast.Continue) for statement in block for inner in ast.walk(statement)):
        return loops
    last = block[-1]
    if isinstance(last, ast.Return) or (isinstance(last, ast.Raise) and not is_caught):
        return []
    return loops[1:] if isinstance(last, ast.Break) else loops


def _waits(subject: Subject, loop: Loop) -> bool:
    """A round of the loop awaits something or calls what leaves the process, so that a line costs little beside it."""
    if isinstance(loop, ast.AsyncFor) or any(isinstance(node, ast.Await) for node in ast.walk(loop)):
        return True
    last = loop.end_lineno or loop.lineno
    return any(
        isinstance(fact, Call)
        and fact.known is not None
        and fact.known.kind in _WAITING
        and loop.lineno <= fact.span.line <= last
        for unit in subject.code.units
        for fact in unit.facts
    )
