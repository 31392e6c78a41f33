"""What a look-up asks: the parts of a question, each with the terms that would answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.catalog.lookup.listing import idea_term
from reviewer.catalog.lookup.vocabulary import Token, Vocabulary, tokens_of, vocabulary

_SAME_IDEA = 0.6
"""What another word for the same idea is worth beside the word itself."""
_NEAR_IDEA = 0.2
"""What an idea that often stands for another is worth beside it."""
_THING = 0.7
"""What an idea is worth that is no way to fail, but a thing or an activity, beside one that is."""
_LONGER = 0.25
"""What each further word of a phrase adds to the worth of its idea: a phrase is less often meant otherwise."""
_LONGEST = 20_000
"""Characters of a question that are looked at."""
_MOST_WORDS = 400
"""Words of a question that are looked at."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked for.

    Attributes:
        says: what it was in the question, in words for the reason of a hit.
        terms: terms that answer it -> how well, at most 1. What the part is worth follows from how rare the first of
            them is.
        weight: what it counts beside other parts.
        idea: the idea that it stands for; "" for a word.
    """

    says: str
    terms: Mapping[str, float]
    weight: float = 1.0
    idea: str = ""


def ask_in_words(text: str) -> list[Part]:
    """The parts of a question in words: each word that says something, and each idea that its words stand for."""
    tokens = tokens_of(text[:_LONGEST])[:_MOST_WORDS]
    ideas = vocabulary()
    of_word: dict[int, set[str]] = {}
    longest: dict[str, tuple[int, str]] = {}
    for mention in ideas.mentions(tokens):
        phrase = " ".join(token.text for token in tokens[mention.start : mention.end])
        longest[mention.idea] = max(longest.get(mention.idea, (0, "")), (mention.end - mention.start, phrase))
        for at in range(mention.start, mention.end):
            of_word.setdefault(at, set()).add(mention.idea)
    words = _words(tokens, of_word, ideas)
    return [*words, *(_idea(idea, size, phrase, ideas) for idea, (size, phrase) in longest.items())]


def _words(tokens: Sequence[Token], of_word: Mapping[int, set[str]], ideas: Vocabulary) -> list[Part]:
    parts: dict[str, Part] = {}
    for at, token in enumerate(tokens):
        if token.empty:
            continue
        known = parts.get(token.stem)
        others = {idea_term(idea): _SAME_IDEA * worth_of(idea, ideas) for idea in of_word.get(at, ())}
        terms = {token.stem: 1.0, **(known.terms if known else {}), **others}
        parts[token.stem] = Part(token.text, terms)
    return list(parts.values())


def _idea(idea: str, size: int, phrase: str, ideas: Vocabulary) -> Part:
    weight = worth_of(idea, ideas) * (1 + _LONGER * (size - 1))
    return Part(phrase, terms_for(idea, ideas, _NEAR_IDEA), weight, idea)


def terms_for(idea: str, ideas: Vocabulary, near: float) -> dict[str, float]:
    """The terms that answer a question for an idea."""
    return {idea_term(idea): 1.0, **{idea_term(other): near for other in sorted(ideas.near.get(idea, ()))}}


def worth_of(idea: str, ideas: Vocabulary) -> float:
    """What an idea counts beside others."""
    return 1.0 if idea in ideas.failures else _THING


def leading_terms(parts: Iterable[Part]) -> list[str]:
    """The terms by which entries are nominated: all that answer a part well, without those that merely stand near."""
    return list(dict.fromkeys(term for part in parts for term, worth in part.terms.items() if worth > _NEAR_IDEA * 1.5))


def all_terms(parts: Iterable[Part]) -> frozenset[str]:
    """Every term that a part may be answered by."""
    return frozenset(term for part in parts for term in part.terms)
