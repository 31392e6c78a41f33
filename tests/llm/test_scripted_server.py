"""The scripted server says what the real ones would: its answers are held against the SDKs' published types."""

from __future__ import annotations

from typing import Any, get_args

import anthropic.types
import openai.types.chat
import openai.types.responses
import pytest
from openai.types.shared import ErrorObject
from pydantic import BaseModel, TypeAdapter

from tests.llm.scripted_server import (
    COMPLETIONS,
    MESSAGES,
    RESPONSES,
    Answer,
    ErrorEvent,
    Failure,
    Recorded,
    Stop,
    body_of,
    error_event_of,
    error_of,
    events_of,
)

STOPS = [Answer('{"a": "é"}', stop=stop, cached=10, written=5) for stop in get_args(Stop)]
TYPES: dict[str, Any] = {
    MESSAGES: anthropic.types.Message,
    RESPONSES: openai.types.responses.Response,
    COMPLETIONS: openai.types.chat.ChatCompletion,
}
EVENTS: dict[str, Any] = {
    MESSAGES: anthropic.types.RawMessageStreamEvent,
    RESPONSES: openai.types.responses.ResponseStreamEvent,
}


def at(path: str) -> Recorded:
    return Recorded(path, {}, b"{}", b"")


def check(kind: Any, value: object) -> None:
    """The value is of the type, strictly, and has nothing that the type does not know."""
    assert_known(TypeAdapter(kind).validate_python(value, strict=True))


def assert_known(value: object) -> None:
    if isinstance(value, BaseModel):
        assert not value.model_extra, f"{type(value).__name__} knows no {sorted(value.model_extra or {})}"
        for name in type(value).model_fields:
            assert_known(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            assert_known(item)


@pytest.mark.parametrize("answer", STOPS, ids=lambda answer: answer.stop)
@pytest.mark.parametrize("path", TYPES)
def test_an_answer_is_of_the_published_type(path: str, answer: Answer) -> None:
    check(TYPES[path], body_of(at(path), answer))


@pytest.mark.parametrize("answer", STOPS, ids=lambda answer: answer.stop)
@pytest.mark.parametrize("path", EVENTS)
def test_each_event_is_of_the_published_type(path: str, answer: Answer) -> None:
    for event in events_of(at(path), answer):
        check(EVENTS[path], event)


def test_an_error_is_of_the_published_type() -> None:
    for status in (400, 401, 402, 403, 404, 429, 500, 529):
        check(anthropic.types.ErrorResponse, error_of(at(MESSAGES), Failure(status)))
        check(ErrorObject, error_of(at(RESPONSES), Failure(status))["error"])


def test_an_error_event_is_of_the_published_type() -> None:
    error = {**error_event_of(at(MESSAGES), ErrorEvent()), "request_id": None}
    check(anthropic.types.ErrorResponse, error)
    check(openai.types.responses.ResponseErrorEvent, error_event_of(at(RESPONSES), ErrorEvent("server_error")))
