"""What is said of one unit when its four questions are answered."""

from __future__ import annotations

from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.report import Answer
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge


def answer(code: str) -> Answer:
    file = FileChange(path="a.py", kind=ChangeKind.ADDED, content=code.encode(), whole=True)
    (only,) = review_file(file, (), Surroundings(Knowledge())).answers
    return only


def test_an_assumption_made_twice_is_told_once_with_both_lines() -> None:
    given = answer(
        "import json\ndef f(file):\n    rates = json.load(file)\n    a = rates['x']\n    return a + rates['x'] + rates['y']\n"
    )
    assert "with 'x' (lines 4, 5); " in given.inputs


def test_unresolved_calls_are_counted_in_one_sentence() -> None:
    assert answer("def f(a):\n    return a[0]()\n").throws.endswith(" What 1 unresolved call raises is not known.")
    two = answer("def f(a):\n    a[1]()\n    return a[0]()\n")
    assert two.throws.endswith(" What 2 unresolved calls raise is not known.")
    assert "; " not in two.throws


def test_a_group_is_told_with_what_is_in_it() -> None:
    text = """
import asyncio

async def f():
    class Refused(Exception): pass
    async with asyncio.TaskGroup() as group:
        raise Refused
"""
    assert answer(text).throws == "raise (line 7): ExceptionGroup[f.Refused]."


def test_groups_of_one_library_are_told_in_full() -> None:
    text = """
import asyncio, httpx

async def f(client: httpx.AsyncClient):
    async with asyncio.TaskGroup() as group:
        group.create_task(client.get("https://shop.example"))
"""
    told = "ExceptionGroup[httpx.ConnectError], ExceptionGroup[httpx."
    assert f"httpx.AsyncClient.get (line 6): {told}" in answer(text).throws
