"""Boundaries: who finally turns an exception into something, and what it makes of it.

A boundary says for each exception that reaches it how it *ends* there. Registered handlers and what a framework does by
itself stand in layers, asked from the inside out; inside a layer the clause nearest to the exception's class wins, as
Starlette, Flask and Sanic look up their handlers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal[
    "route",  # answers a request, its dependencies and hooks included
    "handler",  # a registered exception handler
    "middleware",
    "connection",  # serves one connection of a plain server
    "task",  # a job of a queue or workflow
    "command",
    "background",  # after the response, or beside the requests of a server
    "thread",
    "process",
    "executor",
    "async-task",
    "callback",  # called by a loop, a future, a signal, the end of the program
    "schedule",  # a job run at its time
    "start",  # when a server or application starts
    "main",
    "import",
    "test",
]
"""Sorts of boundaries, those first that decide when a function is several."""

KINDS: tuple[Kind, ...] = (
    "test", "handler", "route", "middleware", "connection", "task", "command", "background", "start", "main",
    "thread", "process", "executor", "async-task", "callback", "schedule", "import",
)  # fmt: skip
"""The kinds in the order in which `Boundaries.of` prefers them."""

Harm = Literal[
    "answered",  # one caller gets an error, everything else goes on
    "retried",  # it is done again
    "failed",  # the job is on record as failed, and nothing does it again
    "passed",  # it is raised again where somebody waits for the result
    "kept",  # it stays in an object until somebody asks that for its result
    "lost",  # nobody is told, but for a trace on stderr or a line in a log
    "ends",  # the program ends
    "ignored",  # test code
]
"""What an exception does at a boundary."""


class Ancestry(Protocol):
    """The class hierarchy of exceptions."""

    def ancestors(self, name: str) -> tuple[str, ...]:
        """A class and all its known bases, nearest first."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of an exception.

    Attributes:
        words: what happens, as it is told to people; a clause without a full stop.
        harm: the sort of it.
        intended: the exception is meant for this: a registered handler, a framework's own exception, a retry.
    """

    words: str
    harm: Harm
    intended: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """What a boundary does with some exceptions.

    Attributes:
        types: canonical names; subclasses are meant too.
        ending: what becomes of them.
    """

    types: tuple[str, ...]
    ending: Ending

    def distance(self, ancestors: tuple[str, ...]) -> int | None:
        """How far above the exception the clause's class is; None when the clause is not about it."""
        found = [place for kind in self.types if (place := _distance(kind, ancestors)) is not None]
        return min(found, default=None)


@dataclass(frozen=True, slots=True)
class Boundary:
    """A function that a framework or the interpreter calls, and what becomes of exceptions that leave it.

    Attributes:
        kind: the sort of boundary.
        framework: who calls it, as it is called: "FastAPI", "threading".
        name: what a person calls it: "GET /orders/{id}", "task orders.sync", "command deploy".
        line: where it is made one: the decorator, the registration or the class.
        otherwise: what becomes of an exception that no clause is about.
        layers: what is done with particular exceptions, the innermost layer first.
        complete: all registrations are seen; False where the application object is made in another file.
    """

    kind: Kind
    framework: str
    name: str
    line: int
    otherwise: Ending
    layers: tuple[tuple[Clause, ...], ...] = ()
    complete: bool = True

    def ending(self, exception: str, ancestry: Ancestry) -> Ending:
        """What becomes of an exception that reaches the boundary.

        Args:
            exception: canonical name.
            ancestry: its bases.
        """
        ancestors = ancestry.ancestors(exception)
        for layer in self.layers:
            near = [(distance, clause) for clause in layer if (distance := clause.distance(ancestors)) is not None]
            if near:
                return min(near, key=lambda pair: pair[0])[1].ending
        return self.otherwise

    def outcome(self, exception: str, ancestry: Ancestry) -> str:
        """What becomes of the exception, in words."""
        return self.ending(exception, ancestry).words

    def handles(self, exception: str, ancestry: Ancestry) -> bool:
        """Whether the exception ends here by intention."""
        return self.ending(exception, ancestry).intended

    def within(self, clauses: tuple[Clause, ...]) -> Boundary:
        """The same boundary with handlers that another file registers, looked up beside those already known."""
        first, rest = (self.layers[0], self.layers[1:]) if self.layers else ((), ())
        return dataclasses.replace(self, layers=((*first, *clauses), *rest), complete=True)


@dataclass(frozen=True, slots=True)
class Retry:
    """A decorator that calls its function again when it fails.

    Attributes:
        framework: "tenacity", "backoff".
        line: where the decorator stands.
        retried: canonical exceptions that it tries again after, subclasses too.
        excluded: exceptions among them after which it does not.
        attempts: how often it calls at most; None when it is not told.
        endless: nothing ends the tries but success.
        becomes: what leaves after the last try in place of the exception; None for the exception itself, "" for
            nothing: the failure is swallowed.
        certain: the decorator's arguments tell `retried`; False where a predicate decides.
    """

    framework: str
    line: int
    retried: tuple[str, ...] = ("Exception",)
    excluded: tuple[str, ...] = ()
    attempts: int | None = None
    endless: bool = False
    becomes: str | None = None
    certain: bool = True

    def retries(self, exception: str, ancestry: Ancestry) -> bool:
        """Whether the function is called again after the exception; it passes at once when not."""
        ancestors = ancestry.ancestors(exception)
        inside = any(_distance(kind, ancestors) is not None for kind in self.retried)
        return inside and not any(_distance(kind, ancestors) is not None for kind in self.excluded)

    def wraps(self, exception: str, ancestry: Ancestry) -> str | None:
        """The exception that leaves the decorated function when its body raises this one; None for no exception."""
        if not self.retries(exception, ancestry):
            return exception
        if self.endless:
            return None
        return exception if self.becomes is None else self.becomes or None

    def outcome(self, exception: str, ancestry: Ancestry) -> str:
        """What becomes of the exception, in words."""
        if not self.retries(exception, ancestry):
            return f"passes {self.framework} at once, it is not among what is retried"
        if self.endless:
            return f"tried again by {self.framework} for ever"
        tries = f"tried {self.attempts} times" if self.attempts is not None else "tried again"
        if self.becomes is None:
            return f"{tries} by {self.framework}, then raised"
        if not self.becomes:
            return f"{tries} by {self.framework}, then dropped: the caller gets a value and no exception"
        return f"{tries} by {self.framework}, then {self.becomes} is raised instead"


def _distance(kind: str, ancestors: tuple[str, ...]) -> int | None:
    if kind in ancestors:
        return ancestors.index(kind)
    # Of a class whose bases are not known, only that it is an ordinary exception is taken for granted.
    if kind == "BaseException" or (kind == "Exception" and "BaseException" not in ancestors):
        return len(ancestors)
    return None
