"""What a query can ask of a fact."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.domain.fact import Call, Fact, Return, Store, Usage, Value
from reviewer.domain.syntax import unwarned

if TYPE_CHECKING:
    from reviewer.catalog.query.scope import Scope

Read = Callable[[Fact, "Scope"], frozenset[str]]
Relate = Callable[[Fact, "Scope"], Iterable[Fact]]
Pair = Callable[[Fact, Fact, "Scope"], bool]
Ask = Callable[[Fact, "Scope", str], bool]

_LONGEST = 2000
"""Characters of a constant that are told."""

YES = frozenset({"yes"})
NOTHING: frozenset[str] = frozenset()


def _reads_nothing(fact: Fact, scope: Scope) -> frozenset[str]:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a fact has, or other facts that it is related to.

    Attributes:
        name: kebab-case, as queries write it.
        about: one sentence that says what it is.
        read: gives the values that a fact has; nothing where the question makes no sense of it.
        relation: it leads to other facts, by `related`.
        related: gives the facts of the unit that one is related to.
        relates: decides on one pair of facts, where that costs less than finding all.
        values: all values that there are, where they are a closed list; ("yes",) for what holds or does not.
        asks: decides on one wanted value, where that is more than being among those read: a base class of an exception.
        written: its values are words of the source as they stand there, which may be the project's own.
        says, lacks: how a person is told that it holds, and that it does not; `{}` stands for the values.
        weight: how well its values tell facts apart, for the index of many detectors; 0 where it is none to go by.
        unit_wide: it is the same for all facts of a unit.
    """

    name: str
    about: str
    read: Read = _reads_nothing
    relation: bool = False
    related: Relate | None = None
    relates: Pair | None = None
    values: tuple[str, ...] = ()
    asks: Ask | None = None
    written: bool = False
    says: str = ""
    lacks: str = ""
    weight: int = 2
    unit_wide: bool = False

    @property
    def flag(self) -> bool:
        """Whether it holds or does not, and has no values."""
        return self.values == ("yes",)


def only(values: Iterable[str | None]) -> frozenset[str]:
    """The values that are there."""
    return frozenset(value for value in values if value)


def flag(holds: object) -> frozenset[str]:
    """The value of a feature that holds or does not."""
    return YES if holds else NOTHING


def of_call(read: Callable[[Call], Iterable[str | None]]) -> Read:
    """A feature that calls have."""

    def on_fact(fact: Fact, scope: Scope) -> frozenset[str]:
        return only(read(fact)) if isinstance(fact, Call) else NOTHING

    return on_fact


def of_value(read: Callable[[Value], Iterable[str | None]]) -> Read:
    """A feature of the value that a fact is about."""

    def on_fact(fact: Fact, scope: Scope) -> frozenset[str]:
        value = value_of(fact)
        return only(read(value)) if value is not None else NOTHING

    return on_fact


def constant(written: str) -> str:
    """A constant as Python writes it, whichever quotes the source has; cut where it is long."""
    if written[-1:] in ("'", '"'):
        try:
            with unwarned():
                written = repr(ast.literal_eval(written[:_LONGEST]))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass
    return written[:_LONGEST]


def value_of(fact: Fact) -> Value | None:
    """The value that a fact is about: what is used, assigned or given back; of a call what it gives."""
    if isinstance(fact, Usage):
        return fact.subject
    if isinstance(fact, Store | Return):
        return fact.value
    return fact.result if isinstance(fact, Call) else None


def path_of(fact: Fact) -> str:
    """The path that a fact works on: the receiver of a call, the subject of a use, the target of an assignment."""
    if isinstance(fact, Call):
        return fact.receiver.text if fact.receiver is not None and fact.receiver.symbol is None else ""
    if isinstance(fact, Usage):
        return fact.subject.text
    return fact.target if isinstance(fact, Store) else ""
