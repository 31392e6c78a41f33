"""Exceptions: what is raised, what may be, who takes it and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.catalog.query.anchor import Clause, Whole
from reviewer.catalog.query.feature import NOTHING, Feature, flag, only
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Call, Fact, Handler, Raise, Try, TryStatement
from reviewer.flow.risk import names, names_outside, open_risks, risks

_ASKED_OF = (
    "asyncio.CancelledError",
    "BaseException",
    "Exception",
    "GeneratorExit",
    "KeyboardInterrupt",
    "OSError",
    "TimeoutError",
    "UnicodeDecodeError",
    "ValueError",
)
"""Exceptions of which it is told for every place whether they are taken; of others when a query asks."""


def _exception(fact: Fact, scope: Scope) -> frozenset[str]:
    return only([fact.exception]) if isinstance(fact, Raise) else NOTHING


def _cause(fact: Fact, scope: Scope) -> frozenset[str]:
    if not isinstance(fact, Raise) or fact.reraise:
        return NOTHING
    return frozenset({"absent" if fact.cause is None else "none" if fact.cause == "None" else "given"})


def _may_raise(fact: Fact, scope: Scope) -> frozenset[str]:
    if isinstance(fact, Call):
        return only(names(risks(fact, scope.view.flow)))
    return _exception(fact, scope)


def _escapes(fact: Fact, scope: Scope) -> frozenset[str]:
    flow = scope.view.flow
    if isinstance(fact, Call):
        return only(names_outside(open_risks(fact, flow)))
    if isinstance(fact, Raise) and fact.exception is not None:
        return NOTHING if _caught(fact, scope, fact.exception) else frozenset({fact.exception})
    if isinstance(fact, Whole):
        return only(leaving.exception for leaving in flow.ways(scope.view.unit))
    return NOTHING


def _is_one(names: Iterable[str], scope: Scope, wanted: str) -> bool:
    return any(wanted in scope.view.hierarchy.ancestors(name) for name in names)


def _tries(fact: Fact) -> tuple[Try, ...]:
    if isinstance(fact, TryStatement):
        return (fact.statement,) if fact.statement is not None else ()
    return fact.context.tries


def _handlers(fact: Fact) -> Iterator[Handler]:
    """The clauses that a question about handling is about: a clause itself, those of a `try`, those around a place."""
    if isinstance(fact, Clause):
        yield fact.handler
    else:
        for attempt in _tries(fact):
            yield from attempt.handlers


def _covers(fact: Fact, scope: Scope, wanted: str) -> bool:
    return any(scope.view.hierarchy.covers(handler, wanted) for handler in _handlers(fact))


def _caught(fact: Fact, scope: Scope, wanted: str) -> bool:
    if isinstance(fact, Clause | TryStatement | Whole):
        return any(not handler.reraises and scope.view.hierarchy.covers(handler, wanted) for handler in _handlers(fact))
    return scope.view.hierarchy.catcher(fact.context, wanted) is not None


def _asked_of(fact: Fact, scope: Scope) -> Iterator[str]:
    yield from _ASKED_OF
    yield from _may_raise(fact, scope)


def _does(handler: Handler) -> Iterator[str]:
    told = {
        "silent": handler.silent,
        "logs": handler.logs,
        "reraises": handler.reraises,
        "may-reraise": handler.may_reraise,
        "raises": bool(handler.raises),
        "returns": handler.returns is not None,
        "continues": handler.leaves == "continue",
        "breaks": handler.leaves == "break",
        "uses-error": handler.uses_error,
        "ends-error": handler.ends_error,
        "drops-cause": bool(handler.raises) and not handler.chains,
        "suppresses": handler.code.startswith(("suppress(", "contextlib.suppress(")),
    }
    return (word for word, holds in told.items() if holds)


FEATURES = (
    Feature(
        "exception",
        "What a `raise` raises, by its canonical name.",
        _exception,
        says="{} is raised",
        lacks="it does not raise {}",
        weight=6,
    ),
    Feature(
        "reraise",
        "The `raise` is bare, or raises what an enclosing clause has caught.",
        lambda fact, scope: flag(isinstance(fact, Raise) and fact.reraise),
        values=("yes",),
        says="the error is raised again",
        lacks="the error is not raised again",
    ),
    Feature(
        "cause",
        "What stands after `from` of a new exception: nothing, `None`, or something.",
        _cause,
        values=("absent", "none", "given"),
        says="its cause: {}",
    ),
    Feature(
        "may-raise",
        "Exceptions that a call may raise in operation, by what is known of it or by the functions of the project that"
        " it runs; a base class of one counts.",
        _may_raise,
        asks=lambda fact, scope, wanted: _is_one(_may_raise(fact, scope), scope, wanted),
        says="it may raise {}",
        lacks="it cannot raise {}",
    ),
    Feature(
        "escapes",
        "Those of them that leave the unit; of the unit itself all that do. A base class of one counts.",
        _escapes,
        asks=lambda fact, scope, wanted: _is_one(_escapes(fact, scope), scope, wanted),
        says="{} leaves from here",
        lacks="{} does not leave from here",
    ),
    Feature(
        "handler",
        "Exceptions that clauses name, as written: of a clause its own, of a `try` those of all its clauses, of any"
        " other place those of the clauses that would see an exception raised there.",
        lambda fact, scope: only(kind for handler in _handlers(fact) for kind in handler.types),
        says="a clause for {}",
        lacks="no clause for {}",
        weight=2,
    ),
    Feature(
        "handler-covers",
        "Exceptions that one of those clauses takes, even if it raises them again: `except OSError` takes a"
        " ConnectionError.",
        lambda fact, scope: only(one for one in _asked_of(fact, scope) if _covers(fact, scope, one)),
        asks=_covers,
        says="a clause here takes {}",
        lacks="no clause here takes {}",
    ),
    Feature(
        "caught",
        "Exceptions that would end here: a clause around takes them and does not raise them again.",
        lambda fact, scope: only(one for one in _asked_of(fact, scope) if _caught(fact, scope, one)),
        asks=_caught,
        says="{} would be handled here",
        lacks="nothing here handles {}",
    ),
    Feature(
        "handler-does",
        "What those clauses do with the error.",
        lambda fact, scope: only(word for handler in _handlers(fact) for word in _does(handler)),
        values=(
            "silent",
            "logs",
            "reraises",
            "may-reraise",
            "raises",
            "returns",
            "continues",
            "breaks",
            "uses-error",
            "ends-error",
            "drops-cause",
            "suppresses",
        ),
        says="the clause: {}",
        lacks="the clause: not {}",
    ),
    Feature(
        "handler-raises",
        "Exceptions that those clauses raise instead, by their canonical names.",
        lambda fact, scope: only(kind for handler in _handlers(fact) for kind in handler.raises),
        says="the clause raises {}",
        lacks="the clause does not raise {}",
        weight=4,
    ),
    Feature(
        "has-finally",
        "A `finally` runs when it fails: of a `try` its own, else one around.",
        lambda fact, scope: flag(any(attempt.has_finally for attempt in _tries(fact))),
        values=("yes",),
        says="there is a finally",
        lacks="there is no finally",
    ),
)
