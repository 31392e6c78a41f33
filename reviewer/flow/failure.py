"""The failures of one call that a careful caller would think of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewer.domain.fact import Call, Value
from reviewer.flow.hierarchy import Hierarchy

_SIGNALS = frozenset(
    {
        "SystemExit", "KeyboardInterrupt", "GeneratorExit", "StopIteration", "StopAsyncIteration",
        "NotImplementedError", "AssertionError", "asyncio.CancelledError", "click.exceptions.ClickException",
        "click.exceptions.Exit",
        "click.exceptions.Abort", "typer.Exit", "typer.Abort", "fastapi.HTTPException",
        "fastapi.exceptions.HTTPException", "starlette.exceptions.HTTPException", "werkzeug.exceptions.HTTPException",
        "django.http.Http404", "django.http.response.Http404", "ninja.errors.HttpError",
        "unittest.SkipTest", "tornado.gen.Return", "tornado.web.HTTPError",
    }
)  # fmt: skip
"""Exceptions that are meant for a framework or the interpreter, and not for the next handler."""

_MISUSE = frozenset(
    {
        "TypeError", "AttributeError", "KeyError", "IndexError", "LookupError", "NameError", "RecursionError",
        "OverflowError", "MemoryError", "StopIteration", "StopAsyncIteration", "ZeroDivisionError",
        "NotImplementedError", "UnicodeEncodeError", "EOFError", "io.UnsupportedOperation",
        "asyncio.CancelledError", "asyncio.InvalidStateError", "concurrent.futures.InvalidStateError",
        "pickle.PicklingError",
    }
)  # fmt: skip
"""What calls raise when handed the wrong kind of thing; text that is merely malformed raises something else."""

_OF_THE_URL = frozenset(
    {"InvalidURL", "UnsupportedProtocol", "MissingSchema", "InvalidSchema", "NonHttpUrlClientError"}
)
"""What clients raise, by the last part of the name, on an address that is none: whatever else they are given."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that a call may raise in operation.

    Attributes:
        exception: canonical name.
        when: when, in words.
        from_input: because of the data it is given, not of something outside the program.
        doubtful: the data comes from the caller, who may have made sure of it.
    """

    exception: str
    when: str
    from_input: bool
    doubtful: bool = False


def call_failures(call: Call) -> Iterator[Failure]:
    """The documented exceptions of a call that happen without a mistake in the program.

    Those from outside count always; those from malformed data where the data is from outside or not known to be sound.
    """
    known = call.known
    if known is None or (known.coroutine and not call.awaited) or call.context.inside("lambda") is not None:
        return
    if call.receiver is not None and call.receiver.text in ("sys.stdout", "sys.stderr"):
        return  # a terminal that goes away ends the program anyhow
    for exception, when in known.raises.items():
        if exception not in _MISUSE and not _ruled_out(call, exception):
            yield Failure(exception, when, False)
    status = known.status
    if status is not None and status.raises and status.parameter and _is_true(call.argument(status.parameter)):
        yield Failure(status.raises, f"{status.parameter}=True and the other side reports a failure", False)
    if known.raises_input and not _has_fallback(call) and (malformed := _data_may_be_malformed(call)):
        for exception, when in known.raises_input.items():
            if exception not in _MISUSE and not _ruled_out(call, exception):
                if known.kind is not None and exception == "ValueError":
                    continue  # a null byte in a name: a mistake in the program
                yield Failure(exception, when, True, malformed == "perhaps")


def is_signal(exception: str, hierarchy: Hierarchy) -> bool:
    """Whether an exception speaks to a framework or the interpreter."""
    return any(ancestor in _SIGNALS for ancestor in hierarchy.ancestors(exception))


def _has_fallback(call: Call) -> bool:
    """Whether an argument is given that the call gives back instead of failing."""
    fallback = call.known.fallback if call.known is not None else None
    return fallback is not None and call.argument(fallback.parameter or "", fallback.position) is not None


def _data_may_be_malformed(call: Call) -> Literal["yes", "perhaps", ""]:
    known = call.known
    if known is not None and known.kind is not None and known.boundary is not None:
        return "yes"  # it reads the data itself
    values = [argument.value for argument in call.arguments[:2]]
    if known is not None and known.decoded:
        if known.name == "ast.literal_eval" and values:  # it takes syntax nodes as well, and those are sound
            outside = values[0].boundary is not None or values[0].parameter is not None or values[0].type == "str"
            return "yes" if outside else ""
        # A parser is there for data of others.
        return "" if values and values[0].literal is not None else "yes"
    if call.receiver is not None and call.receiver.symbol is None:
        values.append(call.receiver)
    if any(value.boundary is not None or value.decoded for value in values):
        return "yes"
    return "perhaps" if any(value.parameter is not None and value.type in (None, "str") for value in values) else ""


def _ruled_out(call: Call, exception: str) -> bool:
    """Whether an argument or a check before the call excludes the exception."""
    if exception == "UnicodeDecodeError":
        if call.known is not None and call.known.kind is None and call.known.decoded:
            return not any(argument.value.type == "bytes" for argument in call.arguments[:1])
        errors = call.argument("errors")
        return errors is not None and errors.literal not in ("'strict'", '"strict"')
    if exception == "subprocess.CalledProcessError" and call.callee == "subprocess.run":
        check = call.argument("check")
        return not call.open_ended and (check is None or check.literal == "False")
    if exception == "subprocess.TimeoutExpired":
        timeout = call.argument("timeout")
        return not call.open_ended and (timeout is None or timeout.literal == "None")
    if exception == "TimeoutError" and _waits_inside(call):
        limit = call.known.timeout if call.known is not None else None
        given = call.argument(limit.parameter or "", limit.position) if limit is not None else None
        return not call.open_ended and (given is None or given.literal == "None")
    if exception == "pydantic.ValidationError" and call.arguments:
        return call.arguments[0].value.symbol == "typing.Any"  # any value will do
    if exception.rpartition(".")[2] in _OF_THE_URL:
        url = call.argument("url", 1 if call.text.endswith("request") else 0)
        return url is not None and url.literal is not None
    if exception == "FileExistsError":
        return _is_true(call.argument("exist_ok"))
    if exception == "FileNotFoundError":
        return _is_true(call.argument("missing_ok")) or _is_true(call.argument("ignore_errors"))
    return _is_true(call.argument("ignore_errors"))


def _waits_inside(call: Call) -> bool:
    """It waits for something of the program itself, for ever unless told otherwise: no kernel or server ends that."""
    known = call.known
    return known is not None and known.kind is None and known.timeout is not None and known.timeout.default == "none"


def _is_true(value: Value | None) -> bool:
    return value is not None and value.literal == "True"
