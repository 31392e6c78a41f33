"""Names that a failure leaves unbound, as the text of a function tells.

Which names the body of a `try` is the first to bind, and where the blocks that a failure leads to read them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.code.scope import SCOPES, Function, binds, own_nodes
from reviewer.domain.syntax import parse_module

_ENDS = re.compile(
    r"exit|quit|abort|fail|die|error|usage|raise|skip|panic|fatal|terminate|reject|refuse|bail|throw|deny",
    re.IGNORECASE,
)
"""Names of functions from which nothing comes back, or mostly so."""
_LOOKS = frozenset({"locals", "vars", "globals", "dir"})
_NAME_ERRORS = frozenset({"NameError", "UnboundLocalError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a name: where, and whether only under a condition that does not look at the name."""

    node: ast.Name
    conditional: bool


def parse_function(lines: Sequence[str], line: int) -> tuple[Function | None, int]:
    """The function that some lines of a file are.

    Args:
        lines: the lines.
        line: the first one's number in the file.

    Returns:
        The function, None where they are none; and what to add to its lines to have those of the file.
    """
    indented = bool(lines) and lines[0][:1] in (" ", "\t")
    text = "\n".join((["if 1:"] if indented else []) + list(lines))
    try:
        body = parse_module(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None, 0
    first: ast.stmt | None = body[0] if body else None
    if indented and isinstance(first, ast.If):
        first = first.body[0]
    shift = line - 1 - indented
    return (first, shift) if isinstance(first, Function) else (None, 0)


def attempts(body: list[ast.stmt]) -> Iterator[tuple[ast.Try, list[ast.stmt]]]:
    """The `try` statements of a scope, each with what follows it in its block."""
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Try):
            yield statement, body[index + 1 :]
        if isinstance(statement, SCOPES):
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from attempts(getattr(statement, part, []))
        for inner in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from attempts(inner.body)


def bound_first(node: ast.Try, before: dict[str, int]) -> Iterator[tuple[str, int]]:
    """The names that the body of a `try` is the first to bind on its straight way.

    Args:
        node: the `try`.
        before: the first line that binds each name of the function.

    Returns:
        Each name with the last line of the statement that binds it.
    """
    seen: set[str] = set()
    for statement in _straight(node.body):
        targets: list[ast.expr] = []
        last = statement.end_lineno or statement.lineno
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        elif isinstance(statement, ast.With | ast.AsyncWith):
            targets = [item.optional_vars for item in statement.items if item.optional_vars is not None]
            last = statement.body[0].lineno - 1
        for name in (part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)):
            if isinstance(name.ctx, ast.Store) and name.id not in seen and before.get(name.id, 0) == name.lineno:
                seen.add(name.id)
                yield name.id, last


def _straight(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run one after the other; the bodies of `with` blocks are part of the way."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _straight(statement.body)


def first_read(body: list[ast.stmt], name: str) -> Read | None:
    """The first read of a name in a block, unless the block binds it before or looks whether it is bound."""
    if any(isinstance(node, ast.Name) and node.id in _LOOKS for node in own_nodes(body)):
        return None
    for statement in body:
        read = _read_in(statement, name)
        if read is not None:
            return read
        if binds([statement], name) or terminates([statement]):
            return None
    return None


def _read_in(statement: ast.stmt, name: str) -> Read | None:
    if isinstance(statement, SCOPES):
        return None
    if isinstance(statement, ast.Try | ast.TryStar):
        caught = {
            part.id for h in statement.handlers if h.type for part in ast.walk(h.type) if isinstance(part, ast.Name)
        }
        if caught & _NAME_ERRORS or any(handler.type is None for handler in statement.handlers):
            return None
        return first_read(statement.body, name) or first_read(statement.finalbody, name)
    blocks = [
        part for field in ("body", "orelse") for part in getattr(statement, field, []) if isinstance(part, ast.stmt)
    ]
    inside = {id(node) for node in own_nodes([*blocks, *getattr(statement, "cases", ())])}
    for node in sorted(
        own_nodes([statement]), key=lambda one: (getattr(one, "lineno", 0), getattr(one, "col_offset", 0))
    ):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in inside:
            return Read(node, _is_under_choice(statement, node))
    if isinstance(statement, ast.With | ast.AsyncWith):
        return first_read(statement.body, name)
    for block in (getattr(statement, "body", []), getattr(statement, "orelse", [])):
        read = first_read(block, name) if block else None
        if read is not None:
            return Read(read.node, True)
    return None


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_under_choice(statement: ast.stmt, read: ast.Name) -> bool:
    """The expression decides whether the name is read: `x if ready else y`, `ready and x`."""
    for node in own_nodes([statement]):
        if isinstance(node, ast.IfExp):
            parts: list[ast.expr] = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            parts = node.values[1:]
        else:
            continue
        if any(part is read for value in parts for part in ast.walk(value)):
            return True
    return False


def terminates(body: list[ast.stmt]) -> bool:
    """Nothing after the block is reached, as far as its last statement tells."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break):
        return True
    if isinstance(last, ast.If):
        return terminates(last.body) and terminates(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return terminates(last.body)
    if isinstance(last, ast.Try):
        ways = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return terminates(last.finalbody) or all(terminates(way) for way in ways)
    if isinstance(last, ast.Match):
        return all(terminates(case.body) for case in last.cases)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and not any(
            isinstance(node, ast.Break) for node in own_nodes(last.body)
        )
    if isinstance(last, ast.Assert):
        return isinstance(last.test, ast.Constant) and not last.test.value
    value = last.value if isinstance(last, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return isinstance(value, ast.Call) and _ENDS.search(ast.unparse(value.func).rpartition(".")[2]) is not None
