"""Call sites: what is called, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import get_args

from reviewer.catalog.query.feature import NOTHING, YES, Feature, flag, of_call, only
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Call, Fact, PropertyRead, Use
from reviewer.domain.library import CallKind
from reviewer.flow.waiting import wait_of

_IDEMPOTENT = {True: "yes", False: "no", None: None}


def _callee(fact: Fact, scope: Scope) -> frozenset[str]:
    return only([fact.callee]) if isinstance(fact, Call | PropertyRead) else NOTHING


def _library(fact: Fact, scope: Scope) -> frozenset[str]:
    if not isinstance(fact, Call):
        return NOTHING
    receiver = fact.receiver.type if fact.receiver is not None else None
    names = [name for name in (fact.callee, receiver) if name is not None and not scope.is_own(name)]
    return only(name.partition(".")[0] for name in names if "." in name or name in sys.stdlib_module_names)


def _timeout(call: Call) -> Iterator[str]:
    if call.known is not None and call.known.timeout is not None:
        yield wait_of(call).source


FEATURES = (
    Feature(
        "callee",
        'What is called, by its canonical name: "requests.get", "requests.Session.get", "open", "dict.get"; what the'
        ' same file defines begins with a dot: ".Order.save".',
        _callee,
        says="{} is called",
        lacks="it is not {}",
        weight=9,
    ),
    Feature(
        "library",
        "Top-level package of what is called, or of the type of its receiver; nothing for what the project defines.",
        _library,
        says="a call of {}",
        lacks="not of {}",
        weight=5,
    ),
    Feature(
        "service",
        "What kind of thing outside the process a call reaches, by what is known of the library.",
        of_call(lambda call: [call.known.kind if call.known is not None else None]),
        values=get_args(CallKind),
        says="an external call ({})",
        lacks="no external call ({})",
        weight=4,
    ),
    Feature(
        "blocking",
        "The call holds its thread while it waits.",
        of_call(lambda call: flag(call.known is not None and call.known.blocking)),
        values=("yes",),
        says="it blocks its thread",
        weight=0,
    ),
    Feature(
        "awaited",
        "The call stands directly under `await`, `async with` or `async for`.",
        of_call(lambda call: flag(call.awaited)),
        values=("yes",),
        says="it is awaited",
        lacks="it is not awaited",
    ),
    Feature(
        "coroutine",
        "The call gives a coroutine, by the library's description or the definition in the file.",
        of_call(lambda call: flag(call.coroutine)),
        values=("yes",),
        says="it gives a coroutine",
    ),
    Feature(
        "use",
        "What the statement does with the result of a call.",
        of_call(lambda call: [call.use]),
        values=get_args(Use),
        says="its result is {}",
        lacks="its result is not {}",
        weight=1,
    ),
    Feature(
        "timeout",
        "Who limits how long a call may wait: the code, the library's default, nobody; nothing where waiting is no"
        " question.",
        of_call(_timeout),
        values=("explicit", "library-default", "none", "unknown"),
        says="time limit: {}",
        lacks="time limit not {}",
        weight=3,
    ),
    Feature(
        "idempotent",
        "Whether doing it twice is as good as once, where the library's description says so.",
        of_call(
            lambda call: (
                []
                if call.known is None or call.known.idempotent is None
                else ["yes" if call.known.idempotent else "no"]
            )
        ),
        values=("yes", "no"),
        says="idempotent: {}",
    ),
    Feature(
        "needs-release",
        "The result holds something until it is released.",
        of_call(lambda call: flag(call.known is not None and call.known.releases)),
        values=("yes",),
        says="its result has to be released",
    ),
    Feature(
        "own",
        "The call is of something that the project itself defines, as far as the file and its path tell.",
        lambda fact, scope: (
            YES if isinstance(fact, Call) and fact.callee is not None and scope.is_own(fact.callee) else NOTHING
        ),
        values=("yes",),
        says="it is the project's own",
        weight=0,
    ),
)
