"""Whether a value that stands beside the name of a secret is one.

Source code is full of values that are none: names of settings, placeholders, templates, types, messages. They stay, for
without them a reader cannot follow the code. The rest is removed; a password needs no randomness to be one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Literal

Strength = Literal["any", "some", "random"]
"""What a value must look like: `any` but plainly no secret, `some` sign of not being a word, or `random` characters."""

MASK = "\0"
"""Stands for each character of a marker that is in the text already."""

_PLACEHOLDERS = frozenset(
    [
        "none",
        "null",
        "nil",
        "true",
        "false",
        "undefined",
        "default",
        "empty",
        "unset",
        "missing",
        "required",
        "optional",
        "todo",
        "tbd",
        "fixme",
        "n/a",
        "na",
        "changeme",
        "change_me",
        "change-me",
        "changeit",
        "replaceme",
        "replace_me",
        "replace-me",
        "placeholder",
        "redacted",
        "masked",
        "hidden",
        "removed",
        "example",
        "sample",
        "dummy",
        "fake",
        "bearer",
        "basic",
        "digest",
        "negotiate",
        "token",
        "str",
        "string",
        "bytes",
        "int",
        "float",
        "bool",
        "any",
        "object",
        "text",
        "number",
        "boolean",
        "password",
        "secret",
        "self",
        "cls",
    ]
)
_TEMPLATE = re.compile(
    r"\$\{[^}\n]{0,200}\}|\$\([^)\n]{0,200}\)|\{\{[^}\n]{0,200}\}\}|\{[A-Za-z_][^}\n]{0,200}\}|\{\}|%\(\w{1,80}\)[sdr]|%[sdr]"
)
_WRAPPED = re.compile(
    r"<[^<>\n]{1,200}>|\[[^\[\]\n]{1,200}\]|\$[A-Za-z_]\w{0,80}|%[A-Za-z_]\w{0,80}%|@[\w./-]{1,80}\.\w{1,8}"
)
_PROMPT = re.compile(
    r"(?:your|my|insert|enter|put|replace|example|sample|dummy|fake|placeholder)[\s_.-]", re.IGNORECASE
)
_REPEATED = re.compile(r"(.)\1*")
_SECRET_NAME = re.compile(
    r"(?:api|access|auth|client|private|secret|user|db|refresh|session|csrf|id|my)?(?:passw(?:or)?ds?|passwd|passphrase|"
    r"pwd|secrets?|tokens?|keys?|credentials?|auth|authorization|cookies?|session|sessionid)"
)
_NAME_TAILS = frozenset(
    [
        "id",
        "name",
        "field",
        "type",
        "url",
        "uri",
        "hash",
        "value",
        "path",
        "file",
        "env",
        "var",
        "header",
        "param",
        "prefix",
    ]
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PATH = re.compile(
    r"(?:https?://|file://|~?/|\.{1,2}/|[A-Za-z]:\\)[^\s]*|[\w./-]+\.(?:pem|key|crt|json|ya?ml|txt|toml|ini|env|py|html?)"
)
_PROSE = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "be",
        "by",
        "can",
        "cannot",
        "could",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "if",
        "in",
        "invalid",
        "is",
        "it",
        "its",
        "may",
        "missing",
        "must",
        "no",
        "not",
        "of",
        "on",
        "or",
        "please",
        "should",
        "that",
        "the",
        "this",
        "to",
        "use",
        "was",
        "when",
        "will",
        "with",
        "wrong",
        "you",
        "your",
        "enter",
        "new",
        "old",
        "current",
        "incorrect",
    ]
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]+")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~:-]+")
_PIECES = re.compile(r"[_\-./:=+~ ]+")
_WORD = re.compile(r"[0-9]+|v[0-9]+|[a-z]*+(?:[A-Z]{1,6}+[a-z]{2,}+)*+[A-Z]*+[0-9]{0,2}")
_LONGEST = 128
"""Characters of a value that are looked at."""


def is_secret(value: str, strength: Strength) -> bool:
    """Whether a value beside a secret's name is removed.

    Args:
        value: what stands there, without its quotes.
        strength: how much the name says: `any` for a password, `some` for a token, `random` for a mere key.
    """
    value = value.strip().strip(MASK)[:_LONGEST]
    if is_plain(value):
        return False
    if strength == "random":
        return looks_random(value)
    if strength == "some":
        return looks_random(value) or _looks_chosen(value)
    return not _is_prose(value) and (not _PATH.fullmatch(value) or looks_random(value.rpartition("/")[2]))


def is_plain(value: str) -> bool:
    """Whether a value is no secret whatever it is called: nothing, a placeholder, a template, the name of a secret."""
    if len(value) < 3 or value.lower().strip("\"'`<>()[]{}*.,;:!") in _PLACEHOLDERS or _WRAPPED.fullmatch(value):
        return True
    if (_REPEATED.fullmatch(value) and not value.isalnum()) or value.lower().strip("x*.-_ ") == "":
        return True
    rest = without_templates(value)
    if rest != value and len(rest.strip(" :/@.-_&?=,;'\"")) < 3:
        return True
    if MASK in value and not value.replace(MASK, "").strip(" :/@.-_&?=,;'\""):
        return True
    return bool(_PROMPT.match(value) or _is_name(value))


def without_templates(value: str) -> str:
    """The fixed characters of a value, its placeholders such as `{name}`, `${NAME}` and `%s` taken out."""
    return _TEMPLATE.sub("", value)


def fixed_parts(value: str) -> list[tuple[int, int]]:
    """Where the fixed parts of a template lie in it."""
    parts, end = [], 0
    for found in _TEMPLATE.finditer(value):
        parts.append((end, found.start()))
        end = found.end()
    return [(start, stop) for start, stop in [*parts, (end, len(value))] if stop > start]


def looks_random(value: str) -> bool:
    """Whether a value is made of characters that nobody chose: a UUID, many hexadecimal digits, mixed letters."""
    if len(value) < 12 or not _TOKEN.fullmatch(value):
        return False
    if _UUID.fullmatch(value):
        return True
    if _HEX.fullmatch(value):
        return len(value) >= 16 and _entropy(value) >= 2.5 and not value.isdigit() and not value.isalpha()
    if all(_WORD.fullmatch(piece) or len(piece) < 3 for piece in _PIECES.split(value) if piece):
        return False
    kinds = (any(c.islower() for c in value), any(c.isupper() for c in value), any(c.isdigit() for c in value))
    return sum(kinds) >= 2 and _entropy(value) >= 3.0


def _looks_chosen(value: str) -> bool:
    """No word, no name, no message: letters with digits, or signs that no name holds."""
    if len(value) < 6 or any(char.isspace() for char in value) or _PATH.fullmatch(value):
        return False
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    signs = any(c in "!@#$%^&*?+=~" for c in value)
    return letters and (digits or signs)


def _is_name(value: str) -> bool:
    """`access_token`, `X-Api-Key`, `clientSecret`, `the password`: what a secret is called."""
    if len(value) > 64 or any(char.isdigit() for char in value):
        return False
    spaced = _HUMP.sub("_", value) if value[0].islower() else value
    pieces = [piece.lower() for piece in _PIECES.split(spaced) if piece]
    while len(pieces) > 1 and pieces[-1] in _NAME_TAILS:
        pieces.pop()
    return bool(pieces and _SECRET_NAME.fullmatch(pieces[-1]))


def _is_prose(value: str) -> bool:
    words = [word.strip(".,:;!?'\"()*").lower() for word in value.split()]
    return len(words) > 1 and any(word in _PROSE or word in _PLACEHOLDERS for word in words)


def _entropy(value: str) -> float:
    """Bits for each character, by Shannon."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())
