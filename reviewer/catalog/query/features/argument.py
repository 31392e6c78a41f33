"""What a call is given."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.feature import Feature, constant, flag, of_call
from reviewer.catalog.query.guard import guard_words
from reviewer.domain.fact import Call, Value
from reviewer.domain.library import BOUNDARIES


def _arguments(call: Call) -> Iterator[tuple[str, Value]]:
    """The arguments under the names and positions that a query may call them by."""
    position = 0
    for argument in call.arguments:
        if argument.keyword is None:
            yield str(position), argument.value
            position += 1
        elif argument.keyword not in ("*", "**"):
            yield argument.keyword, argument.value
    timeout = call.known.timeout if call.known is not None else None
    if timeout is not None and timeout.parameter and timeout.position is not None:
        given = call.argument(timeout.parameter, timeout.position)
        if given is not None:
            yield timeout.parameter, given


def _argument_values(call: Call) -> Iterator[str | None]:
    for name, value in _arguments(call):
        if value.literal is not None:
            yield f"{name}={constant(value.literal)}"


def _argument_types(call: Call) -> Iterator[str | None]:
    for name, value in _arguments(call):
        if value.type is not None:
            yield f"{name}:{value.type}"


def _given(call: Call) -> list[Value]:
    return [argument.value for argument in call.arguments]


FEATURES = (
    Feature(
        "argument",
        'The arguments that are given, by keyword or by position from "0"; a time limit by its parameter too.',
        of_call(lambda call: (name for name, _ in _arguments(call))),
        says="with {}",
        lacks="without {}",
        weight=1,
    ),
    Feature(
        "argument-value",
        """Arguments that are constants, as "timeout=None", "0='r'", "check=False".""",
        of_call(_argument_values),
        says="with {}",
        lacks="without {}",
        weight=4,
    ),
    Feature(
        "argument-type",
        'Arguments whose type is known, as "0:str", "timeout:int".',
        of_call(_argument_types),
        says="given {}",
        lacks="not given {}",
    ),
    Feature(
        "argument-boundary",
        "Where the data comes from that is given, where it comes from outside the process.",
        of_call(lambda call: (value.boundary for value in _given(call))),
        values=tuple(sorted(BOUNDARIES)),
        says="it is given data from {}",
        lacks="it is given no data from {}",
    ),
    Feature(
        "argument-made-by",
        "What made a value that is given, by its canonical name.",
        of_call(lambda call: (value.made_by for value in _given(call))),
        says="it is given what {} made",
        lacks="it is not given what {} made",
        weight=5,
    ),
    Feature(
        "argument-symbol",
        "Functions, classes and modules that are given as such, by their canonical names.",
        of_call(lambda call: (value.symbol for value in _given(call))),
        says="it is given {}",
        lacks="it is not given {}",
        weight=5,
    ),
    Feature(
        "argument-guard",
        "What has been checked of a value that is given; see `guard`.",
        of_call(lambda call: (word for value in _given(call) for word in guard_words(value))),
        says="given what was checked ({})",
        lacks="what it is given is not checked ({})",
    ),
    Feature(
        "parameter-given",
        "An argument is, or comes from, a parameter of the unit.",
        of_call(lambda call: flag(any(value.parameter is not None for value in _given(call)))),
        values=("yes",),
        says="it is given what the caller gave",
        weight=0,
    ),
    Feature(
        "unpacks",
        "Arguments are unpacked with `*` or `**`, so that one which is not written may still be given.",
        of_call(lambda call: flag(call.open_ended)),
        values=("yes",),
        weight=0,
    ),
)
