"""Where in a module an import and the making of its logger go."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewer.instrument.proposal import Introduction, Proposal


@dataclass(frozen=True, slots=True)
class Import:
    """An import that a patch needs.

    Attributes:
        module: what is imported, or from where.
        name: what is imported from it; None for the module itself.
    """

    module: str
    name: str | None = None

    @property
    def binds(self) -> str:
        """The name that it gives to the module."""
        return self.name or self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a module-level statement goes.

    Attributes:
        index: index in the module's body of the statement beside it; None for a module without any.
        side: before or after that statement.
        blank_before: how many blank lines part it from what stands before it.
        blank_after: a blank line parts it from what stands behind it.
    """

    index: int | None
    side: Literal["before", "after"] = "before"
    blank_before: int = 0
    blank_after: bool = False


def needed_imports(tree: ast.Module, proposals: tuple[Proposal, ...]) -> tuple[Import, ...]:
    """The imports that the proposals need and the module does not have."""
    wanted: list[Import] = []
    for introduction in introductions(proposals):
        wanted.append(Import(introduction.module, introduction.name))
    if any(proposal.timed for proposal in proposals):
        wanted.append(Import("time"))
    return tuple(one for one in dict.fromkeys(wanted) if not has_import(tree, one))


def introductions(proposals: tuple[Proposal, ...]) -> tuple[Introduction, ...]:
    """What the proposals' loggers need, each once."""
    found = (p.voice.introduction for p in proposals)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def has_import(tree: ast.Module, wanted: Import) -> bool:
    """Whether the module's own import block has it already."""
    for node in _imports(tree):
        if isinstance(node, ast.Import) and wanted.name is None:
            if any(alias.name == wanted.module and alias.asname is None for alias in node.names):
                return True
        elif (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and node.module == wanted.module
            and any(alias.name == wanted.name and alias.asname is None for alias in node.names)
        ):
            return True
    return False


def place_import(tree: ast.Module, wanted: Import) -> Anchor:
    """Where an import goes: among those of its sort, in the order of their names.

    As isort and ruff sort: `__future__` first, then the standard library, then the rest; in each part, plain imports
    before those by `from`, unless the part mixes them.
    """
    body = tree.body
    sections = _sections(tree)
    if not sections:
        return _behind_docstring(body)
    standard = _is_standard(wanted.module)
    usual = [section for section in sections if _sort(body[section[0]]) != 0]
    fitting = [one for one in usual if _fits([body[index] for index in one], standard=standard)]
    mixed = [one for one in usual if any(_is_like(body[index], standard=standard) for index in one)]
    section = next(iter([*fitting, *mixed]), None)
    if section is not None:
        like = [index for index in section if _is_like(body[index], standard=standard)]
        before = [index for index in like if _key(body[index]) < _wanted_key(wanted)]
        return Anchor(before[-1], "after") if before else Anchor(section[0], "before")
    future = [section for section in sections if _sort(body[section[0]]) == 0]
    others = [section for section in sections if _sort(body[section[0]]) != 0]
    if standard and others:
        return Anchor(others[0][0], "before", blank_after=True)
    after = (others or future)[-1][-1]
    return Anchor(after, "after", blank_before=_apart(body[after]))


def place_logger(tree: ast.Module) -> Anchor:
    """Where the making of the module's logger goes: behind the imports that stand at the top."""
    last = _last_import(tree)
    if last is not None:
        return Anchor(last, "after", blank_before=_apart(tree.body[last]))
    return _behind_docstring(tree.body)


def _behind_docstring(body: list[ast.stmt]) -> Anchor:
    if body and _is_text(body[0]):
        return Anchor(0, "after", blank_before=1)
    return Anchor(0 if body else None, "before", blank_before=1, blank_after=True)


def _apart(node: ast.stmt) -> int:
    """How many blank lines a statement stands apart from the next: two where it ends in a function or class."""
    inner = (one for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    return 2 if any(one.end_lineno == node.end_lineno for one in inner) else 1


def _last_import(tree: ast.Module) -> int | None:
    """The last statement of the import block at the top; a block under `if` or `try` belongs to it."""
    last: int | None = None
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom) or _guards_import(node):
            last = index
        elif not _is_text(node) and not _is_dunder(node):
            break
    return last


def _guards_import(node: ast.stmt) -> bool:
    """An `if` or `try` that imports something; linters count it to the import block."""
    if not isinstance(node, ast.If | ast.Try):
        return False
    return any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in node.body)


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    last = _last_import(tree)
    for node in tree.body[: last + 1 if last is not None else 0]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def _sections(tree: ast.Module) -> list[list[int]]:
    """The imports at the top by their sections: those that no other statement and no blank line part."""
    found: list[list[int]] = []
    last = _last_import(tree)
    previous: ast.stmt | None = None
    for index, node in enumerate(tree.body[: last + 1 if last is not None else 0]):
        if isinstance(node, ast.Import | ast.ImportFrom):
            joined = previous is not None and node.lineno - (previous.end_lineno or previous.lineno) <= 1
            if joined and found and _sort(node) == _sort(tree.body[found[-1][-1]]):
                found[-1].append(index)
            else:
                found.append([index])
            previous = node
        else:
            previous = None
    return found


def _sort(node: ast.stmt) -> int:
    """0 for `__future__`, 1 for the rest."""
    return 0 if isinstance(node, ast.ImportFrom) and node.module == "__future__" else 1


def _fits(nodes: list[ast.stmt], *, standard: bool) -> bool:
    """Most imports of the section are of the same sort."""
    return 2 * sum(_is_like(node, standard=standard) for node in nodes) > len(nodes)


def _is_like(node: ast.stmt, *, standard: bool) -> bool:
    return _is_standard(_module(node)) == standard and not _level(node)


def _module(node: ast.stmt) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return (node.module or "") if isinstance(node, ast.ImportFrom) else ""


def _level(node: ast.stmt) -> int:
    return node.level if isinstance(node, ast.ImportFrom) else 0


def _key(node: ast.stmt) -> tuple[bool, str]:
    return isinstance(node, ast.ImportFrom), _module(node)


def _wanted_key(wanted: Import) -> tuple[bool, str]:
    return wanted.name is not None, wanted.module


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_dunder(node: ast.stmt) -> bool:
    """`__version__ = …`, which may stand among the imports."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.startswith("__")
        and isinstance(node.value, ast.Constant)
    )
