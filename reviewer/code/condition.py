"""What a condition establishes about values, when it holds and when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

Assumption = tuple[cst.BaseExpression, str]
"""An expression and the guard established on it; "isinstance:…" and "key:…" carry the text of what was checked."""

_PREDICATE_METHODS = frozenset(
    {
        "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "isidentifier", "startswith", "endswith", "is_file",
        "is_dir", "exists", "is_absolute",
    }
)  # fmt: skip


def assumptions(node: cst.BaseExpression, truth: bool, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    """The guards that hold where the condition evaluated to `truth`.

    Args:
        node: the condition.
        truth: how it came out.
        text: gives the source text of a node.
    """
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        yield from assumptions(node.expression, not truth, text)
    elif isinstance(node, cst.BooleanOperation):
        if isinstance(node.operator, cst.And) is truth:
            yield from assumptions(node.left, truth, text)
            yield from assumptions(node.right, truth, text)
    elif isinstance(node, cst.Comparison):
        yield from _of_comparison(node, truth, text)
    elif isinstance(node, cst.NamedExpr):
        yield from assumptions(node.value, truth, text)
        if truth:
            yield node.target, "truthy"
    elif isinstance(node, cst.Call):
        yield from _of_call(node, truth, text)
    elif truth:
        yield node, "truthy"
        if isinstance(node, cst.Attribute):
            yield node.value, "not-none"


def _of_call(node: cst.Call, truth: bool, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    function = node.func
    arguments = [argument.value for argument in node.args]
    if isinstance(function, cst.Name) and arguments:
        name = function.value
        if name in ("isinstance", "issubclass") and len(arguments) == 2:
            if truth:
                yield arguments[0], f"isinstance:{text(arguments[1])}"
            elif text(arguments[1]) in ("type(None)", "NoneType"):
                yield arguments[0], "not-none"
            else:
                yield arguments[0], f"not-isinstance:{text(arguments[1])}"
        elif name == "hasattr" and len(arguments) == 2:
            if truth:
                yield arguments[0], f"attribute:{text(arguments[1])}"
                yield arguments[0], "not-none"
            else:
                yield arguments[0], f"not-attribute:{text(arguments[1])}"
        elif name == "len" and truth:
            yield arguments[0], "length"
        elif name in ("all", "any", "bool") and truth:
            yield from _of_quantifier(arguments[0], name, text)
        elif name not in ("len", "all", "any", "bool", "hasattr"):
            for argument in arguments:
                yield argument, f"passed:{name}"
                if not truth:
                    yield argument, f"failed:{name}"
        if name == "bool" and truth:
            yield from assumptions(arguments[0], truth, text)
        return
    if isinstance(function, cst.Attribute):
        receiver, method = function.value, function.attr.value
        if method in _PREDICATE_METHODS:
            if truth:
                yield receiver, f"checked:{method}"
                yield receiver, "not-none"
        elif method == "get" and arguments and truth:
            yield receiver, f"key:{text(arguments[0])}"
            yield receiver, "not-none"
            yield node, "truthy"
            return
        else:
            for argument in arguments:
                yield argument, f"passed:{method}"
            if arguments and method in ("is_file", "exists", "isfile", "isdir") and truth:
                yield arguments[0], "checked:exists"
    if truth:
        yield node, "truthy"


def _of_quantifier(argument: cst.BaseExpression, name: str, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    """`all(k in data for k in (...))` and `all(isinstance(x, T) for x in items)` speak of the outer value."""
    if isinstance(argument, cst.GeneratorExp):
        if name == "all" and isinstance(argument.elt, cst.Comparison) and len(argument.elt.comparisons) == 1:
            target = argument.elt.comparisons[0]
            if isinstance(target.operator, cst.In):
                yield target.comparator, "key:*"
                return
        yield argument.for_in.iter, f"passed:{name}"
        if name == "any":
            yield argument.for_in.iter, "truthy"
    elif isinstance(argument, cst.List | cst.Tuple) and name == "all":
        for element in argument.elements:
            yield from assumptions(element.value, True, text)
    elif name == "any":
        yield argument, "truthy"


def _of_comparison(node: cst.Comparison, truth: bool, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    left: cst.BaseExpression = node.left
    for target in node.comparisons:
        right = target.comparator
        if len(node.comparisons) == 1 or truth:
            yield from _of_pair(left, target.operator, right, truth, text)
        left = right


def _of_pair(
    left: cst.BaseExpression,
    operator: cst.BaseCompOp,
    right: cst.BaseExpression,
    truth: bool,
    text: Callable[[cst.CSTNode], str],
) -> Iterator[Assumption]:
    if isinstance(operator, cst.Is | cst.IsNot | cst.Equal | cst.NotEqual):
        equal = isinstance(operator, cst.Is | cst.Equal) is truth
        yield from _of_equality(left, right, equal, truth, text)
        return
    if isinstance(operator, cst.In | cst.NotIn):
        inside = isinstance(operator, cst.In) is truth
        if inside:
            yield right, f"key:{text(left)}"
            yield right, "not-none"
            yield right, "truthy"
            yield left, "in"
        return
    for side, other in ((left, right), (right, left)):
        measured = _measured(side)
        if measured is not None:
            if _bounds_below(operator, truth, side is left, text(other)):
                yield measured, "length"
        else:
            yield side, "compared"
            if _bounds_below(operator, truth, side is left, text(other)):
                yield side, "nonzero"


def _of_equality(
    left: cst.BaseExpression,
    right: cst.BaseExpression,
    equal: bool,
    truth: bool,
    text: Callable[[cst.CSTNode], str],
) -> Iterator[Assumption]:
    """What two sides being equal, or not equal, establishes; `truth` is how the comparison came out."""
    if _is_none(right) or _is_none(left):
        value = left if _is_none(right) else right
        if not equal:
            yield value, "not-none"
            if isinstance(value, cst.NamedExpr):
                yield value.target, "not-none"
            if isinstance(value, cst.Call) and _is_get(value):
                yield value.func.value, f"key:{text(value.args[0].value)}"  # type: ignore[attr-defined]
        return
    if equal:
        if _is_literal(right):
            yield from _equal_to_literal(left, right, text)
        elif _is_literal(left):
            yield from _equal_to_literal(right, left, text)
        else:
            for side in (left, right):
                if (measured := _measured(side)) is not None:
                    yield measured, "length"
    elif text(right) in ("0", "''", '""', "[]", "{}"):
        yield (_measured(left) or left), "length" if _measured(left) is not None else "nonzero"
        if _measured(left) is None:
            yield left, "truthy" if text(right) != "0" else "compared"
    elif (measured := _measured(left)) is not None:
        # `if len(parts) != 3: return` leaves a known length behind, and the other way round tells nothing.
        yield measured, "length" if not truth else "compared"


def _equal_to_literal(
    value: cst.BaseExpression, literal: cst.BaseExpression, text: Callable[[cst.CSTNode], str]
) -> Iterator[Assumption]:
    measured = _measured(value)
    written = text(literal)
    if measured is not None:
        if written != "0":
            yield measured, "length"
        return
    yield value, "not-none"
    if written not in ("0", "''", '""', "False", "[]", "{}"):
        yield value, "truthy"
    if isinstance(value, cst.Attribute):
        yield value.value, "not-none"


def _bounds_below(operator: cst.BaseCompOp, truth: bool, is_left: bool, other: str) -> bool:
    """Whether the comparison puts the value above zero (above, or at least at, something that is not negative)."""
    greater = isinstance(operator, cst.GreaterThan | cst.GreaterThanEqual)
    less = isinstance(operator, cst.LessThan | cst.LessThanEqual)
    if not (greater or less):
        return False
    above = greater is is_left if truth else less is is_left
    strict = isinstance(operator, cst.GreaterThan | cst.LessThan) is truth
    if not above or other.startswith("-"):
        return False
    return strict or other != "0"


def _measured(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`x` for `len(x)`."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "len" and node.args:
        return node.args[0].value
    return None


def _is_get(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "get" and bool(node.args)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _is_literal(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer | cst.Float | cst.SimpleString | cst.UnaryOperation) or (
        isinstance(node, cst.Name) and node.value in ("True", "False")
    )
