"""The invented post-mortems of `fixtures/postmortems`, each with the lesson that it teaches beside it."""

from __future__ import annotations

from pathlib import Path

from reviewer.catalog.documents.reading import Given, Reading, read_postmortem
from reviewer.domain.lesson import Topic

FOLDER = Path(__file__).parents[3] / "fixtures" / "postmortems"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_file())


def read(name: str, given: Given | None = None) -> Reading:
    """One of the fixtures."""
    return read_postmortem((FOLDER / name).read_bytes(), name, given)


def read_text(text: str, name: str = "incident.md", given: Given | None = None) -> Reading:
    """A post-mortem from its text."""
    return read_postmortem(text.encode(), name, given)


def words(reading: Reading) -> dict[Topic, str]:
    """What a reading says of each topic."""
    return {topic: statement.words for topic, statement in reading.lesson.statements.items()}


def as_json(reading: Reading) -> dict[str, object]:
    """A reading as the files of expected lessons have it."""
    lesson = reading.lesson
    return {
        "id": lesson.id,
        "title": lesson.title,
        "shape": lesson.shape,
        "organisation": lesson.organisation,
        "date": lesson.date,
        "source": lesson.source,
        "tags": list(lesson.tags),
        "failure": reading.failure.failure if reading.failure is not None else "",
        "fix": [lesson.fix.repository, lesson.fix.commit] if lesson.fix is not None else [],
        "assistant": lesson.assistant,
        "notes": list(reading.notes),
        "statements": {
            topic: {"words": statement.words, "quotes": [quote.text for quote in statement.quotes]}
            for topic, statement in lesson.statements.items()
        },
    }
