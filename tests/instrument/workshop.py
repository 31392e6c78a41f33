"""Instrumenting texts, for the tests of this room."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from reviewer.code.limits import Limits
from reviewer.code.neighbours import Neighbours
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.instrument.patches import Instrumented, Wishes, instrument
from reviewer.instrument.proposal import Kind
from reviewer.instrument.reversal import find_added
from reviewer.instrument.subject import Subject, Surroundings
from reviewer.knowledge.lookup import Knowledge
from tests.code.files_in_memory import Files

HANDLERS: frozenset[Kind] = frozenset({"handler"})
CALLS: frozenset[Kind] = frozenset({"call"})
BOUNDARIES: frozenset[Kind] = frozenset({"boundary"})
PATH = "shop/app.py"
_KNOWLEDGE = Knowledge()
_LIMITS = Limits()


def subject_of(content: bytes, path: str = PATH, files: Mapping[str, str] | None = None) -> Subject:
    """A file, read among others."""
    others = {name: textwrap.dedent(text) for name, text in (files or {}).items()}
    project = Project(Files(others | {path: content.decode("utf-8", "replace")}), _KNOWLEDGE, _LIMITS)
    project.begin()
    code = read_units(decode(path, content), None, _KNOWLEDGE, _LIMITS, elsewhere=Neighbours(project, path))
    return Subject(code, Surroundings(_KNOWLEDGE, _LIMITS, project))


def instrumented(
    text: str | bytes,
    kinds: frozenset[Kind] = HANDLERS,
    *,
    path: str = PATH,
    files: Mapping[str, str] | None = None,
) -> Instrumented:
    """What comes of a file; a text is dedented first."""
    content = text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
    return instrument(subject_of(content, path, files), content, Wishes(kinds))


def patched(
    text: str, kinds: frozenset[Kind] = HANDLERS, *, path: str = PATH, files: Mapping[str, str] | None = None
) -> str:
    """The text with the proved log lines in it; the text itself where there are none."""
    result = instrumented(text, kinds, path=path, files=files)
    return result.patch.content.decode() if result.patch is not None else textwrap.dedent(text).lstrip("\n")


def added(
    text: str, kinds: frozenset[Kind] = HANDLERS, *, path: str = PATH, files: Mapping[str, str] | None = None
) -> list[str]:
    """The added statements, each on one line."""
    after = patched(text, kinds, path=path, files=files)
    nodes = find_added(ast.parse(textwrap.dedent(text)), ast.parse(after)).added
    return [ast.unparse(node) for node in nodes]


def code(*lines: str) -> list[str]:
    """Statements as `added` gives them, whatever their quotes."""
    return [ast.unparse(ast.parse(line)) for line in lines]


def reasons(text: str, kinds: frozenset[Kind] = HANDLERS, *, path: str = PATH) -> list[str]:
    """Why places got no line."""
    return [withheld.reason for withheld in instrumented(text, kinds, path=path).withheld]
