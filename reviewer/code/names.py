"""What the names of a file mean: symbols, module variables, members of values, results of calls."""

from __future__ import annotations

import ast
import builtins
import dataclasses
from typing import Protocol

from reviewer.code.annotation import Annotations
from reviewer.code.attribute import Attributes
from reviewer.code.outline import Outline, dotted
from reviewer.code.returned import Returned
from reviewer.domain.fact import UNKNOWN, Implication, Value
from reviewer.domain.library import Callable
from reviewer.knowledge.lookup import Knowledge


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
        annotations: what they say.
        attributes: what attributes and methods of its classes are.
        returned: what calls of its functions give.
        promised: what calls of functions of this file tell of their parameters, as far as somebody has asked.
    """

    def __init__(self, outline: Outline, knowledge: Knowledge, elsewhere: Elsewhere | None = None) -> None:
        self.outline = outline
        self.knowledge = knowledge
        self.elsewhere = elsewhere
        self._module_values: dict[str, Value] = {}
        self._callables: dict[str, Callable | None] = {}
        self.annotations = Annotations(outline, self.canonical)
        self.attributes = Attributes(self)
        self.returned = Returned(self)
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
        declared = self.annotations.of(annotation) if annotation is not None else UNKNOWN
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
        return self.described(symbol) or self.of_project(symbol) or Value(symbol=self._library_name(symbol))

    def canonical(self, symbol: str) -> str:
        """The one name of a thing that libraries and packages hand on under several names."""
        symbol = self._library_name(symbol)
        if symbol.startswith(".") or self.knowledge.describes(symbol):
            return symbol
        found = self.of_project(symbol)
        return found.symbol if found is not None and found.symbol is not None else symbol

    def of_base(self, base: str) -> str:
        """The canonical name of what the outline gives as a base of a class, one of this file by its dotted name."""
        symbol = base if "." in base else self.of_module(base).symbol or base  # a variable, or brought by a star
        return f"{self.outline.module}{symbol}" if symbol.startswith(".") else self.canonical(symbol)

    def _library_name(self, symbol: str) -> str:
        return symbol if symbol.startswith(".") else self.knowledge.canonical(symbol)

    def described(self, symbol: str) -> Value | None:
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

    def of_project(self, symbol: str) -> Value | None:
        """What another file of the project says of a qualified name; None where there is none."""
        if self.elsewhere is None or symbol.startswith("."):
            return None
        return self.elsewhere.value(symbol)

    def _by_star(self, name: str) -> Value:
        """The value of a name that only a star import can have brought."""
        for module in self.outline.stars:
            found = self.described(f"{module}.{name}") or self.of_project(f"{module}.{name}")
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
        """Whether a symbol of the project is an `async def` that gives a coroutine, and no asynchronous generator."""
        if symbol is None:
            return False
        if symbol[:1] != ".":
            return self.elsewhere is not None and self.elsewhere.is_coroutine_function(symbol)
        return self.returned.as_coroutine(symbol)

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
                    return self.attributes.of(owner, name) or Value(symbol=symbol)
                return Value(symbol=symbol)
            return self.of_symbol(symbol)
        if base.type is None:
            return None
        if base.type.startswith("."):
            return self.attributes.of(base.type[1:], name)
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
        return dataclasses.replace(self.returned.by(definition), made_by=symbol, made_at=place)


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


def process_text(settings: tuple[tuple[str, str], ...]) -> str:
    """Whether a child process's output comes as text or bytes, by the keyword arguments that started it."""
    given = dict(settings)
    asked = any(given.get(name, "None") not in ("None", "False") for name in ("text", "universal_newlines"))
    return "str" if asked or any(given.get(name, "None") != "None" for name in ("encoding", "errors")) else "bytes"


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
