"""Whose value a fact uses."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.branch import begin, stands_in
from reviewer.catalog.query.feature import Feature, path_of, value_of
from reviewer.catalog.query.order import may_follow
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Call, Fact, Store, Value


def _same_receiver(fact: Fact, scope: Scope) -> Iterator[Fact]:
    path = path_of(fact)
    return (other for other in scope.later(fact) if path and path_of(other) == path)


def _same_receiver_before(fact: Fact, scope: Scope) -> Iterator[Fact]:
    path = path_of(fact)
    return (other for other in scope.earlier(fact) if path and path_of(other) == path)


def _same_later(fact: Fact, other: Fact, scope: Scope) -> bool:
    path, layout = path_of(fact), scope.layout
    same = path != "" and path_of(other) == path and layout.position(fact) < layout.position(other)
    return same and may_follow(fact, other, scope)


def _uses(fact: Fact, scope: Scope) -> Iterator[Fact]:
    if isinstance(fact, Call):
        last = _last_use(fact, scope)
        for position, other in enumerate(scope.facts):
            if other is not fact and (
                any(_is_made_by(value, fact) for value in _values(other))
                or (fact.target and scope.layout.position(fact) < position < last and _names(other, fact.target))
            ):
                yield other


def _values(fact: Fact) -> Iterator[Value]:
    """The values that a fact uses."""
    value = fact.receiver if isinstance(fact, Call) else value_of(fact)
    if value is not None:
        yield value
    if isinstance(fact, Call):
        yield from (argument.value for argument in fact.arguments)


def _is_made_by(value: Value, call: Call) -> bool:
    return value.made_at == begin(call) and (call.callee is None or value.made_by in (None, call.callee))


def _names(fact: Fact, path: str) -> bool:
    """Whether a fact speaks of a path, or of a part of it."""
    texts = (path_of(fact), *(value.text for value in _values(fact)))
    return any(text == path or text.startswith((f"{path}.", f"{path}[")) for text in texts)


def _last_use(call: Call, scope: Scope) -> int:
    """Where what a call assigns is assigned anew; behind everything where it is not."""
    behind = scope.facts[scope.layout.position(call) + 2 :]
    again = (fact for fact in behind if isinstance(fact, Store) and fact.target == call.target)
    return next((scope.layout.position(fact) for fact in again), len(scope.facts))


def _made(fact: Fact, scope: Scope) -> Iterator[Fact]:
    found: dict[int, Fact] = {}
    for value in _values(fact):
        call = scope.maker(value) or scope.assigner(value.text, fact)
        if call is not None and call is not fact:
            found.setdefault(id(call), call)
    yield from found.values()


def _in_arguments(fact: Fact, scope: Scope) -> Iterator[Fact]:
    stretch = scope.arguments(fact)
    return (one for one in scope.facts if stands_in(stretch, one)) if stretch is not None else iter(())


def _argument_of(fact: Fact, scope: Scope) -> Iterator[Fact]:
    for other in scope.facts:
        stretch = scope.arguments(other) if other is not fact else None
        if stretch is not None and stands_in(stretch, fact):
            yield other


FEATURES = (
    Feature(
        "same-receiver-later",
        "Later facts about the same path: the receiver of a call, the subject of a use, the target of an assignment.",
        relation=True,
        related=_same_receiver,
        relates=_same_later,
        says="later {} on the same object",
        lacks="later no {} on the same object",
    ),
    Feature(
        "same-receiver-before",
        "Earlier facts about the same path.",
        relation=True,
        related=_same_receiver_before,
        relates=lambda fact, other, scope: _same_later(other, fact, scope),
        says="earlier {} on the same object",
        lacks="earlier no {} on the same object",
    ),
    Feature(
        "uses-result",
        "Facts that use what a call gives, parts and copies of it, or speak of the name that it is given.",
        relation=True,
        related=_uses,
        says="its result: {}",
        lacks="its result: no {}",
    ),
    Feature(
        "result-of",
        "The calls that made what a fact is about: the subject, the receiver, an argument; of what has a name the call"
        " that this was last assigned from.",
        relation=True,
        related=_made,
        says="the result of {}",
        lacks="not the result of {}",
    ),
    Feature(
        "in-arguments",
        "What is written in the arguments of a call: `session.add(order)` of `queue.call(lambda: session.add(order))`.",
        relation=True,
        related=_in_arguments,
        says="it is given {}",
        lacks="it is not given {}",
    ),
    Feature(
        "argument-of",
        "The calls in whose arguments a fact is written.",
        relation=True,
        related=_argument_of,
        says="given to {}",
        lacks="not given to {}",
    ),
)
