"""Secrets that no reader sees as they stand: tokens written in pieces, and text that is encoded once more."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator

from reviewer.explain.secrets.name import find_by_name
from reviewer.explain.secrets.place import find_by_place
from reviewer.explain.secrets.shape import find_by_shape
from reviewer.explain.secrets.span import SearchedText, SecretSpan

KINDS = frozenset({"encoded secret"})
"""Every kind that is found here and nowhere else."""

_SEAM = re.compile(
    r"(?<=[\w.=/+-])[\"'][ \t]{0,64}(?:\+[ \t]{0,64})?(?:\\?\r?\n[ \t]{0,64}){0,2}(?:\+[ \t]{0,64})?"
    r"[rRbBuUfF]{0,2}[\"'](?=[\w.=/+-])"
)
"""What stands between two literals that Python reads as one: the end of the first, the beginning of the second."""
_AROUND = 300
"""Characters on both sides of a seam that a token can reach."""
# Whoever writes less than this in base64 has written no credential with its user or its name.
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{20,4096}+={0,2}(?![A-Za-z0-9+/=_-])")
_USER_AND_PASSWORD = re.compile(r"[\w.@+-]{1,64}:[!-~]{4,128}")
"""As in the header of basic authentication (RFC 7617)."""


def find_disguised(view: SearchedText) -> Iterator[SecretSpan]:
    """Every token in pieces, and every encoded text that holds a secret."""
    yield from _in_pieces(view.text)
    yield from _encoded(view.text)


def _in_pieces(text: str) -> Iterator[SecretSpan]:
    """Tokens over several literals, as they are where a line would be too long."""
    for first, last, seams in _runs(text):
        pieces, starts, places, end, length = [], [0], [first], first, 0
        for start, stop in seams:
            pieces.append(text[end:start])
            length += start - end
            starts.append(length)
            places.append(stop)
            end = stop
        joined = "".join([*pieces, text[end:last]])
        for span in find_by_shape(joined):
            before = bisect_right(starts, span.start) - 1
            after = bisect_right(starts, span.end - 1) - 1
            if before != after:
                yield SecretSpan(
                    places[before] + span.start - starts[before], places[after] + span.end - starts[after], span.kind
                )


def _runs(text: str) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Stretches of text around the seams that a token may reach over."""
    seams: list[tuple[int, int]] = []
    for found in _SEAM.finditer(text):
        if seams and found.start() - seams[-1][1] > _AROUND:
            yield max(0, seams[0][0] - _AROUND), seams[-1][1] + _AROUND, seams
            seams = []
        seams.append(found.span())
    if seams:
        yield max(0, seams[0][0] - _AROUND), min(len(text), seams[-1][1] + _AROUND), seams


def _encoded(text: str) -> Iterator[SecretSpan]:
    for found in _ENCODED.finditer(text):
        inner = _decoded(found[0])
        if inner is None:
            continue
        view = SearchedText(inner, inner.lower(), numbered=False)
        finders = (find_by_shape(inner), find_by_place(view), find_by_name(view))
        if _USER_AND_PASSWORD.fullmatch(inner) or any(next(finder, None) is not None for finder in finders):
            yield SecretSpan(found.start(), found.end(), "encoded secret")


def _decoded(text: str) -> str | None:
    """What is written in base64; None where that is no text."""
    data = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        inner = base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return inner if all(char.isprintable() or char in "\r\n\t" for char in inner) else None
