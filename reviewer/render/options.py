"""What a renderer is told beside the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class RuleText(Protocol):
    """What a report says about a rule."""

    @property
    def id(self) -> str:
        """Stable id, for example "no-timeout"."""

    @property
    def title(self) -> str:
        """The rule in one line."""

    @property
    def question(self) -> str:
        """Which of the four questions it answers."""

    @property
    def severity(self) -> str:
        """Its usual severity: "high", "medium" or "low"."""

    @property
    def what(self) -> str:
        """What it looks for."""

    @property
    def why(self) -> str:
        """What goes wrong otherwise."""

    @property
    def how(self) -> str:
        """What to do."""

    @property
    def source(self) -> str:
        """Where this is written."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a report is to be shown.

    Attributes:
        width: columns, for text.
        colour: whether terminal escapes may be written, for text.
        encoding: what the stream can take, for text.
        show_quiet: low findings in full, and not only counted.
        verbose: also every unit and external call, and known and waived findings with their reasons.
        questions: the four questions answered, for text.
        advise: name the options that would show more; not where the reader gave none, behind a git hook.
        findings_shown: findings shown in full to a person; the rest is counted.
        rules: texts of the rules, for SARIF and for explanations.
    """

    width: int = 100
    colour: bool = False
    encoding: str = "utf-8"
    show_quiet: bool = False
    verbose: bool = False
    questions: bool = True
    advise: bool = True
    findings_shown: int = 100
    rules: Sequence[RuleText] = ()
