"""Gives the local variables of a function other names, by Python's own account of its scopes.

A name is changed everywhere in the function or not at all. Left alone is what others know or facts go by: attributes,
globals, imports, keywords, the first parameter of a method, parameters that are given by keyword or that a decorator
may look at. The new name ends as the old one does, for a `db_lock` is taken for a lock by its name.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewer.code.source import Source
from reviewer.domain.syntax import unwarned

_INTROSPECTION = frozenset({"locals", "vars", "eval", "exec", "dir", "globals"})
Function = ast.FunctionDef | ast.AsyncFunctionDef
_PREFIX = "other"


@dataclass(frozen=True, slots=True)
class Rename:
    """A name at one place.

    Attributes:
        line: from 1.
        column: in bytes of the line's UTF-8, from 0.
        old, new: the name.
    """

    line: int
    column: int
    old: str
    new: str


class Renamer:
    """Renames the locals of functions of one file.

    Args:
        source: the file.
        tree: what the parser makes of it.
    """

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self._source = source
        self._tree = tree
        self._lines = [line.encode("utf-8", "surrogatepass") for line in source.lines]

    def rename(self, function: Function) -> list[Rename]:
        """Where names in an outermost function change.

        Args:
            function: the function or method.
        """
        table = self._tables.get((function.name, function.lineno))
        called = {_callee(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
        if table is None or called & _INTROSPECTION:
            return []
        names = _local_names(table) - _kept_names(function, self._keywords)
        found: dict[str, list[Rename]] = {name: [] for name in sorted(names)}
        for name, line, column in _places(function, self._lines):
            if name in found:
                found[name].append(Rename(line, column, name, _new_name(name, self._taken)))
        return [one for renames in found.values() if _are_told(renames, self._lines) for one in renames]

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", self._source.text))

    @cached_property
    def _keywords(self) -> Mapping[str, frozenset[str]]:
        """Last part of what is called -> the keywords that some call of it gives."""
        found: dict[str, set[str]] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and node.keywords:
                found.setdefault(_callee(node), set()).update(
                    word.arg for word in node.keywords if word.arg is not None
                )
        return {name: frozenset(words) for name, words in found.items()}

    @cached_property
    def _tables(self) -> Mapping[tuple[str, int], symtable.SymbolTable]:
        """The symbols of each function, by its name and line; none where Python does not compile the file."""
        try:
            with unwarned():
                top = symtable.symtable(self._source.text, "file", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        return {
            (table.get_name(), table.get_lineno()): table for table in _inside(top) if table.get_type() == "function"
        }


def _callee(call: ast.Call) -> str:
    """The last part of what is called; "" where it has no name."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """A scope, and all scopes in it."""
    pending = [table]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(one.get_children())


def _local_names(table: symtable.SymbolTable) -> frozenset[str]:
    """Names that are variables of the function, or of one inside it, wherever they occur in it."""
    local: set[str] = set()
    other: set[str] = set()
    for scope in _inside(table):
        for symbol in scope.get_symbols():
            name = symbol.get_name()
            owned = symbol.is_local() or symbol.is_parameter()
            if symbol.is_global() or symbol.is_imported() or symbol.is_namespace() or symbol.is_nonlocal():
                other.add(name)
            elif owned and scope.get_type() == "function":
                local.add(name)
            elif owned:
                other.add(name)  # an attribute of a class
    return frozenset(name for name in local - other if not name.startswith((".", "__")) and name != "_")


def _kept_names(function: Function, keywords: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Local names that somebody else goes by, or whose places are not told by the tree."""
    kept: set[str] = set()
    anywhere = {word.arg for node in ast.walk(function) if isinstance(node, ast.Call) for word in node.keywords}
    for node in ast.walk(function):
        if isinstance(node, Function):
            own = _parameters(node.args)
            kept.update(own if node.decorator_list else keywords.get(node.name, frozenset()).intersection(own))
            kept.update(own[:1] if own[:1] in (["self"], ["cls"]) else ())
        elif isinstance(node, ast.Lambda):
            kept.update(name for name in _parameters(node.args) if name in anywhere)
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            kept.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            kept.add(node.rest or "")
    return frozenset(kept)


def _parameters(arguments: ast.arguments) -> list[str]:
    rest = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest)]


def _places(function: Function, lines: list[bytes]) -> Iterator[tuple[str, int, int]]:
    """Each place where a name stands: name, line, column."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno, node.col_offset
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno, node.col_offset
        elif isinstance(node, ast.ExceptHandler) and node.name is not None and node.type is not None:
            line = node.type.end_lineno or node.type.lineno
            start = node.type.end_col_offset or 0
            match = re.compile(rb"[\s)]*\bas\s+").match(lines[line - 1], start)
            yield node.name, line, match.end() if match is not None else -1


def _are_told(renames: Sequence[Rename], lines: Sequence[bytes]) -> bool:
    """Whether a name really is where the tree says; inside of an f-string that may be wrong before Python 3.12."""
    return len(set(renames)) == len(renames) and all(_stands(one, lines[one.line - 1]) for one in renames)


def _stands(rename: Rename, line: bytes) -> bool:
    old = rename.old.encode()
    end = rename.column + len(old)
    return rename.column >= 0 and line[rename.column : end] == old and not line[end : end + 1].isalnum()


def _new_name(name: str, taken: Collection[str]) -> str:
    mark = "_" if name.startswith("_") else ""
    plain = name.removeprefix("_")
    prefix = _PREFIX.upper() if plain.isupper() and len(plain) > 1 else _PREFIX
    candidate = f"{mark}{prefix}_{plain}"
    number = 2
    while candidate in taken:
        candidate = f"{mark}{prefix}{number}_{plain}"
        number += 1
    return candidate
