"""What the tries around a place make of an exception that is raised there."""

from __future__ import annotations

from reviewer.flow.digest import Guards
from reviewer.flow.group import part_of
from reviewer.flow.hierarchy import Hierarchy


def passing(guards: Guards, exception: str, hierarchy: Hierarchy) -> str | None:
    """What leaves the tries around a place where an exception is raised; None for nothing."""
    for attempt in guards:
        clause = next((clause for clause in attempt if hierarchy.covers(clause, exception)), None)
        if clause is None:
            continue
        if clause.unwraps and (part := part_of(exception)) is not None:
            exception = part
            continue
        if clause.groups or (clause.starred and clause.reraises):
            exception = hierarchy.grouped(exception)
        elif clause.reraises:
            continue
        elif clause.raises:
            exception = clause.raises[0]
        elif not clause.may_reraise:
            return None
    return exception


def outlasting(guards: Guards, exception: str, hierarchy: Hierarchy) -> tuple[str, bool] | None:
    """What an exception has become that leaves the tries around its place, and whether it only may; None for nothing.

    What their clauses raise instead is told where they raise it.
    """
    doubtful = False
    for attempt in guards:
        clause = next((clause for clause in attempt if hierarchy.covers(clause, exception)), None)
        if clause is None:
            continue
        if clause.unwraps and (part := part_of(exception)) is not None:
            exception = part
            continue
        if clause.groups or (clause.starred and (clause.reraises or clause.may_reraise)):
            exception = hierarchy.grouped(exception)  # an `except*` is given a group whatever was raised
        if clause.groups or clause.reraises:
            continue
        if not clause.may_reraise:
            return None
        doubtful = True
    return exception, doubtful
