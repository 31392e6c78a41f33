"""Signs of a changed schema, and of rights that are taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.catalog.lookup.signs.sign import Sign, calls_of, method_of, owner_of
from reviewer.detectors.rule import View

_OPERATIONS = re.compile(
    r"(add|alter|drop|create)_(column|foreign_key|index|unique_constraint|constraint|table|check_constraint)"
    r"|(add|alter|remove)field|addindex|addconstraint|runsql|alterfield|createmodel",
)
_STATEMENT = re.compile(r"\b(alter\s+table|create\s+(unique\s+)?index|add\s+constraint)\b", re.IGNORECASE)
_MEMBERSHIP = re.compile(r"member|role|grant|permission|collaborator|team", re.IGNORECASE)


def schema_change(view: View) -> Iterator[Sign]:
    """A table gets another shape while the program is in use."""
    for call in calls_of(view.unit.facts):
        named = _OPERATIONS.fullmatch(method_of(call)) and owner_of(call) in ("op", "migrations", "batch_op", "batch")
        said = any(_STATEMENT.search(argument.value.text) for argument in call.arguments)
        if named or said:
            yield Sign(
                "changes the schema of a table", ("schema-migration", "database-lock", "time-limit"), call.span.line
            )


def membership_removed(view: View) -> Iterator[Sign]:
    """A membership is deleted."""
    for call in calls_of(view.unit.facts):
        if method_of(call) in ("delete", "remove", "discard") and _MEMBERSHIP.search(call.code):
            yield Sign("takes a membership or a role away", ("authorisation", "missing-cascade"), call.span.line)


SIGNS = (schema_change, membership_removed)
