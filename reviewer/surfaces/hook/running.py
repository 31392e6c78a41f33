"""Reviewing what a push makes public, in the time that a person waits for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.domain.deadline import Deadline
from reviewer.domain.finding import Severity
from reviewer.domain.settings import FailOn, Settings
from reviewer.errors import ReviewerError
from reviewer.ports import Scope, Selection
from reviewer.surfaces.cli.showing import Style, render_options, review, rule_ids
from reviewer.surfaces.cli.terminal import emit, progress, tell
from reviewer.surfaces.hook.push import Push, Pushed, Range, read_lines, resolve

if TYPE_CHECKING:
    from reviewer.domain.report import FindingItem
    from reviewer.wiring import Prepared

_NAMED = 8
"""Files that are named in one line; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a push is to be reviewed.

    Attributes:
        fail_on: least severity that stops the push; None leaves it to the settings.
        strict: stop also where the review fails or is not complete.
        style: how much to show.
        seconds: what there is time for; None leaves it to the settings.
        model: who explains; None leaves it to the settings, which by default ask nobody here.
    """

    fail_on: FailOn | None = None
    strict: bool = False
    style: Style = field(default_factory=Style)
    seconds: float | None = None
    model: str | None = None


@dataclass(slots=True)
class _Outcome:
    """What the ranges of a push have come to so far."""

    blocking: list[tuple[Selection, FindingItem]]
    late: dict[str, None]
    seconds: float = 0.0
    incomplete: bool = False


def run(repo: Path, lines: str | Sequence[Pushed], wish: Wish, push: Push | None = None) -> bool:
    """Review what a push brings, each head once, and show what was found on stdout.

    Args:
        repo: where git runs the hook.
        lines: what git gives on stdin, as text or read.
        wish: how.
        push: what the lines come to, where that is known already.

    Returns:
        Whether to stop the push.
    """
    began = time.monotonic()
    outcome = _Outcome([], {})
    try:
        if push is None:
            push = resolve(repo, read_lines(lines) if isinstance(lines, str) else lines)
        for item in push.missing:
            tell(f"{item.head[:12]} ({item.local}) is not in this repository and was not reviewed; try 'git fsck'")
            outcome.incomplete = True
        for part in push.ranges:
            _review_one(repo, _selection(part), wish, began, outcome)
    except ReviewerError as error:
        return _failed("the push", "git push --no-verify", error, wish, outcome)
    return _conclude("the push", "git push --no-verify", wish, outcome)


def run_selection(repo: Path, selection: Selection, wish: Wish) -> bool:
    """Review what another program than git asks for: a range, or what is staged.

    Args:
        repo: the repository.
        selection: what.
        wish: how.

    Returns:
        Whether to stop the commit or push.
    """
    staged = selection.scope is Scope.STAGED
    what, way = ("the commit", "git commit --no-verify") if staged else ("the push", "git push --no-verify")
    outcome = _Outcome([], {})
    try:
        _review_one(repo, selection, wish, time.monotonic(), outcome)
    except ReviewerError as error:
        return _failed(what, way, error, wish, outcome)
    return _conclude(what, way, wish, outcome)


def _failed(what: str, way: str, error: ReviewerError, wish: Wish, outcome: _Outcome) -> bool:
    """Say that the rest of it was not reviewed; what was found before that still stops it."""
    if outcome.blocking:
        tell(f"not all of {what} was reviewed: {error}")
        return _conclude(what, way, wish, outcome)
    tell(f"{what} {'is stopped (--strict)' if wish.strict else 'goes through'}, but was not reviewed: {error}")
    return wish.strict


def _conclude(what: str, way: str, wish: Wish, outcome: _Outcome) -> bool:
    """Say what was not ready and what a person can do now; whether to stop."""
    if outcome.late:
        told = [
            *list(outcome.late)[:_NAMED],
            *([f"and {more} more"] if (more := len(outcome.late) - _NAMED) > 0 else []),
        ]
        tell(f"not reviewed in {outcome.seconds:g} s: {', '.join(told)}; 'reviewer review' takes as long as it needs")
    if outcome.blocking:
        selection, first = outcome.blocking[0]
        tell(
            f"{what} is stopped; look: 'reviewer review {_options(selection)}', "
            f"accept: 'reviewer waive {first.id[:12]} --reason WHY', go past: '{way}'"
        )
    elif wish.strict and outcome.incomplete:
        tell(f"{what} is stopped (--strict): not all of it was reviewed; go past with '{way}'")
    return bool(outcome.blocking) or (wish.strict and outcome.incomplete)


def _review_one(repo: Path, selection: Selection, wish: Wish, began: float, outcome: _Outcome) -> None:
    from reviewer.render.brief import render_brief
    from reviewer.wiring import Overrides, prepare_selection

    with progress("reviewing what is pushed") as count:
        prepared = prepare_selection(repo, selection, rule_ids(), Overrides(fail_on=wish.fail_on))
        asked = wish.model or (None if prepared.settings.hook.model else "offline")
        deadline = Deadline.after(_seconds(wish, asked, prepared), began)
        report = review(prepared, count, asked, deadline=deadline)
    blocking = [item for item in report.findings if stops(item, prepared.settings)]
    if report.verdict == "block" and not blocking:
        report = replace(report, verdict="warn")
    outcome.blocking += [(selection, item) for item in blocking]
    late = {item.path: None for item in report.coverage.not_checked if item.reason == deadline.reason}
    outcome.late |= late
    outcome.seconds = deadline.seconds
    outcome.incomplete = outcome.incomplete or report.status != "complete"
    # A push is no place to read in, and nobody gives options to git's hook.
    options = replace(render_options(wish.style, prepared), questions=False, advise=False)
    if not blocking and not wish.style.verbose and len(late) == len(report.coverage.not_checked):
        emit(render_brief(report, options))
        if report.verdict != "pass":
            tell(f"for the full report: 'reviewer review {_options(selection)}'")
    else:
        from reviewer.render.text import render_text  # loads what lays text out, for few pushes

        emit(render_text(report, options))


def stops(item: FindingItem, settings: Settings) -> bool:
    """Whether a finding stops a push: it is new, grave enough, and more than a guess."""
    return item.status == "new" and item.confidence != "low" and settings.blocks(Severity(item.severity))


def _selection(part: Range) -> Selection:
    if not part.bases:
        return Selection(Scope.ALL, head=part.head)
    return Selection(Scope.RANGE, base=part.bases[0], head=part.head, besides=part.bases[1:])


def _seconds(wish: Wish, asked: str | None, prepared: Prepared) -> float:
    """What there is time for: more where somebody is asked for an explanation."""
    if wish.seconds is not None:
        return wish.seconds
    settings = prepared.settings
    if asked is None:
        from reviewer.llm.registry import has_key

        name = settings.model.name
        asked = name if name is not None and has_key(name) else "offline"
    return settings.hook.seconds if asked == "offline" else settings.hook.seconds_with_model


def _options(selection: Selection) -> str:
    """What `reviewer review` wants to be told to look at the same."""
    if selection.scope is Scope.STAGED:
        return "--staged"
    head = f"--head {(selection.head or 'HEAD')[:12]}"
    return f"--all {head}" if selection.base is None else f"--base {selection.base[:12]} {head}"
