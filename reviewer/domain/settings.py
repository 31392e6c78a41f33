"""What a project may set about its reviews, as frozen values; `acceptance.settings` reads them from pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from reviewer.domain.finding import Severity
from reviewer.domain.path_pattern import matches_any

if TYPE_CHECKING:
    from reviewer.domain.model import Price

FailOn = Literal["high", "medium", "low", "never"]
"""The least severity that blocks."""


Scope = Literal["findings", "risky", "all"]
"""Which units a model is asked about: those with findings, those that touch the outside too, or all that changed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one review may cost and show.

    Attributes:
        file_bytes: size above which a file is not checked, in bytes.
        unit_seconds: time one unit may take, in seconds.
        unit_lines: lines above which a unit is not checked.
        findings_shown: findings that a report for people shows in full; the rest is counted. JSON and SARIF have all.
    """

    file_bytes: int = 1024 * 1024
    unit_seconds: float = 2.0
    unit_lines: int = 5000
    findings_shown: int = 100


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a model is used.

    Attributes:
        name: who is asked where the command line names nobody and a key is there; None for nobody.
        fallbacks: who is asked where that one gives no answer, in this order.
        scope: which units it is asked about.
        second_look: what it points at is looked at once more, by itself as a maintainer.
        summary: the findings are summed up.
        tokens: most tokens of one review, questions and answers together.
        usd: most money for one review, in US dollars; None for no bound of its own.
        seconds: most time for all answers of one review.
        prices: model -> its price.
    """

    name: str | None = None
    fallbacks: tuple[str, ...] = ()
    scope: Scope = "risky"
    second_look: bool = True
    summary: bool = True
    tokens: int = 200_000
    usd: float | None = None
    seconds: float = 120.0
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class HookSettings:
    """How the pre-push hook works.

    Attributes:
        seconds: what a push may wait for without a model.
        seconds_with_model: the same where a model is asked.
        model: the model of the settings is asked, where its key is there.
    """

    seconds: float = 5.0
    seconds_with_model: float = 20.0
    model: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one reviewed repository; the defaults are those of a repository that sets nothing.

    Attributes:
        rules_off: ids of the rules that are not asked.
        rules_pinned: ids of the rules that no outcomes turn quiet.
        severities: rule id -> the severity its findings get instead of their own.
        include: path patterns (as in `.gitignore`) of what is reviewed; empty means everything.
        exclude: path patterns of what is not.
        fail_on: the least severity of a new finding that blocks; "never" for none.
        limits: bounds.
        model: how a model is used.
        hook: how the pre-push hook works.
        baseline: path of the baseline file, relative to the repository's root.
        source: where these were read, in words for an error or a report; None for the defaults.
    """

    rules_off: frozenset[str] = frozenset()
    rules_pinned: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: FailOn = "high"
    limits: Limits = field(default_factory=Limits)
    model: ModelSettings = field(default_factory=ModelSettings)
    hook: HookSettings = field(default_factory=HookSettings)
    baseline: str = ".reviewer/baseline.json"
    source: str | None = None

    def covers(self, path: str) -> bool:
        """Whether a file is to be reviewed, by `include` and `exclude`."""
        if self.include and not matches_any(self.include, path):
            return False
        return not matches_any(self.exclude, path)

    def blocks(self, severity: Severity) -> bool:
        """Whether a new finding of this severity stops the change."""
        return self.fail_on != "never" and severity.rank >= Severity(self.fail_on).rank
