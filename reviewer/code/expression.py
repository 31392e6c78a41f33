"""Reading expressions in evaluation order: what each gives, and the facts it leaves behind."""

from __future__ import annotations

from collections.abc import Callable as Function
from typing import Any

import libcst as cst

from reviewer.code.binding import read_named
from reviewer.code.call import read_await, read_call
from reviewer.code.comprehension import read_comprehension, read_lambda
from reviewer.code.display import read_concatenated, read_dict, read_formatted, read_sequence
from reviewer.code.environment import rename
from reviewer.code.member import read_attribute, read_subscript
from reviewer.code.operation import read_binary, read_boolean, read_comparison, read_conditional, read_unary
from reviewer.code.reader import Reader
from reviewer.domain.fact import UNKNOWN, Return, Use, Value


class Expressions(Reader):
    """Reads the expressions of one segment; see `Reader` for the arguments."""

    def read(self, node: cst.BaseExpression, use: Use = "other", target: str | None = None) -> Value:
        """Evaluate an expression; see `Reader.read`."""
        self.budget.spend()
        if isinstance(node, cst.Call):
            return read_call(self, node, use, target)
        if isinstance(node, cst.Await):
            return read_await(self, node, use, target)
        if use == "condition" and (read_test := _TESTS.get(type(node))) is not None:
            return read_test(self, node, use)
        read_kind = _READERS.get(type(node))
        return UNKNOWN if read_kind is None else read_kind(self, node)


def _read_name(reader: Reader, node: cst.Name) -> Value:
    name = node.value
    value = reader.env.get(name)
    if value is not None:
        return value
    if name in ("None", "True", "False"):
        return Value(literal=name)
    return reader.names.of_module(name)


def _read_string(reader: Reader, node: cst.SimpleString) -> Value:
    return Value(literal=node.value, type="bytes" if "b" in node.prefix.lower() else "str")


def _read_number(reader: Reader, node: cst.Integer | cst.Float | cst.Imaginary) -> Value:
    return Value(literal=node.value, type="int" if isinstance(node, cst.Integer) else "float")


def _read_yield(reader: Reader, node: cst.Yield) -> Value:
    given: Value | None = None
    if isinstance(node.value, cst.From):
        given = reader.read(node.value.item, "yielded")
    elif node.value is not None:
        given = rename(reader.read(node.value, "yielded"), reader.text(node.value))
        if given.made_at is not None:
            reader.use(node, "yield", given)
    reader.emit(Return(reader.span(node), reader.context, reader.statement_code, given, True))
    return UNKNOWN


_READERS: dict[type[cst.CSTNode], Function[[Reader, Any], Value]] = {
    cst.Name: _read_name,
    cst.Attribute: read_attribute,
    cst.Subscript: read_subscript,
    cst.SimpleString: _read_string,
    cst.Integer: _read_number,
    cst.Float: _read_number,
    cst.Imaginary: _read_number,
    cst.BinaryOperation: read_binary,
    cst.UnaryOperation: read_unary,
    cst.BooleanOperation: read_boolean,
    cst.Comparison: read_comparison,
    cst.IfExp: read_conditional,
    cst.Lambda: read_lambda,
    cst.NamedExpr: read_named,
    cst.Dict: read_dict,
    cst.List: read_sequence,
    cst.Tuple: read_sequence,
    cst.Set: read_sequence,
    cst.ListComp: read_comprehension,
    cst.SetComp: read_comprehension,
    cst.GeneratorExp: read_comprehension,
    cst.DictComp: read_comprehension,
    cst.FormattedString: read_formatted,
    cst.ConcatenatedString: read_concatenated,
    cst.Yield: _read_yield,
}
"""How each kind of expression is read; calls and awaits besides, which take what becomes of their result."""

_TESTS: dict[type[cst.CSTNode], Function[[Reader, Any, Use], Value]] = {
    cst.BooleanOperation: read_boolean,
    cst.Comparison: read_comparison,
}
"""What a condition is made of: its parts are looked at as the whole is."""
