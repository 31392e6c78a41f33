"""Outcomes of findings as tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

from reviewer.catalog.form.lesson import without_empty
from reviewer.catalog.form.table import Table, shown
from reviewer.domain.catalog import Outcome, Verdict
from reviewer.errors import CatalogError

FIELDS = ("finding", "rule", "pattern", "repository", "verdict", "at", "by")
_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def read_outcome(data: object, place: str) -> Outcome:
    """An outcome from a parsed table.

    Raises:
        CatalogError: it is none; with the place, the field and the reason.
    """
    table = Table(data, place, FIELDS)
    outcome = Outcome(
        finding=table.text("finding"),
        rule=table.text("rule"),
        pattern=table.text("pattern", ""),
        repository=table.text("repository", ""),
        verdict=table.choice("verdict", _VERDICTS),
        at=table.text("at"),
        by=table.text("by", ""),
    )
    _check_moment(outcome, table.at("at"))
    return outcome


def moment_of(outcome: Outcome) -> datetime:
    """When it was."""
    return datetime.fromisoformat(outcome.at)


def _check_moment(outcome: Outcome, place: str) -> None:
    try:
        offset = moment_of(outcome).utcoffset()
    except ValueError:
        offset = None
    if offset != timedelta(0):
        raise CatalogError(place, f"{shown(outcome.at)} is no moment in UTC; write it as 2026-01-31T12:00:00+00:00")


def write_outcome(outcome: Outcome) -> dict[str, object]:
    """An outcome as the table that `read_outcome` reads; what is empty is left out.

    Raises:
        CatalogError: it holds what cannot be kept.
    """
    _check_moment(outcome, f"outcome of {outcome.finding!a}")
    table: dict[str, object] = {field: getattr(outcome, field) for field in FIELDS}
    return without_empty(table, f"outcome of {outcome.finding!a}")
