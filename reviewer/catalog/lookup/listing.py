"""A pattern with its incidents, or an incident that has none, as an entry of the index: words and ideas by field."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from reviewer.catalog.lookup.vocabulary import Token, tokens_of, vocabulary
from reviewer.domain.catalog import Entry, IncidentReference, Listing
from reviewer.domain.lesson import TOPICS, Lesson
from reviewer.domain.pattern import FAILURES, Pattern

FIELDS = ("title", "tags", "conditions", "statements", "quotes")
WEIGHTS: Mapping[str, float] = {"title": 3.0, "tags": 2.5, "conditions": 2.0, "statements": 1.0, "quotes": 0.5}
"""What one occurrence counts for in each field."""
_MOST_INCIDENTS = 20
"""Incidents of one pattern whose words are listed with it; more of the same would only drown what it says itself."""
_LONGEST = 20_000
"""Characters of one field."""
_MOST_PASSAGE = 1200
"""Characters of a passage; the model of meaning reads about as many."""


def list_pattern(pattern: Pattern, lessons: Sequence[Lesson]) -> Listing:
    """The listing of a pattern.

    Args:
        pattern: the pattern.
        lessons: those of its incidents that the catalog has, in its order.
    """
    told = lessons[:_MOST_INCIDENTS]
    texts = {
        "title": " . ".join(dict.fromkeys((pattern.title, *(lesson.title for lesson in told)))),
        "tags": _joined([pattern.failure, *pattern.libraries, *pattern.services, *_tags(told)]),
        "conditions": f"{pattern.conditions} . {pattern.safe_form}",
        "statements": _statements(told),
        "quotes": _quotes(told),
    }
    labels = {
        *(("libraries", library) for library in pattern.libraries),
        *(("services", service) for service in pattern.services),
        ("failures", pattern.failure),
        ("states", pattern.state.value),
        *(("assistants", name) for name, _ in pattern.assistants),
        *(label for lesson in lessons for label in _labels(lesson)),
    }
    passage = f"{pattern.title}. {pattern.conditions} {texts['statements']}"
    return _listing(pattern, lessons, texts, labels, passage)


def list_lesson(lesson: Lesson) -> Listing:
    """The listing of an incident that has no pattern."""
    texts = {
        "title": lesson.title,
        "tags": _joined(_tags([lesson])),
        "conditions": "",
        "statements": _statements([lesson]),
        "quotes": _quotes([lesson]),
    }
    passage = f"{lesson.title}. {texts['statements']}"
    return _listing(lesson, [lesson], texts, set(_labels(lesson)), passage)


def _listing(
    member: Pattern | Lesson,
    lessons: Sequence[Lesson],
    texts: Mapping[str, str],
    labels: Iterable[tuple[str, str]],
    passage: str,
) -> Listing:
    incidents = tuple(IncidentReference(one.title, one.date, one.source, one.organisation) for one in lessons)
    fields = tuple(" ".join(terms_of(tokens_of(texts[field][:_LONGEST]))) for field in FIELDS)
    return Listing(Entry(member.id, member.title, incidents, fields), tuple(sorted(labels)), passage[:_MOST_PASSAGE])


def terms_of(tokens: Sequence[Token]) -> list[str]:
    """The terms of a text: the stems of its words that say something, and the ideas that they stand for."""
    stems = [token.stem for token in tokens if not token.empty]
    return [*stems, *(idea_term(mention.idea) for mention in vocabulary().mentions(tokens))]


def idea_term(idea: str) -> str:
    """The term that stands for an idea; no word of a text begins like it."""
    return f"_{idea.replace('-', '_')}"


def weigh(entry: Entry, wanted: Container[str]) -> dict[str, float]:
    """What those of some terms that an entry has count for, by term."""
    weights: dict[str, float] = {}
    for field, terms in zip(FIELDS, entry.fields, strict=True):
        for term in terms.split(" "):
            if term in wanted:
                weights[term] = weights.get(term, 0.0) + WEIGHTS[field]
    return weights


def _statements(lessons: Sequence[Lesson]) -> str:
    return " . ".join(
        lesson.statements[topic].words for lesson in lessons for topic in TOPICS if topic in lesson.statements
    )


def _quotes(lessons: Sequence[Lesson]) -> str:
    said = {
        quote.text: None
        for lesson in lessons
        for topic in TOPICS
        if topic in lesson.statements
        for quote in lesson.statements[topic].quotes
        if quote.text != lesson.statements[topic].words
    }
    return " . ".join(said)


def _tags(lessons: Sequence[Lesson]) -> list[str]:
    return list(dict.fromkeys(tag for lesson in lessons for tag in lesson.tags))


def _joined(tags: Iterable[str]) -> str:
    return " . ".join(dict.fromkeys(tag.replace("-", " ") for tag in tags))


def _labels(lesson: Lesson) -> list[tuple[str, str]]:
    """A tag may be any of a library, a sort of service and a class of failure; the document does not say which."""
    labels = [(sort, tag) for tag in lesson.tags for sort in ("libraries", "services")]
    labels += [("failures", tag) for tag in lesson.tags if tag in FAILURES]
    if lesson.date:
        labels.append(("date", lesson.date))
    if lesson.assistant:
        labels.append(("assistants", lesson.assistant))
    return labels
