"""What is worked out in a process of its own: the same pipeline that the command line runs.

Functions and values here cross a pipe as JSON, never as pickles: the process on the other side has read hostile code.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.domain.report import WaiverItem
from reviewer.domain.service import ModelPolicy
from reviewer.jobs.models import within
from reviewer.ports import Scope, Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.domain.change import Change
    from reviewer.domain.report import Report
    from reviewer.wiring import Prepared

_UNREAD = "the catalog of the service could not be read; its log tells why"


@dataclass(frozen=True, slots=True)
class Analysis:
    """One review to work out.

    Attributes:
        folder: the repository on this machine; None for a bare diff.
        diff: a unified diff; None for commits.
        base, head: revisions that are there.
        paths: pathspecs to narrow to.
        name: what the repository is called in the report; None for its path.
        model: who explains; "offline" for nobody.
        asked: whom the client named, who will be asked when this is done; None leaves it to the settings.
        catalog: URL of the tenant's catalog, which counts beside the repository's own; None for none.
        waived: findings that were accepted over the API: fingerprint, reason, last day, who said so.
        whole: every line of the files at head counts as changed, as if just written.
        models: bounds on what the settings of the repository say of models.
    """

    folder: str | None = None
    diff: str | None = None
    base: str | None = None
    head: str | None = None
    paths: tuple[str, ...] = ()
    name: str | None = None
    model: str = "offline"
    asked: str | None = None
    catalog: str | None = None
    waived: tuple[tuple[str, str, str | None, str], ...] = ()
    whole: bool = False
    models: ModelPolicy = field(default_factory=ModelPolicy)


def analyse(analysis: Analysis, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Review.

    Returns:
        "report": the report; "model": who is to explain by the settings of the repository, or None; "unread": why the
        tenant's catalog could not be read, or None.

    Raises:
        ReviewerError: the change cannot be had.
    """
    from reviewer.review_wiring import run_review  # noqa: PLC0415 (heavy; only the process that works it out)

    prepared = _prepare(analysis)
    bounded = within(prepared.settings.model, analysis.models)
    prepared = dataclasses.replace(prepared, settings=dataclasses.replace(prepared.settings, model=bounded))
    of_settings = prepared.settings.model.name
    later = (analysis.asked or of_settings or "offline") != "offline"
    report = run_review(prepared, progress, analysis.model, suggest=True, gather=later, catalog=analysis.catalog)
    if analysis.waived:
        report = _waive(report, analysis, prepared)
    if analysis.name is not None:
        report = dataclasses.replace(report, repository=analysis.name)
    report, unread = _without_address(report, analysis.catalog)
    return {"report": report, "model": of_settings, "unread": unread}


def change_of(analysis: Analysis) -> Change:
    """The change that is reviewed.

    Raises:
        ReviewerError: it cannot be had.
    """
    return _prepare(analysis).change


def _prepare(analysis: Analysis) -> Prepared:
    from reviewer.detectors.registry import all_rules  # noqa: PLC0415 (heavy)
    from reviewer.wiring import narrow, prepare_patch, prepare_selection  # noqa: PLC0415 (heavy)

    rules = frozenset(rule.id for rule in all_rules())
    folder = None if analysis.folder is None else Path(analysis.folder)
    if analysis.diff is not None:
        data = analysis.diff.encode("utf-8", "surrogateescape")
        return narrow(prepare_patch(data, folder, analysis.head, rules), analysis.paths)
    if analysis.whole:
        selection = Selection(Scope.ALL, head=analysis.head, paths=analysis.paths)
    else:
        selection = Selection(base=analysis.base, head=analysis.head, paths=analysis.paths)
    return prepare_selection(folder or Path(), selection, rules)


def _without_address(report: Report, catalog: str | None) -> tuple[Report, str | None]:
    """The same report without the address of the tenant's catalog, which is for nobody who reads a pull request.

    Args:
        report: what was not checked in it names the catalog that could not be read.
        catalog: URL of the tenant's catalog.

    Returns:
        The report, and why the catalog could not be read; None where it could.
    """
    if catalog is None or report.status == "complete":
        return report, None
    from reviewer.stores.database.engine import read_url  # noqa: PLC0415 (heavy)

    place = read_url(catalog).render_as_string(hide_password=True)
    told = [one.reason for one in report.coverage.not_checked if place in one.reason]
    if not told:
        return report, None
    missing = [
        dataclasses.replace(one, reason=_UNREAD) if place in one.reason else one for one in report.coverage.not_checked
    ]
    return dataclasses.replace(report, coverage=dataclasses.replace(report.coverage, not_checked=missing)), told[0]


def _waive(report: Report, analysis: Analysis, prepared: Prepared) -> Report:
    """The same report with the findings marked that somebody has accepted; marked, never dropped."""
    from reviewer.review import verdict_of  # noqa: PLC0415 (heavy)

    accepted = {
        finding: WaiverItem(reason=reason, until=until, source=source)
        for finding, reason, until, source in analysis.waived
    }
    items = [
        dataclasses.replace(item, status="waived", waiver=accepted[item.id])
        if item.id in accepted and item.status == "new"
        else item
        for item in report.findings
    ]
    return dataclasses.replace(report, findings=items, verdict=verdict_of(items, prepared.settings))
