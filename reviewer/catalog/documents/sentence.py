"""Where the sentences of a text begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]{0,3}(?=\s)")
_NEXT = re.compile(r"\s+[\"'“‘(\[]{0,3}(?=[A-Z0-9À-Þ`]|[a-z]+[_A-Z(.])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|ca|resp|incl|no|nr|mr|mrs|ms|dr|st|sec|fig|inc|ltd|jan|feb|mar|apr|jun|jul|aug"
    r"|sept?|oct|nov|dec|a\.m|p\.m|u\.s|[A-Za-z])\.$",
    re.IGNORECASE,
)


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence, without the blanks around it.

    Args:
        text: the whole text.
        start, end: the part of it to look at.
    """
    begun = start
    for found in _END.finditer(text, start, end):
        if found.start() < begun:
            continue
        after = _NEXT.match(text, found.end(), end)
        if after is None or _ABBREVIATION.search(text, max(begun, found.end() - 12), found.end()):
            continue
        yield begun, found.end()
        begun = after.start() + len(after[0]) - len(after[0].lstrip())
    while begun < end and text[begun].isspace():
        begun += 1
    while end > begun and text[end - 1].isspace():
        end -= 1
    if begun < end:
        yield begun, end
