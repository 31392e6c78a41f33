"""Reading operators, comparisons and conditional expressions."""

from __future__ import annotations

from itertools import pairwise

import libcst as cst

from reviewer.code.ending import NO_RETURN
from reviewer.code.environment import guarded, join_values, rename
from reviewer.code.narrowing import assume
from reviewer.code.reader import Reader, is_notable
from reviewer.domain.fact import Use, Value

_DIVISIONS = (cst.Divide, cst.FloorDivide, cst.Modulo)


def read_binary(reader: Reader, node: cst.BinaryOperation) -> Value:
    """Evaluate an arithmetic operation."""
    left = reader.read(node.left)
    right = reader.read(node.right)
    operator = node.operator
    if isinstance(operator, _DIVISIONS):
        if left.type == "pathlib.Path" or right.type == "pathlib.Path":
            return Value(type="pathlib.Path")
        if not (isinstance(operator, cst.Modulo) and _is_text(node.left, left)):
            reader.use(node, "divide", rename(right, reader.text(node.right)), reader.text(node.left))
            return Value(type="float")
        return Value(type="str")
    for side, value in ((node.left, left), (node.right, right)):
        if value.none or value.decoded:
            reader.use(node, "arithmetic", rename(value, reader.text(side)), type(operator).__name__)
    boundary = left.boundary or right.boundary
    same = left.type if left.type == right.type else left.type or right.type
    return Value(type=same, boundary=boundary)


def read_unary(reader: Reader, node: cst.UnaryOperation) -> Value:
    """Evaluate an operation on one value."""
    if isinstance(node.operator, cst.Not):
        reader.read(node.expression, "condition")
        return Value(type="bool")
    value = reader.read(node.expression)
    if value.literal is not None:
        return Value(literal=reader.text(node), type=value.type)
    return value


def read_boolean(reader: Reader, node: cst.BooleanOperation, use: Use = "other") -> Value:
    """Evaluate `and` and `or`: each operand is read knowing how those before it came out.

    Args:
        reader: what is known so far.
        node: the operation.
        use: what becomes of the result, and so of each operand.
    """
    is_and = isinstance(node.operator, cst.And)
    operands = _operands(node, type(node.operator))
    before = reader.env
    reader.env = dict(before)
    result = reader.read(operands[0], use)
    for previous, operand in pairwise(operands):
        assume(reader, previous, is_and)
        right = reader.read(operand, use)
        if is_and:
            result = join_values(result, right) if result.none else right
        else:
            if right.type in ("int", "float") and right.literal is not None:
                reader.use(node, "default", rename(result, reader.text(previous)), right.literal)
            result = _or_default(result, right, operand)
    # What a walrus has bound on the way stays bound; what was assumed on the way does not hold any more.
    bound = {name: value for name, value in reader.env.items() if name not in before and name.isidentifier()}
    reader.env = before
    reader.env.update(bound)
    return result


def read_comparison(reader: Reader, node: cst.Comparison, use: Use = "other") -> Value:
    """Evaluate a chain of comparisons.

    Args:
        reader: what is known so far.
        node: the chain.
        use: what becomes of the result, and so of each side.
    """
    left_node: cst.BaseExpression = node.left
    left = reader.read(left_node, use)
    for target in node.comparisons:
        right = reader.read(target.comparator, use)
        operator = target.operator
        if isinstance(operator, cst.In | cst.NotIn):
            if is_notable(right):
                reader.use(node, "contains", rename(right, reader.text(target.comparator)), reader.text(left_node))
        elif not isinstance(operator, cst.Is | cst.IsNot | cst.Equal | cst.NotEqual):
            for side, value in ((left_node, left), (target.comparator, right)):
                if value.none or value.decoded:
                    reader.use(node, "compare", rename(value, reader.text(side)))
        left_node, left = target.comparator, right
    return Value(type="bool")


def read_conditional(reader: Reader, node: cst.IfExp) -> Value:
    """Evaluate `body if test else other`."""
    reader.read(node.test, "condition")
    before = reader.env
    reader.env = dict(before)
    assume(reader, node.test, True)
    body = reader.read(node.body)
    reader.env = dict(before)
    assume(reader, node.test, False)
    other = reader.read(node.orelse)
    reader.env = before
    return join_values(body, other)


def _or_default(left: Value, right: Value, node: cst.BaseExpression) -> Value:
    """`left or right`: None and empty are replaced, unless the default is None itself."""
    chosen = guarded(left, "truthy")
    if right.type == NO_RETURN:  # `value or sys.exit("…")`
        return chosen
    joined = join_values(chosen, right)
    return (
        joined
        if joined.type
        else Value(
            type=left.type if left.decoded or _is_kind(left, right) else right.type or left.type,
            boundary=joined.boundary,
            decoded=joined.decoded,
            none=joined.none,
            empty=right.empty
            or ("the default is empty" if right.literal in ("''", '""') or _is_empty_display(node) else None),
            parameter=left.parameter,
            made_by=left.made_by,
            made_at=left.made_at,
        )
    )


def _is_kind(left: Value, right: Value) -> bool:
    """Whether the first says of what its items are, and the second only that there are items: `rows or []`."""
    return left.type is not None and left.type.partition("[")[0] == right.type


def _operands(node: cst.BooleanOperation, operator: type[cst.BaseBooleanOp]) -> list[cst.BaseExpression]:
    """The operands of a chain of one operator, in order; `a and b and c` is nested to the left and may be long."""
    reversed_operands: list[cst.BaseExpression] = []
    current: cst.BaseExpression = node
    while isinstance(current, cst.BooleanOperation) and isinstance(current.operator, operator):
        reversed_operands.append(current.right)
        current = current.left
    reversed_operands.append(current)
    return reversed_operands[::-1]


def _is_text(node: cst.BaseExpression, value: Value) -> bool:
    return value.type in ("str", "bytes") or isinstance(
        node, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString
    )


def _is_empty_display(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.List | cst.Dict | cst.Tuple) and not node.elements
