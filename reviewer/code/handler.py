"""What an `except` clause does with the error, told before its body is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import libcst as cst

from reviewer.domain.fact import Handler, Span

_LOGGING_METHODS = frozenset(
    {
        "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log",
        "capture_exception", "capture_message", "print_exc", "print_exception", "format_exc", "notice", "secho", "echo",
        "tool_error", "add_note", "log_error", "tool_warning", "record_exception", "print_error",
    }
)  # fmt: skip
_LOGGING_NAMES = frozenset({"print", "warn", "perror"})


def describe_handler(
    node: cst.ExceptHandler | cst.ExceptStarHandler,
    span: Span,
    types: tuple[str, ...],
    resolve: Callable[[cst.BaseExpression], str | None],
    text: Callable[[cst.CSTNode], str],
) -> Handler:
    """Describe a clause.

    Args:
        node: the clause.
        span: where it stands.
        types: the canonical names of what it catches.
        resolve: gives the canonical name of an expression.
        text: gives the source text of a node.
    """
    bound = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else None
    reraises = may_reraise = False
    chains = True
    raises: list[str] = []
    returns: str | None = None
    leaves: Literal["continue", "break"] | None = None
    for statement, conditional in _statements(node.body):
        if isinstance(statement, cst.Raise):
            raised = statement.exc
            target = raised.func if isinstance(raised, cst.Call) else raised
            if raised is None or (isinstance(raised, cst.Name) and raised.value == bound):
                reraises = reraises or not conditional
                may_reraise = may_reraise or conditional
            elif target is not None:
                raises.append(resolve(target) or "")
                if statement.cause is not None and isinstance(statement.cause.item, cst.Name):
                    chains = chains and statement.cause.item.value != "None"
        elif isinstance(statement, cst.Return):
            returns = text(statement.value) if statement.value is not None else ""
        elif isinstance(statement, cst.Continue):
            leaves = "continue"
        elif isinstance(statement, cst.Break):
            leaves = "break"
    logs, uses = _tells(node.body, bound)
    return Handler(
        span=span,
        types=types,
        name=bound,
        reraises=reraises,
        may_reraise=may_reraise,
        raises=tuple(raises),
        chains=chains,
        logs=logs,
        uses_error=uses,
        returns=returns,
        leaves=leaves,
        silent=_is_silent(node.body),
        code=text(node).split("\n", 1)[0].strip(),
        starred=isinstance(node, cst.ExceptStarHandler),
        unwraps=_unwraps(node.body, bound),
    )


def _unwraps(body: cst.BaseSuite, bound: str | None) -> bool:
    """Whether a part is taken out of the caught group, and a name or such a part is raised: hardly anything else."""
    raised = [one.exc for one, _ in _statements(body) if isinstance(one, cst.Raise)]
    if bound is None or not any(isinstance(one, cst.Name | cst.Subscript) for one in raised):
        return False
    return any(
        isinstance(child, cst.Subscript)
        and isinstance(child.value, cst.Attribute)
        and child.value.attr.value == "exceptions"
        and isinstance(child.value.value, cst.Name)
        and child.value.value.value == bound
        for child in _descend(body)
    )


def _tells(body: cst.BaseSuite, bound: str | None) -> tuple[bool, bool]:
    """Whether the error is logged or printed, and whether it is used at all."""
    logs = uses = False
    for child in _descend(body):
        if isinstance(child, cst.Call):
            function = child.func
            if isinstance(function, cst.Attribute):
                name = function.attr.value
                logs = logs or name in _LOGGING_METHODS or name.startswith(("log_", "report_"))
                uses = uses or name in ("exc_info", "format_exc", "print_exc", "exception")
            elif isinstance(function, cst.Name):
                logs = logs or function.value in _LOGGING_NAMES or function.value.startswith(("log_", "_log"))
        elif isinstance(child, cst.Name):
            uses = uses or child.value == bound
        elif isinstance(child, cst.Arg) and child.keyword is not None:
            uses = uses or child.keyword.value == "exc_info"
    return logs, uses


def _is_silent(body: cst.BaseSuite) -> bool:
    """Nothing but pass, continue, break, a constant, or a return of a constant or plain name."""
    for statement, _ in _statements(body):
        if isinstance(statement, cst.Pass | cst.Continue | cst.Break):
            continue
        if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.SimpleString | cst.Ellipsis):
            continue
        if isinstance(statement, cst.Return) and (statement.value is None or _is_constant(statement.value)):
            continue
        if isinstance(statement, cst.Assign) and _is_constant(statement.value):
            continue
        return False
    return True


def _is_constant(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Name | cst.Integer | cst.Float | cst.SimpleString):
        return True
    if isinstance(node, cst.List | cst.Tuple | cst.Set):
        return all(_is_constant(element.value) for element in node.elements)
    return isinstance(node, cst.Dict) and not node.elements


def _statements(
    body: cst.BaseSuite, conditional: bool = False, looped: bool = False
) -> Iterator[tuple[cst.CSTNode, bool]]:
    """Small and compound statements, nested ones too, with whether they stand under a condition.

    The `break` and `continue` of a loop inside the body are left out: they do not leave it.
    """
    for statement in body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if not (looped and isinstance(small, cst.Break | cst.Continue)):
                    yield small, conditional
        elif isinstance(statement, cst.FunctionDef | cst.ClassDef):
            continue
        elif isinstance(statement, cst.BaseCompoundStatement):
            yield statement, conditional
            inner = conditional or not isinstance(statement, cst.With)
            if isinstance(statement, cst.Match):
                for case in statement.cases:
                    yield from _statements(case.body, inner, looped)
                continue
            yield from _statements(statement.body, inner, looped or isinstance(statement, cst.For | cst.While))
            yield from _alternatives(statement, looped)
        elif isinstance(statement, cst.BaseSmallStatement) and not (
            looped and isinstance(statement, cst.Break | cst.Continue)
        ):
            yield statement, conditional


def _alternatives(statement: cst.BaseCompoundStatement, looped: bool) -> Iterator[tuple[cst.CSTNode, bool]]:
    other = getattr(statement, "orelse", None)
    while isinstance(other, cst.If):
        yield from _statements(other.body, True, looped)
        other = other.orelse
    if isinstance(other, cst.Else):
        yield from _statements(other.body, True, looped)
    for clause in getattr(statement, "handlers", ()):
        yield from _statements(clause.body, True, looped)
    final = getattr(statement, "finalbody", None)
    if final is not None:
        yield from _statements(final.body, True, looped)


def _descend(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(current.children)
