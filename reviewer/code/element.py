"""What iterating over a value, or taking it apart, gives."""

from __future__ import annotations

from reviewer.domain.fact import UNKNOWN, Value


def element_of(container: Value) -> Value:
    """What iterating over a value, or taking it apart, gives."""
    kind = element_type(container)
    if container.boundary or container.decoded:
        if container.boundary == "file" and not container.decoded and container.type in (None, "io.TextIOWrapper"):
            kind = "str"
        return Value(
            boundary=container.boundary,
            decoded=container.decoded,
            parameter=container.parameter,
            made_by=container.made_by,
            made_at=container.made_at,
            type=kind,
        )
    return Value(type=kind, parameter=container.parameter) if kind or container.parameter else UNKNOWN


def element_type(container: Value) -> str | None:
    """The type of the elements, where the container's type names it in brackets ("list[str]")."""
    if container.type is None or not container.type.endswith("]"):
        return None
    return container.type.partition("[")[2][:-1] or None
