"""A generated catalog, large, and how long its look-ups take in each store, side by side.

usage: python -m benchmarks.large_catalog [--patterns 10000] [--incidents 5000] [--store URL]... [--code FILE]

The texts are made of the words of the look-up's own vocabulary and of many more that are in no language, as often as
the words of a language are. Prints medians in milliseconds, of the clock and of this process on the
processor; the folder and an SQLite file are always measured.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from reviewer.catalog.lookup.match import File, file_of_snippet, match
from reviewer.catalog.lookup.search import search
from reviewer.catalog.query.language import read_detector
from reviewer.catalog.query.trigger import identifiers_in
from reviewer.detectors.registry import all_rules
from reviewer.domain.catalog import Wish
from reviewer.domain.finding import Question
from reviewer.domain.lesson import Lesson, Quote, Statement, Topic
from reviewer.domain.pattern import FAILURES, Pattern, State
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import CatalogIndex, CatalogStore
from reviewer.stores.catalog_folder import FolderCatalog
from reviewer.stores.catalog_sql import SqlCatalog

QUESTIONS = 60
TOPICS: tuple[Topic, ...] = ("symptom", "cause", "action", "prevention")

T = TypeVar("T")


class Writer:
    """Writes texts out of a vocabulary."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        text = resources.files("reviewer.catalog.lookup").joinpath("vocabulary.toml").read_text("utf-8")
        self._phrases = [phrase for idea in tomllib.loads(text).values() for phrase in idea["words"]]
        syllables = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
        self._words = ["".join(self.random.choices(syllables, k=self.random.randint(2, 4))) for _ in range(20_000)]
        self._chances = [1 / rank for rank in range(1, len(self._words) + 1)]

    def text(self, words: int) -> str:
        """About as many words, one phrase of the field to four others."""
        some = self.random.choices(self._words, self._chances, k=words * 4 // 5)
        some += self.random.choices(self._phrases, k=max(1, words // 5))
        self.random.shuffle(some)
        return " ".join(some)

    def lesson(self, number: int) -> Lesson:
        """An incident with a title of 10 words and statements of 130."""
        statements = {
            topic: Statement(words, (Quote(0, len(words), words),)) for topic in TOPICS for words in [self.text(33)]
        }
        day = f"20{self.random.randint(10, 25)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"
        tags = tuple(self.random.choices(self._phrases, k=4))
        told = MappingProxyType(statements)
        return Lesson(f"incident-{number}", 1, self.text(10), "", "text", date=day, statements=told, tags=tags)

    def pattern(self, number: int, incidents: int) -> Pattern:
        """A pattern of one incident with a detector for a function of its own."""
        name = f"{self.random.choice(self._words)}.{self.random.choice(self._words)}_{number % 3000}"
        detector = read_detector({"query": {"callee": name, "not": {"argument": "timeout"}}}, "generated")
        return Pattern(
            f"pattern-{number}",
            self.text(10),
            self.random.choice(FAILURES),
            self.random.choice(list(Question)),
            self.text(30),
            self.text(20),
            (f"incident-{number % incidents}",) if incidents else (),
            detector,
            State.ACTIVE,
        )


def main() -> int:
    """Make the catalog, put it into every store, look up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patterns", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=5_000)
    parser.add_argument("--store", action="append", default=[], help="another store, by URL; it has to be empty")
    parser.add_argument("--code", type=Path, default=Path(__file__), help="what is matched")
    options = parser.parse_args()
    writer = Writer(1)
    lessons = [writer.lesson(number) for number in range(options.incidents)]
    patterns = [writer.pattern(number, options.incidents) for number in range(options.patterns)]
    questions = [writer.text(12) for _ in range(QUESTIONS)]
    file = file_of_snippet(options.code.read_text(encoding="utf-8"), all_rules(), Surroundings(Knowledge()))
    print(f"{options.patterns} patterns, {options.incidents} incidents")
    with tempfile.TemporaryDirectory(prefix="reviewer-benchmark-") as name:
        place = Path(name)
        folder = FolderCatalog(place / "catalog", place / "outcomes", place / "cache", "1")
        stores: list[tuple[str, CatalogStore]] = [("folder", folder), ("sqlite", SqlCatalog(f"sqlite:///{place}/c.db"))]
        stores += [(url.partition(":")[0], SqlCatalog(url)) for url in options.store]
        for kind, store in stores:
            put, _ = _timed(partial(store.put, patterns, lessons))
            first, _ = _timed(store.index)
            again, index = _timed(store.index)
            load, _ = _timed(store.load)
            print(f"{kind}: put {put}, index {first}, again {again}, load all {load}")
            _look_up(index, questions, file)
            store.close()
    return 0


def _look_up(index: CatalogIndex, questions: Sequence[str], file: File) -> None:
    search(index, questions[0], Wish(), 10)  # what is loaded once is not measured
    narrowed = Wish(failures=("lock", "race"), since="2020-01-01")
    words = [_timed(partial(search, index, question, Wish(), 10))[0] for question in questions]
    narrow = [_timed(partial(search, index, question, narrowed, 10))[0] for question in questions]
    code = [_timed(partial(match, index, [file], Wish(), 10))[0] for _ in range(5)]
    identifiers = identifiers_in(file.read.code.source.text)
    runnable = [_timed(partial(index.runnable, identifiers))[0] for _ in range(5)]
    print(f"  search {_median(words)}; narrowed {_median(narrow)}")
    print(f"  match of {len(file.views)} units {_median(code)}; detectors that may match {_median(runnable)}")


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds: of the clock, and of this process on the processor."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} (cpu {self.cpu:.1f})"


def _median(times: Sequence[Took]) -> Took:
    return Took(statistics.median(one.wall for one in times), statistics.median(one.cpu for one in times))


def _timed(work: Callable[[], T]) -> tuple[Took, T]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000), result


if __name__ == "__main__":
    raise SystemExit(main())
