"""Frozen values as compact JSON, for the memory: a dataclass is an array of its fields, in their order.

The types are read off the dataclass itself, and not with a library of validators, since a push has no time to build
these. What is read is checked all the same, for a memory may be damaged. A dataclass may be made of itself.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

_Read = Callable[[Any], Any]


class RecordError(ValueError):
    """Data that is no record of the wanted kind."""


def write_record(value: object) -> bytes:
    """A value of dataclasses, tuples, mappings with text as keys, enumerations and plain values as JSON."""
    return json.dumps(_plain(value), separators=(",", ":")).encode()


def read_record(kind: type[T], data: bytes) -> T:
    """The value that `write_record` wrote.

    Args:
        kind: a dataclass.
        data: its JSON.

    Raises:
        RecordError: the data is none of that kind.
    """
    try:
        value: T = _reader(cast("Any", kind))(json.loads(data))
    except RecursionError as error:
        raise RecordError("nested too deeply") from error
    except ValueError as error:
        raise RecordError(str(error)) from error
    return value


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    return value


@cache
def _reader(kind: Any) -> _Read:
    """What makes values of a type out of parsed JSON."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _one_of(frozenset(arguments))
    if origin in (Union, types.UnionType):
        return _optional(arguments)
    if origin is tuple:
        return _sequence(arguments)
    if origin is list:
        each = _reader(arguments[0])
        return lambda data: [each(part) for part in _array(data)]
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_reader(arguments[1]))
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return cast("_Read", kind)
    return _exactly(kind)


def _dataclass(kind: Any) -> _Read:
    names = [field.name for field in dataclasses.fields(kind)]
    readers: list[_Read] = []

    def read(data: object) -> object:
        if not readers:  # found out at the first use, for a dataclass may be made of itself
            hints = get_type_hints(kind)
            readers.extend([_reader(hints[name]) for name in names])
        parts = _array(data, len(names))
        return kind(**{name: each(part) for name, each, part in zip(names, readers, parts, strict=True)})

    return read


def _sequence(arguments: tuple[Any, ...]) -> _Read:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda data: tuple([each(part) for part in _array(data)])
    readers = [_reader(argument) for argument in arguments]
    return lambda data: tuple(each(part) for each, part in zip(readers, _array(data, len(readers)), strict=True))


def _optional(arguments: tuple[Any, ...]) -> _Read:
    """Only "this or None" is told apart; what else could stand in one place, JSON does not say."""
    (present,) = (argument for argument in arguments if argument is not types.NoneType)
    read = _reader(present)
    return lambda data: None if data is None else read(data)


def _mapping(each: _Read) -> _Read:
    def read(data: object) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise RecordError("no object where one belongs")
        return {key: each(part) for key, part in data.items()}

    return read


def _one_of(allowed: frozenset[Any]) -> _Read:
    def read(data: object) -> object:
        if not isinstance(data, str) or data not in allowed:
            raise RecordError(f"{data!r} is none of {', '.join(sorted(map(str, allowed)))}")
        return data

    return read


def _exactly(kind: Any) -> _Read:
    def read(data: object) -> object:
        if kind is float and type(data) is int:
            return float(data)
        if type(data) is not kind:
            raise RecordError(f"no {kind.__name__} where one belongs")
        return data

    return read


def _array(data: object, length: int | None = None) -> list[object]:
    if not isinstance(data, list) or (length is not None and len(data) != length):
        raise RecordError("no array, or one of another length")
    return data
