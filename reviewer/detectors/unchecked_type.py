"""Field checked for presence, not for type.

A field of decoded data is tested for truth, or not at all, and handed on: stored, returned, given to another function.
It stays quiet where the mapping is the caller's, and where `get` alone speaks for data from elsewhere.

Why: `{"id": ["a"]}` and `{"id": 1}` pass a truth test; the wrong type then fails far away, as an unhashable key, a
method that is not there or a broken record, or "false" counts as true.

Instead: Check the type where the field comes in: `isinstance(value, str)`, or a model that validates.

Source: https://docs.python.org/3/library/functions.html#isinstance
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import (
    MODEL,
    calls_by_place,
    checked,
    maker,
    named_outside,
    really_decoded,
    source_of,
    spelled,
)
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Place, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
import json

def accept(text, store):
    body = json.loads(text)
    if not isinstance(body, dict):
        return None
    name = body.get("name")
    if not name:  #!
        return None
    return store.find(name)
""",
)
GOOD = (
    """
import json

def accept(text, store):
    body = json.loads(text)
    if not isinstance(body, dict):
        return None
    name = body.get("name")
    if not isinstance(name, str) or not name:
        return None
    return store.find(name)
""",
    """
import json

def accept(text):
    body = json.loads(text)
    if not isinstance(body, dict):
        return None
    return str(body.get("name"))
""",
    """
import json

def complete(text):
    body = json.loads(text)
    host, port = body.get("host"), body.get("port")
    return bool(host and port)
""",
    """
import json
from pydantic import BaseModel

class Row(BaseModel):
    payload: dict[str, str]

def row(text):
    body = json.loads(text)
    if not isinstance(body, dict):
        return None
    return Row(payload=body.get("payload", {}))
""",
    """
import shop

def count():
    schema = shop.STORE.schema
    if isinstance(schema, dict):
        name = schema.get("name")
        if name is not None:  #~
            return shop.STORE.count(name)
    return 0
""",
    """
import json

def kept(text, store):
    body = json.loads(text)
    if not isinstance(body, dict):
        return
    rows = body.get("rows", [])
    if not rows:
        return
    for row in rows:
        store.add(row["name"])
""",
)

_HANDED_ON = ("argument", "store", "return", "yield", "context")
_SAFE = frozenset(
    {
        "str", "repr", "isinstance", "bool", "print", "type", "len", "int", "float", "json.dumps", "json.dump", "list",
        "dict", "set", "tuple", "sorted", "hasattr", "getattr", "callable", "issubclass", "any", "all", "id",
    }
)  # fmt: skip


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find fields whose type nobody looks at in the unit."""
    fields: dict[Place, list[Usage]] = {}
    known: set[Place] = set()
    for fact in view.unit.facts:
        if isinstance(fact, Usage):
            value = fact.subject
            if value.decoded and value.type is None and value.made_at and value.made_by in ("dict.get", "dict.pop"):
                fields.setdefault(value.made_at, []).append(fact)
                if checked(value) or "in" in value.guards:
                    known.add(value.made_at)
        elif isinstance(fact, Call) and fact.callee in ("isinstance", "type") and fact.arguments:
            place = fact.arguments[0].value.made_at
            if place is not None:
                known.add(place)
    calls = calls_by_place(view.unit.facts) if fields else {}
    for place, uses in fields.items():
        if place not in known:
            yield from _of_field(view, rule, uses, maker(calls, uses[0].subject))


def _of_field(view: View, rule: Rule, uses: list[Usage], call: Call | None) -> Iterator[Finding]:
    handed = [use for use in uses if _goes_on(view, use)]
    asked = [use for use in uses if use.operation == "test" and not use.subject.text.endswith(")")]
    if not handed and asked and asked[0].subject.boundary == "request":
        yield rule.finding(
            view,
            asked[0],
            f"{asked[0].subject.text} from a request is checked for presence only, and a list or number passes as well",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
        )
    if not handed:
        if call is not None and uses[0].operation == "test" and uses[0].subject.text.endswith(")"):
            yield from _of_flag(view, rule, uses[0], call)
        return
    tested = [use for use in uses if use.operation == "test"]
    if not tested and (call is None or not _shows_container(call)):
        return
    # What takes a part of the field, or goes through it, fails right there, which is another rule's business.
    whole = {spelled(use.subject.text) for use in tested} if tested else _names_of_field(call, handed)
    handed = [use for use in handed if spelled(use.subject.text) in whole]
    if not handed:
        return
    same = [use for use in tested if spelled(use.subject.text) == spelled(handed[0].subject.text)]
    fact = same[0] if same else handed[0]
    value = fact.subject
    guessed = _is_guessed(value, call)
    quiet = _why_quiet(view, value, call)
    loud = value.boundary in ("request", "model output") and bool(tested) and not view.is_test
    # A test, or a default, shows that the other program may leave the field out, and so that it may send anything.
    sure = loud or not quiet
    where = "a mapping" if guessed else source_of(value)
    target = f"{handed[0].callee.lstrip('.')}()" if handed[0].callee else handed[0].code
    yield rule.finding(
        view,
        fact,
        f"{value.text} from {where} is {'checked for presence only' if tested else 'not checked'}:"
        f" a {'list' if tested else 'text'} or number passes as well, and goes on to {target}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if sure else Confidence.LOW,
        hushed=quiet,
        exceptions=("TypeError", "AttributeError"),
        evidence=(rule.at(view, handed[0], "it is handed on here"),) if handed[0].span.line != fact.span.line else (),
    )


def _names_of_field(call: Call | None, handed: list[Usage]) -> set[str]:
    """How the field itself is written where it is handed on, and not a part of it."""
    written = {spelled(use.subject.text) for use in handed if use.subject.text.endswith(")")}
    return written | {call.target} if call is not None and call.target is not None else written


def _why_quiet(view: View, value: Value, call: Call | None) -> str:
    """Why a field stays quiet; "" where something shows that it comes from outside."""
    if not _is_written_elsewhere(view, value, call):
        return "nothing here shows that another program wrote it"
    return "its caller gives it, and may have checked it" if _is_given(view, value, call) else ""


def _is_guessed(value: Value, call: Call | None) -> bool:
    """Whether the field counts as decoded for `get` alone, which a mapping of the program's own has as well."""
    if value.boundary or value.parameter or call is None or call.receiver is None:
        return False
    return not call.receiver.decoded and not call.receiver.boundary


def _is_written_elsewhere(view: View, value: Value, call: Call | None) -> bool:
    """Whether the field is of data from outside, decoded here, or of a parameter; a look with isinstance tells none."""
    holder = call.receiver if call is not None else None
    if value.boundary or value.parameter:
        return True
    return holder is not None and (holder.boundary is not None or really_decoded(holder))


def _is_given(view: View, value: Value, call: Call | None) -> bool:
    """Whether the mapping came in by a parameter, as it is, and nothing names it for data from outside."""
    if value.boundary or not value.parameter or named_outside(view, value):
        return False
    return call is None or call.receiver is None or not really_decoded(call.receiver)


def _shows_container(call: Call) -> bool:
    """Whether the default says that a list or mapping is expected: `data.get("items", [])`."""
    default = call.argument("default", 1)
    return default is not None and default.literal is not None and default.literal[:1] in "[{("


def _of_flag(view: View, rule: Rule, fact: Usage, call: Call) -> Iterator[Finding]:
    """A switch that is only tested for truth, where the text "false" counts as true."""
    default = call.argument("default", 1)
    if default is None or default.literal not in ("True", "False"):
        return
    guessed = _is_guessed(fact.subject, call)
    where = "a mapping" if guessed else source_of(fact.subject)
    yield rule.finding(
        view,
        fact,
        f"{fact.subject.text} from {where} is tested for truth: the text 'false' counts as true",
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        hushed=_why_quiet(view, fact.subject, call),
    )


def _goes_on(view: View, use: Usage) -> bool:
    if use.operation not in _HANDED_ON:
        return False
    return not (use.operation == "argument" and (use.callee in _SAFE or _reports(use) or _validates(view, use)))


def _validates(view: View, use: Usage) -> bool:
    """Whether it is given to a model, which looks at its type."""
    callee = use.callee or ""
    return callee.startswith("pydantic.") or MODEL in view.hierarchy.ancestors(callee)


def _reports(use: Usage) -> bool:
    """An argument of a log line or an error message."""
    return ".log" in use.code or "logger" in use.code or use.code.startswith(("raise ", "print(", "log"))
