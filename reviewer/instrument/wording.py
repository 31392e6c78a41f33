"""What a log line is called and how loud it is."""

from __future__ import annotations

import ast
import re

from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.instrument.confidential import parts_of
from reviewer.instrument.habit import Clause, Habits
from reviewer.instrument.places import SLOW, Spot
from reviewer.instrument.proposal import Level
from reviewer.instrument.subject import Subject

_ENDINGS = {
    "StopIteration": "stopped",
    "StopAsyncIteration": "stopped",
    "GeneratorExit": "stopped",
    "KeyboardInterrupt": "interrupted",
    "CancelledError": "cancelled",
    "TimeoutError": "timed_out",
    "Timeout": "timed_out",
    "TimeoutExpired": "timed_out",
    "TimeoutException": "timed_out",
    "FileNotFoundError": "found_no_file",
}
"""Exception -> the verb of the event, where "failed" is too little or too much."""
_CONTROL = frozenset(
    {
        "StopIteration", "StopAsyncIteration", "GeneratorExit", "KeyboardInterrupt", "CancelledError", "KeyError",
        "IndexError", "AttributeError", "ImportError", "ModuleNotFoundError", "NotImplementedError", "Empty",
        "QueueEmpty", "Full", "QueueFull", "EOFError", "BlockingIOError", "InterruptedError", "SystemExit",
        "LookupError", "FileNotFoundError", "FileExistsError", "ProcessLookupError", "PackageNotFoundError",
        "ValueError", "TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "WouldBlock",
    }
)  # fmt: skip
"""Exceptions by which Python says "no", which code expects in its everyday work."""
_TROUBLE = ("ConnectionError", "TimeoutError")
_GENERAL = frozenset(
    {"run", "main", "get", "set", "call", "execute", "handle", "process", "start", "stop", "init", "new", "enter",
    "exit",
     "aenter", "aexit", "iter", "next", "close", "open", "read", "write", "load", "save", "update", "send", "invoke",
     "wrapper", "inner", "wrapped", "decorator", "setup", "parse", "build", "create", "delete", "fetch", "check",
     "test", "validate"}
)  # fmt: skip
"""Names that say little without what they belong to."""
_PLAIN = frozenset(
    {"str", "int", "float", "len", "list", "dict", "tuple", "set", "print", "isinstance", "getattr", "hasattr",
    "repr", "bool",
     "type", "range", "min", "max", "sum", "sorted", "enumerate", "zip", "append", "format", "join", "strip", "lower",
     "upper",
     "items", "keys", "values", "super", "startswith", "endswith", "extend", "add", "iter"}
)  # fmt: skip
_LONGEST = 60


def event_of(spot: Spot) -> str:
    """What happened, in snake case: "fetch_user_profile_failed".

    A function with one handler gives its own name to the event, one with several adds what was called there.
    """
    words = _unit_words(spot.unit.name)
    if spot.kind == "boundary":
        return _event(words, "started")
    if spot.kind == "call":
        called = _words(spot.call.text.rpartition(".")[2]) if spot.call is not None else []
        if called == words[-len(called) :]:
            called = []
        if spot.place.position == "before":
            return _event([*words, "calls"], "_".join(called) or "out")
        return _event([*words, *called], "done")
    ending = _ending(spot.handler)
    culprit = culprit_of(spot.attempt)
    if not spot.alone and culprit is not None:
        called = _words(culprit.text.rpartition(".")[2])
        words = [*words, *(called if called != words[-len(called) :] else ())]
    return _event(words, ending)


def _event(words: list[str], verb: str) -> str:
    words = [word for word in words if word]
    while len("_".join(words)) > _LONGEST - 20:
        words = words[:-1]
    if not words or not words[0][:1].isalpha():
        words = ["operation", *words]
    return "_".join([*words, verb[:_LONGEST]])


def _ending(handler: Handler | None) -> str:
    kinds = {name.rpartition(".")[2] for name in handler.types} if handler is not None else set()
    endings = {_ENDINGS.get(kind, "failed") for kind in kinds}
    return endings.pop() if len(endings) == 1 else "failed"


def _unit_words(name: str) -> list[str]:
    parts = name.split(".")
    words = _words(parts[-1])
    if len(parts) > 1 and ((len(words) == 1 and words[0] in _GENERAL) or not words):
        words = [*_words(parts[-2]), *words]
    return words


def _words(name: str) -> list[str]:
    return [re.sub(r"[^a-z0-9]", "", word) for word in parts_of(name) if word.isascii()]


def culprit_of(attempt: TryStatement | None) -> Call | None:
    """The call of a `try` whose failure matters most: one outside, else an awaited one, else the first of its own."""
    calls = [fact for fact in attempt.body if isinstance(fact, Call)] if attempt is not None else []
    calls = [call for call in calls if call.context.function == attempt.context.function] if attempt is not None else []
    outside = [call for call in calls if call.known is not None and call.known.kind is not None]
    awaited = [call for call in calls if call.awaited]
    telling = [call for call in calls if call.text.rpartition(".")[2] not in _PLAIN and "(" not in call.text]
    return next(iter([*outside, *awaited, *telling, *calls]), None)


def level_of(subject: Subject, spot: Spot, habits: Habits) -> tuple[Level, bool]:
    """How loud the line is, and whether it carries the traceback.

    In a handler as the module's other handlers are. Where the module has no word on it, what Python says in everyday
    work (the end of an iterator, a missing key) is for debugging, and so is every error by its name that is answered
    with nothing but a default: its author counts on it. The latter without a traceback, since it comes often, and a
    record that somebody keeps would keep the frames of the traceback alive with all that they hold. What a service
    outside or the way to it may have caused is not of this kind.

    Args:
        subject: the file.
        spot: the place.
        habits: how loud the module is.
    """
    if spot.boundary is not None:
        return ("info" if spot.boundary.kind in ("task", "schedule", "background") else habits.everyday), False
    if not isinstance(spot.node, ast.ExceptHandler) or spot.attempt_node is None:
        return habits.everyday, False
    clause = Clause.of(spot.node, spot.attempt_node)
    if not habits.speaks and not clause.broad:
        answered = _is_default(spot.node.body)
        if clause.types <= _CONTROL:
            return "debug", not answered
        if answered and not _is_trouble(subject, spot):
            return "debug", False
    level = habits.level(clause)
    return level, level != "info"


def _is_default(body: list[ast.stmt], *, conditional: bool = False) -> bool:
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


def _is_trouble(subject: Subject, spot: Spot) -> bool:
    """The error is a service's or the network's, so that a default for it hides a fault of the surroundings.

    A plain `OSError` around calls of the machine itself mostly stands for a file that is there already, or not yet.
    """
    knowledge = subject.around.knowledge
    types = spot.handler.types if spot.handler is not None else ()
    if any(knowledge.covers(base, name) for base in _TROUBLE for name in types):
        return True
    if any(knowledge.covers("OSError", name) and "." in knowledge.canonical(name) for name in types):
        return True  # that of a library which reaches out: requests.RequestException
    calls = [fact for fact in spot.attempt.body if isinstance(fact, Call)] if spot.attempt is not None else []
    return any(call.known is not None and call.known.kind in SLOW for call in calls)
