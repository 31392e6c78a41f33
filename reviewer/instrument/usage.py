"""How the log lines of a module look, and how a new one has to look beside them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from reviewer.instrument.log_call import LogCall
from reviewer.instrument.proposal import Library, Style, Voice

_STANDARD_KEYWORDS = frozenset({"exc_info", "extra", "stack_info", "stacklevel", "msg"})
_COMMON = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


@dataclass(frozen=True, slots=True)
class Usage:
    """How the calls of one logger in a module look.

    Attributes:
        calls: how many there are; the other numbers are of those that have something.
        extra: `extra={…}`.
        percent: values behind the message.
        braces: values behind a message that has braces for them.
        keywords: keywords that `logging` does not know.
        sentences: a message that reads like one.
        tracebacks: `exc_info`.
        methods: names of the methods that are called.
    """

    calls: int
    extra: int
    percent: int
    braces: int
    keywords: int
    sentences: int
    tracebacks: int
    methods: frozenset[str]

    @classmethod
    def of(cls, calls: list[LogCall]) -> Usage:
        """Count what calls look like."""
        texts = [text for call in calls if (text := _message(call.node)) is not None]
        names = [{keyword.arg for keyword in call.node.keywords} for call in calls]
        return cls(
            calls=len(calls),
            extra=sum("extra" in given for given in names),
            percent=sum(len(call.node.args) > 1 for call in calls),
            braces=sum(len(call.node.args) > 1 and "{" in (_message(call.node) or "") for call in calls),
            keywords=sum(bool(given - _STANDARD_KEYWORDS - {None}) for given in names),
            sentences=sum(" " in text.strip() or text[:1].isupper() for text in texts),
            tracebacks=sum("exc_info" in given for given in names),
            methods=frozenset(call.method for call in calls),
        )


def _message(node: ast.Call) -> str | None:
    """The constant text of a log line's message."""
    first: ast.AST | None = node.args[0] if node.args else None
    if isinstance(first, ast.BinOp):
        first = first.left
    if isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute):
        first = first.func.value  # "…".format(…)
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if isinstance(first, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in first.values)
    return None


def guessed(usage: Usage) -> Library:
    """The library of a logger whose origin is not known, by how it is called."""
    return "structlog" if usage.keywords and usage.keywords >= usage.percent else "other"


def voice_of(name: str, library: Library, usage: Usage) -> Voice:
    """How a new line speaks through a logger.

    Args:
        name: the logger, as it is written.
        library: whose it is.
        usage: how its calls look, or those of the module's other loggers where it has none.
    """
    sentences = 2 * usage.sentences > usage.calls
    if library == "structlog":
        return Voice(name, library, "keywords", sentences)
    if library == "loguru":
        return Voice(name, library, "bind", sentences)
    if library == "logging":
        percent = usage.calls and not 5 * usage.extra >= usage.calls
        return Voice(name, library, "percent" if percent else "extra", sentences)
    style: Style = "percent" if usage.percent > usage.braces else "plain"
    if not usage.calls:
        # Nothing is known but that it is a logger; those of all libraries have these methods, and take `exc_info`.
        return Voice(name, library, "plain", sentences, _COMMON)
    methods = usage.methods - {"log"}
    return Voice(name, library, style, sentences, methods, traceback=bool(usage.tracebacks))
