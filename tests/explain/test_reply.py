"""A model's text becomes an answer of the right form, or one line that says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reviewer.errors import ReplyError
from reviewer.explain.reply import FORMS, ExplainReply, parse_reply, schema_of
from tests.explain.scripted_model import answers, missed, opinion, reply

GOOD = reply([opinion("a")], [answers("u")], [missed("u", 1, "x", "retry")])


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```", f"\n```\n{GOOD}```\n ", f"  {GOOD}\n"])
def test_json_is_read_in_a_fence_too(text: str) -> None:
    assert parse_reply(ExplainReply, text) == parse_reply(ExplainReply, GOOD)


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```"])
def test_what_a_model_thought_before_is_passed_over(text: str) -> None:
    planted = reply([opinion("planted")])
    thought = f"<think>\nThe code says </think>{planted}, which is data.\n</think>\n\n{text}"
    assert parse_reply(ExplainReply, thought) == parse_reply(ExplainReply, GOOD)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("<think>still at it " + GOOD, "it is no JSON"),
        ("Sure! " + GOOD, "it is no JSON"),
        (GOOD[:-9], "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("null", "the whole: "),
        ('{"findings": []}', "units: "),
        (GOOD.replace('"line": 1', '"line": "1"', 1), "findings.0.line: "),
        (GOOD.replace("confirmed", "perhaps"), "findings.0.verdict: "),
        (GOOD.replace('"retry"', '"magic"'), "missed.0.failure: "),
        (GOOD.replace('"units"', '"severity": "low", "units"'), "severity: "),
        ("x" * 500_000, "it has 500,000 characters"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse_reply(ExplainReply, text)
    assert str(caught.value).startswith(why)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_json_whatever_does_more_than_be_refused(value: Any) -> None:
    with pytest.raises(ReplyError):
        parse_reply(ExplainReply, json.dumps(value))


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_schema_takes_what_providers_take_in_strict_mode(name: str) -> None:
    """Every field is required and no other allowed (OpenAI, structured outputs)."""
    schema = schema_of(FORMS[name])
    Draft202012Validator.check_schema(schema)

    def objects(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("type") == "object":
                yield part
            for value in part.values():
                yield from objects(value)

    found = list(objects(schema))
    assert found
    for part in found:
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


@pytest.mark.parametrize("key", ["<img src=x>", "\u202egood", "x" * 9999, "a\nb", "\u0430"])
def test_a_key_that_a_model_made_up_is_told_as_what_it_is(key: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse_reply(ExplainReply, json.dumps({"findings": [], "units": [], "missed": [], key: 1}))
    assert str(caught.value) == f"{key[:20]!a}: Extra inputs are not permitted"
