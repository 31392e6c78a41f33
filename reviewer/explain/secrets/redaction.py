"""Secrets taken out of everything that is sent to a language model.

Four readers look at the text: one knows the published shapes of tokens (`shape`), one the places of credentials
(`place`), one the names of secrets and what is written beside them (`name`, `pair`), and one joins pieces and decodes
(`disguise`). A marker such as `[removed: password]`
takes the place of what they find; names, quotes, keywords, lines and line numbers before a `|` stay.

The search takes time linear in the text, whatever the text is: every pattern looks at a bounded number of characters or
starts once in each run of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.explain.secrets.disguise import KINDS as KINDS_DISGUISED
from reviewer.explain.secrets.disguise import find_disguised
from reviewer.explain.secrets.name import KINDS as KINDS_BY_NAME
from reviewer.explain.secrets.name import find_by_name
from reviewer.explain.secrets.pair import find_by_pair
from reviewer.explain.secrets.place import KINDS as KINDS_BY_PLACE
from reviewer.explain.secrets.place import find_by_place
from reviewer.explain.secrets.shape import KINDS as KINDS_BY_SHAPE
from reviewer.explain.secrets.shape import find_by_shape
from reviewer.explain.secrets.span import SearchedText, SecretSpan
from reviewer.explain.secrets.value import MASK


@dataclass(frozen=True)
class Redacted:
    """A text that may leave.

    Attributes:
        text: the text, with a marker for each secret.
        removed: the kind of each secret that was removed, in the order of the text.
    """

    text: str
    removed: tuple[str, ...]


def redact(text: str) -> Redacted:
    """Take secrets and credentials out of a text: code with or without line numbers, URLs, logs, names, messages.

    Args:
        text: anything; it is not parsed, so broken code and prose are read too.

    Returns:
        The text with as many lines as before. Redacting it again removes nothing.
    """
    removed: list[str] = []
    for _ in range(_ROUNDS):
        view = _View(text)
        spans = _merge(_find(view.searched), view.searched.text)
        if not spans:
            break
        removed += [span.kind for span in spans]
        text = view.replace(spans)
    return Redacted(text, tuple(removed))


_ROUNDS = 8
"""What was removed may join what stood on both its sides; the text is read again until nothing is found."""
_KINDS = sorted({*KINDS_BY_SHAPE, *KINDS_BY_PLACE, *KINDS_BY_NAME, *KINDS_DISGUISED})
_MARKER = re.compile(rf"\[removed: (?:{'|'.join(map(re.escape, _KINDS))})\]")
_GUTTER = re.compile(r"^[ \t]{0,12}[0-9]{1,7}[ \t]{0,2}[-+~>*!]?[ \t]{0,2}\|(?: |$)?", re.MULTILINE)
_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class _View:
    """The text without its gutters, markers masked, and the way back to the text."""

    def __init__(self, original: str) -> None:
        self._original = original
        pieces, self._starts, self._shifts, end, length = [], [0], [0], 0, 0
        for gutter in _GUTTER.finditer(original):
            pieces.append(original[end : gutter.start()])
            length += len(pieces[-1])
            end = gutter.end()
            self._starts.append(length)
            self._shifts.append(end - length)
        pieces.append(original[end:])
        text = _MARKER.sub(lambda found: MASK * len(found[0]), "".join(pieces))
        lower = text.lower() if text.isascii() else text.translate(_LOWER)
        self.searched = SearchedText(text, lower, numbered=len(self._starts) > 1)

    def replace(self, spans: Iterable[SecretSpan]) -> str:
        """The original with a marker in place of each span, one in each line that the span covers."""
        parts, end = [], 0
        for span in spans:
            for start, stop in self._lines(span):
                at = start + self._shifts[bisect_right(self._starts, start) - 1]
                parts += [self._original[end:at], f"[removed: {span.kind}]"]
                end = at + stop - start
        return "".join([*parts, self._original[end:]])

    def _lines(self, span: SecretSpan) -> Iterator[tuple[int, int]]:
        text, start = self.searched.text, span.start
        for found in _BREAK.finditer(text, span.start, span.end):
            yield from _bare(text, start, found.start(), first=start == span.start)
            start = found.end()
        if start == span.start:
            yield start, span.end
        else:
            yield from _bare(text, start, span.end, first=False)


_LEAD = re.compile(r"[\s\"'`(\[#>*,]*(?:[rRbBfFuU]{1,2}(?=[\"']))?[\"'`]*")
_TRAIL = " \t\"'`,)]\\"


def _bare(text: str, start: int, end: int, *, first: bool) -> Iterator[tuple[int, int]]:
    """One line of a span over several lines, without the quotes and brackets around it."""
    if not first and (lead := _LEAD.match(text, start, end)):
        start = lead.end()
    stop = start + len(text[start:end].rstrip(_TRAIL))
    if stop > start:
        yield start, stop


def _merge(spans: Iterable[SecretSpan], text: str) -> list[SecretSpan]:
    """Spans in order of the text without overlaps; what found a secret first names it."""
    merged: list[tuple[int, int, int, str]] = []
    ranked = ((span.start, span.end, rank, span.kind) for rank, span in enumerate(spans))
    for start, end, rank, kind in sorted(ranked):
        if not text[start:end].strip(f"{MASK} \t\"'`,)]\\\n\r"):
            continue
        if merged and start < merged[-1][1]:
            first, stop, best, name = merged[-1]
            merged[-1] = (first, max(stop, end), *min((best, name), (rank, kind)))
        else:
            merged.append((start, end, rank, kind))
    return [SecretSpan(start, end, kind) for start, end, _, kind in merged]


def _find(view: SearchedText) -> Iterator[SecretSpan]:
    yield from find_by_shape(view.text)
    yield from find_by_place(view)
    yield from find_by_name(view)
    yield from find_by_pair(view)
    yield from find_disguised(view)
