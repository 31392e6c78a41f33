"""Parts of the answers of language models, by the library that gives them or by the form of the path."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.domain.fact import Usage, Value
from tests.code.reading import all_facts, probe, probed, uses

OPENAI = "from openai import OpenAI\ndef f(m):\n    r = OpenAI().chat.completions.create(model='x', messages=m)\n"
GEMINI = "from google import genai\ndef f(m):\n    r = genai.Client().models.generate_content(model='x', contents=m)\n"
CLAUDE = (
    "import anthropic\ndef f(m):\n    r = anthropic.Anthropic().messages.create(model='x', messages=m, max_tokens=9)\n"
)
UNKNOWN = "def f(client, m):\n    r = client.ask(m)\n"


def part(head: str, expression: str) -> Value:
    """What is known of a part of the answer `r`."""
    return probe(f"{head}    probe({expression})\n")


@pytest.mark.parametrize(
    ("head", "expression"),
    [
        (OPENAI, "r.usage"),
        (OPENAI, "r.choices[0].message.content"),
        (OPENAI, "r.choices[0].message.tool_calls"),
        (UNKNOWN, "r.choices[0].message.content"),
        (UNKNOWN, "r.choices[0].message.tool_calls"),
        (UNKNOWN, "r.choices[-1].delta.content"),
        (UNKNOWN, "r.choices[0].delta.tool_calls"),
        (UNKNOWN, "r.candidates[0].content.parts"),
        (GEMINI, "r.text"),
        (GEMINI, "r.candidates"),
        (GEMINI, "r.candidates[0].content"),
        (GEMINI, "r.candidates[0].content.parts[0].text"),
        (GEMINI, "r.usage_metadata.candidates_token_count"),
        (CLAUDE, "r.usage.cache_read_input_tokens"),
        (CLAUDE, "r.stop_sequence"),
    ],
)
def test_a_part_that_an_answer_may_lack_may_be_none(head: str, expression: str) -> None:
    assert part(head, expression).none


@pytest.mark.parametrize(
    ("head", "expression"),
    [
        (OPENAI, "r.choices"),
        (OPENAI, "r.choices[0].message.tool_calls[0].function.arguments"),
        (UNKNOWN, "r.choices[0].message.content or ''"),
        (UNKNOWN, "r.choices[0].label"),
        (UNKNOWN, "r.message.content"),
        (CLAUDE, "r.usage.input_tokens"),
        (CLAUDE, "r.content[0].text"),
    ],
)
def test_a_part_that_is_always_there_is_not_doubted(head: str, expression: str) -> None:
    assert part(head, expression).none is None


def test_a_part_keeps_its_type_under_a_name() -> None:
    text = """
        def f(stream):
            for chunk in stream:
                delta = chunk.choices[0].delta
                probe(delta.content)
                for call in delta.tool_calls or []:
                    probe(call.function)
        """
    content, function = probed(text)
    assert content.none and function.none


@pytest.mark.parametrize("expression", ["r.choices[0].delta.content", "r.candidates[0].content.parts"])
def test_the_list_of_an_answer_may_be_empty(expression: str) -> None:
    indexed = [use for use in all_facts(f"{UNKNOWN}    print({expression})\n", Usage) if use.operation == "index"]
    assert indexed[0].subject.empty


def test_a_look_at_the_list_excludes_that_it_is_empty() -> None:
    text = f"{UNKNOWN}    if not r.choices:\n        return\n    print(r.choices[0].delta.content)\n"
    [use] = [use for use in all_facts(text, Usage) if use.operation == "index"]
    assert use.subject.empty is None and "truthy" in use.subject.guards


def test_choices_of_a_form_are_no_answer() -> None:
    text = "def f():\n    print(field.choices[0].label)\n"
    assert all(use.subject.empty is None for use in all_facts(text, Usage))


def test_what_is_added_to_a_text_may_be_none() -> None:
    text = textwrap.dedent("""
        def f(stream):
            text = ""
            for chunk in stream:
                text += chunk.choices[0].delta.content
        """)
    assert uses(text, "arithmetic") == [(5, "chunk.choices[0].delta.content", "augmented")]
