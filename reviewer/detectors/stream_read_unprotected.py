"""Stream that is opened under a handler and read outside of it.

A `try` protects the call that opens a stream (an async iterator, or an answer asked for as a stream), and the loop
that reads it stands after the `try`. It is loud for `async for` and for answers asked for with `stream=True`.

Why: Opening a stream only sends the question. A broken connection, a time limit, a full quota or an error of the other
side in the middle arrives while reading, past the handler that was written for just these failures: it leaves raw.

Instead: Put the reading loop under the same handlers as the opening.

Source: https://docs.python.org/3/reference/compound_stmts.html#the-async-for-statement
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import guarding, method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Loop, Store, Try
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
async def answer(client, question):
    try:
        stream = await client.ask(question)
    except Exception as error:
        raise RuntimeError("no model") from error
    async for chunk in stream:  #!
        yield chunk
""",
    """
async def answer(self, question):
    try:
        stream = await self.client.ask(question)
    except OSError as error:
        self.log.error("no model: %s", error)
        return
    async for chunk in self.parse(stream):  #!
        yield chunk
""",
    """
def answer(client, question):
    try:
        chunks = client.create(question, stream=True)
    except Exception as error:
        raise RuntimeError("no model") from error
    for chunk in chunks:  #!
        yield chunk
""",
)
GOOD = (
    """
async def answer(client, question):
    try:
        stream = await client.ask(question)
        async for chunk in stream:
            yield chunk
    except Exception as error:
        raise RuntimeError("no model") from error
""",
    """
async def answer(client, question):
    try:
        stream = await client.ask(question)
    except Exception as error:
        raise RuntimeError("no model") from error
    try:
        async for chunk in stream:
            yield chunk
    except Exception as error:
        raise RuntimeError("broken answer") from error
""",
    """
def names(client):
    try:
        rows = client.rows()
    except Exception as error:
        raise RuntimeError("no rows") from error
    for row in rows:
        yield row.name
""",
)

_STREAMS = frozenset({"stream", "streaming", "astream"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find loops over streams that were opened under a handler which does not see the loop."""
    if view.is_test:
        return
    opened: dict[tuple[str, str], tuple[Call, Try]] = {}
    for fact in view.unit.facts:
        if isinstance(fact, Store) and fact.kind == "name":
            known = opened.get((fact.context.function, fact.target))
            if known is not None and known[0].code != fact.code:
                del opened[fact.context.function, fact.target]  # it means something else from here on
        if isinstance(fact, Call) and fact.target is not None and fact.target.isidentifier():
            opened_in = fact.context.tries[0] if fact.context.tries else None
            if opened_in is not None and opened_in.handlers and not opened_in.suppress:
                opened[fact.context.function, fact.target] = fact, opened_in
        elif isinstance(fact, Loop) and fact.block is not None and fact.block.kind == "for" and opened:
            if guarding(fact.context) is not None:
                continue
            found = _read_here(opened, fact)
            if found is not None:
                yield _finding(view, rule, fact, *found)


def _read_here(opened: dict[tuple[str, str], tuple[Call, Try]], loop: Loop) -> tuple[Call, Try] | None:
    block = loop.block
    if block is None:
        return None
    for (function, name), (call, attempt) in opened.items():
        if function != loop.context.function or attempt.span.end_line >= loop.span.line:
            continue
        if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", block.text) and (block.is_async or _is_stream(call)):
            return call, attempt
    return None


def _is_stream(call: Call) -> bool:
    asked = call.argument("stream")
    return (asked is not None and asked.literal == "True") or bool(words_of(method(call)) & _STREAMS)


def _finding(view: View, rule: Rule, loop: Loop, call: Call, attempt: Try) -> Finding:
    handler = attempt.handlers[-1]
    return rule.finding(
        view,
        loop,
        f"the stream of {call.text}() is opened under `{clause(handler)}` and read outside of it",
        confidence=Confidence.HIGH,
        evidence=(rule.at(view, call, "opened here, under the handler"),),
        explanation=f"What goes wrong while {call.target} is read (a cut connection, a time limit, an error of the "
        f"other side) passes by `{clause(handler)}` and leaves {loop.context.function} as the library's own exception. "
        f"{rule.how}",
    )
