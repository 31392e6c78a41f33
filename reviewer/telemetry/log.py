"""Logs of the service: a JSON object a line on stderr, with the trace that it belongs to, and without any secret.

An event is a name in snake case, what happened to what is in fields. What libraries log goes the same way.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from reviewer.telemetry.trace import Trace

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger
    from structlog.typing import EventDict, Processor, WrappedLogger

MOST_TEXT = 4_000
"""Characters of one text in a line; a longer one is cut, and says so."""
_QUIET = ("httpx", "httpcore", "httpx2", "alembic", "asyncio", "dbos")
"""Libraries that tell of each request what is logged here already."""
_PATIENT = "dbos"
"""The library that complains of each attempt while the database is away, dozens of times a second."""
_OWN = frozenset({"event", "level", "timestamp", "logger", "trace_id", "span_id"})
"""Fields that the service itself gives, and that hold no text of others."""


def configure_logging(stream: TextIO, level: str = "INFO") -> None:
    """Send all logs of this process to a stream. For the start of a program, and never for a library.

    Args:
        stream: where to; stderr for a service in a container.
        level: the least that is told: DEBUG, INFO, WARNING, ERROR.
    """
    import structlog

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact_fields,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    handler.addFilter(Repetition(_PATIENT))
    jobs = logging.getLogger(_PATIENT)
    jobs.handlers[:] = [logging.NullHandler()]  # where it finds none, it writes to the console as it likes
    jobs.propagate = True
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class Repetition(logging.Filter):
    """Lets one complaint of a library through in a while; the next one tells how many came between.

    Args:
        library: whose logs are looked at.
        seconds: in which the same is told once. It is the same where only numbers differ.
    """

    def __init__(self, library: str, seconds: float = 10.0) -> None:
        super().__init__()
        self._library = library
        self._seconds = seconds
        self._told: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be told."""
        if record.name.partition(".")[0] != self._library:
            return True
        key = (record.pathname, record.lineno, re.sub(r"\d+", "", record.getMessage()[:MOST_TEXT]))
        now = time.monotonic()
        since, count = self._told.get(key, (-self._seconds, 0))
        if now - since < self._seconds:
            self._told[key] = (since, count + 1)
            return False
        self._told = {known: told for known, told in self._told.items() if now - told[0] < 2 * self._seconds}
        self._told[key] = (now, 0)
        if count:
            record.repeated = count
        return True


def logger(name: str) -> BoundLogger:
    """What a module logs with.

    Args:
        name: of the module.
    """
    import structlog

    found: BoundLogger = structlog.stdlib.get_logger(name)
    return found


@contextmanager
def belonging_to(trace: Trace, **fields: str | int | None) -> Iterator[None]:
    """All that is logged meanwhile, here and in what is awaited, tells the trace and some fields.

    Args:
        trace: where it belongs.
        fields: for example the review's id.
    """
    import structlog

    known = {name: value for name, value in fields.items() if value is not None}
    with structlog.contextvars.bound_contextvars(trace_id=trace.trace_id, span_id=trace.span_id, **known):
        yield


def redact_fields(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take secrets out of a line before it is written, and keep it short.

    A processor of structlog, https://www.structlog.org/en/stable/processors.html.
    """
    del logger, method
    for name, value in event.items():
        if name not in _OWN and not isinstance(value, int | float | bool | None):
            event[name] = _harmless(name, value)
    if isinstance(event.get("event"), str):
        event["event"] = _without_secrets(_short(event["event"]))
    return event


def _harmless(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _harmless(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(name, inner) for inner in value]
    if isinstance(value, int | float | bool | None):
        return value
    text = _short(str(value))
    if '"' in text or "\n" in text:
        return _without_secrets(text)
    # The name beside the value tells of a password what its letters do not.
    before, after = f'{name} = "', '"'
    told = _without_secrets(f"{before}{text}{after}")
    return told[len(before) : -len(after)] if told.startswith(before) and told.endswith(after) else told


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} [{len(text) - MOST_TEXT} more characters]"


def _without_secrets(text: str) -> str:
    from reviewer.explain.secrets.redaction import redact

    return redact(text).text
