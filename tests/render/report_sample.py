"""Reports made by hand, for the tests of what is shown."""

from __future__ import annotations

from typing import Any

from reviewer.domain.report import (
    Answer,
    Coverage,
    EvidenceItem,
    ExternalCall,
    FindingItem,
    NotChecked,
    Report,
    Summary,
    Tool,
    Usage,
    WaiverItem,
)

HOSTILE = "\x1b[31m\x07\u202e\u2066[bold]x[/bold]</script><b>`|~~~\n# h\r\udcff\x00@team #1 ${{ x }} ](http://x)"


def finding(**changes: Any) -> FindingItem:
    """A finding about a call without timeout, with some fields changed."""
    values: dict[str, Any] = {
        "id": "0123456789abcdef0123",
        "rule": "no-timeout",
        "question": "unavailable",
        "severity": "high",
        "confidence": "high",
        "path": "app/client.py",
        "line": 12,
        "end_line": 12,
        "column": 16,
        "function": "fetch_user",
        "message": "requests.get waits for ever when the HTTP server does not answer",
        "code": "    response = requests.get(url, headers=HEADERS)  # fetch",
        "exceptions": ["requests.exceptions.ConnectionError"],
        "evidence": [
            EvidenceItem(path="app/client.py", line=12, note="no timeout is given, and the library sets none"),
            EvidenceItem(path="app/views.py", line=40, note="the route calls it and holds a worker meanwhile"),
        ],
        "explanation": "A server that accepts the connection and never answers holds this thread until the process ends; "
        "with as many such calls as workers the service stands still. Pass timeout=(3, 10) and say what happens then.",
        "patterns": [],
        "suggestion": None,
        "judgement": None,
        "status": "new",
        "waiver": None,
    }
    return FindingItem(**{**values, **changes})


def answer(**changes: Any) -> Answer:
    """The four answers of a unit, with some fields changed."""
    values: dict[str, Any] = {
        "path": "app/client.py",
        "line": 10,
        "function": "fetch_user",
        "calls": "requests.get (HTTP server), redis.Redis.set (Redis)",
        "unavailable": "requests.get waits for ever; nobody retries. redis.Redis.set waits at most 5 s.",
        "throws": "requests.exceptions.ConnectionError leaves fetch_user at line 12, json.JSONDecodeError at line 14",
        "inputs": "that the response is JSON with a key 'name' (line 14)",
    }
    return Answer(**{**values, **changes})


def call(**changes: Any) -> ExternalCall:
    """An external call, with some fields changed."""
    values: dict[str, Any] = {
        "path": "app/client.py",
        "line": 12,
        "function": "fetch_user",
        "callee": "requests.get",
        "service": "HTTP server",
        "kind": "http",
        "blocking": True,
        "timeout": "none",
        "timeout_seconds": None,
        "handled_by": None,
    }
    return ExternalCall(**{**values, **changes})


def report(**changes: Any) -> Report:
    """A complete review of two files that blocks, with some fields changed."""
    values: dict[str, Any] = {
        "schema": "reviewer.review/1",
        "id": "rev-1",
        "created_at": "2026-06-01T12:00:00Z",
        "tool": Tool(name="reviewer", version="0.1.0"),
        "repository": "shop",
        "base": "a" * 40,
        "head": "b" * 40,
        "model": "offline",
        "status": "complete",
        "verdict": "block",
        "coverage": Coverage(files_changed=2, files_reviewed=2, units_reviewed=3, not_checked=[]),
        "calls": [
            call(),
            call(line=20, callee="redis.Redis.set", kind="cache", timeout="explicit", timeout_seconds=5.0),
        ],
        "findings": [finding()],
        "answers": [answer()],
        "usage": Usage(
            model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=None, elapsed_ms={"diff": 3}
        ),
    }
    return Report(**{**values, **changes})


def partial(**changes: Any) -> Report:
    """A review that could not read one file."""
    coverage = Coverage(
        files_changed=3,
        files_reviewed=2,
        units_reviewed=3,
        not_checked=[NotChecked(path="app/broken.py", reason="line 7 is no Python: unexpected indent")],
        notes=["app/client.py:3: the waiver of no-timeout expired on 2026-05-31; mend the code or renew the waiver"],
    )
    return report(**{"status": "partial", "coverage": coverage, **changes})


def everything() -> Report:
    """A report with something of every sort in it, hostile text included."""
    return partial(
        findings=[
            finding(),
            finding(id="1" * 20, severity="medium", rule="bare-except", line=30, code="except:", column=1),
            finding(id="2" * 20, severity="low", line=31),
            finding(id="3" * 20, status="known", line=50),
            finding(
                id="4" * 20,
                status="waived",
                line=60,
                waiver=WaiverItem(reason="the proxy cuts it", until="2027-01-31", source="app/client.py:60"),
            ),
            finding(
                id="5" * 20,
                path=f"app/{HOSTILE}.py",
                function=HOSTILE,
                message=HOSTILE,
                code=HOSTILE,
                explanation=HOSTILE,
                column=3,
                evidence=[EvidenceItem(path=HOSTILE, line=1, note=HOSTILE)],
            ),
        ],
        answers=[answer(), answer(function=HOSTILE, path=HOSTILE, calls=HOSTILE, inputs="")],
        summary=Summary(text=f"It waits for ever.\n{HOSTILE}", by=HOSTILE, findings=["0123456789abcdef0123"]),
    )
