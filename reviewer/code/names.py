"""What the names of a file mean: symbols, types of module variables and attributes, results of calls."""

from __future__ import annotations

import ast
import builtins
import dataclasses
from collections.abc import Iterator
from typing import Protocol

from reviewer.code.ending import NEVER, NO_RETURN, ends_early, never_returns
from reviewer.code.outline import ClassAttribute, Definition, Outline, dotted
from reviewer.domain.fact import Implication, Value
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
_KEEPS_KIND = {"staticmethod", "classmethod", "override", "typing.override", "abstractmethod", "abc.abstractmethod"}


_CALLS_IN_A_ROW = 8
"""Functions that call each other in a row, and are looked into for whether they ever return."""
_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property"})


class Elsewhere(Protocol):
    """What a file can learn of the other files of its project; all names are canonical ones."""

    def value(self, symbol: str) -> Value | None:
        """What a dotted name stands for; None for what is not found in the project."""

    def result(self, symbol: str) -> Value | None:
        """What calling a function or class of the project gives; None for anything else."""

    def is_coroutine_function(self, symbol: str) -> bool:
        """Whether it is a function of the project that gives a coroutine."""


class Names:
    """Resolves names of one file.

    Args:
        outline: what the file defines.
        knowledge: what libraries do.
        elsewhere: what the other files of the project define; None where only this file is to be had.

    Attributes:
        promised: what calls of functions of this file tell of their parameters, as far as somebody has asked.
    """

    def __init__(self, outline: Outline, knowledge: Knowledge, elsewhere: Elsewhere | None = None) -> None:
        self.outline = outline
        self.knowledge = knowledge
        self.elsewhere = elsewhere
        self._module_values: dict[str, Value] = {}
        self._attributes: dict[tuple[str, str], Value | None] = {}
        self._callables: dict[str, Callable | None] = {}
        self._returns: dict[str, Value] = {}
        self._coroutines: dict[str, bool] = {}
        self._ending = 0
        self.promised: dict[str, tuple[Implication, ...]] = {}

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
        if outline.stars and not (name in outline.assigned or name in outline.annotated or hasattr(builtins, name)):
            return self._by_star(name)
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
        return self._described(symbol) or self._of_project(symbol) or Value(symbol=self._library_name(symbol))

    def canonical(self, symbol: str) -> str:
        """The one name of a thing that libraries and packages hand on under several names."""
        symbol = self._library_name(symbol)
        if symbol.startswith(".") or self.knowledge.describes(symbol):
            return symbol
        found = self._of_project(symbol)
        return found.symbol if found is not None and found.symbol is not None else symbol

    def of_base(self, base: str) -> str:
        """The canonical name of what the outline gives as a base of a class, one of this file by its dotted name."""
        symbol = base if "." in base else self.of_module(base).symbol or base  # a variable, or brought by a star
        return f"{self.outline.module}{symbol}" if symbol.startswith(".") else self.canonical(symbol)

    def _library_name(self, symbol: str) -> str:
        return symbol if symbol.startswith(".") else self.knowledge.canonical(symbol)

    def _described(self, symbol: str) -> Value | None:
        """What this file or `knowledge/` say of a qualified name; None where they say nothing."""
        if symbol.startswith("."):
            return Value(symbol=symbol)
        symbol = self.knowledge.canonical(symbol)
        attribute = self.knowledge.attribute(symbol) if "." in symbol else None
        if attribute is not None:
            return Value(
                symbol=symbol,
                type=attribute.type,
                boundary=attribute.boundary,
                none=attribute.none,
                decoded=attribute.decoded,
            )
        return Value(symbol=symbol) if self.knowledge.describes(symbol) or self.known(symbol) else None

    def _of_project(self, symbol: str) -> Value | None:
        if self.elsewhere is None or symbol.startswith("."):
            return None
        return self.elsewhere.value(symbol)

    def _by_star(self, name: str) -> Value:
        """The value of a name that only a star import can have brought."""
        for module in self.outline.stars:
            found = self._described(f"{module}.{name}") or self._of_project(f"{module}.{name}")
            if found is not None:
                return found
        return UNKNOWN

    def known(self, symbol: str | None) -> Callable | None:
        """What `knowledge/` says of a callable."""
        if symbol is None or symbol.startswith("."):
            return None
        if symbol not in self._callables:
            self._callables[symbol] = self.knowledge.callable(symbol)
        return self._callables[symbol]

    def is_coroutine_function(self, symbol: str | None) -> bool:
        """Whether a symbol of the project is an `async def` that gives a coroutine, and no asynchronous generator.

        A decorator may make anything of it, so that a decorated one is told only where the decorator keeps the kind.
        """
        if symbol is None:
            return False
        if symbol[:1] != ".":
            return self.elsewhere is not None and self.elsewhere.is_coroutine_function(symbol)
        if symbol not in self._coroutines:
            definition = self.outline.definitions.get(symbol[1:])
            node = definition.node if definition is not None else None
            self._coroutines[symbol] = isinstance(node, ast.AsyncFunctionDef) and (
                all(dotted(decorator) in _KEEPS_KIND for decorator in node.decorator_list) and not _yields(node)
            )
        return self._coroutines[symbol]

    def is_bound(self, symbol: str, receiver: Value) -> bool:
        """Whether calling a method of this file through a value gives it that value as its first argument."""
        definition = self.outline.definitions.get(symbol[1:])
        if definition is None or definition.owner is None or isinstance(definition.node, ast.ClassDef):
            return False
        decorators = {dotted(node) for node in definition.node.decorator_list}
        return "classmethod" in decorators or ("staticmethod" not in decorators and receiver.symbol is None)

    def member(self, base: Value, name: str) -> Value | None:
        """The value of `base.name` as far as the types tell; None when they say nothing."""
        if base.symbol is not None and base.boundary and not self._is_module(base.symbol):
            # A variable of a library: its methods are described by its own name or by its type's.
            if self.known(f"{base.symbol}.{name}") is not None:
                return self.of_symbol(f"{base.symbol}.{name}")
            if base.type is None:
                return None
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
        found = self.of_symbol(f"{base.type.partition('[')[0]}.{name}")
        if (found.none or "").startswith(f"{name}=") and dict(base.settings or ()).get(name, "None") != "None":
            # "stdout=PIPE is not given" is true of a program only where it was not.
            found = dataclasses.replace(found, none=None)
        if found.boundary == "process output" and found.type is None and base.settings is not None:
            captured = any(name in ("capture_output", "stdout", "stderr") for name, _ in base.settings)
            none = None if captured else found.none
            return dataclasses.replace(found, type=process_text(base.settings), none=none)
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

    def property_named(self, base: Value, name: str) -> str | None:
        """The function that reading `base.name` runs, where the class is of this file; None where it is no property."""
        if base.type is None or not base.type.startswith("."):
            return None
        pending, seen = [base.type[1:]], set()
        while pending:
            owner = pending.pop(0)
            definition = self.outline.definitions.get(f"{owner}.{name}")
            if definition is not None:
                return f".{definition.name}" if _is_property(definition) else None
            seen.add(owner)
            bases = self.outline.bases.get(owner, ())
            pending.extend(base[1:] for base in bases if base.startswith(".") and base[1:] not in seen)
        return None

    def _class_value(self, owner: str, name: str) -> Value | None:
        definition = self.outline.definitions.get(f"{owner}.{name}")
        if definition is not None:
            if _is_property(definition):
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
                inherited = self._described(f"{base}.{name}")
                if inherited is not None and (inherited.type or self.known(inherited.symbol)):
                    return inherited
                if from_project := self._of_project(f"{base}.{name}"):
                    return from_project
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
            method = self.outline.definitions.get(f"{owner}.{place.method}")
            if method is not None and not isinstance(method.node, ast.ClassDef):
                arguments = method.node.args
                positional = [*arguments.posonlyargs, *arguments.args]
                defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
                for argument, default in [
                    *zip(positional, defaults, strict=True),
                    *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
                ]:
                    if argument.arg == node.id:
                        value = self.of_annotation(argument.annotation) if argument.annotation else UNKNOWN
                        if isinstance(default, ast.Constant) and default.value is None:
                            return dataclasses.replace(value, none=f"{node.id} is None when it is not given")
                        return value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            left = self._place_value(owner, ClassAttribute(place.method, node.left, None))
            return Value(type=left.type) if left.type == "pathlib.Path" else UNKNOWN
        if isinstance(node, ast.Attribute) and place.method:
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                return self.of_class(owner, node.attr) or UNKNOWN
            base = self._place_value(owner, ClassAttribute(place.method, node.value, None))
            return self.member(base, node.attr) or UNKNOWN
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

    def of_outside(self, node: ast.expr | None) -> Value:
        """What an annotation says of a value that comes from elsewhere.

        `dict[str, Any]`, or `dict` alone, names a mapping whose contents nobody has checked: it counts as decoded. The
        same holds for the elements of `list[dict[str, Any]]`.
        """
        value = self.of_annotation(node)
        if value.type not in ("dict", "list") or node is None:
            return value
        inner = _without_none(node)
        if inner is None:
            return value
        if value.type == "dict" and _is_loose_mapping(inner):
            return dataclasses.replace(value, decoded=True)
        if value.type == "list" and isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.expr):
            element = self.of_outside(inner.slice)
            if element.decoded and element.type == "dict":
                return dataclasses.replace(value, type="list[dict]", decoded=True)
        return value

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
        if name in NEVER:
            return NO_RETURN
        return self.canonical(name)

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
            literals = tuple(repr(a.value) if isinstance(a, ast.Constant) else "" for a in node.args)
            return self.result(function.symbol, settings, (node.lineno, node.col_offset + 1), literals)
        if isinstance(node, ast.BoolOp):
            values = [self.of_expression(value) for value in node.values]
            typed = next((value for value in values if value.type), UNKNOWN)
            return Value(type=typed.type, none=values[-1].none)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            # A path divided is a path; of other quotients nothing is known.
            left = self.of_expression(node.left)
            return Value(type=left.type) if left.type == "pathlib.Path" else UNKNOWN
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
        literals: tuple[str, ...],
    ) -> Value:
        """What calling a symbol gives.

        Args:
            symbol: canonical qualified name of the callee.
            settings: its keyword arguments as written.
            place: where the call stands.
            literals: the positional arguments as literals ("" for what is none).
        """
        if symbol is None:
            return UNKNOWN
        if symbol.startswith("."):
            return self._internal_result(symbol, settings, place)
        known = self.known(symbol)
        elsewhere = self.elsewhere.result(symbol) if known is None and self.elsewhere is not None else None
        if elsewhere is not None:
            kept = settings if elsewhere.type == symbol else elsewhere.settings
            return dataclasses.replace(elsewhere, made_by=symbol, made_at=place, settings=kept)
        if known is None:
            # Calling what looks like a class gives an instance of it.
            last = symbol.rpartition(".")[2]
            if last[:1].isupper() and not last.isupper():
                return Value(type=symbol, made_by=symbol, made_at=place, settings=settings)
            return Value(made_by=symbol, made_at=place)
        none = known.returns_none
        given = _fallback_given(known, settings, literals)
        if given == "None":
            none = none or "there is none, and None is what it then gives"
        elif given is not None:
            none = None
        return Value(
            type=known.returns_for.get(literals[0].strip("'\""), known.returns) if literals else known.returns,
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
            given = self._given_back(node)
            if self._never_returns(definition, node):
                value = Value(type=NO_RETURN)
            elif node.returns is not None:
                value = self.of_outside(node.returns)
                if given.decoded and value.type in (None, "dict", "list"):
                    value = dataclasses.replace(value, decoded=True, boundary=given.boundary)
                if value.none:
                    value = dataclasses.replace(value, none=f"{node.name} may return None")
            elif _returns_none(node):
                value = Value(
                    type=given.type,
                    none=f"{node.name} returns None on some path",
                    decoded=given.decoded,
                    boundary=given.boundary,
                )
            elif self._ends_without_value(definition, node):
                value = Value(
                    type=given.type,
                    none=f"{node.name} ends without a value on some path",
                    decoded=given.decoded,
                    boundary=given.boundary,
                )
            elif given.decoded or given.type:
                value = Value(type=given.type, decoded=given.decoded, boundary=given.boundary)
        self._returns[name] = value
        return value

    def _never_returns(self, definition: Definition, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a call of a function of this file never comes back, as far as its text tells.

        A decorator may end what the function raises, and a subclass that gives a result replaces a method that none
        gives: of these only what the annotation says counts.
        """
        if any(dotted(decorator) not in _KEEPS_KIND for decorator in node.decorator_list):
            return False
        if any((dotted(decorator) or "").endswith("abstractmethod") for decorator in node.decorator_list):
            return False
        promises = node.returns is not None and not (isinstance(node.returns, ast.Constant) and not node.returns.value)
        if promises or self._ending >= _CALLS_IN_A_ROW:
            return False
        self._ending += 1
        try:
            return never_returns(node, lambda call, awaited: self._leaves(definition, call, awaited), _own_nodes(node))
        finally:
            self._ending -= 1

    def _ends_without_value(self, definition: Definition, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a function that returns values may come to its end, where it gives None."""
        gives = False
        for inner in _own_nodes(node):
            if isinstance(inner, ast.Yield | ast.YieldFrom):
                return False
            gives = gives or (isinstance(inner, ast.Return) and inner.value is not None)
        return gives and not ends_early(node.body, lambda call, awaited: self._leaves(definition, call, awaited))

    def _leaves(self, definition: Definition, call: ast.Call, awaited: bool) -> bool:
        """Whether a call inside a function of this file never comes back."""
        function = call.func
        first = _first_parameter(definition)
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == first:
            method = self.of_class(definition.owner or "", function.attr)
            symbol = method.symbol if method is not None else None
        else:
            symbol = self.of_expression(function).symbol
        if symbol is None or self.is_coroutine_function(symbol) is not awaited:
            return False
        return self.result(symbol, (), (0, 0), ()).type == NO_RETURN

    def _given_back(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
        """Decoded data that a function hands on as it came: `return json.load(f)`, or by way of one variable.

        Of anything else only the type is told, where it is the same at every `return`.
        """
        returned: list[ast.expr] = []
        assigned: dict[str, list[ast.expr]] = {}
        checked: dict[str, str] = {}
        for current in _own_nodes(node):
            if isinstance(current, ast.Return) and current.value is not None:
                if not (isinstance(current.value, ast.Constant) and current.value.value is None):
                    returned.append(current.value)
            elif isinstance(current, ast.Assign) and isinstance(current.targets[0], ast.Name):
                assigned.setdefault(current.targets[0].id, []).append(current.value)
            elif isinstance(current, ast.withitem) and isinstance(current.optional_vars, ast.Name):
                assigned.setdefault(current.optional_vars.id, []).append(current.context_expr)
            elif isinstance(current, ast.Call) and dotted(current.func) == "isinstance" and len(current.args) == 2:
                kind = dotted(current.args[1])
                checked[dotted(current.args[0]) or ""] = kind if kind in ("dict", "list") else ""
        values: list[Value] = []
        for expression in returned:
            places = assigned.get(expression.id, []) if isinstance(expression, ast.Name) else [expression]
            for place in places or [expression]:
                value = self.of_expression(place) if isinstance(place, ast.Call | ast.Await) else UNKNOWN
                values.append(value)
                if value.decoded:
                    kind = checked.get(expression.id) if isinstance(expression, ast.Name) else None
                    if kind == "":
                        return UNKNOWN
                    return dataclasses.replace(
                        value, type=kind or value.type, boundary=value.boundary or self._read_from(assigned)
                    )
        kinds = {value.type for value in values}
        # One sort of thing on every path: an instance of a class, or what one library call gives.
        return Value(type=kinds.pop()) if len(kinds) == 1 else UNKNOWN

    def _read_from(self, assigned: dict[str, list[ast.expr]]) -> str | None:
        """Where the data of a function's own variables comes from, when one of them says so."""
        for places in assigned.values():
            for place in places:
                if isinstance(place, ast.Call | ast.Await) and (found := self.of_expression(place).boundary):
                    return found
        return None


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


def _is_property(definition: Definition) -> bool:
    decorators = {dotted(node) for node in definition.node.decorator_list}
    return not _PROPERTIES.isdisjoint(decorators)


def _first_parameter(definition: Definition) -> str | None:
    """The name of a method's own object; None for a function or a static method."""
    node = definition.node
    if definition.owner is None or isinstance(node, ast.ClassDef):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional and "staticmethod" not in map(dotted, node.decorator_list) else None


def process_text(settings: tuple[tuple[str, str], ...]) -> str:
    """Whether a child process's output comes as text or bytes, by the keyword arguments that started it."""
    given = dict(settings)
    asked = any(given.get(name, "None") not in ("None", "False") for name in ("text", "universal_newlines"))
    return "str" if asked or any(given.get(name, "None") != "None" for name in ("encoding", "errors")) else "bytes"


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes inside a function that belong to it and not to one defined in it."""
    pending = list(ast.iter_child_nodes(node))
    while pending:
        current = pending.pop()
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield current
            pending.extend(ast.iter_child_nodes(current))


def _without_none(node: ast.expr) -> ast.expr | None:
    """The annotation without `| None`; None when several types remain."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _without_none(ast.parse(node.value, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    if isinstance(node, ast.BinOp):
        sides = [
            side for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return _without_none(sides[0]) if len(sides) == 1 else None
    if isinstance(node, ast.Subscript) and (dotted(node.value) or "").rpartition(".")[2] == "Optional":
        return _without_none(node.slice)
    return node


def _is_loose_mapping(node: ast.expr) -> bool:
    if not isinstance(node, ast.Subscript):
        return (dotted(node) or "").rpartition(".")[2] in ("dict", "Dict", "Mapping")
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return len(parts) == 2 and (dotted(parts[1]) or "").rpartition(".")[2] in ("Any", "object")


def _fallback_given(known: Callable, settings: tuple[tuple[str, str], ...], literals: tuple[str, ...]) -> str | None:
    """The argument that stands in for a missing result, as written; None where none is given."""
    fallback = known.fallback
    if fallback is None:
        return None
    for name, written in settings:
        if name == fallback.parameter:
            return written
    if fallback.position is not None and fallback.position < len(literals):
        return literals[fallback.position]
    return None


def _short(node: ast.expr) -> str:
    return repr(node.value) if isinstance(node, ast.Constant) else dotted(node) or "..."


def _yields(node: ast.AsyncFunctionDef) -> bool:
    """Whether it is a generator; a `yield` of a function inside does not count."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        current = pending.pop()
        if isinstance(current, ast.Yield):
            return True
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(current))
    return False


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
