"""What iterating over a value, or taking it apart, gives."""

from __future__ import annotations

from reviewer.domain.fact import UNKNOWN, Value


def element_of(container: Value) -> Value:
    """What iterating over a value, or taking it apart, gives."""
    kind = element_type(container)
    if container.boundary or container.decoded:
        if container.boundary == "file" and not container.decoded and container.type in (None, "io.TextIOWrapper"):
            kind = "str"
        return part_of(container, kind)
    return Value(type=kind, parameter=container.parameter) if kind or container.parameter else UNKNOWN


def part_of(whole: Value, kind: str | None = None) -> Value:
    """A part of a value, which comes from where the whole came from.

    Args:
        whole: the value.
        kind: the type of the part; None where it is not known.
    """
    return Value(
        boundary=whole.boundary,
        decoded=whole.decoded,
        parameter=whole.parameter,
        made_by=whole.made_by,
        made_at=whole.made_at,
        type=kind,
    )


def element_type(container: Value) -> str | None:
    """The type of the elements, where the container's type names it in brackets ("list[str]")."""
    if container.type is None or not container.type.endswith("]"):
        return None
    return container.type.partition("[")[2][:-1] or None
