"""A review for a workflow of GitHub Actions that may not comment: annotations by workflow commands, and a job summary.

The form is that of docs.github.com, "Workflow commands for GitHub Actions". A value can hold no line end, and a
property no colon or comma, except escaped; nothing out of the report can begin a command of its own.
"""

from __future__ import annotations

from reviewer.domain.check import Annotation, Check
from reviewer.domain.posting import Fallback
from reviewer.render.safe import visible

MOST = 10
"""Annotations of one kind that GitHub shows for a step; more are dropped, so the worst come first."""

_COMMANDS = {"failure": "error", "warning": "warning", "notice": "notice"}


def fallback_of(check: Check, summary: str) -> Fallback:
    """The review as annotations and summary.

    Args:
        check: the verdict with its annotations.
        summary: Markdown of the summary comment.
    """
    counts: dict[str, int] = {}
    lines: list[str] = []
    for annotation in check.annotations:
        counts[annotation.level] = counts.get(annotation.level, 0) + 1
        if counts[annotation.level] <= MOST:
            lines.append(_command(annotation))
    return Fallback(commands="".join(f"{line}\n" for line in lines), summary=summary)


def _command(annotation: Annotation) -> str:
    properties = [f"file={_property(annotation.path)}", f"line={annotation.line}", f"endLine={annotation.end_line}"]
    properties.append(f"title={_property(annotation.title)}")
    message = "\n".join(visible(line) for line in annotation.message.split("\n"))
    return f"::{_COMMANDS[annotation.level]} {','.join(properties)}::{_value(message)}"


def _value(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(visible(text)).replace(":", "%3A").replace(",", "%2C")
