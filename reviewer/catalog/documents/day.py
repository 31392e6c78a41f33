"""Days as people write them, and the day of an incident among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reviewer.catalog.documents.document import Document, fold
from reviewer.catalog.documents.heading import role_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = re.compile(
    r"(?<![\w.:/-])(?:"
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?![\d-])|"  # 1-3: 2024-03-05
    rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH},?[ -](\d{{4}})\b|"  # 4-6: 5 March 2024
    rf"{_MONTH}[ -](\d{{1,2}})(?:st|nd|rd|th)?,?[ -](\d{{4}})\b|"  # 7-9: March 5, 2024
    r"(\d{1,2})([./])(\d{1,2})\11(\d{4})\b"  # 10-13: 05.03.2024, and 05/03/2024 in two ways
    r")",
    re.IGNORECASE,
)
_EARLIEST, _LATEST = 1970, 2099
_INCIDENT_LABELS = frozenset(
    {
        "incident date",
        "date of incident",
        "date of the incident",
        "date",
        "start",
        "started",
        "start time",
        "started at",
    }
    | {"begin", "began", "outage date", "date of outage", "date of event", "event date", "incident start", "start date"}
)
_PUBLISHED_LABELS = frozenset(
    {"published", "published on", "posted", "posted on", "written", "written on", "publication date", "last updated"}
    | {"updated", "postmortem date", "post-mortem date", "report date", "date of report", "created", "reviewed"}
)
_LABEL = re.compile(r"\W{0,3}([A-Za-z][A-Za-z -]{2,30}?)\s{0,3}(?::|\|)\s{0,3}")
_HAPPENED = re.compile(
    r"\b(?:outage|incident|down|downtime|unavailable|unreachable|failed|failing|failures?|errors?|degraded|crash\w*|experienced"
    r"|lost|stopped|slow\w*|broke\w*|deployed|released|suffered|interrupted|disrupt\w*|began|started|at \d)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:since|until|before|introduced|previous\w*|earlier|last (?:year|month|time)|first (?:enabled|released)"
    r"|updated|published|posted|written|due (?:on|by)|planned|scheduled for|copyright)\b",
    re.IGNORECASE,
)
_OPENING = 12
"""Blocks at the beginning of a document whose sentences tell when it happened."""
_SOON = timedelta(days=60)
"""Days within which a report is written; what a report speaks of as earlier is a part of the story."""
_SAME = timedelta(days=3)
"""Days of one incident: it may go on over night, or be told in two time zones."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The day of an incident.

    Attributes:
        day: ISO 8601; "" where it is not known.
        note: what a person should know of it; "" for nothing.
    """

    day: str
    note: str = ""


def day_of(document: Document) -> Dated:
    """The day of the incident that a document tells of; that of the publication only where no other is told.

    Days that contradict each other, and days that can be read in two ways, are not known.
    """
    ambiguous: list[str] = []
    stated = read_days(document.details.date, ambiguous)
    if stated and (document.details.repository or document.details.fix or document.details.assistant):
        return _one_of(stated)  # a head written for this reader; in others a date may be that of the writing
    told = read_days(document.details.incident, ambiguous) or _labelled(document, _INCIDENT_LABELS, ambiguous)
    spoken = _spoken(document, ambiguous)
    published = read_days(document.details.published, ambiguous) or _labelled(document, _PUBLISHED_LABELS, ambiguous)
    if told:
        return _beside(_one_of(told), spoken)
    if spoken and not (stated and min(spoken) + _SOON < max(stated)):
        # A day that stands in the head of a file is that of the incident in one file, and that of writing in another.
        if not stated or min(spoken) <= max(stated) + _SAME:
            return Dated(min(spoken).isoformat())
        return Dated("", f"it is dated {stated[0]}, and speaks of {min(spoken)}; the day is left unknown")
    if stated:
        return _one_of(stated)
    if published:
        return Dated(published[0].isoformat(), "the day is that of its publication; that of the incident is not said")
    if ambiguous:
        return Dated("", f"{ambiguous[0]} can be read in two ways; write the date as YYYY-MM-DD")
    return Dated("")


def _beside(dated: Dated, spoken: Sequence[date]) -> Dated:
    """A stated day, with a word on a far one that the text tells of as that of the incident."""
    if not dated.day or not spoken or abs(min(spoken) - date.fromisoformat(dated.day)) <= _SOON:
        return dated
    return Dated(dated.day, f"it is dated {dated.day}, and speaks of {min(spoken)}; the day that is stated counts")


def _one_of(days: Sequence[date]) -> Dated:
    if max(days) - min(days) <= _SAME:
        return Dated(min(days).isoformat())
    named = " and ".join(str(day) for day in sorted(set(days))[:3])
    return Dated("", f"its dates contradict each other ({named}); the day is left unknown")


def _labelled(document: Document, labels: frozenset[str], ambiguous: list[str]) -> list[date]:
    """Days that stand behind a label such as "Date:", in a cell beside one, or under a heading of that name."""
    found: list[date] = []
    under = False
    for block in document.blocks:
        text = document.text[block.start : block.end]
        if block.kind == "heading":
            label, _, value = text.partition(":")
            under = fold(label).lower() in labels
            found += read_days(value, ambiguous)[:1] if under else []
            continue
        if block.kind == "code":
            continue
        if under:
            found += read_days(text[:200], ambiguous)[:1]
            under = False
        for line in text.split("\n"):
            label_of_line = _LABEL.match(line)
            if label_of_line is not None and fold(label_of_line[1]).lower() in labels:
                found += read_days(line[label_of_line.end() : label_of_line.end() + 100], ambiguous)[:1]
    return found


def _spoken(document: Document, ambiguous: list[str]) -> list[date]:
    """Days that the title, or a sentence at the beginning that tells what happened, names."""
    opening = document.blocks[:_OPENING]
    for block in opening:
        if (
            block.kind == "heading"
            and block.level == 1
            and (days := read_days(document.text[block.start : block.end], ambiguous))
        ):
            return days[:1]
    for block in opening:
        if block.kind not in ("paragraph", "item"):
            continue
        for found in _DAY.finditer(document.text, block.start, block.end):
            before = document.text[max(block.start, found.start() - 60) : found.start()]
            around = document.text[max(block.start, found.start() - 120) : min(block.end, found.end() + 160)]
            day = _read(found, ambiguous)
            if day is not None and _HAPPENED.search(around) and not _EARLIER.search(before):
                return [day]
    return _timeline(document, ambiguous)


def _timeline(document: Document, ambiguous: list[str]) -> list[date]:
    """The first day under the heading of a timeline, or in that heading."""
    inside = False
    for block in document.blocks:
        text = document.text[block.start : block.end]
        if block.kind == "heading":
            role = role_of(text)
            timeline = "timeline" in text.lower() or (role is not None and role.other == "timeline")
            if inside and not timeline and not read_days(text, ambiguous):
                return []
            inside = inside or timeline
        if inside and (days := read_days(text[:200], ambiguous)):
            return days[:1]
    return []


def read_days(text: str, ambiguous: list[str]) -> list[date]:
    """The days that a text names, in order.

    Args:
        text: any text.
        ambiguous: takes what can be read as two days, and is none of them.
    """
    return [day for found in _DAY.finditer(text) if (day := _read(found, ambiguous)) is not None]


def _read(found: re.Match[str], ambiguous: list[str]) -> date | None:
    if found[1]:
        return _date(found[1], found[2], found[3])
    if found[4]:
        return _date(found[6], _month(found[5]), found[4])
    if found[7]:
        return _date(found[9], _month(found[7]), found[8])
    first, second, year = found[10], found[12], found[13]
    if found[11] == ".":
        return _date(year, second, first)
    by_day, by_month = _date(year, second, first), _date(year, first, second)
    if by_day is not None and by_month is not None and by_day != by_month:
        ambiguous.append(found[0])
        return None
    return by_day or by_month


def _month(name: str) -> str:
    return str(1 + _MONTHS.index(name[:3].lower()))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read if _EARLIEST <= read.year <= _LATEST else None
