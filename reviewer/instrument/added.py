"""What an added statement is: a log call and what it tells, the clock around a statement, an import, a logger."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from reviewer.instrument.assignment import Function
from reviewer.instrument.check import CheckError
from reviewer.instrument.log_call import METHODS
from reviewer.instrument.proposal import Proposal, is_name

_CARRIERS = frozenset({"bind", "opt"})
_FLAGS = frozenset({"exc_info", "exception"})


def log_fields(node: ast.stmt, proposals: Iterable[Proposal]) -> Iterator[tuple[str, ast.expr]]:
    """The fields of an added log call, by key.

    Raises:
        CheckError: it is no log call on one of the loggers, or a part of it is more than a name or constant.
    """
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in METHODS:
        raise CheckError(f"line {node.lineno} is no log call")
    yield from _parts(call, message=True)
    receiver = call.func.value
    while isinstance(receiver, ast.Call):
        if not isinstance(receiver.func, ast.Attribute) or receiver.func.attr not in _CARRIERS or receiver.args:
            raise CheckError(f"line {node.lineno} is no log call")
        yield from _parts(receiver, message=False)
        receiver = receiver.func.value
    if ast.unparse(receiver) not in {proposal.voice.expression for proposal in proposals}:
        raise CheckError(f"line {node.lineno} speaks through another logger")


def logger_of(node: ast.stmt) -> str:
    """The logger that a log call speaks through, as it is written."""
    inner: ast.expr | None = node.value if isinstance(node, ast.Expr) else None
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        inner = inner.func.value
    return ast.unparse(inner) if inner is not None else ""


def _parts(call: ast.Call, *, message: bool) -> Iterator[tuple[str, ast.expr]]:
    arguments = call.args
    if message:
        first = arguments[0] if arguments else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str) or not first.value.isascii():
            raise CheckError(f"the message at line {call.lineno} is no plain text")
        if first.value.count("%s") != len(arguments) - 1 or "%" in first.value.replace("%s", "") or "{" in first.value:
            raise CheckError(f"the message at line {call.lineno} does not fit its values")
        arguments = arguments[1:]
    for argument in arguments:
        yield ast.unparse(argument), _simple(argument)
    for keyword in call.keywords:
        if keyword.arg is None:
            raise CheckError(f"line {call.lineno} unpacks values")
        if keyword.arg in _FLAGS and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            continue
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or not is_name(key.value):
                    raise CheckError(f"a key at line {call.lineno} is no name")
                yield key.value, _simple(value)
            continue
        yield keyword.arg, _simple(keyword.value)


def _simple(node: ast.expr) -> ast.expr:
    """The node itself, if it is a name, a constant, or the length or type of a name."""
    if isinstance(node, ast.Name | ast.Constant):
        return node
    if isinstance(node, ast.Call) and _is_builtin(node, "len"):
        return node
    is_type = isinstance(node, ast.Attribute) and node.attr == "__name__" and _is_builtin(node.value, "type")
    if is_type:
        return node
    raise CheckError(f"line {node.lineno} logs more than a name, a constant, a length or a type")


def _is_builtin(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and not node.keywords
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
    )


def names_of(value: ast.expr) -> list[str]:
    """The name that a field is about; none for a constant."""
    if isinstance(value, ast.Name):
        return [value.id]
    inner = value.value if isinstance(value, ast.Attribute) else value
    if isinstance(inner, ast.Call) and isinstance(inner.args[0], ast.Name):
        return [inner.args[0].id]
    return []


def is_clock(node: ast.stmt) -> bool:
    """`started = time.perf_counter()` or `elapsed = time.perf_counter() - started`."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return False
    text = ast.unparse(node.value)
    return text == "time.perf_counter()" or text.startswith("time.perf_counter() - started")


def clock_names(inside: Function) -> frozenset[str]:
    """The names of a function that such a time is assigned to."""
    return frozenset(
        node.targets[0].id
        for node in ast.walk(inside)
        if isinstance(node, ast.Assign) and is_clock(node) and isinstance(node.targets[0], ast.Name)
    )


def is_preparation(node: ast.stmt, proposals: tuple[Proposal, ...]) -> bool:
    """Whether a statement imports one thing, or makes one of the loggers as proposed."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return len(node.names) == 1 and node.names[0].asname is None
    if not isinstance(node, ast.Assign):
        return False
    text = ast.unparse(node)
    return any(
        introduction is not None
        and introduction.factory is not None
        and text == f"{introduction.logger} = {introduction.factory}({'__name__' if introduction.by_name else ''})"
        for introduction in (proposal.voice.introduction for proposal in proposals)
    )
