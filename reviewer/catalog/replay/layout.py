"""Which statement each line of a file belongs to, and which definition."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from reviewer.code.outline import Definition, Outline, bodies, outline, parse
from reviewer.code.source import Source
from reviewer.code.unit import MODULE


@dataclass(frozen=True)
class Layout:
    """The lines of one file.

    Attributes:
        source: its text.
        outline: what it defines.
        places: line with code, imports and documentation left out -> the lines of what it is a part of: of a whole
            simple statement, or of the header of a compound one; for an `else:`, `finally:` or `except …:` those of
            the statement's first header too.
        owners: line -> name of the innermost definition around it; what no definition holds is not there.
    """

    source: Source
    outline: Outline
    places: Mapping[int, frozenset[int]]
    owners: Mapping[int, str]

    @property
    def length(self) -> int:
        """How many lines there are."""
        return len(self.source.lines)

    def owner(self, line: int) -> str:
        """Name of the innermost definition around a line, `MODULE` where there is none."""
        return self.owners.get(line, MODULE)

    def text(self, line: int) -> str:
        """A line without the white space around it; "" beyond the end."""
        lines = self.source.lines
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""

    def defines(self, name: str) -> bool:
        """Whether there is a definition of that name, or it is the module itself."""
        return name == MODULE or name in self.outline.definitions

    def definitions(self, name: str) -> Sequence[Definition]:
        """All definitions of a name, as of a property with its setter."""
        return self._definitions.get(name, ())

    @cached_property
    def _definitions(self) -> Mapping[str, Sequence[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.outline.in_order:
            found.setdefault(definition.name, []).append(definition)
        return found

    def lines_of(self, name: str) -> frozenset[int]:
        """The lines whose innermost definition it is, with all functions defined inside of it."""
        if name == MODULE:
            return frozenset(line for first, last in self.outline.statements for line in range(first, last + 1))
        found = self.definitions(name)
        if found and found[0].kind == "class":
            return frozenset(line for line, owner in self.owners.items() if owner == name)
        return frozenset(line for one in found for line in range(one.line, one.end_line + 1))


def lay_out(source: Source) -> Layout:
    """Look at a file's statements.

    Raises:
        SourceError: it is no valid Python.
    """
    tree = parse(source)
    plan = outline(source, tree)
    owners: dict[int, str] = {}
    for definition in plan.in_order:  # inner ones come later and win
        owners.update(dict.fromkeys(range(definition.line, definition.end_line + 1), definition.name))
    places: dict[int, frozenset[int]] = {}
    pending = list(tree.body)
    while pending:
        statement = pending.pop()
        inner = sorted(filter(None, bodies(statement)), key=_first_line)
        for lines, stands_for in _places(statement, inner):
            places.update(dict.fromkeys(lines, stands_for))
        pending.extend(one for body in inner for one in body)  # what is inside comes later and wins
    kept = {line: lines for line, lines in places.items() if _is_code(source, line)}
    return Layout(source, plan, kept, owners)


def _places(node: ast.stmt, inner: Sequence[list[ast.stmt]]) -> Iterator[tuple[range, frozenset[int]]]:
    """The lines of a statement without its bodies, in pieces, each with the lines that it stands for."""
    end = node.end_lineno or node.lineno
    if not inner:
        if not _says_nothing(node):
            yield range(node.lineno, end + 1), frozenset(range(node.lineno, end + 1))
        return
    header = range(_first_line([node]), max(node.lineno + 1, _first_line(inner[0])))
    yield header, frozenset(header)
    for body, following in pairwise(inner):
        # What stands between two bodies says that the next one begins: `else:`, `finally:`, `except …:`.
        clause = range((body[-1].end_lineno or body[-1].lineno) + 1, _first_line(following))
        yield clause, frozenset(header).union(clause)


def _first_line(body: Sequence[ast.stmt]) -> int:
    decorators: list[ast.expr] = getattr(body[0], "decorator_list", [])
    return min([body[0].lineno, *(decorator.lineno for decorator in decorators)])


def _says_nothing(node: ast.stmt) -> bool:
    """Documentation, and imports: a repair changes them along with something else."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_code(source: Source, line: int) -> bool:
    text = source.lines[line - 1].strip() if line <= len(source.lines) else ""
    return bool(text) and not text.startswith("#")
