"""How loud a log line is, and whether it carries the traceback."""

from __future__ import annotations

import ast

from reviewer.domain.fact import Call
from reviewer.instrument.clause import Clause
from reviewer.instrument.habit import Habits
from reviewer.instrument.places import SLOW, Spot
from reviewer.instrument.proposal import Level
from reviewer.instrument.subject import Subject

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
_GRAVE = frozenset({"error", "critical"})


def level_of(subject: Subject, spot: Spot, habits: Habits) -> tuple[Level, bool]:
    """How loud the line is, and whether it carries the traceback.

    In a handler as the project's other handlers are. In a module whose handlers are silent, what Python says in its
    everyday work (a missing key) is for debugging; where nothing around the module speaks either, so is every error
    that is expected by name and answered with a default, since the author counts on it. What a service outside or the
    way to it may have caused is not of this kind.

    Whatever a project does: the end of an iterator is for debugging; and warnings at most are what is expected and
    answered with a default, and exceptions whose names say that they are no errors.

    Args:
        subject: the file.
        spot: the place.
        habits: how loud the module is.
    """
    if spot.boundary is not None and spot.boundary.kind in ("task", "schedule", "background"):
        return "info", False
    if not isinstance(spot.node, ast.ExceptHandler) or spot.attempt_node is None:
        return habits.everyday(spot.node.lineno), False
    clause = Clause.of(spot.node, spot.attempt_node, spot.function.name)
    is_trouble = _is_trouble(subject, spot)
    is_expected = not clause.broad and clause.answered and not is_trouble
    level = _level(clause, habits, is_expected=is_expected)
    return level, _has_traceback(level, clause, is_harmless=is_expected or (clause.mild and not is_trouble))


def _level(clause: Clause, habits: Habits, *, is_expected: bool) -> Level:
    if clause.stops:
        return "debug"
    is_everyday = clause.types <= _CONTROL or (is_expected and not habits.is_known)
    if is_everyday and not clause.broad and not habits.speaks:
        return "debug"
    level = habits.level(clause, is_expected=is_expected)
    return "warning" if level in _GRAVE and (clause.mild or is_expected) else level


def _has_traceback(level: Level, clause: Clause, *, is_harmless: bool) -> bool:
    """Whether the line carries the traceback.

    Of the lines that people write for debugging, one of ten does: such a line comes often, and a record that somebody
    keeps would keep the frames of the traceback alive with all that they hold. Only where nothing else tells which
    error it was, a line for debugging has one. Linters ask for it where an error is told as one (TRY400).
    """
    if level in _GRAVE:
        return True
    return level != "info" and (clause.broad or (level == "warning" and not is_harmless))


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
