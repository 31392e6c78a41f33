"""What a call is called on: the value before the last dot."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.feature import Feature, constant, of_call
from reviewer.catalog.query.guard import guard_words
from reviewer.domain.fact import Call
from reviewer.domain.library import BOUNDARIES


def _receiver_kind(call: Call) -> Iterator[str]:
    receiver = call.receiver
    if receiver is None:
        return
    if receiver.text in ("self", "cls"):
        yield "self"
    elif receiver.text == "super()":
        yield "super"
    elif receiver.text.startswith(("self.", "cls.")):
        yield "self-attribute"
    if receiver.parameter is not None:
        yield "parameter"
    if receiver.literal is not None:
        yield "literal"
    if receiver.symbol is not None:
        yield "named"
    if receiver.made_at is not None:
        yield "made-here"


FEATURES = (
    Feature(
        "receiver-type",
        "Type of the value before the last dot of what is called.",
        of_call(lambda call: [call.receiver.type if call.receiver is not None else None]),
        says="called on a {}",
        lacks="not called on a {}",
        weight=7,
    ),
    Feature(
        "receiver-kind",
        "What that value is: `self`, `super()`, an attribute of self, a parameter, a constant, a module or class by its"
        " name, the result of a call in this unit.",
        of_call(_receiver_kind),
        values=("self", "super", "self-attribute", "parameter", "literal", "named", "made-here"),
        weight=0,
    ),
    Feature(
        "receiver-boundary",
        "Where that value comes from, where it comes from outside the process.",
        of_call(lambda call: [call.receiver.boundary if call.receiver is not None else None]),
        values=tuple(sorted(BOUNDARIES)),
        says="called on data from {}",
        lacks="not called on data from {}",
    ),
    Feature(
        "receiver-made-by",
        "What made that value, by its canonical name.",
        of_call(lambda call: [call.receiver.made_by if call.receiver is not None else None]),
        says="called on what {} made",
        lacks="not called on what {} made",
        weight=6,
    ),
    Feature(
        "receiver-guard",
        "What has been checked of that value; see `guard`.",
        of_call(lambda call: guard_words(call.receiver) if call.receiver is not None else ()),
        says="called on what was checked ({})",
        lacks="what it is called on is not checked ({})",
    ),
    Feature(
        "receiver-setting",
        'Keyword arguments of the constructor that made that value, as "timeout" and, for what is written there,'
        ' "timeout=5".',
        of_call(
            lambda call: (
                text
                for name, value in (call.receiver.settings if call.receiver is not None else None) or ()
                for text in (name, f"{name}={constant(value)}")
            )
        ),
        says="made with {}",
        lacks="made without {}",
    ),
)
