"""The forms in which a model answers, and how its text becomes one: parsed, validated, and not believed yet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewer.domain.lesson import Topic
from reviewer.domain.suspicion import FailureName
from reviewer.errors import ReplyError

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_THOUGHT = "<think>"
"""How open models begin that write down what they think, where their server leaves it in the answer."""
_MOST_CHARACTERS = 400_000
_LONGEST_KEY = 20

Reply = TypeVar("Reply", bound="ReplyForm")


class ReplyForm(BaseModel):
    """What every form has in common: all fields are given, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingReply(ReplyForm):
    """What is said of a finding."""

    id: str
    verdict: Literal["confirmed", "doubted", "unsure"]
    line: int
    reason: str
    trigger: str
    effect: str
    noticed: str
    advice: str


class UnitReply(ReplyForm):
    """The four answers for a unit."""

    id: str
    calls: str
    unavailable: str
    throws: str
    inputs: str


class MissedReply(ReplyForm):
    """A failure that no rule found."""

    unit: str
    line: int
    statement: str
    failure: FailureName
    trigger: str
    effect: str
    noticed: str
    advice: str
    against: str
    likely: int


class ExplainReply(ReplyForm):
    """The answer to `explain`."""

    findings: list[FindingReply]
    units: list[UnitReply]
    missed: list[MissedReply]


class SuspicionReply(ReplyForm):
    """What becomes of a failure that was pointed at."""

    id: str
    against: str
    verdict: Literal["fix", "later", "close"]
    reason: str
    line: int


class DoubtReply(ReplyForm):
    """The answer to `doubt`."""

    suspicions: list[SuspicionReply]


class FieldReply(ReplyForm):
    """A field of a log line."""

    key: str
    name: str


class LineReply(ReplyForm):
    """What is chosen for a log line."""

    id: str
    level: str
    event: str
    fields: list[FieldReply]


class LogReply(ReplyForm):
    """The answer to `log`."""

    lines: list[LineReply]


class SentenceReply(ReplyForm):
    """A sentence, and the rows that it rests on."""

    text: str
    about: list[str]


class SummaryReply(ReplyForm):
    """The answer to `summary`."""

    sentences: list[SentenceReply]


class StatementReply(ReplyForm):
    """What is said of a topic of a post-mortem, with the sentences that say it."""

    topic: Topic
    words: str
    quotes: list[str]


class LessonReply(ReplyForm):
    """The answer to `lesson`."""

    statements: list[StatementReply]
    failure: str
    failure_quote: str


class ProposedQueryReply(ReplyForm):
    """A query as JSON text, and the failure that it finds. A form of its own would be as deep as queries are."""

    says: str
    query: str


class QueryReply(ReplyForm):
    """The answer to `query`."""

    queries: list[ProposedQueryReply]


def parse_reply(form: type[Reply], text: str) -> Reply:
    """An answer from a model's text.

    Args:
        form: what it has to be.
        text: as it came; JSON, perhaps in a fence, perhaps behind what the model thought.

    Raises:
        ReplyError: it is no such thing; the message says what is wrong, for the model to mend.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ReplyError(f"it has {len(text):,} characters; at most {_MOST_CHARACTERS:,} are read")
    if text.lstrip().startswith(_THOUGHT):
        text = text.rpartition("</think>")[2]  # the last one: what was thought may quote the code, which is anybody's
    fenced = _FENCE.match(text)
    try:
        return form.model_validate(json.loads(fenced[1] if fenced else text), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(_place(part) for part in first["loc"])
        raise ReplyError(f"{where or 'the whole'}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ReplyError(f"it is no JSON: {error}") from error


def _place(part: int | str) -> str:
    """A step on the way to what is wrong. Keys are the model's own words, and may be anything."""
    if isinstance(part, int) or (part.isascii() and part.isidentifier() and len(part) <= _LONGEST_KEY):
        return str(part)
    return ascii(part[:_LONGEST_KEY])


def schema_of(form: type[ReplyForm]) -> Mapping[str, Any]:
    """The JSON Schema of a form."""
    schema: Mapping[str, Any] = _bare(form.model_json_schema())
    return schema


def _bare(schema: Any) -> Any:
    """A schema without titles and descriptions, which repeat the names and the prompt."""
    if isinstance(schema, dict):
        # A field may itself be called "title".
        inside = {"properties", "$defs"}
        return {
            key: {name: _bare(part) for name, part in value.items()} if key in inside else _bare(value)
            for key, value in schema.items()
            if key not in {"title", "description"}
        }
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema


FORMS: Mapping[str, type[ReplyForm]] = {
    "doubt": DoubtReply,
    "explain": ExplainReply,
    "lesson": LessonReply,
    "log": LogReply,
    "query": QueryReply,
    "summary": SummaryReply,
}
"""The forms by the names that prompts give them."""
