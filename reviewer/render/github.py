"""The report as annotations of a workflow of GitHub Actions, by workflow commands; nothing has to be written to GitHub.

The form is that of docs.github.com, "Workflow commands for GitHub Actions". A value can hold no line end, and a
property no colon or comma, except escaped; nothing out of the report can begin a command of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from reviewer.domain.check import Annotation
from reviewer.domain.report import FindingItem, Level, Report
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible
from reviewer.render.summary import RANK, added, choose, headline

MOST = 10
"""Annotations of one kind that GitHub shows for a step; more are dropped, so the worst come first."""

_LEVELS: Mapping[Level, Literal["notice", "warning", "failure"]] = {
    "high": "failure",
    "medium": "warning",
    "low": "notice",
}
_COMMANDS = {"failure": "error", "warning": "warning", "notice": "notice"}


def render_github(report: Report, options: RenderOptions) -> str:
    """The findings that are shown as annotations, the worst first, then the verdict, and what was not checked."""
    shown = choose(report, options)
    items = [item for _, found in shown.files for item in found]
    items.sort(key=lambda item: (RANK[item.severity], item.path, item.line))
    said = headline(report, shown)
    lines = commands_of(annotation_of(item) for item in items)
    lines += [
        f"::warning title={_property('not checked')}::{_value(visible(f'{part.path}: {part.reason}'))}"
        for part in report.coverage.not_checked[:MOST]
    ]
    lines.append(visible(f"reviewer: {said.word}: {said.text}."))
    return "".join(f"{line}\n" for line in lines)


def annotation_of(item: FindingItem) -> Annotation:
    """A finding as a mark on its lines."""
    text = "\n".join([item.message, *([more] if (more := added(item)) else [])])
    return Annotation(
        path=visible(item.path),
        line=max(1, item.line),
        end_line=max(1, item.line, item.end_line),
        level=_LEVELS[item.severity],
        title=visible(f"{item.rule} ({item.severity})")[:200],
        message="\n".join(visible(line) for line in text.split("\n"))[:4_000],
    )


def commands_of(annotations: Iterable[Annotation]) -> list[str]:
    """A line for each annotation, as many of each kind as GitHub shows."""
    counts: dict[str, int] = {}
    lines: list[str] = []
    for annotation in annotations:
        counts[annotation.level] = counts.get(annotation.level, 0) + 1
        if counts[annotation.level] <= MOST:
            lines.append(_command(annotation))
    return lines


def _command(annotation: Annotation) -> str:
    properties = [f"file={_property(annotation.path)}", f"line={annotation.line}", f"endLine={annotation.end_line}"]
    properties.append(f"title={_property(annotation.title)}")
    message = "\n".join(visible(line) for line in annotation.message.split("\n"))
    return f"::{_COMMANDS[annotation.level]} {','.join(properties)}::{_value(message)}"


def _value(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(visible(text)).replace(":", "%3A").replace(",", "%2C")
