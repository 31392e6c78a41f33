"""What a condition's outcome tells of the values it speaks of."""

from __future__ import annotations

import libcst as cst

from reviewer.code.condition import assumptions
from reviewer.code.environment import guarded, rename
from reviewer.code.names import Names
from reviewer.code.path import normal_key, path_of
from reviewer.code.reader import Reader


def assume(reader: Reader, node: cst.BaseExpression, truth: bool) -> None:
    """Narrow the environment by a condition's outcome."""
    for expression, guard in assumptions(node, truth, reader.segment.text):
        target = expression.target if isinstance(expression, cst.NamedExpr) else expression
        path = path_of(reader.segment, target)
        if isinstance(target, cst.Call) and path is None and guard in ("truthy", "not-none"):
            path = reader.segment.text(target)
        if path is None:
            continue
        value = reader.env.get(path)
        if value is None:
            value = reader.peek(target)
        type_name = None
        if guard in ("truthy", "not-none") and (value.decoded or not isinstance(target, cst.Call)):
            reader.use(target, "test", rename(value, reader.text(target)), guard)
        if guard.startswith("isinstance:"):
            type_name = _guard_type(reader.names, guard[11:])
        elif guard.startswith("key:"):
            reader.know(path, guarded(value, "key:" + normal_key(guard[4:]), type_name))
            continue
        reader.know(path, guarded(value, guard, type_name))


def _guard_type(names: Names, written: str) -> str | None:
    name = written.strip()
    if not name.replace(".", "").replace("_", "").isalnum():
        return None
    root, dot, rest = name.partition(".")
    symbol = names.of_module(root).symbol
    return f"{symbol}{dot}{rest}" if symbol else None
