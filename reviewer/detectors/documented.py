"""Exceptions that a docstring says leave the function: its author knows of them, and so does who calls it."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

from reviewer.detectors.rule import View
from reviewer.domain.syntax import parse_module

_TELLS = re.compile(
    r"\b(rais|throw|propagat|bubbl|leaves?\b|let(s|ting)?\b|pass(es|ed)? (on|through)\b)", re.IGNORECASE
)
"""Words of a paragraph on what leaves: "Raises:", ":raises OSError:", "lets OSError through"."""
_NAME = re.compile(r"\b[A-Za-z_]\w*(?:\.\w+)*")
_ANY = frozenset({"Exception", "BaseException"})
"""Too wide to say anything, and words of a sentence besides."""


def is_documented(view: View, exception: str) -> bool:
    """Whether the docstring of the unit says that an exception, or a class above it, leaves.

    Args:
        view: the unit.
        exception: canonical name.
    """
    names = {name.rpartition(".")[2] for name in (exception, *view.hierarchy.ancestors(exception))} - _ANY
    return not names.isdisjoint(_told(view))


def _told(view: View) -> frozenset[str]:
    """Last parts of the names in the paragraphs of the docstring that speak of what leaves."""
    paragraphs = [text for text in re.split(r"\n\s*\n", _docstring(view)) if _TELLS.search(text)]
    return frozenset(name.rpartition(".")[2] for text in paragraphs for name in _NAME.findall(text))


def _docstring(view: View) -> str:
    if view.unit.kind not in ("function", "method"):
        return ""
    try:
        tree = parse_module(dedent("\n".join(view.lines[view.unit.line - 1 : view.unit.end_line])))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # a string with less indentation than the function; nothing is known of it then
    node = tree.body[0] if tree.body else None
    return (ast.get_docstring(node) or "") if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""
