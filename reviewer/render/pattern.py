"""Patterns, lessons and answers of a look-up as text for a terminal. All of it is hostile and shown escaped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reviewer.domain.catalog import Hit, IncidentReference
from reviewer.domain.lesson import TOPICS, Lesson
from reviewer.domain.pattern import Pattern
from reviewer.render.safe import visible

_WIDTH = 100
_TOPICS = {
    "symptom": "What was seen",
    "cause": "Cause",
    "trigger": "Trigger",
    "detection": "How it was noticed",
    "delay": "How long that took",
    "action": "What ended it",
    "regression-test": "Test written afterwards",
    "reached-production": "How it reached production",
    "missed-signal": "Which signal was missed",
    "catching-test": "Which test would have caught it",
    "prevention": "How the class is prevented",
}


def pattern_page(pattern: Pattern, lessons: Sequence[Lesson]) -> str:
    """All that is known of a pattern.

    Args:
        pattern: the pattern.
        lessons: those of the catalog; the pattern's own are shown with it.
    """
    rows = [visible(f"{pattern.id}: {pattern.title}"), f"{pattern.state}, {pattern.failure}, {pattern.question}"]
    rows += _paragraph("Fails when", pattern.conditions)
    rows += _paragraph("Instead", pattern.safe_form)
    if pattern.replay is not None:
        rows += _paragraph("Replay", f"{pattern.replay.commit[:12]}: {pattern.replay.reason}")
    elif pattern.detector is None:
        rows += _paragraph("Replay", "it has no detector: it is known in words only")
    if pattern.origin == "model":
        rows += _paragraph("Detector", "proposed by a language model; its replay decided on it")
    rows += _paragraph("Failing code by", _assistants(pattern))
    by_id = {lesson.id: lesson for lesson in lessons}
    for identity in pattern.incidents:
        rows.append("")
        lesson = by_id.get(identity)
        rows += _lesson(lesson) if lesson is not None else [f"Incident {visible(identity)}: not in this catalog"]
    for label, examples in (("Found in", pattern.bad), ("Silent in", pattern.good)):
        for example in examples[:1]:
            rows += ["", f"{label}:", *(f"    {visible(line)}".rstrip() for line in example.strip("\n").split("\n"))]
    return "\n".join(rows) + "\n"


def _assistants(pattern: Pattern) -> str:
    """Who wrote the code of the incidents; of most nobody knows, and that is no sign of a person."""
    unknown = len(pattern.incidents) - sum(count for _, count in pattern.assistants)
    told = [f"{name} ({count})" for name, count in pattern.assistants]
    return ", ".join([*told, *([f"unknown ({unknown})"] if unknown > 0 else [])])


def lesson_page(lesson: Lesson) -> str:
    """What an incident taught."""
    return "\n".join(_lesson(lesson)) + "\n"


def hit_lines(hit: Hit) -> str:
    """One answer of a look-up."""
    rows = [f"{hit.score:.2f}  {visible(hit.id)}: {visible(hit.title)}"]
    rows += textwrap.wrap(visible(hit.why), _WIDTH, initial_indent="      ", subsequent_indent="      ")
    rows += [f"      {_incident(incident)}" for incident in hit.incidents[:3]]
    return "\n".join(rows) + "\n"


def learned_lines(lesson: Lesson, pattern: Pattern, news: str, notes: Sequence[str]) -> str:
    """What one document came to."""
    rows = [f"{news}: {visible(lesson.title)}", f"  lesson {lesson.id}, pattern {pattern.id}: {pattern.state}"]
    if pattern.replay is not None:
        rows += textwrap.wrap(visible(pattern.replay.reason), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    unknown = [topic for topic in TOPICS if topic not in lesson.statements]
    if unknown:
        rows += textwrap.wrap(f"not said: {', '.join(unknown)}", _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if lesson.assistant:
        rows.append(f"  what failed was written by {visible(lesson.assistant)}, as its commits or the document say")
    rows += [f"  note: {visible(note)}" for note in notes]
    return "\n".join(rows) + "\n"


def _lesson(lesson: Lesson) -> Iterator[str]:
    yield _incident(IncidentReference(lesson.title, lesson.date, lesson.source))
    for topic in TOPICS:
        if topic in lesson.statements:
            yield from _paragraph(f"  {_TOPICS[topic]}", lesson.statements[topic].words)


def _incident(incident: IncidentReference) -> str:
    parts = [incident.date or "date unknown", incident.title, incident.source]
    return visible(", ".join(part for part in parts if part))


def _paragraph(label: str, text: str) -> list[str]:
    if not text:
        return []
    indent = " " * (len(label) - len(label.lstrip()) + 2)
    return textwrap.wrap(
        visible(f"{label}: {text}"), _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
