"""A few lines of code are read as the file that they come from would be, and told from words."""

from __future__ import annotations

import pytest

from reviewer.catalog.lookup.snippet import is_code
from tests.catalog.lookup.shelf import read


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "requests.get(url)",
        "await pool.release(c)",
        "    return x",
        "import os",
        "def f(): pass",
        "for x in y: pass",
    ],
)
def test_code_is_code(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text", ["timeout", "redis timeout", "connection", "a < b", "'quoted'", "", "socket.timeout", "\0"]
)
def test_words_are_no_code(text: str) -> None:
    assert not is_code(text)


def test_known_libraries_are_imported_and_lines_that_wait_are_put_into_a_function() -> None:
    file = read("await asyncio.sleep(3)\nreturn requests.get(url)\n")
    source = file.read.code.source
    assert source.lines[: file.before] == ["import asyncio, requests", "async def snippet(self):"]
    assert source.lines[file.before :][:2] == ["    await asyncio.sleep(3)", "    return requests.get(url)"]


def test_what_is_imported_or_assigned_already_is_left_alone() -> None:
    assert read("import requests\nrequests.get(url)\n").before == 0
    assert read("requests = make()\nrequests.get(url)\n").before == 0
