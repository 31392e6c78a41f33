"""What a `match` pattern tells of the subject and its parts, and the names that it binds."""

from __future__ import annotations

import libcst as cst

from reviewer.code.element import element_of
from reviewer.code.environment import guarded, join, join_values
from reviewer.code.narrowing import type_named
from reviewer.code.path import normal_key, path_of
from reviewer.code.reader import Reader
from reviewer.domain.fact import UNKNOWN, Value
from reviewer.domain.syntax import unwarned

_WHOLE = frozenset({"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
"""Classes whose one positional pattern is the value itself: https://docs.python.org/3/reference/compound_stmts.html."""


def take_case(reader: Reader, subject: cst.BaseExpression, pattern: cst.MatchPattern, value: Value) -> None:
    """Narrow what is known by a pattern that has matched, and bind its names.

    Args:
        reader: what is known so far.
        subject: what is matched.
        pattern: the pattern.
        value: the subject's value.
    """
    parts = _parts(subject, pattern)
    if parts is None:
        _take(reader, pattern, path_of(reader.segment, subject), value)
        return
    for element, inner in parts:
        _take(reader, inner, path_of(reader.segment, element), reader.peek(element))


def refuse_case(reader: Reader, subject: cst.BaseExpression, pattern: cst.MatchPattern) -> None:
    """Narrow what is known by a pattern that has not matched: after `case None:` it is not None."""
    path = path_of(reader.segment, subject)
    alternatives = [one.pattern for one in pattern.patterns] if isinstance(pattern, cst.MatchOr) else [pattern]
    if path is not None and any(map(_is_none, alternatives)):
        reader.know(path, guarded(reader.env.get(path) or reader.peek(subject), "not-none"))


def _parts(
    subject: cst.BaseExpression, pattern: cst.MatchPattern
) -> list[tuple[cst.BaseExpression, cst.MatchPattern]] | None:
    """`match a, b:` with `case x, y:`, part by part."""
    if not isinstance(subject, cst.Tuple) or not isinstance(pattern, cst.MatchList | cst.MatchTuple):
        return None
    inner = [one.value for one in pattern.patterns if isinstance(one, cst.MatchSequenceElement)]
    plain = not any(isinstance(element, cst.StarredElement) for element in subject.elements)
    if not plain or not len(inner) == len(pattern.patterns) == len(subject.elements):
        return None
    return list(zip((element.value for element in subject.elements), inner, strict=True))


def _take(reader: Reader, pattern: cst.MatchPattern, path: str | None, value: Value) -> Value:
    """Narrow one value by the pattern that it matched; give what is known of it now."""
    if isinstance(pattern, cst.MatchAs):
        if pattern.pattern is not None:
            value = _take(reader, pattern.pattern, path, value)
        if pattern.name is not None:
            reader.forget(pattern.name.value)
            reader.env[pattern.name.value] = value
        return value
    if isinstance(pattern, cst.MatchOr):
        return _take_either(reader, pattern, path, value)
    if isinstance(pattern, cst.MatchValue):
        value = guarded(value, "not-none")
        with unwarned():
            truthy = isinstance(pattern.value, cst.SimpleString) and bool(pattern.value.evaluated_value)
        value = guarded(value, "truthy") if truthy else value
    elif isinstance(pattern, cst.MatchSingleton):
        value = value if _is_none(pattern) else guarded(value, "not-none")
    elif isinstance(pattern, cst.MatchClass):
        value = _take_class(reader, pattern, path, value)
    elif isinstance(pattern, cst.MatchMapping):
        value = _take_mapping(reader, pattern, path, value)
    elif isinstance(pattern, cst.MatchList | cst.MatchTuple):
        value = _take_sequence(reader, pattern, value)
    if path is not None:
        reader.know(path, value)
    return value


def _take_either(reader: Reader, pattern: cst.MatchOr, path: str | None, value: Value) -> Value:
    before, met, found = reader.env, None, None
    for one in pattern.patterns:
        reader.env = dict(before)
        taken = _take(reader, one.pattern, path, value)
        found = taken if found is None else join_values(found, taken)
        met = reader.env if met is None else join(met, reader.env)
    reader.env = before if met is None else met
    return value if found is None else found


def _take_class(reader: Reader, pattern: cst.MatchClass, path: str | None, value: Value) -> Value:
    name = reader.segment.text(pattern.cls)
    value = guarded(value, f"isinstance:{name}", type_named(reader.names, name))
    for one in pattern.patterns:
        whole = name in _WHOLE and len(pattern.patterns) == 1
        taken = _take(reader, one.value, path if whole else None, value if whole else UNKNOWN)
        value = taken if whole else value
    for keyword in pattern.kwds:
        part = reader.names.member(value, keyword.key.value) or UNKNOWN
        _take(reader, keyword.pattern, f"{path}.{keyword.key.value}" if path is not None else None, part)
    return value


def _take_mapping(reader: Reader, pattern: cst.MatchMapping, path: str | None, value: Value) -> Value:
    part = element_of(value)
    value = guarded(value, "isinstance:dict", "dict")
    for element in pattern.elements:
        key = normal_key(reader.segment.text(element.key))
        value = guarded(value, f"key:{key}")
        _take(reader, element.pattern, f"{path}[{key}]" if path is not None else None, part)
    if pattern.rest is not None:
        reader.env[pattern.rest.value] = Value(type="dict", boundary=value.boundary, decoded=value.decoded)
    return value


def _take_sequence(reader: Reader, pattern: cst.MatchList | cst.MatchTuple, value: Value) -> Value:
    part = element_of(value)
    value = guarded(value, "isinstance:list", "list") if value.type is None else guarded(value, "not-none")
    for one in pattern.patterns:
        if isinstance(one, cst.MatchSequenceElement):
            value = guarded(value, "length")
            _take(reader, one.value, None, part)
        elif one.name is not None:
            reader.env[one.name.value] = Value(type="list", boundary=value.boundary, decoded=value.decoded)
    return value


def _is_none(pattern: cst.MatchPattern) -> bool:
    return isinstance(pattern, cst.MatchSingleton) and pattern.value.value == "None"
