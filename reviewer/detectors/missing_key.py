"""Key taken for granted.

A key of decoded or outside data is read with `data["key"]`, and nothing says that it is there.

So is a constant table read with text from elsewhere, or with text that was brought to one spelling first.

Why: The other side leaves a field out, renames it, or answers with an error object; then KeyError, which names neither
the data nor its sender, ends the request or the whole batch.

Instead: Check the data once where it comes in (a schema, or `if "key" not in data`) and refuse it with a message that
says what is missing; or read optional fields with `get` and treat None.

Source: https://docs.python.org/3/library/stdtypes.html#mapping-types-dict
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import (
    Validations,
    ends,
    is_text_key,
    made_here,
    named_outside,
    parts_looked_at,
    really_decoded,
    source_of,
    spelled,
)
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import as_written, scope
from reviewer.domain.fact import Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def price(url):
    body = requests.get(url, timeout=5).json()
    return body["price"]  #!
""",
    """
import json
import sys

def main():
    order = json.load(sys.stdin)
    for line in order["lines"]:  #!
        print(line["sku"])  #!
""",
    """
from shop.coding import DECODERS

def decoder(names: list[str]):
    return [DECODERS[name.strip().lower()] for name in names]  #!
""",
    """
from typing import Any

def run(arguments: dict[str, Any]) -> str:
    return arguments["path"]  #!
""",
)
GOOD = (
    """
import requests

def price(url):
    body = requests.get(url, timeout=5).json()
    if not isinstance(body, dict) or "price" not in body:
        raise ValueError("no price in the answer")
    return body["price"]
""",
    """
import json

def price(text):
    try:
        return json.loads(text)["price"]
    except (ValueError, KeyError, TypeError):
        return None
""",
    """
DECODERS = {"gzip": 1}

def decoder(name: str):
    name = name.lower()
    if name not in DECODERS:
        return None
    return DECODERS[name]
""",
    """
SIZES = {"s": 1, "m": 2}

def size():
    return SIZES["s"]
""",
    """
import json

def require(data, *keys):
    for key in keys:
        if key not in data:
            raise ValueError(key)

def load(path):
    with open(path) as file:
        data = json.load(file)
    require(data, "name")
    return data["name"]

def titles(path):
    with open(path) as file:
        data = json.load(file)
    return data["title"] if isinstance(data.get("title"), str) else ""
""",
)

_OPEN_TYPES = (None, "dict", "str")
"""Types under which a subscript with a text key reads a mapping whose keys are not fixed."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find keys read from data that nobody has checked."""
    seen: set[tuple[str, str]] = set()
    validations, looked = Validations(view), parts_looked_at(view)
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.operation != "key" or fact.stored:
            continue
        value = fact.subject
        if _is_table(value) and fact.key is not None and (value.text, fact.detail) not in seen:
            if _is_outside_text(fact.key) and not _guarded(fact) and not ends(view, fact, "KeyError"):
                seen.add((value.text, fact.detail))
                yield _of_table(view, rule, fact, fact.key)
            continue
        if value.type not in _OPEN_TYPES or value.literal is not None or (value.symbol and not value.boundary):
            continue
        if value.type == "dict" and not (value.decoded or value.boundary or value.parameter):
            continue  # made in this function: its keys are the author's
        if not is_text_key(fact.detail) or _guarded(fact) or (value.text, fact.detail) in seen:
            continue
        if ends(view, fact, "KeyError"):
            continue  # where the failure leads on, the key may be missing still
        seen.add((value.text, fact.detail))
        if validations.hold(value, fact.span.line):
            continue
        if spelled(f"{value.text}[{fact.detail}]") in looked:
            continue
        yield _finding(view, rule, fact)


def _is_table(value: Value) -> bool:
    """A constant, which holds the words that the author has thought of."""
    return value.text.rpartition(".")[2].isupper() and value.type in (None, "dict") and not value.boundary


def _is_outside_text(key: Value) -> bool:
    """Text from elsewhere: it is known to be, or was brought to one spelling first, which nobody does to their own."""
    if key.literal is not None or key.symbol is not None or key.guards:
        return False
    return key.boundary is not None or key.made_by in _SPELLING


_SPELLING = ("str.lower", "str.upper", "str.casefold", "str.strip")


def _of_table(view: View, rule: Rule, fact: Usage, key: Value) -> Finding:
    table = fact.subject.text
    source = f" from {source_of(key)}" if key.boundary else ""
    return rule.finding(
        view,
        fact,
        f"{table}[{key.text}] raises KeyError when {key.text}{source} is not a key of {table}",
        severity=Severity.LOW if view.is_test else Severity.MEDIUM,
        exceptions=("KeyError",),
        explanation=f"{key.text} is chosen outside this code. When {table} has no such key, KeyError propagates out of"
        f" {scope(fact.context.function)}. Use `get` and say what is not supported, or check with `in` first.",
    )


def _guarded(fact: Usage) -> bool:
    guards = fact.subject.guards
    if f"read:{fact.detail}" in guards:
        return True  # it has been read on every way here, and told there
    return f"key:{fact.detail}" in guards or "key:*" in guards or any(guard.startswith("passed:") for guard in guards)


def _finding(view: View, rule: Rule, fact: Usage) -> Finding:
    value = fact.subject
    outside = value.boundary is not None or named_outside(view, value) or really_decoded(value)
    loud = value.decoded and outside and not view.is_test
    key = as_written(fact)
    source = source_of(value)
    exceptions = ("KeyError",) if value.type == "dict" else ("KeyError", "TypeError")
    return rule.finding(
        view,
        fact,
        f"{value.text}[{key}] raises KeyError when {source or value.text} has no {key}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=exceptions,
        evidence=made_here(view, value, fact.span.line),
        explanation=f"When {key} is missing, {value.text}[{key}] raises KeyError"
        + (f" (TypeError when {value.text} is not a mapping at all)" if value.type != "dict" else "")
        + f", which nothing here catches. {rule.how}",
    )
