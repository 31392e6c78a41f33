"""Secrets whose name stands apart from them: as the value of another field, or as one of several targets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.explain.secrets.name import judge_of
from reviewer.explain.secrets.span import CODE, SearchedText, SecretSpan
from reviewer.explain.secrets.value import Strength, is_secret

# Variables as Kubernetes, Compose, ECS and web.config list them, in YAML, JSON, XML and in the arguments of a call.
_FIELDS = re.compile(
    r"(?<![a-z0-9])(?:name|key)\\*[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\*[\"']?(?P<name>[a-z0-9_.-]{2,80})\\*[\"']?"
    r"(?:[ \t]{0,8},)?\s{1,80}\\*[\"']?value\\*[\"']?[ \t]{0,8}[:=][ \t]{0,8}"
    r"(?P<quote>\\*[\"'])?(?P<s>(?(quote)[^\"'\\\n]{3,512}|[^\s\"'\\,]{3,512}))"
)
# `user, password = "bob", "…"`
_TARGETS = re.compile(
    r"^[+-]?[ \t]*+(?P<names>[a-z_][\w.]{0,60}(?:[ \t]{0,4},[ \t]{0,4}[a-z_][\w.]{0,60}){1,5})[ \t]{0,8}=[ \t]{0,8}\(?",
    re.MULTILINE,
)
_LITERAL = re.compile(
    r"[bru]{0,2}(?:\"(?P<s>[^\"\\\n]{0,256})\"|'(?P<t>[^'\\\n]{0,256})')[ \t]{0,4}(?P<more>,[ \t]{0,4})?"
)
# `password: |`, and the text in the line below
_BLOCK = re.compile(
    r"(?<![a-z0-9_.-])(?P<name>[a-z0-9_.-]{2,80})[\"']?:[ \t]{1,8}[|>][+-]?[ \t]{0,8}\r?\n[ \t]{1,40}"
    r"(?P<s>[^\s\"']{3,512})(?=\s|\Z)"
)

# `the password for the admin of staging was …`
_TOLD = re.compile(
    r"(?<![a-z0-9_.-])(?P<name>[a-z0-9_.-]{3,80})[ \t]{1,4}(?:for|of|on|to|at)(?:[ \t]{1,4}[\w@.'-]{1,40}){1,4}?"
    r"(?::[ \t]{1,4}|[ \t]{1,4}(?:is|was)[ \t]{1,4})[\"'`]?(?P<s>[^\s\"'`,;]{6,256})"
)


def find_by_pair(view: SearchedText) -> Iterator[SecretSpan]:
    """Every value whose name is that of a secret, and is written in another place than beside it."""
    for pattern, sign in ((_FIELDS, "value"), (_BLOCK, ": ")):
        for found in pattern.finditer(view.lower) if sign in view.lower else ():
            yield from _judged(view, found["name"], *found.span("s"))
    for found in _TOLD.finditer(view.lower):
        start, end = found.span("s")
        end = start + len(view.text[start:end].rstrip(".:)]}!?"))
        yield from _judged(view, found["name"], start, end, least="some")
    for found in _TARGETS.finditer(view.lower):
        names = found["names"].split(",")
        values = list(_literals(view.lower, found.end(), len(names)))
        if len(values) == len(names):
            for name, value in zip(names, values, strict=True):
                yield from _judged(view, name.strip(), *value)


def _literals(text: str, at: int, most: int) -> Iterator[tuple[int, int]]:
    """Where the literals lie that stand in a row, commas between them."""
    for _ in range(most):
        found = _LITERAL.match(text, at)
        if found is None:
            return
        yield found.span("s" if found["s"] is not None else "t")
        if found["more"] is None:
            return
        at = found.end()


def _judged(view: SearchedText, name: str, start: int, end: int, least: Strength = "any") -> Iterator[SecretSpan]:
    judge = judge_of(name)
    value = view.text[start:end]
    strength = judge[1] if judge is not None and judge[1] != "any" else least
    if judge is not None and not CODE.match(value) and is_secret(value, strength):
        yield SecretSpan(start, end, judge[0])
