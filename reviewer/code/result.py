"""What a call gives, by its callee, its receiver and its arguments."""

from __future__ import annotations

import dataclasses
import re

import libcst as cst

from reviewer.code.names import Names, process_text
from reviewer.domain.fact import Argument, Value
from reviewer.domain.library import Callable

_KEEPS_BOUNDARY = frozenset(
    {"str", "int", "float", "bytes", "list", "dict", "tuple", "set", "sorted", "reversed", "bytearray", "bool"}
)
_TEXT_METHODS = {
    "split": "list[str]",
    "rsplit": "list[str]",
    "splitlines": "list[str]",
    "strip": "str",
    "lstrip": "str",
    "rstrip": "str",
    "lower": "str",
    "upper": "str",
    "casefold": "str",
    "partition": "tuple[str]",
    "rpartition": "tuple[str]",
    "startswith": "bool",
    "endswith": "bool",
    "removeprefix": "str",
    "removesuffix": "str",
}
_PROCESS_TEXT = frozenset({"subprocess.check_output", "subprocess.Popen.communicate"})
_MAPPING_METHODS = frozenset(
    {"dict.get", "dict.pop", "dict.setdefault", "dict.items", "dict.values", "dict.keys", "dict.copy"}
)


def result_of(
    names: Names,
    symbol: str | None,
    *,
    receiver: Value | None,
    function: cst.BaseExpression,
    arguments: tuple[Argument, ...],
    settings: tuple[tuple[str, str], ...],
    place: tuple[int, int],
    literals: tuple[str, ...],
) -> Value:
    """What a call gives.

    Args:
        names: what the file's names mean.
        symbol: canonical name of the callee; None when unknown.
        receiver: the value before the callee's last dot; None for a plain name.
        function: the callee.
        arguments: in order.
        settings: the keyword arguments as written.
        place: line and column of the call.
        literals: the positional arguments as literals ("" for what is none).
    """
    result = names.result(symbol, settings, place, literals)
    known = names.known(symbol)
    if known is None and result.none is None and ("default", "None") in settings:
        result = dataclasses.replace(result, none="it is what default=None asks for", made_at=place)
    if symbol in ("asyncio.wait_for", "asyncio.shield") and arguments:
        return arguments[0].value
    source = _passed_on(known, symbol, receiver, arguments)
    if symbol is None and receiver is not None and (made := _method_of_text(receiver, function, place)):
        return made
    if receiver is not None and (symbol is None or (symbol in _MAPPING_METHODS and receiver.decoded)):
        source = _method_of_data(receiver, function, arguments, place, literals)
        if source is not None:
            return source
    if receiver is not None and receiver.type == "dict" and receiver.boundary and source is None and known is not None:
        source = receiver
    if result.boundary == "process output" and symbol in _PROCESS_TEXT:
        started = settings if receiver is None or receiver.settings is None else receiver.settings
        text = process_text(started)
        return dataclasses.replace(result, type=f"tuple[{text}]" if result.type == "tuple" else text)
    if source is not None and (source.boundary or source.parameter):
        return Value(
            type=result.type
            or (symbol if symbol in _KEEPS_BOUNDARY and symbol not in ("sorted", "reversed") else None),
            boundary=result.boundary or source.boundary,
            decoded=result.decoded or (source.decoded and symbol not in _KEEPS_BOUNDARY),
            none=result.none,
            empty=result.empty,
            parameter=source.parameter,
            made_by=result.made_by or symbol,
            made_at=place,
            settings=settings,
        )
    return result


def _passed_on(
    known: Callable | None, symbol: str | None, receiver: Value | None, arguments: tuple[Argument, ...]
) -> Value | None:
    """The receiver or argument that the callee gives back in another form; None where it is none of them."""
    if known is not None and known.passes is not None:
        positional = [argument.value for argument in arguments if argument.keyword is None]
        if 0 <= known.passes < len(positional):
            return positional[known.passes]
        return receiver if known.passes == -1 else None
    return arguments[0].value if symbol in _KEEPS_BOUNDARY and arguments else None


def _method_of_text(receiver: Value, function: cst.BaseExpression, place: tuple[int, int]) -> Value | None:
    """The result of a method that hardly anything but text has, on a value of unknown type."""
    if receiver.type is not None or receiver.symbol is not None or not isinstance(function, cst.Attribute):
        return None
    kind = _TEXT_METHODS.get(function.attr.value)
    if kind is None:
        return None
    return Value(
        type=kind,
        boundary=receiver.boundary,
        parameter=receiver.parameter,
        made_by=f"str.{function.attr.value}",
        made_at=place,
    )


def _method_of_data(
    receiver: Value,
    function: cst.BaseExpression,
    arguments: tuple[Argument, ...],
    place: tuple[int, int],
    literals: tuple[str, ...],
) -> Value | None:
    """The result of a method on decoded or boundary data of unknown type, by the method's name alone."""
    if not isinstance(function, cst.Attribute):
        return None
    method = function.attr.value
    if method in _ROWS and not arguments and (method != "first" or _QUERY.search(receiver.text)):
        return Value(none="no row matches", made_by=method, made_at=place)
    named = (method == "get" or (method == "pop" and len(arguments) == 2)) and _is_field(receiver, arguments)
    if not (receiver.decoded or receiver.boundary or named):
        if method in ("items", "values", "keys") and receiver.parameter and not arguments:
            return Value(type="list", parameter=receiver.parameter)
        return None
    if method in ("get", "pop", "setdefault"):
        default = literals[1] if len(literals) > 1 else None
        none: str | None
        if default == "None" or (method == "get" and default is None):
            none = f"{arguments[0].value.text if arguments else 'the key'} may be missing"
        else:
            none = (
                f"{arguments[0].value.text if arguments else 'the key'} may be there with null"
                if receiver.decoded or named
                else None
            )
        return Value(
            boundary=receiver.boundary,
            decoded=receiver.decoded or named,
            none=none,
            parameter=receiver.parameter,
            made_by=f"dict.{method}",
            made_at=place,
        )
    if method in ("items", "values", "keys", "copy"):
        return Value(
            type=receiver.type if method == "copy" else "list",
            boundary=receiver.boundary,
            decoded=receiver.decoded and method != "keys",
            parameter=receiver.parameter,
            made_by=receiver.made_by,
            made_at=receiver.made_at,
        )
    return Value(boundary=receiver.boundary, parameter=receiver.parameter, made_at=place)


_ROWS = frozenset({"first", "one_or_none", "scalar_one_or_none"})
_QUERY = re.compile(r"\.(objects|query|filter|filter_by|exclude|order_by|scalars|execute|exec)\b")
"""How a query is written whose `first()` is a row or None, in Django's and SQLAlchemy's words alike."""


def _is_field(receiver: Value, arguments: tuple[Argument, ...]) -> bool:
    """`payload.get("name")` on a thing of unknown type: hardly anything but a mapping of named fields has it."""
    if receiver.type is not None or receiver.symbol is not None or not arguments or len(arguments) > 2:
        return False
    key = arguments[0].value
    return key.type == "str" and key.literal is not None and "/" not in key.literal
