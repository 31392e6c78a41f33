"""The verdict on a head, as a forge shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Conclusion = Literal["success", "neutral", "failure", "action_required"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line of a check; it may stand outside the diff."""

    path: str
    line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a head.

    Attributes:
        conclusion: "success" only for a complete review that passes.
        title: verdict and counts in one line.
        summary: Markdown.
        annotations: findings, the worst first.
        digest: the same for the same content; with it a check is known again.
        link: address of the whole report; None where there is none to open.
        complete: whether everything was reviewed; a forge without a neutral state shows the rest as an error.
    """

    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    digest: str
    complete: bool = True
    link: str | None = None
