"""Look-up by words: which entries of a catalog speak of what a person asks."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.catalog.lookup.meaning import NAME, Meaning, nearness
from reviewer.catalog.lookup.question import Part, all_terms, ask_in_words, leading_terms
from reviewer.catalog.lookup.ranking import ENOUGH, Answer, Rarity, rank, score_of
from reviewer.domain.catalog import Hit, Wish
from reviewer.ports import CatalogIndex

_NOMINATED = 60
"""Entries that are looked at closely."""
_MEANING = 3.0
"""Words that nearness of meaning is worth where it is 1 (chosen so on a set of questions; more made answers worse)."""
_MEANT = 0.45
"""Nearness of meaning that makes an answer by itself; unrelated questions stayed below 0.4."""
_AT_ONCE = 64
_TOLD = 4
"""Parts of a question that a reason names."""


def search(index: CatalogIndex, words: str, wish: Wish, limit: int, meaning: Meaning | None = None) -> list[Hit]:
    """The entries that answer a question, the best first; none where nothing fits.

    Args:
        index: the catalog's.
        words: the question.
        wish: what the answer is narrowed to.
        limit: most hits.
        meaning: also asks for what means the same in other words.
    """
    parts = ask_in_words(words)
    found = answers_to(parts, index, wish)
    near = _near(index, words, wish, meaning) if meaning is not None else {}
    return _hits(_with_meaning(found, near, index, wish), near, limit)


def answers_to(parts: Sequence[Part], index: CatalogIndex, wish: Wish) -> list[Answer]:
    """How well entries answer a question, the best first, those that do not answer it included."""
    terms = leading_terms(parts)
    if not terms:
        return []
    rarity = Rarity(index.size(), index.frequencies(all_terms(parts)))
    return rank(parts, index.nominate(terms, wish, _NOMINATED), rarity)


def _near(index: CatalogIndex, words: str, wish: Wish, meaning: Meaning) -> dict[str, float]:
    """How near each entry is in meaning; what the model has not read yet it reads now."""
    read: set[str] = set()
    while passages := [pair for pair in index.passages(NAME, _AT_ONCE) if pair[0] not in read]:
        read.update(name for name, _ in passages)
        index.keep_vectors(NAME, {name: meaning.vector(text) for name, text in passages})
    kept = index.vectors(NAME, wish)
    return dict(zip((name for name, _ in kept), nearness(meaning.vector(words), [v for _, v in kept]), strict=True))


def _with_meaning(
    found: Sequence[Answer], near: dict[str, float], index: CatalogIndex, wish: Wish
) -> list[tuple[float, Answer]]:
    """The answers that count, with what they are worth together with their nearness."""
    by_id = {answer.entry.id: answer for answer in found if answer.words >= ENOUGH}
    close = [name for name, value in near.items() if value >= _MEANT and name not in by_id]
    known = {answer.entry.id: answer for answer in found}
    for entry in index.entries(close, wish) if close else ():
        by_id[entry.id] = known.get(entry.id, Answer(entry, 0.0, ()))
    worth = [(answer.words + _MEANING * max(0.0, near.get(name, 0.0)), answer) for name, answer in by_id.items()]
    return sorted(worth, key=lambda pair: (-pair[0], pair[1].entry.id))


def _hits(answers: Sequence[tuple[float, Answer]], near: dict[str, float], limit: int) -> list[Hit]:
    hits = []
    for words, answer in answers[:limit]:
        value = near.get(answer.entry.id, 0.0)
        reasons = [why(answer.parts)] if answer.parts else []
        if value >= _MEANT:
            reasons.append(f"means much the same ({value:.2f})")
        hits.append(
            Hit(answer.entry.id, answer.entry.title, score_of(words), "; ".join(reasons), answer.entry.incidents)
        )
    return hits


def why(parts: Sequence[Part]) -> str:
    """The reason of a hit in words: the words that it shares with the question, the ideas that both speak of."""
    words = list(dict.fromkeys(f'"{part.says}"' for part in parts if not part.idea))[:_TOLD]
    ideas = [f'{part.idea.replace("-", " ")} ("{part.says}")' for part in parts if part.idea][:_TOLD]
    told = [f"speaks of {', '.join(ideas)}"] if ideas else []
    return "; ".join((*told, *([f"shares {', '.join(words)}"] if words else [])))
