"""A few lines of code that a person asks about, made readable as a file: what they leave out is supplied."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator

from reviewer.domain.syntax import parse_module
from reviewer.flow.reading import ReadFile, Surroundings, read_file

PATH = "snippet.py"
"""The name under which such lines are read."""
_HEADS = (("else|elif", ["if True:", "    pass"]), ("except|finally", ["try:", "    pass"]))
"""What has to stand before lines that begin in the middle of a statement."""
_OWNER = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*\.")
_MOST = 200_000
"""Characters that are read of what a person asks about."""


def read_snippet(text: str, around: Surroundings) -> tuple[ReadFile, int]:
    """Read some lines of code.

    Names of known libraries that are used and not imported are imported; lines that stand in no function, and wait or
    return, are put into one; what begins with an `else` or `except` gets its beginning.

    Args:
        text: the lines, at any indentation.
        around: what reading draws on.

    Returns:
        What was read, and how many lines were put before the given ones.

    Raises:
        SourceError: it is no Python.
    """
    text = textwrap.dedent(text[:_MOST].expandtabs())
    known = {name.partition(".")[0] for name in around.knowledge.modules}
    head = next((head for word, head in _HEADS if re.match(rf"({word})\b", text)), [])
    tree = _parse("\n".join((*head, text)))
    if tree is None:
        missing = sorted(known.intersection(_OWNER.findall(text)))
        before = [f"import {', '.join(missing)}", ""] if missing else []
        content = "\n".join((*before, text))
        return read_file(PATH, content.encode("utf-8", "replace"), None, around, fragment=True), len(before)
    missing = sorted(_unbound(tree) & known)
    before = [f"import {', '.join(missing)}"] if missing else []
    body = "\n".join((*head, text))
    if _wants_function(tree):
        waits = any(isinstance(node, ast.Await | ast.AsyncWith | ast.AsyncFor) for node in _outside(tree))
        before.append(f"{'async ' if waits else ''}def snippet(self):")
        body = textwrap.indent(body, "    ", lambda line: bool(line.strip()))
    content = "\n".join((*before, body))
    return read_file(PATH, content.encode("utf-8", "replace"), None, around), len(before) + len(head)


def is_code(text: str) -> bool:
    """Whether a text is Python rather than words: it parses, and does something."""
    tree = _parse(textwrap.dedent(text[:_MOST].expandtabs()))
    if tree is None:
        return False
    return any(not _is_word(node) for node in tree.body)


def _is_word(node: ast.stmt) -> bool:
    """A bare name, constant or comparison of names: what a word or two of prose parse as."""
    return isinstance(node, ast.Expr) and not any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(node))


def _parse(text: str) -> ast.Module | None:
    try:
        return parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _unbound(tree: ast.Module) -> frozenset[str]:
    bound = set(dir(builtins))
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
    return frozenset(used - bound)


def _wants_function(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Await | ast.Return | ast.Yield | ast.YieldFrom | ast.AsyncWith | ast.AsyncFor)
        for node in _outside(tree)
    )


def _outside(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that stand in no function."""
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside(child)
