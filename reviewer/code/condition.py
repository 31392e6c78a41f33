"""What a condition establishes about values, when it holds and when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

Assumption = tuple[cst.BaseExpression, str]
"""An expression and the guard established on it; "isinstance:…" and "key:…" carry the text of what was checked.

Besides the guards of a value there are "keys:…" with the text of what holds several keys, and `TRUE` and `FALSE`: the
expression came out so, and whatever its value implies holds.
"""

TRUE, FALSE = "came-true", "came-false"

_PREDICATE_METHODS = frozenset(
    {
        "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "isidentifier", "startswith", "endswith", "is_file",
        "is_dir", "exists", "is_absolute",
    }
)  # fmt: skip
_SET_METHODS = frozenset({"issubset", "issuperset", "difference"})


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
        if isinstance(node, cst.Name | cst.Attribute):
            yield node, TRUE
    elif isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Subtract) and (_is_key_set(node.left) or _is_key_view(node.right)):
            yield _holder(node.right), f"keys:{text(node.left)}"
    elif isinstance(node, cst.ListComp | cst.SetComp | cst.DictComp):
        if len(node.for_in.ifs) == 1:
            yield from _of_each(node.for_in, assumptions(node.for_in.ifs[0].test, False, text), text)
    elif isinstance(node, cst.Name | cst.Attribute):
        yield node, FALSE


def _of_call(node: cst.Call, truth: bool, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    if isinstance(node.func, cst.Name) and node.args:
        yield from _of_function(node, node.func.value, truth, text)
    elif isinstance(node.func, cst.Attribute):
        yield from _of_method(node, node.func, truth, text)
    elif truth:
        yield node, "truthy"


def _of_function(node: cst.Call, name: str, truth: bool, text: Callable[[cst.CSTNode], str]) -> Iterator[Assumption]:
    arguments = [argument.value for argument in node.args]
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
    elif name == "len":
        if truth:
            yield arguments[0], "length"
        else:
            yield from assumptions(arguments[0], False, text)
    elif name in ("all", "any"):
        yield from _of_quantifier(arguments[0], name, truth, text)
    elif name == "bool":
        yield from assumptions(arguments[0], truth, text)
    elif name != "hasattr":
        for argument in arguments:
            yield argument, f"passed:{name}"
            if not truth:
                yield argument, f"failed:{name}"
        yield node, TRUE if truth else FALSE


def _of_method(
    node: cst.Call, function: cst.Attribute, truth: bool, text: Callable[[cst.CSTNode], str]
) -> Iterator[Assumption]:
    receiver, method = function.value, function.attr.value
    arguments = [argument.value for argument in node.args]
    if method in _PREDICATE_METHODS:
        if truth:
            yield receiver, f"checked:{method}"
            yield receiver, "not-none"
    elif method == "get" and arguments and truth:
        yield receiver, f"key:{text(arguments[0])}"
        yield receiver, "not-none"
    elif method in _SET_METHODS and len(arguments) == 1:
        wanted, given = (arguments[0], receiver) if method == "issuperset" else (receiver, arguments[0])
        if truth is not (method == "difference"):
            yield _holder(given), f"keys:{text(wanted)}"
    else:
        for argument in arguments:
            yield argument, f"passed:{method}"
        if arguments and method in ("is_file", "exists", "isfile", "isdir") and truth:
            yield arguments[0], "checked:exists"
    if truth:
        yield node, "truthy"
    yield node, TRUE if truth else FALSE


def _of_quantifier(
    argument: cst.BaseExpression, name: str, truth: bool, text: Callable[[cst.CSTNode], str]
) -> Iterator[Assumption]:
    """`all(k in data for k in (...))` and `all(isinstance(x, T) for x in items)` speak of the outer value."""
    every = truth is (name == "all")  # each item came out like the whole
    if isinstance(argument, cst.GeneratorExp | cst.ListComp):
        if every and not argument.for_in.ifs:
            of_each = list(_of_each(argument.for_in, assumptions(argument.elt, truth, text), text))
            yield from of_each
            if of_each:
                return
        if truth:
            yield argument.for_in.iter, f"passed:{name}"
            if name == "any":
                yield argument.for_in.iter, "truthy"
    elif isinstance(argument, cst.List | cst.Tuple) and every:
        for element in argument.elements:
            yield from assumptions(element.value, truth, text)
    elif name == "any" and truth:
        yield argument, "truthy"


def _of_each(
    part: cst.CompFor, inner: Iterator[Assumption], text: Callable[[cst.CSTNode], str]
) -> Iterator[Assumption]:
    """What holds of outer values when something holds of each item that a comprehension goes through.

    Args:
        part: its `for`.
        inner: what holds of each item.
        text: gives the source text of a node.
    """
    if not isinstance(part.target, cst.Name) or part.inner_for_in is not None:
        return
    name = part.target.value
    for expression, guard in inner:
        if guard == f"key:{name}":
            yield expression, f"keys:{text(part.iter)}"
        elif isinstance(part.iter, cst.Tuple | cst.List) and _is_name(expression, name):
            for element in part.iter.elements:
                yield element.value, guard


def _is_name(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_key_set(node: cst.BaseExpression) -> bool:
    """A set of keys that are wanted: `{"a", "b"}`, `set(NAMES)`, `REQUIRED`."""
    if isinstance(node, cst.Name | cst.Attribute):
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        return name.isupper() or name.lower().startswith(("required", "expected", "needed", "mandatory"))
    return isinstance(node, cst.Set) or _is_set_call(node)


def _is_key_view(node: cst.BaseExpression) -> bool:
    """The keys of a mapping as a set: `data.keys()`, `set(data)`."""
    return _is_set_call(node) or (
        isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "keys"
    )


def _is_set_call(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in ("set", "frozenset")
        and len(node.args) == 1
    )


def _holder(node: cst.BaseExpression) -> cst.BaseExpression:
    """`data` for `data.keys()` and `set(data)`."""
    while isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "keys" and not node.args:
            node = node.func.value
        elif isinstance(node.func, cst.Name) and node.func.value in ("set", "frozenset", "list") and node.args:
            node = node.args[0].value
        else:
            break
    return node


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
        if inside and not _names_none(right):
            yield right, f"key:{text(left)}"
            yield right, "not-none"
            yield right, "truthy"
            yield left, "in"
        elif not inside and _is_none(left) and isinstance(right, cst.Tuple | cst.List | cst.Set):
            for element in right.elements:
                yield element.value, "not-none"
        return
    if truth and isinstance(operator, cst.LessThanEqual | cst.GreaterThanEqual):
        wanted, given = (left, right) if isinstance(operator, cst.LessThanEqual) else (right, left)
        if _is_key_set(wanted) and _is_key_view(given):
            yield _holder(given), f"keys:{text(wanted)}"
            return
    for side, other in ((left, right), (right, left)):
        measured = _measured(side)
        if measured is not None:
            if _bounds_below(operator, truth, side is left, text(other)):
                yield measured, "length"
            elif _measures_nothing(operator, truth, side is left, text(other)):
                yield from assumptions(measured, False, text)
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
        if _is_key_view(left) and _is_key_set(right):
            yield _holder(left), f"keys:{text(right)}"
        elif _is_key_view(right) and _is_key_set(left):
            yield _holder(right), f"keys:{text(left)}"
        elif (typed := _type_asked(left)) is not None:
            yield typed, f"isinstance:{text(right)}"
        elif _is_literal(right):
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
        else:
            yield from assumptions(measured, False, text)
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


def _measures_nothing(operator: cst.BaseCompOp, truth: bool, is_left: bool, other: str) -> bool:
    """Whether the comparison of a length says that it is zero: `len(x) > 0` or `len(x) >= 1` that does not hold."""
    below_one = (cst.GreaterThanEqual, cst.LessThan) if is_left else (cst.LessThanEqual, cst.GreaterThan)
    if other != "0" and not (other == "1" and isinstance(operator, below_one)):
        return False
    return _bounds_below(operator, not truth, is_left, other)


def _measured(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`x` for `len(x)`."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "len" and node.args:
        return node.args[0].value
    return None


def _type_asked(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`x` for `type(x)`."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "type":
        return node.args[0].value if len(node.args) == 1 else None
    return None


def _names_none(node: cst.BaseExpression) -> bool:
    """A display that holds None."""
    return isinstance(node, cst.Tuple | cst.List | cst.Set) and any(_is_none(item.value) for item in node.elements)


def _is_get(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "get" and bool(node.args)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _is_literal(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer | cst.Float | cst.SimpleString | cst.UnaryOperation) or (
        isinstance(node, cst.Name) and node.value in ("True", "False")
    )
