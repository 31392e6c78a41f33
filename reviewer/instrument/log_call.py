"""What a log line looks like in code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reviewer.code.outline import dotted

METHODS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "trace", "success", "notice", "log"}
)
"""Methods that write a log line."""
LOGGER = re.compile(r"_*(?:[a-z0-9]+_)*(?:log|logs|logger|logging)_*", re.IGNORECASE)
"""Names of loggers."""


@dataclass(frozen=True, slots=True)
class LogCall:
    """A log line that the code writes.

    Attributes:
        node: the call.
        logger: the logger as written, without `.bind(…)` and the like.
        method: "warning".
    """

    node: ast.Call
    logger: str
    method: str


def log_call(node: ast.AST, loggers: Iterable[str] = ()) -> LogCall | None:
    """The log line that a node writes; None for anything else.

    Args:
        node: any node.
        loggers: names that are loggers, whatever they are called.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    method = node.func.attr
    plain = method[1:] if method[:1] == "a" and method[1:] in METHODS else method
    if plain not in METHODS:
        return None
    receiver: ast.expr = node.func.value
    while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        if receiver.func.attr not in ("bind", "opt", "new", "unbind", "patch", "getChild", "contextualize"):
            break
        receiver = receiver.func.value
    name = dotted(receiver)
    if name is None:
        # logging.getLogger(__name__).warning(…)
        made = dotted(receiver.func) if isinstance(receiver, ast.Call) else None
        is_made = made is not None and made.rpartition(".")[2].lower() in ("getlogger", "get_logger")
        return LogCall(node, "", plain) if is_made else None
    if name in loggers or LOGGER.fullmatch(name.rpartition(".")[2]):
        return LogCall(node, name, plain)
    return None


def loggers_used(node: ast.AST) -> Counter[str]:
    """How often each logger is called in a function or class."""
    return Counter(call.logger for inner in ast.walk(node) if (call := log_call(inner)) is not None)
