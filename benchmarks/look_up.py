"""How often a look-up has what speaks of the same among its first three answers, and none where nothing fits.

usage: python -m benchmarks.look_up INCIDENTS.json QUERIES.json... [--meaning] [--bare] [--store URL] [--list]

An incident has `id`, `title`, `summary`, `tags`, `family`, `organisation`, `date` and `source`; nothing else of it is
used. Each becomes a lesson, and a pattern without a detector. A query has `kind` (question, snippet, negative),
`query`, `grades` or `relevant` (id -> 2 for the same mechanism, 1 for a related one), and `ignore`: fair answers that
count neither way. Prints for each kind how many queries have any graded answer among the first three, how many one of
grade 2, and the shares of the graded answers, and of those of grade 2, that are there (of three at most). Of snippets
it also prints of how many a model would be reminded (`catalog.reminder`), and how many of the reminders are graded.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reviewer.catalog.lookup.match import look_up
from reviewer.catalog.lookup.meaning import Meaning
from reviewer.catalog.lookup.ranking import score_of
from reviewer.catalog.reminder import LEAST_WORDS, MOST
from reviewer.detectors.registry import all_rules
from reviewer.domain.catalog import Hit, Wish
from reviewer.domain.finding import Question
from reviewer.domain.lesson import Lesson, Quote, Statement, Topic
from reviewer.domain.pattern import FAILURES, Pattern
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import CatalogStore
from reviewer.stores.catalog_folder import FolderCatalog
from reviewer.stores.catalog_sql import SqlCatalog

FIRST = 3
FAMILIES = {
    "time-limits": "time-limit",
    "bad-input-or-encoding": "bad-input",
    "locks": "lock",
    "race-or-partial-work": "race",
    "config-cert-human": "configuration",
    "missing-guard": "authorisation",
}


def main() -> int:
    """Make the catalog, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("incidents", type=Path)
    parser.add_argument("queries", type=Path, nargs="+")
    parser.add_argument("--meaning", action="store_true")
    parser.add_argument("--bare", action="store_true", help="without tags and family, as documents come")
    parser.add_argument("--store", help="a store by URL, empty; a folder otherwise")
    parser.add_argument("--list", action="store_true", help="the queries that are not answered as they should be")
    options = parser.parse_args()
    incidents = json.loads(options.incidents.read_text(encoding="utf-8"))
    if options.bare:
        incidents = [{**incident, "tags": [], "family": "other"} for incident in incidents]
    with tempfile.TemporaryDirectory(prefix="reviewer-benchmark-") as name:
        place = Path(name)
        folder = FolderCatalog(place / "catalog", place / "outcomes", place / "cache", "1")
        store: CatalogStore = SqlCatalog(options.store) if options.store else folder
        store.put([pattern_of(one) for one in incidents], [lesson_of(one) for one in incidents])
        index, rules, around = store.index(), all_rules(), Surroundings(Knowledge())
        meaning = Meaning() if options.meaning else None
        for path in options.queries:
            print(path.name)
            queries = json.loads(path.read_text(encoding="utf-8"))
            _measure(
                queries,
                lambda text: look_up(index, text, Wish(), 12, rules=rules, around=around, meaning=meaning),
                listed=options.list,
            )
        store.close()
    return 0


def lesson_of(incident: Mapping[str, Any]) -> Lesson:
    """An incident as a lesson: the first sentence tells the symptom, those on prevention the prevention."""
    sentences = re.split(r"(?<=[.?!])\s+", incident["summary"])
    last = [sentence for sentence in sentences if sentence.startswith("Prevention")]
    rest = [sentence for sentence in sentences if sentence not in last]
    told: dict[Topic, str] = {"symptom": rest[0], "cause": " ".join(rest[1:]), "prevention": " ".join(last)}
    statements = {topic: Statement(words, (Quote(0, len(words), words),)) for topic, words in told.items() if words}
    day = incident["date"] or ""
    return Lesson(
        incident["id"],
        1,
        incident["title"],
        "",
        "text",
        source=incident["source"],
        organisation=incident["organisation"],
        date=day if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else "",
        statements=MappingProxyType(statements),
        tags=tuple(incident["tags"]),
    )


def pattern_of(incident: Mapping[str, Any]) -> Pattern:
    """The pattern of an incident, known in words only."""
    family = incident["family"]
    failure = FAMILIES.get(family, family if family in FAILURES else "other")
    name = f"pattern-{incident['id']}"
    return Pattern(name, incident["title"], failure, Question.UNAVAILABLE, "", "", (incident["id"],))


def _measure(queries: Sequence[Mapping[str, Any]], ask: Callable[[str], Sequence[Hit]], *, listed: bool) -> None:
    counts: defaultdict[str, list[tuple[float, ...]]] = defaultdict(list)
    silent: list[bool] = []
    reminded: list[list[bool]] = []
    for query in queries:
        hits = ask(query["query"])
        ids = [hit.id.removeprefix("pattern-") for hit in hits]
        if query["kind"] == "negative":
            silent.append(not ids)
            right = not ids
        else:
            top = [name for name in ids if name not in query.get("ignore", ())][:FIRST]
            grades = query.get("grades") or query["relevant"]
            count = _count(top, grades)
            if query["kind"] == "snippet":
                sure = [hit.id.removeprefix("pattern-") for hit in hits if hit.score >= score_of(LEAST_WORDS)]
                reminded.append([name in grades for name in sure if name not in query.get("ignore", ())][:MOST])
            counts[query["kind"]].append(count)
            counts["all"].append(count)
            right = count[1] == 1
        if listed and not right:
            print(f"  {query['kind']}: {query['query'][:100]!r} -> {ids[:FIRST]}")
    for kind, rows in counts.items():
        shares = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        told = "any {:.2f}, grade 2 {:.2f}; share of the graded {:.2f}, of grade 2 {:.2f}".format(*shares)
        print(f"  {kind} ({len(rows)}): {told}")
    some, shown, graded = (sum(map(count, reminded)) for count in (bool, len, sum))
    print(f"  snippets that remind of something: {some} of {len(reminded)}; graded {graded} of {shown}")
    print(f"  negatives answered with nothing: {sum(silent)} of {len(silent)}")


def _count(top: Sequence[str], grades: Mapping[str, int]) -> tuple[float, ...]:
    best = {name for name, grade in grades.items() if grade == 2}
    met, met_best = set(top) & grades.keys(), set(top) & best
    share_best = len(met_best) / min(FIRST, len(best)) if best else 1.0
    return bool(met), bool(met_best or not best), len(met) / min(FIRST, len(grades)), share_best


if __name__ == "__main__":
    raise SystemExit(main())
