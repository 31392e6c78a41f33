"""The word pieces that the model of meaning reads: BERT's, uncased, English.

`wordpiece.txt` is the public vocabulary of bert-base-uncased (Apache-2.0), one piece a line, the line number its id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_UNKNOWN, _START, _END = 100, 101, 102
_LONGEST = 100
"""Characters of a word; a longer one is unknown."""
LONGEST = 256
"""Pieces of a text that the model was trained to read; the rest is left out."""


def pieces_of(text: str) -> list[int]:
    """The ids of a text's pieces, start and end included, at most `LONGEST`."""
    known = _pieces()
    ids = [_START]
    for word in _words(text):
        ids.extend(_pieces_of_word(word, known))
        if len(ids) >= LONGEST:
            break
    return [*ids[: LONGEST - 1], _END]


def _words(text: str) -> Iterator[str]:
    """Words and single punctuation marks, lower case, accents off."""
    word = ""
    for char in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(char)
        if category == "Mn" or char in "\0\ufffd" or (category[0] == "C" and not char.isspace()):
            continue
        alone = _is_punctuation(char, category) or 0x4E00 <= ord(char) <= 0x9FFF
        if word and (alone or char.isspace()):
            yield word
            word = ""
        if alone:
            yield char
        elif not char.isspace():
            word += char
    if word:
        yield word


def _is_punctuation(char: str, category: str) -> bool:
    return category[0] == "P" or (char.isascii() and not char.isalnum() and not char.isspace())


def _pieces_of_word(word: str, known: Mapping[str, int]) -> list[int]:
    if len(word) > _LONGEST:
        return [_UNKNOWN]
    ids, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in known), None)
        if end is None:
            return [_UNKNOWN]
        ids.append(known[prefix + word[start:end]])
        start = end
    return ids


@cache
def _pieces() -> dict[str, int]:
    text = resources.files("reviewer.catalog.lookup").joinpath("wordpiece.txt").read_text("utf-8")
    return {piece: number for number, piece in enumerate(text.split("\n")[:-1])}
