"""What a log line is called."""

from __future__ import annotations

import re

from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.instrument.confidential import parts_of
from reviewer.instrument.places import Spot

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
