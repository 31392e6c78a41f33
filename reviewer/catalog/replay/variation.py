"""The same code written a little differently: what a detector finds in it does not hang on names and order alone.

Local variables get other names, independent assignments that follow each other change places, and a comment and an
assignment that nobody reads are put in. What is not the code of a site stays as it is.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count, pairwise

from reviewer.catalog.replay.layout import Layout
from reviewer.catalog.replay.renaming import Function, Rename, Renamer
from reviewer.code.outline import parse
from reviewer.code.source import Source
from reviewer.errors import SourceError

_PURE = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.expr_context,
)
"""What an expression may be made of that does nothing but give a value."""


@dataclass(frozen=True, slots=True)
class Variation:
    """A file written differently.

    Attributes:
        content: its bytes.
        lines: line of it -> the line that it was; what was put in is not there.
    """

    content: bytes
    lines: Mapping[int, int]


def vary(layout: Layout, content: bytes, functions: Collection[str], marked: Collection[int]) -> Variation | None:
    """Write some functions of a file differently.

    Args:
        layout: the file.
        content: its bytes.
        functions: names of the definitions; of one inside another function the outermost is varied.
        marked: lines of statements that a comment is put above; a statement has its lines in a row.

    Returns:
        None where what came out is no Python.
    """
    source = layout.source
    tree = parse(source)
    chosen = _outermost(layout, functions)
    renamer = Renamer(source, tree)
    texts = _renamed(source, [one for node in chosen for one in renamer.rename(node)])
    order = list(range(1, len(texts) + 1))
    for first, second in (pair for node in chosen for pair in _swaps(node, source)):
        start, stop = first.start - 1, second.stop - 1
        order[start:stop] = [*second, *first]
    unread = next(name for number in count() if (name := f"unread_{number}") not in source.text)
    added = {line: f"{indent}{unread} = 0" for node in chosen for line, indent in _beginning(node, source)}
    comments = {line for line in marked if line - 1 not in marked and line in layout.places}
    lines: list[str] = []
    came_from: dict[int, int] = {}
    for line in order:
        indent = re.match(r"[ \t]*", source.lines[line - 1])
        if line in comments and indent is not None:
            lines.append(f"{indent[0]}# varied")
        lines.extend([added[line]] if line in added else [])
        lines.append(texts[line - 1])
        came_from[len(lines)] = line
    return _checked(source, content, "\n".join(lines), came_from)


def _checked(source: Source, content: bytes, text: str, lines: Mapping[int, int]) -> Variation | None:
    try:
        parse(Source(source.path, text))
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        return Variation(text.encode(encoding), lines)
    except (SourceError, UnicodeEncodeError):
        return None


def _outermost(layout: Layout, functions: Collection[str]) -> list[Function]:
    found: dict[int, Function] = {}
    names = {
        definition.outer
        for name in functions
        for definition in layout.definitions(name)
        if definition.outer is not None
    }
    for name in names:
        for definition in layout.definitions(name):
            if isinstance(definition.node, Function) and definition.outer == definition.name:
                found[definition.line] = definition.node
    return [found[line] for line in sorted(found)]


def _renamed(source: Source, renames: Sequence[Rename]) -> list[str]:
    """The lines of a file with the new names."""
    lines = [line.encode("utf-8", "surrogatepass") for line in source.lines]
    for one in sorted(set(renames), key=lambda one: (one.line, one.column), reverse=True):
        line = lines[one.line - 1]
        end = one.column + len(one.old.encode())
        lines[one.line - 1] = line[: one.column] + one.new.encode() + line[end:]
    return [line.decode("utf-8", "surrogatepass") for line in lines]


def _swaps(function: Function, source: Source) -> Iterator[tuple[range, range]]:
    """Pairs of assignments that follow each other and do not depend on each other, by their lines."""
    for body in _bodies(function):
        swapped = False
        for first, second in pairwise(body):
            swapped = not swapped and _may_swap(first, second, source)
            if swapped:
                yield _lines(first), _lines(second)


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The bodies in a function; not those of classes, where the order of names may be looked at."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            yield body
            for statement in body:
                if not isinstance(statement, ast.ClassDef):
                    yield from _bodies(statement)
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from _bodies(part)


def _may_swap(first: ast.stmt, second: ast.stmt, source: Source) -> bool:
    one, other = _assignment(first), _assignment(second)
    if one is None or other is None:
        return False
    apart = one[0] not in {other[0], *_names(other[1])} and other[0] not in _names(one[1])
    follows = second.lineno == (first.end_lineno or first.lineno) + 1
    return apart and follows and _has_own_lines(first, source) and _has_own_lines(second, source)


def _assignment(node: ast.stmt) -> tuple[str, ast.expr] | None:
    """Name and value of an assignment that does nothing else."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    if not all(isinstance(part, _PURE) for part in ast.walk(node.value)):
        return None
    return node.targets[0].id, node.value


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _has_own_lines(node: ast.stmt, source: Source) -> bool:
    """Whether nothing but a comment stands beside a statement on its lines."""
    first = source.lines[node.lineno - 1].encode("utf-8", "surrogatepass")[: node.col_offset]
    last = source.lines[(node.end_lineno or node.lineno) - 1].encode("utf-8", "surrogatepass")[node.end_col_offset :]
    return not first.strip() and (not last.strip() or last.strip().startswith(b"#"))


def _beginning(function: Function, source: Source) -> Iterator[tuple[int, str]]:
    """The line before which a statement can be put in at the beginning of a function, and its indentation."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body or isinstance(body[0], Function | ast.ClassDef):
        return
    line = source.lines[body[0].lineno - 1].encode("utf-8", "surrogatepass")
    indent = line[: body[0].col_offset].decode("utf-8", "replace")
    if not indent.strip() and body[0].lineno > function.lineno:
        yield body[0].lineno, indent
