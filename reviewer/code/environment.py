"""The values of names and paths at one point of a function, and how two such points become one."""

from __future__ import annotations

from reviewer.domain.fact import Value

Environment = dict[str, Value]
"""Path expression ("data", "self.client", "data['id']") -> what is known of it there."""

_NO_GUARDS: frozenset[str] = frozenset()


def rename(value: Value, text: str) -> Value:
    """The same value as it is written at another place."""
    if value.text == text:
        return value
    return Value(
        text,
        value.type,
        value.symbol,
        value.literal,
        value.boundary,
        value.decoded,
        value.none,
        value.empty,
        value.parameter,
        value.made_by,
        value.made_at,
        value.guards,
        value.settings,
        value.implies,
    )


def guarded(value: Value, guard: str, type_name: str | None = None) -> Value:
    """The value after a guard has been established on it.

    Args:
        value: the value before.
        guard: one of the guards told at `domain.fact.Value.guards`.
        type_name: for an `isinstance` guard, the canonical type when it is one.
    """
    none, empty, decoded, kind = value.none, value.empty, value.decoded, value.type
    name = guard.partition(":")[0]
    if name in ("truthy", "not-none", "isinstance", "length", "in", "checked"):
        none = None
    if name in ("truthy", "length"):
        empty = None
    if name == "key":
        empty = None
    if name == "isinstance":
        # Who asks whether it is a mapping does not know where it comes from: what it holds is unchecked.
        decoded = (decoded or kind is None) if type_name in ("dict", "list") else decoded and type_name is None
        kind = type_name or kind
    return Value(
        value.text,
        kind,
        value.symbol,
        value.literal if name != "truthy" else None,
        value.boundary,
        decoded,
        none,
        empty,
        value.parameter,
        value.made_by,
        value.made_at,
        value.guards | {guard},
        value.settings,
        value.implies,
    )


def join(left: Environment, right: Environment) -> Environment:
    """What is known where two paths meet; a name bound on one path only keeps what that path knows."""
    if left is right:
        return left
    merged = dict(left)
    for name, value in right.items():
        other = merged.get(name)
        if other is None:
            merged[name] = value
        elif other is not value and other != value:
            merged[name] = join_values(other, value)
    return merged


def join_values(left: Value, right: Value) -> Value:
    """A value that is one of two."""
    none = left.none or right.none
    if none is None and "None" in (left.literal, right.literal) and left.literal != right.literal:
        none = "it is None on one path"
    typed = left.type if left.type == right.type else None
    if typed is None and "None" in (left.literal, right.literal):
        typed = left.type or right.type
    boundary = left.boundary or right.boundary
    return Value(
        left.text,
        typed,
        left.symbol if left.symbol == right.symbol else None,
        left.literal if left.literal == right.literal else None,
        boundary,
        left.decoded or right.decoded,
        none,
        left.empty or right.empty,
        left.parameter if left.parameter == right.parameter else None,
        left.made_by or right.made_by,
        left.made_at or right.made_at,
        left.guards & right.guards if left.guards and right.guards else _NO_GUARDS,
        left.settings or right.settings,
        left.implies if left.implies == right.implies else (),
    )


def forget(environment: Environment, path: str) -> None:
    """Drop what is known of the parts of a path that is being assigned."""
    stale = [name for name in environment if name.startswith((path + ".", path + "["))]
    for name in stale:
        del environment[name]
