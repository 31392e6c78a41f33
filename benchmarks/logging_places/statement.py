"""Log statements that people wrote, in handlers and beside calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.logging_places.revision import python_files
from reviewer.instrument.log_call import LogCall, log_call

_FILES = 60
"""Files of one project that are looked at, evenly spread."""
_LOGGING = re.compile(rb"\blog(?:ger|ging)?\.\w+\(", re.IGNORECASE)
_NO_PRODUCT = re.compile(r"/test|/docs/|/examples?/|/conftest|vendor")
_ASKING = re.compile(r"requests\.|httpx\.|subprocess\.|session\.|client\.|\.execute\(|boto|urlopen|conn")


@dataclass(frozen=True, slots=True)
class Statement:
    """A log statement that somebody wrote.

    Attributes:
        repository: where.
        path: the file.
        place: what it stands in or beside: a clause, or a call.
        line: of the clause, or of the statement with the call.
        taken: first and last line of the statements that are taken out.
        index: how many other statements stand before it in its clause; for a call, 0 before and 1 behind it.
        method: what was called.
        logger: the logger as written.
        reraised: the clause raises the error again.
        around: first and last line of the clause, or of the statements beside the call; what is said there in comments
            about logging is said of the statement.
    """

    repository: Path
    path: str
    place: Literal["handler", "call"]
    line: int
    taken: tuple[tuple[int, int], ...]
    index: int
    method: str
    logger: str
    reraised: bool
    around: tuple[int, int]


def statements(repository: Path) -> Iterator[Statement]:
    """The log statements of a project's newest commit, in handlers and beside calls."""
    logging = [
        (path, content)
        for path, content in python_files(repository, "HEAD")
        if _LOGGING.search(content) and not _NO_PRODUCT.search(f"/{path}")
    ]
    for path, content in logging[:: max(1, len(logging) // _FILES)]:
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            continue
        yield from _in_handlers(repository, path, tree)
        yield from _beside_calls(repository, path, tree)


def _in_handlers(repository: Path, path: str, tree: ast.Module) -> Iterator[Statement]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(inner) for function in functions for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and id(node) in inside:
            logs = [(at, call) for at, one in enumerate(node.body) if (call := _logged(one)) is not None]
            elsewhere = any(
                log_call(inner) is not None for one in node.body if _logged(one) is None for inner in ast.walk(one)
            )
            if not logs or elsewhere or logs[0][1].method == "log" or node.body[0].lineno == node.lineno:
                continue
            taken = tuple(_extent(node.body[at]) for at, _ in logs)
            reraised = any(isinstance(one, ast.Raise) and one.exc is None for one in node.body)
            first, call = logs[0]
            yield Statement(
                repository, path, "handler", node.lineno, taken, first, call.method, call.logger, reraised,
                around=(node.lineno, node.end_lineno or node.lineno),
            )  # fmt: skip


def _logged(statement: ast.stmt) -> LogCall | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return log_call(value.value if isinstance(value, ast.Await) else value) if value is not None else None


def _beside_calls(repository: Path, path: str, tree: ast.Module) -> Iterator[Statement]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if isinstance(body, list) and not isinstance(node, ast.ExceptHandler):
                    yield from _beside(repository, path, body)


def _beside(repository: Path, path: str, body: list[ast.stmt]) -> Iterator[Statement]:
    for at, statement in enumerate(body):
        call = _logged(statement)
        if call is None or call.method in ("log", "exception", "error", "critical"):
            continue
        for side, other in ((0, at + 1), (1, at - 1)):
            if 0 <= other < len(body) and _asks(body[other]):
                near = [_logged(body[index]) for index in (other - 1, other + 1) if 0 <= index < len(body)]
                if sum(one is not None for one in near) == 1:
                    ends = sorted((_extent(statement), _extent(body[other])))
                    above = body[min(at, other) - 1].end_lineno or 0 if min(at, other) else ends[0][0] - 3
                    yield Statement(
                        repository, path, "call", body[other].lineno, (_extent(statement),), side, call.method,
                        call.logger, reraised=False, around=(above + 1, ends[1][1]),
                    )  # fmt: skip
                    break


def _asks(statement: ast.stmt) -> bool:
    simple = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return)
    return simple and _ASKING.search(ast.unparse(statement)) is not None


def _extent(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.end_lineno or statement.lineno
