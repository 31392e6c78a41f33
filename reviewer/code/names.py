"""What the names of a file mean: symbols, types of module variables and attributes, results of calls."""

from __future__ import annotations

import ast
import builtins
import dataclasses

from reviewer.code.outline import ClassAttribute, Definition, Outline, dotted
from reviewer.domain.fact import Value
from reviewer.domain.library import Callable
from reviewer.knowledge.lookup import Knowledge

UNKNOWN = Value()

_TYPING = {
    "typing.Dict": "dict",
    "typing.List": "list",
    "typing.Set": "set",
    "typing.Tuple": "tuple",
    "typing.Mapping": "dict",
    "typing.MutableMapping": "dict",
    "typing.Sequence": "list",
    "collections.abc.Mapping": "dict",
    "collections.abc.MutableMapping": "dict",
    "collections.abc.Sequence": "list",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "collections.defaultdict",
}
_TRANSPARENT = {"typing.Annotated", "typing.Final", "typing.ClassVar", "typing_extensions.Annotated"}
_DEFAULTING = {"get", "getenv", "next", "pop", "getattr", "setdefault"}


class Names:
    """Resolves names of one file.

    Args:
        outline: what the file defines.
        knowledge: what libraries do.
    """

    def __init__(self, outline: Outline, knowledge: Knowledge) -> None:
        self.outline = outline
        self.knowledge = knowledge
        self._module_values: dict[str, Value] = {}
        self._attributes: dict[tuple[str, str], Value | None] = {}
        self._callables: dict[str, Callable | None] = {}
        self._returns: dict[str, Value] = {}

    def of_module(self, name: str) -> Value:
        """The value that a name has at module level: a definition, an import, a variable or a builtin."""
        found = self._module_values.get(name)
        if found is None:
            self._module_values[name] = UNKNOWN  # a name defined by itself ends here
            found = self._module_values[name] = self._module_value(name)
        return found

    def _module_value(self, name: str) -> Value:
        outline = self.outline
        if name in outline.definitions:
            return Value(symbol="." + name)
        if name in outline.imports:
            return self.of_symbol(outline.imports[name])
        annotation = outline.annotated.get(name)
        declared = self.of_annotation(annotation) if annotation is not None else UNKNOWN
        if values := outline.assigned.get(name):
            assigned = [self.of_expression(value) for value in values]
            known = next((value for value in assigned if value.type or value.symbol or value.boundary), assigned[0])
            if declared.type and not known.type:
                known = dataclasses.replace(known, type=declared.type)
            if len(assigned) == 1 and name not in outline.globals_written:
                return known
            # Written in several places: only the type is trusted; None where one of them is None.
            none = f"{name} starts as None" if any(value.literal == "None" for value in assigned) else declared.none
            return Value(type=known.type or declared.type, none=none, made_by=known.made_by, settings=known.settings)
        if annotation is not None:
            return declared
        if hasattr(builtins, name):
            return Value(symbol=name)
        return UNKNOWN

    def of_symbol(self, symbol: str) -> Value:
        """The value that a qualified name stands for, boundary and type included where they are known."""
        symbol = self.knowledge.canonical(symbol) if not symbol.startswith(".") else symbol
        attribute = self.knowledge.attribute(symbol) if "." in symbol and symbol[0] != "." else None
        if attribute is not None:
            return Value(
                symbol=symbol,
                type=attribute.type,
                boundary=attribute.boundary,
                none=attribute.none,
                decoded=attribute.decoded,
            )
        return Value(symbol=symbol)

    def known(self, symbol: str | None) -> Callable | None:
        """What `knowledge/` says of a callable."""
        if symbol is None or symbol.startswith("."):
            return None
        if symbol not in self._callables:
            self._callables[symbol] = self.knowledge.callable(symbol)
        return self._callables[symbol]

    def member(self, base: Value, name: str) -> Value | None:
        """The value of `base.name` as far as the types tell; None when they say nothing."""
        if base.symbol is not None and (base.type is None or self._is_module(base.symbol)):
            symbol = f"{base.symbol}.{name}"
            if symbol.startswith("."):
                owner = base.symbol[1:]
                if owner in self.outline.attributes:
                    return self.of_class(owner, name) or Value(symbol=symbol)
                return Value(symbol=symbol)
            return self.of_symbol(symbol)
        if base.type is None:
            return None
        if base.type.startswith("."):
            return self.of_class(base.type[1:], name)
        found = self.of_symbol(f"{base.type}.{name}")
        if base.boundary and found.boundary is None and base.type in ("str", "bytes", "dict", "list"):
            return found
        return found

    def _is_module(self, symbol: str) -> bool:
        return symbol in self.knowledge.modules

    def of_class(self, owner: str, name: str) -> Value | None:
        """The value of an attribute or method of a class of this file, its bases in the file included."""
        key = (owner, name)
        if key in self._attributes:
            return self._attributes[key]
        self._attributes[key] = None  # a class that inherits from itself ends here
        found = self._class_value(owner, name)
        self._attributes[key] = found
        return found

    def _class_value(self, owner: str, name: str) -> Value | None:
        definition = self.outline.definitions.get(f"{owner}.{name}")
        if definition is not None:
            decorators = {dotted(node) for node in getattr(definition.node, "decorator_list", ())}
            if decorators & {"property", "cached_property", "functools.cached_property"}:
                return self.returned_by(definition)
            return Value(symbol=f".{owner}.{name}")
        places = self.outline.attributes.get(owner, {}).get(name, ())
        if places:
            return self._merge_places(owner, name, places)
        for base in self.outline.bases.get(owner, ()):
            if base.startswith("."):
                if found := self.of_class(base[1:], name):
                    return found
            else:
                inherited = self.of_symbol(f"{base}.{name}")
                if inherited.type or self.known(inherited.symbol):
                    return inherited
        return None

    def _merge_places(self, owner: str, name: str, places: tuple[ClassAttribute, ...]) -> Value:
        annotated = next((place.annotation for place in places if place.annotation is not None), None)
        declared = self.of_annotation(annotated) if annotated is not None else UNKNOWN
        values = [self._place_value(owner, place) for place in places if place.value is not None]
        known = next((value for value in values if value.type), UNKNOWN)
        starts_none = any(value.literal == "None" for value in values)
        others = any(value.literal != "None" for value in values)
        none = None
        if starts_none and (others or annotated is not None):
            none = f"{name} is None until it is set"
        elif declared.none and starts_none:
            none = declared.none
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
            method = self.outline.definitions.get(f"{owner}.{place.method}")
            if method is not None and not isinstance(method.node, ast.ClassDef):
                arguments = method.node.args
                for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
                    if argument.arg == node.id:
                        return self.of_annotation(argument.annotation) if argument.annotation else UNKNOWN
        return self.of_expression(node) if node is not None else UNKNOWN

    def of_annotation(self, node: ast.expr | None) -> Value:
        """What an annotation says: a type, and whether None is allowed."""
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                try:
                    return self.of_annotation(ast.parse(node.value, mode="eval").body)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return UNKNOWN
            return UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([node.left, node.right])
        if isinstance(node, ast.Subscript):
            name = self._qualify(node.value)
            inner = node.slice
            if name in ("typing.Optional", "Optional"):
                return dataclasses.replace(self.of_annotation(inner), none="its annotation allows None")
            if name in ("typing.Union", "Union"):
                return self._union(inner.elts if isinstance(inner, ast.Tuple) else [inner])
            if name in _TRANSPARENT:
                return self.of_annotation(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
            return Value(type=self._type(name))
        return Value(type=self._type(self._qualify(node)))

    def _union(self, members: list[ast.expr]) -> Value:
        flat: list[ast.expr] = []
        for member in members:
            if isinstance(member, ast.BinOp) and isinstance(member.op, ast.BitOr):
                flat.extend([member.left, member.right])
            else:
                flat.append(member)
        kept = [m for m in flat if not (isinstance(m, ast.Constant) and m.value is None) and dotted(m) != "None"]
        values = [self.of_annotation(member) for member in kept]
        none = "its annotation allows None" if len(kept) < len(flat) or any(value.none for value in values) else None
        return Value(type=values[0].type if len(values) == 1 else None, none=none)

    def _type(self, name: str | None) -> str | None:
        if name is None or name in ("typing.Any", "Any", "object", "None"):
            return None
        if name in _TYPING:
            return _TYPING[name]
        return name if name.startswith(".") else self.knowledge.canonical(name)

    def _qualify(self, node: ast.expr) -> str | None:
        name = dotted(node)
        if name is None:
            return None
        root, dot, rest = name.partition(".")
        if root in self.outline.definitions:
            return "." + name
        if root in self.outline.imports:
            return self.outline.imports[root] + dot + rest
        return name

    def of_expression(self, node: ast.expr) -> Value:
        """What a module-level or class-level expression gives, as far as its own form tells."""
        if isinstance(node, ast.Constant):
            return Value(literal=repr(node.value), type=None if node.value is None else type(node.value).__name__)
        if isinstance(node, ast.Name):
            return self.of_module(node.id)
        if isinstance(node, ast.Attribute):
            base = self.of_expression(node.value)
            return self.member(base, node.attr) or UNKNOWN
        if isinstance(node, ast.Await):
            return self.of_expression(node.value)
        if isinstance(node, ast.Call):
            function = self.of_expression(node.func)
            settings = tuple((k.arg, _short(k.value)) for k in node.keywords if k.arg)
            defaults = [repr(None) if isinstance(a, ast.Constant) and a.value is None else "" for a in node.args[1:2]]
            return self.result(function.symbol, settings, (node.lineno, node.col_offset + 1), defaults)
        if isinstance(node, ast.BoolOp):
            values = [self.of_expression(value) for value in node.values]
            typed = next((value for value in values if value.type), UNKNOWN)
            return Value(type=typed.type, none=values[-1].none)
        if isinstance(node, ast.IfExp):
            body, other = self.of_expression(node.body), self.of_expression(node.orelse)
            none = "it is None in one case" if "None" in (body.literal, other.literal) else body.none or other.none
            return Value(type=body.type or other.type, none=none)
        for kind, name in _DISPLAYS:
            if isinstance(node, kind):
                return Value(type=name)
        return UNKNOWN

    def result(
        self,
        symbol: str | None,
        settings: tuple[tuple[str, str], ...],
        place: tuple[int, int],
        defaults: list[str],
    ) -> Value:
        """What calling a symbol gives.

        Args:
            symbol: canonical qualified name of the callee.
            settings: its keyword arguments as written.
            place: where the call stands.
            defaults: the second positional argument as a literal, where there is one ("" when no literal).
        """
        if symbol is None:
            return UNKNOWN
        if symbol.startswith("."):
            return self._internal_result(symbol, settings, place)
        known = self.known(symbol)
        if known is None:
            # Calling what looks like a class gives an instance of it.
            last = symbol.rpartition(".")[2]
            if last[:1].isupper() and not last.isupper():
                return Value(type=symbol, made_by=symbol, made_at=place, settings=settings)
            return Value(made_by=symbol, made_at=place)
        none = known.returns_none
        if none and known.name.rpartition(".")[2] in _DEFAULTING:
            given = next((text for name, text in settings if name == "default"), None)
            given = defaults[0] if given is None and defaults else given
            if given is not None and given != "None":
                none = None
        return Value(
            type=known.returns,
            boundary=known.boundary,
            decoded=known.decoded,
            none=none,
            empty=known.returns_empty,
            made_by=known.name,
            made_at=place,
            settings=settings,
        )

    def _internal_result(self, symbol: str, settings: tuple[tuple[str, str], ...], place: tuple[int, int]) -> Value:
        definition = self.outline.definitions.get(symbol[1:])
        if definition is None:
            return Value(made_by=symbol, made_at=place)
        if isinstance(definition.node, ast.ClassDef):
            return Value(type=symbol, made_by=symbol, made_at=place, settings=settings)
        return dataclasses.replace(self.returned_by(definition), made_by=symbol, made_at=place)

    def returned_by(self, definition: Definition) -> Value:
        """What a function of this file returns, by its annotation, else by whether some path returns None."""
        name = definition.name
        if name in self._returns:
            return self._returns[name]
        self._returns[name] = UNKNOWN
        node = definition.node
        value = UNKNOWN
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.returns is not None:
                value = self.of_annotation(node.returns)
                if value.none:
                    value = dataclasses.replace(value, none=f"{node.name} may return None")
            elif _returns_none(node):
                value = Value(none=f"{node.name} returns None on some path")
        self._returns[name] = value
        return value


_DISPLAYS: tuple[tuple[type[ast.expr], str], ...] = (
    (ast.Dict, "dict"),
    (ast.DictComp, "dict"),
    (ast.List, "list"),
    (ast.ListComp, "list"),
    (ast.Set, "set"),
    (ast.SetComp, "set"),
    (ast.Tuple, "tuple"),
    (ast.JoinedStr, "str"),
)


def _short(node: ast.expr) -> str:
    return repr(node.value) if isinstance(node, ast.Constant) else dotted(node) or "..."


def _returns_none(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function returns a value on one path and an explicit None on another; generators never."""
    gives = none = False
    pending: list[ast.AST] = list(node.body)
    while pending:
        current = pending.pop()
        if isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(current, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(current, ast.Return):
            if current.value is None or (isinstance(current.value, ast.Constant) and current.value.value is None):
                none = True
            else:
                gives = True
        pending.extend(ast.iter_child_nodes(current))
    return gives and none
