"""How findings word callees, exceptions and places."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.domain.fact import Call, Handler, Usage
from reviewer.flow.group import renamed_within

_LONG = 48


def callee(call: Call) -> str:
    """The called thing as written, shortened: "json.loads()"."""
    text = call.text if len(call.text) <= _LONG else f"…{call.text[-_LONG:]}"
    return f"{text}()"


def exception(name: str) -> str:
    """An exception as a reader of the file knows it, of a group what is in it: "ExceptionGroup[Damaged]"."""
    return renamed_within(name, lambda one: one.removeprefix("builtins.").lstrip("."))


def listed(words: Sequence[str], last: str = "or", most: int = 3) -> str:
    """ "a, b or c"; what is beyond `most` is counted."""
    shown = list(words[:most])
    if len(words) > most:
        return f"{', '.join(shown)} {last} {len(words) - most} more"
    return f" {last} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def as_written(use: Usage) -> str:
    """A constant key with the quotes of the source: `data["id"]` is one path whichever quotes it is written with."""
    key = use.detail
    double = f'"{key[1:-1]}"'
    if key[:1] != "'" or '"' in key:
        return key
    return double if double in use.code or '"' in use.subject.text else key


def scope(function: str) -> str:
    """What an exception propagates out of: a function by its name, or the module whose body raised it."""
    return "the module" if function == "<module>" else function


def clause(handler: Handler) -> str:
    """An `except` clause as written, without its colon and comment."""
    return handler.code.partition("  #")[0].strip().removesuffix(":")
