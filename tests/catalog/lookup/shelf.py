"""A catalog in memory to look up in, and code read for it."""

from __future__ import annotations

from functools import cache

from reviewer.catalog.lookup.match import File, file_of_snippet, match
from reviewer.catalog.lookup.search import search
from reviewer.detectors.registry import all_rules
from reviewer.domain.catalog import Hit, Wish
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import CatalogIndex
from reviewer.stores.compiled import Compiled
from tests.catalog.members import in_words

INCIDENTS = (
    in_words(
        "Shop page hung on the price partner", "The call had no limit on waiting.", "missing-timeout", name="hung"
    ),
    in_words("Bytes that were no text stopped the import", "Decoding failed on a bad byte.", "encoding", name="bytes"),
    in_words("Two workers waited for each other's rows", "Rows were locked in any order.", "deadlock", name="rows"),
    in_words("Certificate ran out over the holidays", "No alert told of its expiry.", "cert-expiry", name="cert"),
    in_words(
        "Mail job did not find the order", "The job was queued before the commit of the order.", "race", name="queued"
    ),
    in_words("Upload filled the memory", "The whole body was read at once.", "unbounded-memory", name="memory"),
    in_words("Wildcard kept the core busy", "The regular expression went back and forth.", "regex", name="regex"),
    in_words("Reply of another customer", "A cancelled call left its answer unread.", "cancellation", name="reply"),
)


def index_of(*members: Pattern | Lesson) -> CatalogIndex:
    """The index of a catalog with these members; of the incidents above without any."""
    named = {f"{type(one).__name__} {one.id}": one for one in members or INCIDENTS}
    compiled = Compiled(None)
    compiled.refresh({name: name for name in named}, named.__getitem__)
    return compiled.finder()


def found(words: str, *members: Pattern | Lesson) -> list[str]:
    """Ids of what a search finds."""
    return [hit.id for hit in search(index_of(*members), words, Wish(), 9)]


def matched(code: str, *members: Pattern | Lesson) -> list[Hit]:
    """What a match finds."""
    return match(index_of(*members), [read(code)], Wish(), 9)


def read(code: str) -> File:
    """Code as a file, asked by all rules."""
    return file_of_snippet(code, all_rules(), surroundings())


@cache
def surroundings() -> Surroundings:
    """What reading draws on."""
    return Surroundings(Knowledge())
