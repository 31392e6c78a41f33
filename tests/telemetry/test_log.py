"""Logs are JSON, tell the trace, and hold no secret, whoever wrote them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from reviewer.telemetry.log import MOST_TEXT, Repetition, belonging_to, configure_logging, logger
from reviewer.telemetry.trace import begin

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_tells_what_happened_where_it_belongs_and_when(stream: io.StringIO) -> None:
    trace = begin()
    with belonging_to(trace, review="r1", tenant=None):
        logger("reviewer.jobs").info("review_done", findings=3)
    logger("reviewer.jobs").info("later")
    first, second = lines(stream)
    assert {key: first[key] for key in ("event", "level", "logger", "review", "findings", "trace_id")} == {
        "event": "review_done",
        "level": "info",
        "logger": "reviewer.jobs",
        "review": "r1",
        "findings": 3,
        "trace_id": trace.trace_id,
    }
    assert first["timestamp"].endswith("Z")
    assert "tenant" not in first
    assert "trace_id" not in second


def test_what_a_library_logs_goes_the_same_way(stream: io.StringIO) -> None:
    trace = begin()
    with belonging_to(trace):
        logging.getLogger("uvicorn.error").warning("closed %s", "early")
    (line,) = lines(stream)
    assert line["event"] == "closed early"
    assert line["trace_id"] == trace.trace_id


@pytest.mark.parametrize(
    "fields",
    [
        {"note": f"answered with {TOKEN}"},
        {"url": f"https://x:{TOKEN}@host/a"},
        {"headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"tried": [{"token": TOKEN}]},
        {"error": ValueError(TOKEN)},
    ],
)
def test_no_secret_gets_into_a_line(stream: io.StringIO, fields: dict[str, Any]) -> None:
    logger("reviewer").info("called", **fields)
    logging.getLogger("some.library").warning("sent %s", TOKEN)
    assert TOKEN not in stream.getvalue()
    assert len(lines(stream)) == 2


def test_a_password_is_known_by_the_name_of_its_field(stream: io.StringIO) -> None:
    logger("reviewer").info("connected", password="tr0ub4dor&3", host="db")
    (line,) = lines(stream)
    assert "tr0ub4dor&3" not in str(line)
    assert line["host"] == "db"


def test_an_exception_is_told_without_the_secret_in_it(stream: io.StringIO) -> None:
    try:
        raise RuntimeError(f"refused {TOKEN}")
    except RuntimeError:
        logger("reviewer").exception("step_failed")
    (line,) = lines(stream)
    assert "RuntimeError" in line["exception"]
    assert TOKEN not in line["exception"]


def test_a_long_text_is_cut_and_says_so(stream: io.StringIO) -> None:
    logger("reviewer").info("read", body="x" * (MOST_TEXT + 7))
    (line,) = lines(stream)
    assert line["body"].endswith("[7 more characters]")


def test_a_line_break_in_what_is_logged_makes_no_second_line(stream: io.StringIO) -> None:
    logger("reviewer").info("pushed", ref='refs/heads/a\n{"event": "forged"}')
    assert [line["event"] for line in lines(stream)] == ["pushed"]


@pytest.mark.usefixtures("stream")
def test_the_library_of_jobs_writes_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    from dbos._logger import init_logger

    stream = io.StringIO()
    init_logger()
    for _ in ("it was there first", "it comes later"):
        configure_logging(stream)
        init_logger()
        logging.getLogger("dbos").warning("failed: token=%s", TOKEN)
    told = [line["event"] for line in lines(stream)]
    assert len(told) == 2
    assert TOKEN not in "".join(told)
    assert capfd.readouterr() == ("", "")


def test_the_same_complaint_of_a_library_is_told_once_in_a_while(stream: io.StringIO) -> None:
    library, other = logging.getLogger("dbos"), logging.getLogger("another")
    for attempt in range(50):
        library.warning("no answer, attempt %d", attempt)
        other.warning("no answer")
    library.warning("something else")
    assert [line["event"] for line in lines(stream) if line["logger"] == "dbos"] == [
        "no answer, attempt 0",
        "something else",
    ]
    assert sum(line["logger"] == "another" for line in lines(stream)) == 50


def test_the_next_complaint_tells_how_many_were_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr("reviewer.telemetry.log.time.monotonic", lambda: clock)
    heard: list[logging.LogRecord] = []
    source = logging.Logger("dbos")
    source.addFilter(Repetition("dbos", seconds=10))
    handler = logging.Handler()
    handler.emit = heard.append  # type: ignore[assignment]
    source.addHandler(handler)
    for clock in (0.0, 1.0, 9.0, 10.0):  # noqa: B007 (the clock reads it)
        source.warning("no answer")
    assert [getattr(record, "repeated", 0) for record in heard] == [0, 2]
