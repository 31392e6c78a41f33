"""A sign, and what the modules of signs share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reviewer.detectors.rule import View
from reviewer.domain.fact import Block, Call, Fact, Loop, Unit, Value


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that code shows.

    Attributes:
        says: what, in words, to follow "it".
        ideas: the ideas of `vocabulary.toml` that it stands for, the closest first.
        line: where.
    """

    says: str
    ideas: tuple[str, ...]
    line: int


ReadSigns = Callable[[View], Iterator[Sign]]


def calls_of(facts: Sequence[Fact]) -> list[Call]:
    """The calls among some facts, in order."""
    return [fact for fact in facts if isinstance(fact, Call)]


def loops_of(unit: Unit) -> list[Loop]:
    """The loops of a unit, inner ones first."""
    return [fact for fact in unit.facts if isinstance(fact, Loop)]


def method_of(call: Call) -> str:
    """The last part of what is called, lower case, as written."""
    return re.sub(r"\(.*", "", call.text.rpartition(".")[2], flags=re.DOTALL).strip("_").lower()


def owner_of(call: Call) -> str:
    """What stands before the last dot, lower case; "" for a plain name."""
    return call.text.rpartition(".")[0].lower()


def is_called(call: Call, *names: str) -> bool:
    """Whether the last part of what is called is one of some names."""
    return method_of(call) in names


def block_like(call: Fact, word: re.Pattern[str]) -> Block | None:
    """The innermost `with` around a fact whose header has a word in it."""
    return next(
        (b for b in reversed(call.context.blocks) if b.kind in ("with", "lock", "transaction") and word.search(b.text)),
        None,
    )


def values_of(call: Call) -> Iterator[Value]:
    """The receiver and the arguments of a call."""
    if call.receiver is not None:
        yield call.receiver
    for argument in call.arguments:
        yield argument.value


LOCK = re.compile(r"lock|mutex|semaphore|advisory|for_update", re.IGNORECASE)
TRANSACTION = re.compile(r"transaction|atomic|begin|session|unit_of_work|\btx\b", re.IGNORECASE)
SENDING = frozenset({"send", "sendall", "send_command", "send_packed_command", "write", "drain", "publish", "request"})
RECEIVING = frozenset(
    {"read", "recv", "receive", "read_response", "parse_response", "readline", "readexactly", "readuntil", "read_reply"}
)
ACQUIRING = frozenset(
    {"acquire", "get_connection", "getconn", "checkout", "borrow", "take", "connect", "open", "lease"}
)
RELEASING = frozenset(
    {
        "release",
        "putconn",
        "put",
        "close",
        "aclose",
        "disconnect",
        "give_back",
        "return_connection",
        "unlock",
        "checkin",
    }
)
