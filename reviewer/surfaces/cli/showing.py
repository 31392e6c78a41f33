"""Making a report and choosing how to show it, for every command; without the parser of options, which takes time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.surfaces.cli.terminal import encoding, has_colour, width

if TYPE_CHECKING:
    from reviewer.domain.deadline import Deadline
    from reviewer.domain.report import Report
    from reviewer.render.options import RenderOptions
    from reviewer.wiring import Prepared


@dataclass(frozen=True, slots=True)
class Style:
    """How much a person wants to see."""

    show_quiet: bool = False
    verbose: bool = False
    colour: bool = True


def rule_ids() -> frozenset[str]:
    """Ids of all rules there are."""
    from reviewer.detectors.registry import all_rules

    return frozenset(rule.id for rule in all_rules())


def review(
    prepared: Prepared,
    count: Callable[[int, int], None] | None = None,
    model: str | None = "offline",
    *,
    suggest: bool = False,
    deadline: Deadline | None = None,
) -> Report:
    """Run the pipeline; `count` is told how many files are done, and of how many."""
    from reviewer.review_wiring import run_review

    return run_review(prepared, count, model, suggest=suggest, deadline=deadline)


def render_options(style: Style, prepared: Prepared, *, to_file: bool = False) -> RenderOptions:
    """How to show a report on this process's stdout, or in a file."""
    from reviewer.detectors.registry import all_rules
    from reviewer.render.options import RenderOptions

    return RenderOptions(
        width=RenderOptions().width if to_file else width(),
        colour=not to_file and has_colour(style.colour),
        encoding="utf-8" if to_file else encoding(),
        show_quiet=style.show_quiet or prepared.settings.fail_on == "low",
        verbose=style.verbose,
        findings_shown=prepared.settings.limits.findings_shown,
        rules=all_rules(),
    )
