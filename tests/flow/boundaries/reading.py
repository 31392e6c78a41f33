"""Boundaries of a source text, for tests."""

from __future__ import annotations

import textwrap

from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.hierarchy import Hierarchy
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


def read(text: str, path: str = "shop/example.py") -> tuple[Boundaries, Hierarchy]:
    """The boundaries and the exceptions of a file with this text, none of whose lines changed."""
    source = decode(path, textwrap.dedent(text).lstrip("\n").encode())
    code = read_units(source, frozenset(), KNOWLEDGE)
    return Boundaries(code), Hierarchy(KNOWLEDGE, code.outline.bases)
