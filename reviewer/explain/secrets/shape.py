"""Secrets that are known by their shape: tokens of providers, private keys, card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.explain.secrets.format import FORMATS
from reviewer.explain.secrets.span import SecretSpan
from reviewer.explain.secrets.value import looks_random

KINDS = frozenset({*(known.kind for known in FORMATS), "AWS secret key", "private key", "card number"})
"""Every kind that is found here."""


def find_by_shape(text: str) -> Iterator[SecretSpan]:
    """Every secret of a shape that is known, wherever it stands."""
    yield from _key_blocks(text)
    yield from _formats(text)
    yield from _cards(text)


_REST = re.compile(r"[A-Za-z0-9]*")
_AWS_ID = "AWS access key id"
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_NEAR = 300


def _formats(text: str) -> Iterator[SecretSpan]:
    for known in FORMATS:
        if known.sign not in text:
            continue
        group = "s" if known.pattern.groups else 0
        for found in known.pattern.finditer(text):
            rest = _REST.match(text, found.end(group))
            yield SecretSpan(found.start(group), rest.end() if rest else found.end(group), known.kind)
            if known.kind == _AWS_ID:
                # The secret of an AWS key has no sign of its own; it stands beside the id.
                near = _AWS_SECRET.search(text, found.end(), found.end() + _NEAR)
                if near and looks_random(near[0]):
                    yield SecretSpan(near.start(), near.end(), "AWS secret key")


# PEM, OpenPGP and PuTTY keys: RFC 7468, RFC 9580 section 6.2, PuTTY's appendix on its key file format
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|Private-Lines: [0-9]{1,4}")
_BODY = re.compile(
    r"(?:\\+[nrt]|[\s\"'`,()\[\]#>*;\\]|[brfu](?=[\"'])|\w{1,40} \+= |\+ |\+$"
    r"|(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID): ?[^\n\\\"']{0,200}|[A-Za-z0-9+/=]{16,}+)*+",
    re.MULTILINE,
)
_CLOSE = re.compile(r"[A-Za-z0-9+/=]{0,16}[\s\"'`,()\[\]#>*+;\\nr]{0,200}-----END [A-Z0-9 ]{1,60}-----")
_RUN = re.compile(r"[A-Za-z0-9+/=]{16}")
_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"[\s\"'`,()\[\]#>*;]*[brfu]?[\"']?[A-Za-z0-9+/=]{16,}(?:\\+[nr])*[\s\"'`,()\[\]+;\\]*\n?")


def _key_blocks(text: str) -> Iterator[SecretSpan]:
    end = 0
    for begin in _BEGIN.finditer(text):
        if begin.start() < end or not (body := _BODY.match(text, begin.end())) or not _RUN.search(body[0]):
            continue
        close = _CLOSE.match(text, body.end())
        end = close.end() if close else body.end() - (len(body[0]) - len(body[0].rstrip(" \t\n\"'`,()[]#>*;\\")))
        yield SecretSpan(begin.start(), end, "private key")
    # An end without its beginning: the lines of the key before it.
    for last in _END.finditer(text):
        if last.start() >= end:
            start = line = text.rfind("\n", 0, last.start()) + 1
            while line > end and _KEY_LINE.fullmatch(text, before := text.rfind("\n", 0, line - 1) + 1, line):
                start = line = before
            if start < text.rfind("\n", 0, last.start()) + 1:
                yield SecretSpan(start, last.end(), "private key")
            end = last.end()


# Card numbers by their issuer's beginning and length (ISO/IEC 7812), checked by Luhn's formula
_CARD = re.compile(
    r"(?<![A-Za-z0-9_.+-])(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6(?:011|5[0-9]{2})|35[0-9]{2})(?P<a>[ -]?)"
    r"[0-9]{4}(?P=a)[0-9]{4}(?P=a)[0-9]{4}(?![A-Za-z0-9_-]|\.[0-9])"
    r"|(?<![A-Za-z0-9_.+-])3[47][0-9]{2}(?P<b>[ -]?)[0-9]{6}(?P=b)[0-9]{5}(?![A-Za-z0-9_-]|\.[0-9])"
)


def _cards(text: str) -> Iterator[SecretSpan]:
    for found in _CARD.finditer(text):
        digits = [int(char) for char in found[0] if char.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1:
            yield SecretSpan(found.start(), found.end(), "card number")
