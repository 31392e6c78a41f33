"""Digests as JSON, for the memory: nested arrays in the order of the fields.

Read by hand and not with a library of validators, since a push has no time to build these; what is read is checked all
the same, for a memory may be damaged.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable as Function
from typing import TypeVar

from reviewer.domain.boundary import Retry
from reviewer.flow.digest import CallSite, Clause, Digest, Guards, Origin

T = TypeVar("T")


class _MalformedError(ValueError):
    """The data is no digest."""


def write_digest(digest: Digest) -> bytes:
    """The digest as JSON that `read_digest` understands."""
    return json.dumps(dataclasses.astuple(digest), separators=(",", ":")).encode()


def read_digest(data: bytes) -> Digest:
    """A digest from its JSON.

    Raises:
        ValueError: the data is none.
    """
    try:
        parts = _array(json.loads(data), 10)
    except RecursionError as error:
        raise _MalformedError("nested too deeply for a digest") from error
    name, coroutine, origins, calls, decorators, retries, around_yield, swallows, wraps, around_wrapped = parts
    return Digest(
        name=_text(name),
        coroutine=_flag(coroutine),
        origins=_each(origins, _origin),
        calls=_each(calls, _call),
        decorators=_each(decorators, _text),
        retries=_each(retries, _retry),
        around_yield=_optional(around_yield, _guards),
        swallows=_flag(swallows),
        wraps=_optional(wraps, _text),
        around_wrapped=_optional(around_wrapped, _guards),
    )


def _origin(data: object) -> Origin:
    exception, when, line, text, from_input, raised, doubtful, guards, managers = _array(data, 9)
    return Origin(
        _text(exception),
        _text(when),
        _number(line),
        _text(text),
        _flag(from_input),
        _flag(raised),
        _flag(doubtful),
        _guards(guards),
        _each(managers, _text),
    )


def _call(data: object) -> CallSite:
    callee, line, text, runs, enters, guards, managers, child = _array(data, 8)
    return CallSite(
        _text(callee),
        _number(line),
        _text(text),
        _flag(runs),
        _flag(enters),
        _guards(guards),
        _each(managers, _text),
        _flag(child),
    )


def _retry(data: object) -> Retry:
    framework, line, retried, excluded, attempts, endless, becomes, certain = _array(data, 8)
    return Retry(
        _text(framework),
        _number(line),
        _each(retried, _text),
        _each(excluded, _text),
        _optional(attempts, _number),
        _flag(endless),
        _optional(becomes, _text),
        _flag(certain),
    )


def _guards(data: object) -> Guards:
    return _each(data, lambda attempt: _each(attempt, _clause))


def _clause(data: object) -> Clause:
    types, reraises, may_reraise, raises, starred, unwraps, groups = _array(data, 7)
    return Clause(
        _each(types, _text),
        _flag(reraises),
        _flag(may_reraise),
        _each(raises, _text),
        _flag(starred),
        _flag(unwraps),
        _flag(groups),
    )


def _array(data: object, length: int) -> list[object]:
    if not isinstance(data, list) or len(data) != length:
        raise _MalformedError(f"no array of {length}")
    return data


def _each(data: object, read: Function[[object], T]) -> tuple[T, ...]:
    if not isinstance(data, list):
        raise _MalformedError("no array")
    return tuple(map(read, data))


def _optional(data: object, read: Function[[object], T]) -> T | None:
    return None if data is None else read(data)


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise _MalformedError("no text")
    return data


def _flag(data: object) -> bool:
    if not isinstance(data, bool):
        raise _MalformedError("no truth value")
    return data


def _number(data: object) -> int:
    if not isinstance(data, int):
        raise _MalformedError("no number")
    return data
