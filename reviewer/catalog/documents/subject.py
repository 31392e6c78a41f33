"""What a document speaks of: libraries, products, sorts of external calls, and the class of failure it tells of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from reviewer.catalog.documents.document import Document
from reviewer.catalog.documents.passage import Passage
from reviewer.domain.lesson import Quote

_MOST_TAGS = 40
_STRONG, _WEAK = 2, 1
_TITLE = 2
"""How much more a title counts than a sentence."""
_LEAST = 4
_LEAD = 1.4
"""How much more the likeliest class must count than the next one."""
_MOST_OF_ONE = 5
"""Sentences of one class that count: what is told often need not be what failed."""
_LONGEST = 2_000
"""Characters of a sentence that tells what failed; a longer one is none."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The class of failure that a document seems to tell of.

    Attributes:
        failure: one of `pattern.FAILURES`.
        quote: the passage that says most of it.
    """

    failure: str
    quote: Quote


@dataclass(frozen=True)
class _Subjects:
    named: re.Pattern[str]
    in_code: re.Pattern[str]
    called: re.Pattern[str]
    aliases: dict[str, str]
    products: tuple[tuple[str, str, re.Pattern[str]], ...]
    services: tuple[tuple[str, re.Pattern[str]], ...]
    failures: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]
    exceptions: dict[str, str]
    weaknesses: dict[int, str]


def tags_of(document: Document, failure: str | None) -> tuple[str, ...]:
    """Libraries, products, sorts of calls and the class of failure, in lower case, sorted.

    Args:
        document: the document.
        failure: its class of failure; None where it is not known.
    """
    found = {tag.lower() for tag in document.details.tags if tag}
    found |= set(_libraries(document))
    subjects = _subjects()
    for product, service, pattern in subjects.products:
        if pattern.search(document.text):
            found |= {product, service} - {""}
    found |= {service for service, pattern in subjects.services if pattern.search(document.text)}
    if failure is not None:
        found.add(failure)
    return tuple(sorted(found))[:_MOST_TAGS]


def guess_failure(document: Document, passages: Sequence[Passage], causes: Sequence[Quote]) -> Guess | None:
    """The class of failure; None where the document does not tell it from others.

    Args:
        document: the document.
        passages: its passages.
        causes: where it tells of the cause, which counts most.
    """
    for known in (_by_weakness(document), _by_exception(document)):
        if known is not None:
            return known
    scores: dict[str, float] = {}
    best: dict[str, tuple[float, Quote]] = {}
    counted: dict[str, int] = {}
    for start, end, weight in _weighed(document, passages, causes):
        text = document.text[start:end]
        for failure, strong, weak in _subjects().failures:
            score = weight * (_STRONG if strong.search(text) else _WEAK if weak.search(text) else 0)
            if not score or counted.get(failure, 0) >= _MOST_OF_ONE:
                continue
            counted[failure] = counted.get(failure, 0) + 1
            scores[failure] = scores.get(failure, 0) + score
            if score > best.get(failure, (0, None))[0]:
                best[failure] = (score, document.quote(start, end))
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked or ranked[0][1] < _LEAST or (len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1]):
        return None
    return Guess(ranked[0][0], best[ranked[0][0]][1])


def _weighed(
    document: Document, passages: Sequence[Passage], causes: Sequence[Quote]
) -> Iterator[tuple[int, int, float]]:
    """The passages that tell what failed, each with how much it counts; what is planned and asides count nothing."""
    for block in document.blocks[:1]:
        if block.kind == "heading":
            yield block.start, block.end, _TITLE
    for passage in passages:
        role = passage.told
        if len(passage.text) > _LONGEST:
            continue
        if role is not None and (role.topic == "prevention" or role.other in ("timeline", "aside")):
            continue
        cause = any(
            quote.start <= passage.start < quote.end or passage.start <= quote.start < passage.end for quote in causes
        )
        yield passage.start, passage.end, _TITLE if cause else 1


def _libraries(document: Document) -> Iterator[str]:
    subjects = _subjects()
    for pattern in (subjects.named, subjects.called):
        for found in pattern.finditer(document.text):
            yield subjects.aliases.get(found[1].lower(), found[1].lower())
    stretches = [(mark.start, mark.end) for mark in document.marks if mark.kind == "code"]
    stretches += [(block.start, block.end) for block in document.blocks if block.kind == "code"]
    for start, end in stretches:
        for found in subjects.in_code.finditer(document.text, start, end):
            yield subjects.aliases.get(found[1].lower(), found[1].lower())


def _by_exception(document: Document) -> Guess | None:
    """The class by the exception that an error tracker recorded."""
    if document.shape != "sentry" or not document.blocks:
        return None
    title = document.blocks[0]
    name = re.match(r"(?:\w+\.)*(\w+)", document.text[title.start : title.end])
    failure = _subjects().exceptions.get(name[1]) if name is not None else None
    return Guess(failure, document.quote(title.start, title.end)) if failure is not None else None


def _by_weakness(document: Document) -> Guess | None:
    """The class by the weakness that an advisory is filed under; None where these are of several classes."""
    if document.shape != "github-advisory":
        return None
    found = [
        (failure, match)
        for match in re.finditer(r"\bCWE-(\d{1,5})\b[^\n]{0,200}", document.text)
        if (failure := _subjects().weaknesses.get(int(match[1]))) is not None
    ]
    if len({failure for failure, _ in found}) != 1:
        return None
    failure, match = found[0]
    return Guess(failure, document.quote(match.start(), match.end()))


@cache
def _subjects() -> _Subjects:
    text = resources.files("reviewer.catalog.documents").joinpath("subjects.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    libraries = data["libraries"]
    named, in_code = _alternatives(libraries["named"]), _alternatives(libraries["in_code"])
    return _Subjects(
        named=re.compile(rf"(?<![\w./@-])({named})(?![\w/@-])", re.IGNORECASE),
        in_code=re.compile(rf"(?<![\w./])({in_code})(?=\.\w|$)", re.MULTILINE),
        called=re.compile(rf"(?<![\w./-])({in_code})(?= (?:library|package|module|client|framework)\b)"),
        aliases=dict(libraries["as"]),
        products=tuple(
            (name, service, re.compile(rf"(?<![\w.-])(?:{words})(?![\w-])", re.IGNORECASE))
            for name, (service, words) in data["products"].items()
        ),
        services=tuple((name, re.compile(words, re.IGNORECASE)) for name, words in data["services"].items()),
        failures=tuple(
            (name, re.compile(told["strong"], re.IGNORECASE), re.compile(told["weak"], re.IGNORECASE))
            for name, told in data["failures"].items()
        ),
        exceptions={name: failure for failure, names in data["exceptions"].items() for name in names},
        weaknesses={number: failure for failure, numbers in data["weaknesses"].items() for number in numbers},
    )


def _alternatives(names: Sequence[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
