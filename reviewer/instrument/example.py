"""The log lines that a file has already: they show how loud its authors are about what."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.code.outline import dotted
from reviewer.instrument.log_call import log_call
from reviewer.instrument.subject import Subject, parse

_LEVELS = {"warn": "warning", "exception": "error", "fatal": "critical"}
_WORDS = ("getLogger", "logger")
"""Words by which a file is found that logs."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Example:
    """A log line that stands in a file.

    Attributes:
        line, end_line: where.
        level: how loud, in the words for proposals; a library's own where there is none of these ("success").
        clause: the `except` clause that it stands in; None outside of clauses.
    """

    line: int
    end_line: int
    level: str
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """What an `except` clause is like.

    Attributes:
        line: where it begins.
        types: last parts of the names of what it takes, as far as they have names; for a bare one BaseException.
        ending: what it does at its end.
    """

    line: int
    types: frozenset[str]
    ending: str


def examples(tree: ast.Module) -> list[Example]:
    """The log lines of a file that name their level, by line.

    Args:
        tree: the file.
    """
    return sorted(_found(tree), key=lambda example: example.line)


def levels_beside(subject: Subject) -> Counter[str]:
    """How often the files near another one have which level in their clauses.

    Args:
        subject: the file that they are near to.
    """
    project = subject.around.project
    if project is None:
        return Counter()
    texts = {file.path: file.source.text for word in _WORDS for file in project.mentioning(word, subject.path)}
    return Counter(
        example.level for text in texts.values() for example in _found(parse(text)) if example.clause is not None
    )


def clause_of(node: ast.ExceptHandler) -> Clause:
    """Describe a clause.

    Args:
        node: the clause.
    """
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type is not None else []
    types = frozenset(name.rpartition(".")[2] for one in named if (name := dotted(one)) is not None)
    return Clause(node.lineno, types if node.type is not None else frozenset({"BaseException"}), _ending(node.body[-1]))


def _found(tree: ast.Module) -> Iterator[Example]:
    pending: list[tuple[ast.AST, ast.ExceptHandler | None]] = [(tree, None)]
    while pending:
        node, around = pending.pop()
        call = log_call(node)
        if call is not None and call.method != "log":
            first, last = call.node.lineno, call.node.end_lineno or call.node.lineno
            clause = clause_of(around) if around is not None else None
            yield Example(first, last, _LEVELS.get(call.method, call.method), clause)
        if isinstance(node, ast.ExceptHandler):
            around = node
        elif isinstance(node, _FUNCTIONS):
            around = None
        pending.extend((child, around) for child in ast.iter_child_nodes(node))


def _ending(last: ast.stmt) -> str:
    match last:
        case ast.Raise():
            return "raises"
        case ast.Return():
            return "returns"
        case ast.Continue():
            return "goes on with the loop"
        case ast.Break():
            return "leaves the loop"
        case _:
            return "goes on"
