"""Patterns as tables.

id = "shared-connection-keeps-answer"
title = "Answer that is left on a shared connection"
failure = "cancellation"           one of `FAILURES`
question = "unavailable"           one of the four questions
state = "active"
pinned = true                      left out where nobody has pinned it
origin = "induced"
incidents = ["shop-prices-2026"]
libraries = ["redis"]
services = ["cache"]
conditions = "…"
safe_form = "…"
bad = ["…"]                        example source
good = ["…"]

[assistants]
claude = 2

[detector]                         what `catalog.query.language` reads

[replay]
commit = "…"
before = 1
after = 0
variation = 1
background = 0.01                  hits for each 100 lines
lines = 12000
project = 0.1                      hits for each 100 lines of the rest of the fixed project
reason = "…"
places = ["shop/prices.py:12"]
"""

from __future__ import annotations

from typing import get_args

from reviewer.catalog.form.lesson import without_empty
from reviewer.catalog.form.table import Table, check_id, check_text
from reviewer.catalog.query.language import read_detector, write_detector
from reviewer.domain.finding import Question
from reviewer.domain.library import CallKind
from reviewer.domain.pattern import FAILURES, Origin, Pattern, Replay, State
from reviewer.errors import CatalogError

FIELDS = (
    "id",
    "title",
    "failure",
    "question",
    "state",
    "pinned",
    "origin",
    "incidents",
    "libraries",
    "services",
    "conditions",
    "safe_form",
    "bad",
    "good",
    "assistants",
    "detector",
    "replay",
)
_REPLAY = ("commit", "before", "after", "variation", "background", "lines", "project", "reason", "places")
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_SERVICES: tuple[CallKind, ...] = get_args(CallKind)


def read_pattern(data: object, place: str) -> Pattern:
    """A pattern from a parsed table.

    Args:
        data: what stands there; anything at all.
        place: what to call it in an error: the file.

    Raises:
        CatalogError: it is no pattern; with the place, the field and the reason.
    """
    table = Table(data, place, FIELDS)
    return Pattern(
        id=table.name("id"),
        title=table.text("title"),
        failure=table.choice("failure", FAILURES),
        question=table.choice("question", tuple(Question)),
        conditions=table.text("conditions", ""),
        safe_form=table.text("safe_form", ""),
        incidents=tuple(check_id(name, table.at("incidents")) for name in table.texts("incidents")),
        detector=read_detector(table.value("detector"), table.at("detector")) if table.has("detector") else None,
        state=table.choice("state", tuple(State), State.CANDIDATE),
        pinned=table.flag("pinned"),
        origin=table.choice("origin", _ORIGINS, "person"),
        replay=_replay(table) if table.has("replay") else None,
        libraries=table.texts("libraries"),
        services=tuple(_service(name, table.at("services")) for name in table.texts("services")),
        assistants=_assistants(table) if table.has("assistants") else (),
        bad=table.texts("bad"),
        good=table.texts("good"),
    )


def _replay(table: Table) -> Replay:
    replay = table.table("replay", _REPLAY)
    return Replay(
        commit=replay.text("commit", ""),
        before=replay.whole("before", 0),
        after=replay.whole("after", 0),
        variation=replay.whole("variation", 0),
        background=replay.number("background"),
        lines=replay.whole("lines", 0),
        project=replay.number("project"),
        places=replay.texts("places"),
        reason=replay.text("reason", ""),
    )


def _service(name: str, place: str) -> str:
    if name not in _SERVICES:
        raise CatalogError(place, f"{name!a} is no sort of service; one of {', '.join(_SERVICES)}")
    return name


def _assistants(table: Table) -> tuple[tuple[str, int], ...]:
    data = table.value("assistants")
    names = sorted(str(name) for name in data) if isinstance(data, dict) else []
    counts = table.table("assistants", names)
    return tuple((check_text(name, table.at("assistants")), counts.whole(name, least=1)) for name in names)


def write_pattern(pattern: Pattern) -> dict[str, object]:
    """A pattern as the table that `read_pattern` reads, keys in the order of `FIELDS`; what is empty is left out.

    Raises:
        CatalogError: it holds what cannot be kept: no id, a zero byte.
    """
    place = f"pattern {pattern.id!a}"
    check_id(pattern.id, place)
    table: dict[str, object] = {
        "id": pattern.id,
        "title": pattern.title,
        "failure": pattern.failure,
        "question": pattern.question.value,
        "state": pattern.state.value,
        **({"pinned": True} if pattern.pinned else {}),
        "origin": pattern.origin,
        "incidents": list(pattern.incidents),
        "libraries": list(pattern.libraries),
        "services": list(pattern.services),
        "conditions": pattern.conditions,
        "safe_form": pattern.safe_form,
        "bad": list(pattern.bad),
        "good": list(pattern.good),
        "assistants": dict(pattern.assistants),
    }
    if pattern.detector is not None:
        table["detector"] = write_detector(pattern.detector)
    if pattern.replay is not None:
        table["replay"] = _write_replay(pattern.replay)
    return without_empty(table, place)


def _write_replay(replay: Replay) -> dict[str, object]:
    return {
        "commit": replay.commit,
        "before": replay.before,
        "after": replay.after,
        "variation": replay.variation,
        "background": replay.background,
        "lines": replay.lines,
        "project": replay.project,
        "reason": replay.reason,
        "places": list(replay.places),
    }
