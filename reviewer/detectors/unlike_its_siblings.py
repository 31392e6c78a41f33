"""Registered function that lets through what its siblings catch.

Most functions registered with the same decorator end every error by an answer of their own; this one calls something
that may fail and has no handler at all.

Why: Whoever calls them counts on an answer. From this one comes an exception, which ends the session or turns into a
bare "internal error".

Instead: Answer errors as the siblings do, best in one place that all of them share.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import is_broad
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee, clause
from reviewer.domain.fact import Call, Handler, TryStatement, Unit
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def register(server, client):
    @server.tool()
    async def state(name):
        try:
            return await client.state(name)
        except Exception as error:
            return {"error": str(error)}

    @server.tool()
    async def history(name):
        try:
            return await client.history(name)
        except Exception as error:
            return {"error": str(error)}

    @server.tool()
    async def remove(name):
        try:
            return await client.remove(name)
        except Exception as error:
            return {"error": str(error)}

    @server.tool()
    async def search(words):
        return await client.search(words)  #!
""",
)
GOOD = (
    """
def register(server, client):
    @server.tool()
    async def state(name):
        try:
            return await client.state(name)
        except Exception as error:
            return {"error": str(error)}

    @server.tool()
    async def history(name):
        return await client.history(name)

    @server.tool()
    async def remove(name):
        return await client.remove(name)

    @server.tool()
    async def search(words):
        return await client.search(words)
""",
)

_MOST_SIBLINGS = 12
_LEAST_SIBLINGS = 3
_PLAIN = frozenset(
    {
        "staticmethod", "classmethod", "property", "setter", "override", "abstractmethod", "cached_property", "wraps",
        "overload", "contextmanager", "asynccontextmanager", "fixture", "parametrize", "lru_cache", "cache", "final",
    }
)  # fmt: skip


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find registered functions without a broad handler where most of the others have one."""
    unit = view.unit
    if view.is_test or not unit.decorators or _answering(unit) is not None:
        return
    risky = next((fact for fact in unit.facts if isinstance(fact, Call) and _may_fail(view, fact)), None)
    if risky is None:
        return
    for decorator in view.flow.definitions.decorators(unit.name):
        if decorator.rpartition(".")[2] in _PLAIN or "." not in decorator:
            continue
        siblings = [name for name in view.flow.definitions.decorated(decorator) if name != unit.name][:_MOST_SIBLINGS]
        if len(siblings) < _LEAST_SIBLINGS:
            continue
        answers = [(name, handler) for name in siblings if (handler := _answer_of(view, name)) is not None]
        if 3 * len(answers) < 2 * len(siblings):
            continue
        yield rule.finding(
            view,
            risky,
            f"{callee(risky)} may raise out of {unit.name}; {len(answers)} of the {len(siblings)} other functions under"
            f" @{decorator} catch every error",
            confidence=Confidence.MEDIUM,
            evidence=tuple(
                Evidence(view.path, handler.span.line, f"{clause(handler)} in {name}") for name, handler in answers[:3]
            ),
        )
        return


def _answer_of(view: View, name: str) -> Handler | None:
    unit = view.flow.definitions.unit(name)
    return _answering(unit) if unit is not None else None


def _answering(unit: Unit) -> Handler | None:
    """The clause that takes every error of a function."""
    for fact in unit.facts:
        if isinstance(fact, TryStatement) and fact.statement is not None:
            for handler in fact.statement.handlers:
                if is_broad(handler.types) and not handler.reraises:
                    return handler
    return None


def _may_fail(view: View, call: Call) -> bool:
    """An awaited call of something, or one with documented failures outside the program."""
    if call.context.tries or call.context.inside("lambda") is not None:
        return False
    if call.known is not None:
        return call.known.kind is not None and bool(call.known.raises)
    return call.awaited
