"""What an `except` clause is like: by what it takes, what it does, and the words around it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.code.outline import dotted
from reviewer.instrument.log_call import LogCall, log_call

Ending = Literal["raise", "return", "continue", "break", "fall"]

_BROAD = frozenset({"Exception", "BaseException"})
_STOPS = frozenset({"StopIteration", "StopAsyncIteration", "GeneratorExit"})
"""What ends an iterator or generator: Python's way to say that there is no more."""
_NAMES_OF_ERRORS = re.compile(
    r"(?:errors?|exceptions?|failures?|failed|timeout|expired|timed_?out|denied|invalid)$|^warning$", re.IGNORECASE
)
_CALLED = 6
"""Calls of the `try` body by which two clauses are likened."""
_MOST_TEXT = 800
"""Characters of a `try` body whose words count."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_COMMON_WORDS = frozenset(
    {"self", "none", "true", "false", "return", "if", "else", "for", "in", "not", "and", "or", "is", "await", "as",
     "raise", "from", "str", "e", "exc", "err", "pass"}
)  # fmt: skip
_HANDING = frozenset({"set_exception", "Failure", "errback"})
"""Calls that give the error to somebody who waits for the result; Twisted's `Failure()` takes it by itself."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a clause's surroundings, in small letters.

    Attributes:
        name: of the function.
        body: of the clause, log lines left out.
        attempt: of the `try` body.
    """

    name: frozenset[str]
    body: frozenset[str]
    attempt: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clause:
    """What an `except` clause is like.

    Attributes:
        types: last parts of the exceptions' names.
        ending: what it does at its end.
        called: last parts of what the `try` body calls first.
        shape: what it returns, whether it binds the error, whether it is the only clause, how much else it does.
        answered: nothing is done about the error but to give what failed a default, or to go on.
        hands_on: it keeps or returns the error itself, for somebody else to look at.
        words: around it.
        line: where it begins.
    """

    types: frozenset[str]
    ending: Ending
    called: frozenset[str]
    shape: tuple[str, bool, bool, int]
    answered: bool
    hands_on: bool
    words: Words
    line: int

    @property
    def broad(self) -> bool:
        """It takes every error."""
        return not _BROAD.isdisjoint(self.types)

    @property
    def stops(self) -> bool:
        """It takes nothing but the end of an iterator or generator."""
        return self.types <= _STOPS

    @property
    def mild(self) -> bool:
        """By their names, what it takes are no errors.

        PEP 8: "you should use the suffix Error on your exception names (if the exception actually is an error)".
        """
        return not self.broad and not any(_NAMES_OF_ERRORS.search(name) for name in self.types)

    @classmethod
    def of(cls, node: ast.ExceptHandler, attempt: ast.Try | ast.TryStar, function: str) -> Clause:
        """Describe a clause.

        Args:
            node: the clause.
            attempt: its `try`.
            function: the name of the function around it; "" for none.
        """
        last = node.body[-1]
        returned = ast.unparse(last.value) if isinstance(last, ast.Return) and last.value is not None else ""
        work = [one for one in node.body if log_line(one) is None]
        done = sum(not isinstance(one, ast.Pass) for one in work)
        shape = (returned, node.name is not None, len(attempt.handlers) == 1, min(done, 2))
        words = Words(words_of(function), words_of(_text(work)), words_of(_text(attempt.body)[:_MOST_TEXT]))
        called = frozenset(_called(attempt))
        return cls(
            types=types_of(node),
            ending=_ending(last),
            called=called,
            shape=shape,
            answered=_is_default(work),
            hands_on=_hands_on(node),
            words=words,
            line=node.lineno,
        )


def log_line(statement: ast.stmt) -> LogCall | None:
    """The log line that a statement is."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return log_call(value.value if isinstance(value, ast.Await) else value) if value is not None else None


def types_of(node: ast.ExceptHandler) -> frozenset[str]:
    """Last parts of the names of a clause's exceptions; for a bare one BaseException."""
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type is not None else []
    return frozenset((dotted(one) or "").rpartition(".")[2] for one in named) or frozenset({"BaseException"})


def words_of(text: str) -> frozenset[str]:
    """The words of names and texts, those left out that say nothing."""
    return frozenset(word.lower() for word in _WORD.findall(text)) - _COMMON_WORDS


def likeness(some: frozenset[str], others: frozenset[str]) -> float:
    """The share of common words among all words of two sets, from 0 to 1; a little where there are none at all."""
    if not some or not others:
        return 0.0 if some or others else _NO_WORDS
    return len(some & others) / len(some | others)


_NO_WORDS = 0.3


def _text(statements: Iterable[ast.stmt]) -> str:
    return "\n".join(ast.unparse(statement) for statement in statements)


def _ending(last: ast.stmt) -> Ending:
    if isinstance(last, ast.Raise):
        return "raise"
    if isinstance(last, ast.Return):
        return "return"
    return "continue" if isinstance(last, ast.Continue) else "break" if isinstance(last, ast.Break) else "fall"


def _called(attempt: ast.Try | ast.TryStar) -> list[str]:
    calls = [
        node.func for statement in attempt.body for node in ast.walk(statement) if isinstance(node, ast.Call)
    ][:_CALLED]  # fmt: skip
    return [name.rpartition(".")[2] for call in calls if (name := dotted(call)) is not None]


def _is_default(body: Sequence[ast.stmt], *, conditional: bool = False) -> bool:
    """Nothing is done about the error: what failed gets a default, or the error is raised again on a condition."""
    return all(_is_default_step(statement, conditional) for statement in body)


def _is_default_step(statement: ast.stmt, conditional: bool) -> bool:
    if isinstance(statement, ast.If):
        return _is_default([*statement.body, *statement.orelse], conditional=True)
    if isinstance(statement, ast.Raise):
        return conditional and statement.exc is None
    if isinstance(statement, ast.Expr | ast.Return | ast.Assign):
        return statement.value is None or _is_at_hand(statement.value)
    return isinstance(statement, ast.Pass | ast.Continue | ast.Break)


def _is_at_hand(value: ast.expr) -> bool:
    """A value that costs nothing and cannot fail: names, constants, and containers of them."""
    parts = (ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.expr_context)
    return all(isinstance(node, parts) for node in ast.walk(value))


def gives_error(node: ast.ExceptHandler) -> bool:
    """Whether a clause ends with the error for somebody who waits for it: `return error`, `set_exception(error)`."""
    last = node.body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == node.name:
        return True
    calls = (inner for statement in node.body for inner in ast.walk(statement) if isinstance(inner, ast.Call))
    return any((dotted(call.func) or "").rpartition(".")[2] in _HANDING for call in calls)


def _hands_on(node: ast.ExceptHandler) -> bool:
    kept = (
        inner.value
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Return | ast.Assign)
    )
    return gives_error(node) or any(isinstance(value, ast.Name) and value.id == node.name for value in kept)
