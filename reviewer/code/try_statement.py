"""Walking `try`: its body under its handlers, each handler, and what `finally` leaves."""

from __future__ import annotations

import ast

import libcst as cst

from reviewer.code.environment import Environment, join
from reviewer.code.handler import describe_handler
from reviewer.code.walker import Walker
from reviewer.domain.fact import Block, Fact, Handler, Try, TryStatement, Value


def walk_try(walker: Walker, node: cst.Try | cst.TryStar) -> None:
    """`try` and `try` with `except*`."""
    walker.statement_code = code = "try:"
    clauses: list[tuple[cst.ExceptHandler | cst.ExceptStarHandler, Handler]]
    clauses = [(clause, _describe(walker, clause)) for clause in node.handlers]
    statement = Try(
        walker.span(node),
        tuple(handler for _, handler in clauses),
        node.finalbody is not None,
        isinstance(node, cst.TryStar),
    )
    before = walker.env
    walker.env = dict(before)
    mark = len(walker.facts)
    with walker.protected(statement):
        body_alive = walker.branch(node.body)
    body_facts = tuple(walker.facts[mark:])
    after_body = walker.env
    branches: list[tuple[Environment, bool]] = []
    handler_facts = []
    if node.orelse is not None and body_alive:
        with walker.block(Block("else", walker.span(node.orelse))):
            body_alive = walker.branch(node.orelse.body)
    branches.append((walker.env, body_alive))
    for clause, handler in clauses:
        walker.env = join(dict(before), after_body)
        if handler.name:
            walker.env[handler.name] = Value(type=handler.types[0] if len(handler.types) == 1 else None)
        caught, walker.caught = walker.caught, walker.caught | {handler.name or ""}
        mark = len(walker.facts)
        with walker.block(Block("handler", handler.span, handler.code, handler=handler)):
            alive = walker.branch(clause.body)
        handler_facts.append(tuple(walker.facts[mark:]))
        walker.caught = caught
        branches.append((walker.env, alive))
    walker.meet(branches)
    finals = _walk_finally(walker, node.finalbody, join(dict(before), after_body)) if node.finalbody is not None else ()
    walker.emit(
        TryStatement(walker.span(node), walker.context, code, statement, body_facts, finals, tuple(handler_facts))
    )


def _walk_finally(walker: Walker, node: cst.Finally, interrupted: Environment) -> tuple[Fact, ...]:
    """Walk a `finally`, which runs however the body was left, and go on with what holds when it was left well.

    Args:
        node: the clause.
        interrupted: what may hold when the body is left by an exception or a jump.
    """
    was_alive, well = walker.alive, walker.env
    walker.env = join(interrupted, well) if was_alive else interrupted
    entered = dict(walker.env)
    mark = len(walker.facts)
    with walker.block(Block("finally", walker.span(node))):
        alive = walker.branch(node.body)
    if was_alive:
        left = walker.env
        walker.env = {name: value for name, value in well.items() if name in left or name not in entered}
        walker.env.update((name, value) for name, value in left.items() if entered.get(name) is not value)
    walker.alive = was_alive and alive
    return tuple(walker.facts[mark:])


def _describe(walker: Walker, clause: cst.ExceptHandler | cst.ExceptStarHandler) -> Handler:
    types: tuple[str, ...] = ("BaseException",)
    if clause.type is not None:
        types = tuple(_exception_names(walker, clause.type))
    return describe_handler(clause, walker.span(clause), types, walker.resolve, walker.segment.text)


def _exception_names(walker: Walker, node: cst.BaseExpression, depth: int = 0) -> list[str]:
    if isinstance(node, cst.Tuple):
        return [name for element in node.elements for name in _exception_names(walker, element.value, depth)]
    if isinstance(node, cst.BinaryOperation):
        return _exception_names(walker, node.left, depth) + _exception_names(walker, node.right, depth)
    if isinstance(node, cst.Name) and depth == 0 and node.value in walker.names.outline.assigned:
        # A module constant that names a tuple of exceptions.
        for value in walker.names.outline.assigned[node.value]:
            if isinstance(value, ast.Tuple):
                return [walker.names.of_expression(element).symbol or ast.unparse(element) for element in value.elts]
    return [walker.resolve(node) or walker.text(node)]
