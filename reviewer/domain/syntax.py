"""Code that somebody else wrote, as Python's own parser sees it.

What the parser warns of (since Python 3.12 on standard error, for each invalid escape such as `"\\d"`) is for whoever
runs that code, and would stand between the lines of a report.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unwarned() -> Iterator[None]:
    """Parse without the parser's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse_module(text: str | bytes) -> ast.Module:
    """The tree of a file or of some statements.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse`.
    """
    with unwarned():
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """The tree of one expression.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse`.
    """
    with unwarned():
        return ast.parse(text, mode="eval").body
