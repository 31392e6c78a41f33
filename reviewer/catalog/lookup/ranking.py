"""How well entries answer a question, and whether any of them answers it at all.

The worth of a part is the information in it: how rare the term is among the entries (BM25's inverse frequency). An
entry answers a part as well as its best term for it does, more where it says it often or in its title. The sum is told
in *words*: one is what the rarest word is worth, said in an entry as often as it takes.

Nothing is an answer that gives less than `ENOUGH` words: no single word of the question, however rare, makes an answer,
two things at least have to meet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewer.catalog.lookup.listing import weigh
from reviewer.catalog.lookup.question import Part
from reviewer.domain.catalog import Entry

ENOUGH = 1.25
"""Words that an answer is worth at least."""
_HALF = 1.5
"""What a term's occurrences count for together where they are half of what any number of them could be worth."""
_UNKNOWN = 0.6
"""Most that a word may be worth which no entry has, and which is answered through its idea."""
_LEAST = 20
"""Entries that a catalog is taken to have at least: in a small one, what is in one entry is not rare yet."""
_MIDDLE = 2.0
"""Words at which the score is one half."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry with how well it answers.

    Attributes:
        entry: the entry.
        words: how well, in words.
        parts: what of the question it answers, that which counts most first.
    """

    entry: Entry
    words: float
    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        """How well, between 0 and 1."""
        return score_of(self.words)


def score_of(words: float) -> float:
    """A number of words as a score between 0 and 1."""
    return round(words / (words + _MIDDLE), 3)


class Rarity:
    """How much information is in a term.

    Args:
        size: how many entries there are.
        frequencies: in how many of them each term occurs.
    """

    def __init__(self, size: int, frequencies: Mapping[str, int]) -> None:
        self._size = max(size, _LEAST)
        self._frequencies = frequencies
        self._unit = self._of(1)

    def _of(self, count: int) -> float:
        count = min(count, self._size)
        return math.log(1 + (self._size - count + 0.5) / (count + 0.5))

    def term(self, term: str) -> float:
        """What a term is worth, in words."""
        return self._of(self._frequencies.get(term, 0)) / self._unit

    def part(self, part: Part) -> float:
        """What a part of a question is worth, in words."""
        leading = next(iter(part.terms))
        if leading in self._frequencies or part.idea:
            return part.weight * self.term(leading)
        others = [self.term(term) for term in part.terms if term != leading]
        return part.weight * min(_UNKNOWN * self._of(0) / self._unit, max(others, default=0.0))


def rank(parts: Sequence[Part], entries: Sequence[Entry], rarity: Rarity) -> list[Answer]:
    """How well each of some entries answers a question, the best first."""
    answering: dict[str, list[tuple[int, float]]] = {}
    for at, part in enumerate(parts):
        worth = rarity.part(part)
        for term, how in part.terms.items():
            answering.setdefault(term, []).append((at, worth * how))
    answers = [_answer(parts, answering, entry) for entry in entries]
    return sorted(answers, key=lambda answer: (-answer.words, answer.entry.id))


def _answer(parts: Sequence[Part], answering: Mapping[str, Sequence[tuple[int, float]]], entry: Entry) -> Answer:
    gains: dict[int, float] = {}
    for term, weight in weigh(entry, answering).items():
        often = weight / (weight + _HALF)
        for at, much in answering[term]:
            gains[at] = max(gains.get(at, 0.0), much * often)
    told = sorted((at for at, gain in gains.items() if gain > 0), key=lambda at: (-gains[at], at))
    return Answer(entry, sum(gains.values()), tuple(parts[at] for at in told))
