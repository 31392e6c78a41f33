"""What each tool prints → remarks. A file that the tool could not read comes back as such, with the reason.

Left out is what only says that something imported is not there: a tool is given one file, without the rest of the
project and without what it depends on, and that is no fault of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.peers.remark import Remark


@dataclass(frozen=True)
class Output:
    """One run of a tool.

    Attributes:
        said: name of the file as the tool prints it, and the remark.
        unread: files that it could not check, with the reason.
    """

    said: tuple[tuple[str, Remark], ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


class OutputError(Exception):
    """The output is none of the tool's reports."""


PYLINT_IMPORTS = frozenset({"E0401", "E0402", "E0611"})
"""import-error, relative-beyond-top-level, no-name-in-module."""
PYLINT_UNREAD = frozenset({"E0001", "F0001", "F0002", "F0010", "F0011"})
"""syntax-error, fatal, astroid-error, parse-error, config-parse-error."""
PYRIGHT_IMPORTS = frozenset({"reportMissingImports", "reportMissingModuleSource"})
PYRIGHT_SYMBOL = "is unknown import symbol"
"""End of the message on `from . import name` without the module."""
FIXIT_REMARK = re.compile(r"(?P<path>\S.*?\.py)@(?P<line>\d+):\d+ (?P<rule>\w+):")
FIXIT_END = re.compile(r"\d+ files? (?:checked|clean|errored)")
FIXIT_UNREAD = re.compile(r"(?P<path>\S.*?\.py): EXCEPTION: (?P<why>.*)")


def read_ruff(text: str) -> Output:
    """`ruff check --output-format json`."""
    said = []
    unread = {}
    for entry in _json(text):
        if entry["code"] in (None, "invalid-syntax"):
            unread[entry["filename"]] = entry["message"]
            continue
        remark = Remark(entry["code"], entry["location"]["row"], entry["end_location"]["row"])
        said.append((entry["filename"], remark))
    return Output(tuple(said), unread)


def read_pylint(text: str) -> Output:
    """`pylint --output-format=json2`; errors are loud, warnings are not."""
    said = []
    unread = {}
    for message in _json(text)["messages"]:
        if message["messageId"] in PYLINT_UNREAD:
            unread[message["path"]] = message["message"]
        elif message["messageId"] not in PYLINT_IMPORTS:
            end = message["endLine"] or message["line"]
            remark = Remark(message["symbol"], message["line"], end, loud=message["type"] == "error")
            said.append((message["path"], remark))
    return Output(tuple(said), unread)


def read_pyright(text: str) -> Output:
    """`pyright --outputjson`; errors are loud, warnings are not. Lines are counted from 0 there."""
    said = []
    for entry in _json(text)["generalDiagnostics"]:
        rule = entry.get("rule", "syntax")
        if rule in PYRIGHT_IMPORTS or entry["message"].endswith(PYRIGHT_SYMBOL) or "range" not in entry:
            continue
        first, last = entry["range"]["start"]["line"] + 1, entry["range"]["end"]["line"] + 1
        said.append((entry["file"], Remark(rule, first, last, loud=entry["severity"] == "error")))
    return Output(tuple(said))


def read_bandit(text: str) -> Output:
    """`bandit --format json`; medium and high severities are loud."""
    report = _json(text)
    said = []
    for entry in report["results"]:
        lines = [entry["line_number"], *entry["line_range"]]
        remark = Remark(entry["test_id"], min(lines), max(lines), loud=entry["issue_severity"] != "LOW")
        said.append((entry["filename"], remark))
    return Output(tuple(said), {error["filename"]: error["reason"] for error in report["errors"]})


def read_fixit(text: str) -> Output:
    """`fixit lint`, which prints a line for each remark, names its first line only, and ends with a summary."""
    said = []
    unread = {}
    for line in text.splitlines():
        if found := FIXIT_REMARK.match(line):
            first = int(found["line"])
            said.append((found["path"], Remark(found["rule"], first, first)))
        elif found := FIXIT_UNREAD.match(line):
            unread[found["path"]] = found["why"]
    if not FIXIT_END.search(text):
        raise OutputError("it ended without a summary")
    return Output(tuple(said), unread)


def read_escapes(text: str) -> Output:
    """What `escapes.py` prints for bubble-analysis: one JSON object for each file, then null."""
    said = []
    unread = {}
    *rows, end = text.splitlines() or [""]
    if end != "null":
        raise OutputError("it ended before all files were answered for")
    for row in rows:
        entry = _json(row)
        if "error" in entry:
            unread[entry["file"]] = entry["error"]
            continue
        said += [(entry["file"], Remark(exception, line, line)) for exception, line in entry["escapes"]]
    return Output(tuple(said), unread)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise OutputError(f"no report, but {text.strip()[:80]!r}") from error
