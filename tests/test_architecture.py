"""The house keeps its plan: which room may import which, and where I/O libraries may be used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reviewer"

EVERYWHERE = frozenset({"domain", "errors"})
ROOMS = {
    "domain": frozenset(),
    "errors": frozenset(),
    "ports": frozenset(),
    "diff": frozenset({"ports"}),
    "knowledge": frozenset(),
    "code": frozenset({"knowledge", "ports"}),
    "flow": frozenset({"code", "knowledge", "ports"}),
    "stores": frozenset({"catalog", "knowledge", "ports"}),
    "detectors": frozenset({"code", "flow", "knowledge"}),
    "catalog": frozenset({"code", "detectors", "flow", "knowledge", "ports"}),
    "explain": frozenset({"ports", "flow"}),
    "llm": frozenset({"ports"}),
    "instrument": frozenset({"code", "flow", "knowledge", "ports"}),
    "acceptance": frozenset(),
    "render": frozenset(),
    "posting": frozenset({"diff", "ports", "render"}),
    "forges": frozenset({"ports", "posting", "render"}),
    "suggestion": frozenset({"code", "instrument", "knowledge"}),
    "file_review": frozenset({"acceptance", "catalog", "code", "detectors", "explain", "flow", "suggestion"}),
    "work": frozenset({"catalog", "code", "detectors", "file_review", "flow", "knowledge", "ports"}),
    "publication": frozenset({"acceptance", "detectors", "explain"}),
    "review": frozenset({"code", "detectors", "explain", "ports", "publication", "work"}),
    "target": frozenset({"code", "diff", "ports"}),
    "answers": frozenset({"code", "explain", "file_review", "ports", "target", "work"}),
    "buffer_review": frozenset(
        {
            "catalog_wiring",
            "code",
            "detectors",
            "diff",
            "explain",
            "instrument",
            "log_review",
            "memory_wiring",
            "ports",
            "publication",
            "wiring",
            "work",
        }
    ),
    "counsel": frozenset({"catalog", "code", "explain", "instrument", "ports"}),
    "lesson_keeping": frozenset({"catalog", "catalog_wiring", "counsel", "explain", "ports"}),
    "log_review": frozenset({"code", "counsel", "instrument", "knowledge", "ports", "target"}),
    "pattern_review": frozenset({"catalog", "code", "detectors", "flow", "knowledge", "ports", "work"}),
    "jobs": frozenset(
        {
            "answers",
            "catalog",
            "catalog_wiring",
            "counsel",
            "detectors",
            "diff",
            "lesson_keeping",
            "llm",
            "memory_wiring",
            "model_wiring",
            "pattern_review",
            "ports",
            "posting",
            "review",
            "review_wiring",
            "stores",
            "telemetry",
            "wiring",
        }
    ),
    "review_wiring": frozenset({"catalog_wiring", "memory_wiring", "model_wiring", "review", "wiring"}),
    "service_wiring": frozenset({"forges", "jobs", "ports", "posting", "stores", "telemetry", "work"}),
    "catalog_wiring": frozenset({"catalog", "diff", "knowledge", "memory_wiring", "ports", "stores", "wiring", "work"}),
    "memory_wiring": frozenset({"ports", "stores"}),
    "model_wiring": frozenset({"explain", "llm", "ports"}),
    "telemetry": frozenset({"explain", "ports"}),
    "wiring": frozenset({"acceptance", "diff", "ports"}),
    "surfaces": frozenset(
        {
            "acceptance",
            "answers",
            "buffer_review",
            "catalog",
            "catalog_wiring",
            "counsel",
            "detectors",
            "diff",
            "explain",
            "forges",
            "instrument",
            "jobs",
            "lesson_keeping",
            "llm",
            "log_review",
            "memory_wiring",
            "model_wiring",
            "pattern_review",
            "ports",
            "posting",
            "render",
            "review",
            "review_wiring",
            "service_wiring",
            "stores",
            "telemetry",
            "wiring",
        }
    ),
}
"""Room -> the rooms it may import, besides its own, `domain` and `errors`."""

HEAVY = {
    "rich": {"render", "surfaces"},
    "typer": {"surfaces"},
    "ast_grep_py": {"catalog"},
    "libcst": {"code", "instrument"},
    "anthropic": {"llm"},
    "openai": {"llm"},
    "httpx2": {"llm"},
    "onnxruntime": {"catalog"},
    "sqlalchemy": {"stores"},
    "mcp": {"surfaces"},
    "pygls": {"surfaces"},
    "lsprotocol": {"surfaces"},
    "alembic": {"stores"},
    "dbos": {"jobs"},
    "fastapi": {"surfaces"},
    "pydantic": {"domain", "explain", "forges", "llm", "surfaces"},
    "starlette": {"surfaces"},
    "uvicorn": {"surfaces"},
    "githubkit": {"forges"},
    "gitlab": {"forges"},
    "httpx": {"forges"},
    "opentelemetry": {"telemetry"},
    "prometheus_client": {"telemetry"},
    "structlog": {"telemetry"},
    "lxml": {"catalog"},
    "markdown_it": {"catalog"},
    "yaml": {"catalog"},
}
"""Library -> the rooms that may use it at all."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute module of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_the_plan_allows(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in ROOMS, f"{room} is no room of the plan; add it here with what it may import"
    allowed = ROOMS[room] | EVERYWHERE | {room}
    for line, module in imports_of(path):
        parts = module.split(".")
        if parts[0] == "reviewer" and len(parts) > 1:
            assert parts[1] in allowed, f"{path.relative_to(ROOT)}:{line}: {room}/ may not import {parts[1]}/"
        elif parts[0] in HEAVY:
            assert room in HEAVY[parts[0]], f"{path.relative_to(ROOT)}:{line}: {room}/ may not use {parts[0]}"


def test_every_room_of_the_plan_exists() -> None:
    missing = [room for room in ROOMS if not (PACKAGE / room).is_dir() and not (PACKAGE / f"{room}.py").is_file()]
    assert missing == []


def test_the_plan_has_no_cycles() -> None:
    finished: set[str] = set()

    def visit(room: str, path: tuple[str, ...]) -> None:
        assert room not in path, " -> ".join((*path, room))
        if room not in finished:
            for other in ROOMS[room]:
                visit(other, (*path, room))
            finished.add(room)

    for room in ROOMS:
        visit(room, ())
