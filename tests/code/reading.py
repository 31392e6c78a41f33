"""A compact way to say what is read from source text: `probe(x)` in the text asks what is known of `x` there."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TypeVar

from reviewer.code.limits import Limits
from reviewer.code.source import decode
from reviewer.code.unit import CodeFile, read_units
from reviewer.domain.fact import Call, Context, Fact, Handler, Raise, TryStatement, Unit, Usage, Value
from reviewer.knowledge.lookup import Knowledge

F = TypeVar("F", bound=Fact)


@cache
def knowledge() -> Knowledge:
    """The library descriptions, read once for all tests."""
    return Knowledge()


def read(
    text: str,
    *,
    path: str = "shop/orders.py",
    changed: set[int] | None = None,
    fragment: bool = False,
    limits: Limits | None = None,
) -> CodeFile:
    """Read dedented source text; its first line is line 1, so that tests begin it right after the quotes."""
    source = decode(path, textwrap.dedent(text).encode())
    lines = None if changed is None else frozenset(changed)
    return read_units(source, lines, knowledge(), limits, fragment=fragment)


def units(text: str, changed: set[int] | None = None) -> list[str]:
    """Names of the changed units, in order; nothing may be left unchecked."""
    code = read(text, changed=changed)
    assert code.failures == ()
    return [unit.name for unit in code.units]


def unit(text: str, name: str) -> Unit:
    """The unit with this name."""
    code = read(text)
    assert code.failures == ()
    return next(unit for unit in code.units if unit.name == name)


def all_facts(text: str, kind: type[F]) -> list[F]:
    """The facts of one kind in all units, by line; nothing may be left unchecked."""
    code = read(text)
    assert code.failures == ()
    found = [fact for one in code.units for fact in one.facts if isinstance(fact, kind)]
    return sorted(found, key=lambda fact: (fact.span.line, fact.span.column))


def callees(text: str) -> list[tuple[int, str | None]]:
    """Line and callee of every call but `probe`."""
    return [(call.span.line, call.callee) for call in all_facts(text, Call) if call.text != "probe"]


def probed(text: str) -> list[Value]:
    """What is known of the argument of each `probe(…)`, by line and column."""
    return [call.arguments[0].value for call in all_facts(text, Call) if call.text == "probe"]


def probe(text: str) -> Value:
    """What is known of the argument of the only `probe(…)`."""
    (value,) = probed(text)
    return value


def contexts(text: str) -> list[Context]:
    """Where each `probe(…)` stands."""
    return [call.context for call in all_facts(text, Call) if call.text == "probe"]


def context(text: str) -> Context:
    """Where the only `probe(…)` stands."""
    (found,) = contexts(text)
    return found


def handlers(text: str) -> list[Handler]:
    """Every `except` clause, by the line of its `try`."""
    return [h for fact in all_facts(text, TryStatement) if fact.statement is not None for h in fact.statement.handlers]


def handler(text: str) -> Handler:
    """The only `except` clause."""
    (found,) = handlers(text)
    return found


def raises(text: str) -> list[tuple[int, str | None]]:
    """Line and exception of every `raise`."""
    return [(fact.span.line, fact.exception) for fact in all_facts(text, Raise)]


def uses(text: str, operation: str) -> list[tuple[int, str, str]]:
    """Line, subject and detail of every use of one sort."""
    return [
        (fact.span.line, fact.subject.text, fact.detail)
        for fact in all_facts(text, Usage)
        if fact.operation == operation
    ]
