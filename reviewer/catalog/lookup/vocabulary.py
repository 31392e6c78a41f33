"""The ideas of the field and the words that stand for them (`vocabulary.toml`), found in running text and in code."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

_GAP = 1
"""Words that may stand between two words of a phrase: "give it back"."""
_WORD = re.compile(r"[^\W_]+(?:[.+#'’][^\W_]+)*|[^\W\d_]+", re.UNICODE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+|(?<=[A-Za-z])(?=\d)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", re.UNICODE)
_LONGEST = 40
"""Characters; what is longer is data and no word."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text.

    Attributes:
        text: as written, lower case.
        stem: what its forms have in common.
        empty: it says nothing by itself ("the", "ever", "problem").
    """

    text: str
    stem: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """An idea that some words of a text stand for.

    Attributes:
        idea: which one.
        start, end: the words, by position, end excluded.
    """

    idea: str
    start: int
    end: int


class Vocabulary:
    """Ideas by the words that stand for them.

    Args:
        text: TOML in the form that `vocabulary.toml` describes.

    Attributes:
        failures: the ideas that are ways to fail.
        near: idea -> those that often stand for it.
        shown_by: id of one of the reviewer's rules -> the ideas that it finds in code.
    """

    def __init__(self, text: str) -> None:
        tables = tomllib.loads(text)
        self._words: dict[str, list[str]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._identifiers: dict[str, set[str]] = {}
        self.failures = frozenset(idea for idea, table in tables.items() if table.get("failure"))
        near: dict[str, set[str]] = {idea: set() for idea in tables}
        shown_by: dict[str, tuple[str, ...]] = {}
        for idea, table in tables.items():
            for phrase in table["words"]:
                self._learn(phrase, idea)
            for name in table.get("code", ()):
                self._identifiers.setdefault(name, set()).add(idea)
            for rule in table.get("rules", ()):
                shown_by[rule] = (*shown_by.get(rule, ()), idea)
            for other in table.get("near", ()):
                near[idea].add(other)
                near[other].add(idea)
        self.near: Mapping[str, frozenset[str]] = {idea: frozenset(others) for idea, others in near.items()}
        self.shown_by: Mapping[str, tuple[str, ...]] = shown_by

    def _learn(self, phrase: str, idea: str) -> None:
        stems = tuple(token.stem for token in tokens_of(phrase))
        if len(stems) == 1:
            self._words.setdefault(stems[0], []).append(idea)
        elif stems:
            self._phrases.setdefault(stems[0], []).append((stems, idea))

    def mentions(self, tokens: Sequence[Token]) -> Iterator[Mention]:
        """Every idea that the words of a text stand for, those inside a longer phrase too."""
        for start, token in enumerate(tokens):
            for idea in self._words.get(token.stem, ()):
                yield Mention(idea, start, start + 1)
            for stems, idea in self._phrases.get(token.stem, ()):
                end = _end_of(stems, tokens, start)
                if end is not None:
                    yield Mention(idea, start, end)

    def named(self, identifier: str) -> frozenset[str]:
        """The ideas that an identifier stands for, by itself, its last part or its whole path."""
        return frozenset(
            idea
            for name in {spelled(identifier), spelled(identifier.rpartition(".")[2])}
            for idea in self._identifiers.get(name, ())
        )


def _end_of(stems: tuple[str, ...], tokens: Sequence[Token], start: int) -> int | None:
    """Where a phrase ends that begins at a word; None where it does not stand there."""
    at = start
    for stem in stems[1:]:
        window = range(at + 1, min(at + 2 + _GAP, len(tokens)))
        found = next((i for i in window if tokens[i].stem == stem), None)
        if found is None:
            return None
        at = found
    return at + 1


def spelled(identifier: str) -> str:
    """An identifier in lower case with underscores: "putConn" and "PutConn" are "put_conn"."""
    return ".".join(re.sub(r"_+", "_", _HUMP.sub("_", part)).strip("_").lower() for part in identifier.split("."))


def tokens_of(text: str) -> list[Token]:
    """The words of a text; an identifier is the words that it is made of."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    found = _WORD.findall(text.replace("\\x", " x").replace("\\u", " u"))
    words = [part for word in found for part in _parts_of(word) if len(part) <= _LONGEST]
    empty = _empty_words()
    return [Token(word, stem, word in empty) for word, stem in zip(words, stems_of(words), strict=True)]


def _parts_of(word: str) -> list[str]:
    """The words that a word or identifier is made of, lower case."""
    if word.isalpha() and word.islower():
        return [word]
    bare = re.sub(r"['’](s|t|re|ve|ll|d)?$", "", word)
    return [part.lower() for part in _HUMP.split(bare) if part]


def identifiers_of(text: str) -> list[str]:
    """What looks like a name of a program: it has a dot, an underscore, a hump or brackets behind it."""
    found = []
    for match in _IDENTIFIER.finditer(text):
        name = match.group()
        called = text[match.end() : match.end() + 1] == "("
        if called or "_" in name.strip("_") or "." in name or _HUMP.search(name):
            found.append(name)
    return found


def stems_of(words: Sequence[str]) -> list[str]:
    """What the forms of each word have in common (Snowball, English)."""
    return [str(stem) for stem in _stemmer().stemWords(list(words))]  # type: ignore[attr-defined] # no stubs


@cache
def _stemmer() -> object:
    import Stemmer  # type: ignore[import-not-found]  # noqa: PLC0415 (only a look-up needs it)

    return Stemmer.Stemmer("english")


@cache
def _empty_words() -> frozenset[str]:
    """Words that say nothing of what a text is about."""
    return frozenset(resources.files("reviewer.catalog.lookup").joinpath("empty_words.txt").read_text("utf-8").split())


@cache
def vocabulary() -> Vocabulary:
    """The ideas that ship with the reviewer."""
    return Vocabulary(resources.files("reviewer.catalog.lookup").joinpath("vocabulary.toml").read_text("utf-8"))
