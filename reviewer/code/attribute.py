"""What the attributes and methods of a file's classes are, by every place that gives them a value."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING

from reviewer.code.outline import ClassAttribute, Definition, dotted
from reviewer.domain.fact import UNKNOWN, Value

if TYPE_CHECKING:
    from reviewer.code.names import Names

_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property"})


class Attributes:
    """The attributes and methods of the classes of one file.

    Args:
        names: what the other names of the file mean.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._outline = names.outline
        self._found: dict[tuple[str, str], Value | None] = {}

    def of(self, owner: str, name: str) -> Value | None:
        """The value of an attribute or method of a class of this file, its bases in the file included."""
        key = (owner, name)
        if key in self._found:
            return self._found[key]
        self._found[key] = None  # a class that inherits from itself ends here
        found = self._read(owner, name)
        self._found[key] = found
        return found

    def property_named(self, base: Value, name: str) -> str | None:
        """The function that reading `base.name` runs, where the class is of this file; None where it is no property."""
        if base.type is None or not base.type.startswith("."):
            return None
        for owner in self._outline.lineage(base.type[1:]):
            definition = self._outline.definitions.get(f"{owner}.{name}")
            if definition is not None:
                return f".{definition.name}" if _is_property(definition) else None
        return None

    def _read(self, owner: str, name: str) -> Value | None:
        definition = self._outline.definitions.get(f"{owner}.{name}")
        if definition is not None:
            if _is_property(definition):
                return self._names.returned.by(definition)
            return Value(symbol=f".{owner}.{name}")
        places = self._outline.attributes.get(owner, {}).get(name, ())
        if places:
            return self._merge_places(owner, name, places)
        for base in self._outline.bases.get(owner, ()):
            if base.startswith("."):
                if found := self.of(base[1:], name):
                    return found
            else:
                inherited = self._names.described(f"{base}.{name}")
                if inherited is not None and (inherited.type or self._names.known(inherited.symbol)):
                    return inherited
                if from_project := self._names.of_project(f"{base}.{name}"):
                    return from_project
        return None

    def _merge_places(self, owner: str, name: str, places: tuple[ClassAttribute, ...]) -> Value:
        annotated = next((place.annotation for place in places if place.annotation is not None), None)
        declared = self._names.annotations.of(annotated) if annotated is not None else UNKNOWN
        values = [self._place_value(owner, place) for place in places if place.value is not None]
        known = next((value for value in values if value.type), UNKNOWN)
        starts_none = any(value.literal == "None" for value in values)
        others = any(value.literal != "None" for value in values)
        none = None
        if starts_none and (others or annotated is not None):
            none = f"{name} is None until it is set"
        elif declared.none and starts_none:
            none = declared.none
        elif len(values) == 1:
            none = values[0].none
        only = values[0] if len(values) == 1 else None
        return Value(
            type=declared.type or known.type,
            none=none,
            made_by=known.made_by,
            settings=known.settings,
            literal=only.literal if only is not None else None,
            symbol=only.symbol if only is not None else None,
            boundary=only.boundary if only is not None else None,
            decoded=only.decoded if only is not None else False,
        )

    def _place_value(self, owner: str, place: ClassAttribute) -> Value:
        node = place.value
        if isinstance(node, ast.Name) and place.method:
            method = self._outline.definitions.get(f"{owner}.{place.method}")
            if method is not None and not isinstance(method.node, ast.ClassDef):
                arguments = method.node.args
                positional = [*arguments.posonlyargs, *arguments.args]
                defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
                for argument, default in [
                    *zip(positional, defaults, strict=True),
                    *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
                ]:
                    if argument.arg == node.id:
                        value = self._names.annotations.of(argument.annotation) if argument.annotation else UNKNOWN
                        if isinstance(default, ast.Constant) and default.value is None:
                            return dataclasses.replace(value, none=f"{node.id} is None when it is not given")
                        return value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            left = self._place_value(owner, ClassAttribute(place.method, node.left, None))
            return Value(type=left.type) if left.type == "pathlib.Path" else UNKNOWN
        if isinstance(node, ast.Attribute) and place.method:
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                return self.of(owner, node.attr) or UNKNOWN
            base = self._place_value(owner, ClassAttribute(place.method, node.value, None))
            return self._names.member(base, node.attr) or UNKNOWN
        return self._names.of_expression(node) if node is not None else UNKNOWN


def _is_property(definition: Definition) -> bool:
    decorators = {dotted(node) for node in definition.node.decorator_list}
    return not _PROPERTIES.isdisjoint(decorators)
