"""The identity of a finding: the same in the hook, the API and the forge, and after the code around it has moved.

It is made of the rule, the path, the function and the normalised code, and never of a line number. Normalising drops
what a formatter changes: whitespace, comments, line joins, the choice of quotes, trailing commas and parentheses that
only group. Two findings that are alike in all of that are told apart by their order in the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from reviewer.domain.finding import Finding

LENGTH = 20
"""Hexadecimal characters of a fingerprint: 80 bits."""

# A string that never ends runs to the end of the text, so that scanning is linear in hostile code too.
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\\\r?\n|\#[^\r\n]*)
  | (?P<string>(?P<prefix>[A-Za-z]{0,2})
      (?P<quote>\"\"\"|'''|\"|')(?P<body>(?:\\.|(?!(?P=quote))[^\\])*+)(?P<end>(?P=quote))?)
  | (?P<word>\w+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
# Written out, so that a fingerprint does not depend on the running Python's own list.
_KEYWORDS = frozenset({
    "and", "as", "assert", "async", "await", "del", "elif", "else", "except", "for", "from", "if", "in", "is",
    "lambda", "not", "or", "raise", "return", "while", "with", "yield",
})  # fmt: skip


def fingerprint_all(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Fingerprints of the findings of one review, in their order.

    All findings of a review are given at once, since equals are numbered by their place in the file. Each result is
    `LENGTH` lower-case hexadecimal characters, and no two are the same.
    """
    # Once for each text: one long line may hold thousands of findings.
    plain = {code: normalise(code) for code in {item.code for item in findings}}
    keys = [(item.rule, item.path, item.function, plain[item.code]) for item in findings]
    by_place = sorted(range(len(findings)), key=lambda i: (findings[i].line, findings[i].column, i))
    seen: dict[tuple[str, str, str, str], int] = {}
    result = [""] * len(findings)
    for index in by_place:
        ordinal = seen.get(keys[index], 0)
        seen[keys[index]] = ordinal + 1
        # JSON in ASCII is unambiguous between the parts and takes surrogates, which a path may hold (PEP 383).
        text = json.dumps([*keys[index], ordinal], ensure_ascii=True)
        result[index] = hashlib.sha256(text.encode("ascii")).hexdigest()[:LENGTH]
    return tuple(result)


def normalise(code: str) -> str:
    """Code without what a formatter may change; for comparing only, it need not be Python any more.

    Fragments and broken code are taken as they come: this scans tokens and does not parse.
    """
    tokens: list[str] = []
    open_brackets: list[int | None] = []
    """For each bracket still open the index of a '(' that only groups, else None."""
    for match in _TOKEN.finditer(code):
        if match["space"] is not None:
            continue
        text = _string(match) if match["string"] is not None else match[0]
        if text in _CLOSING:
            if tokens and tokens[-1] == ",":
                tokens.pop()
            grouping = open_brackets.pop() if open_brackets else None
            if grouping is not None and len(tokens) > grouping + 1:
                del tokens[grouping]
                continue
        elif text in "([{":
            open_brackets.append(len(tokens) if text == "(" and _groups(tokens) else None)
        tokens.append(text)
    while tokens and tokens[-1] == ",":
        tokens.pop()
    return " ".join(tokens)


def _groups(before: Sequence[str]) -> bool:
    """Whether an opening parenthesis after these tokens only groups, and does not call or subscript."""
    if not before:
        return True
    last = before[-1]
    return last in _KEYWORDS or not (last[-1].isalnum() or last[-1] in "_)]}\"'")


def _string(match: re.Match[str]) -> str:
    prefix, quote, body = match["prefix"].lower(), match["quote"], match["body"]
    if quote == "'" and '"' not in body and "\\" not in body:
        quote = '"'
    return f"{prefix}{quote}{body}{quote if match['end'] else ''}"
