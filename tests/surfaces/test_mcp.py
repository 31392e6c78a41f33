"""`reviewer mcp`, asked by the real client: over stdio once, and in memory for the rest."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp.types import TextContent

from reviewer.surfaces.mcp.desk import Desk
from reviewer.surfaces.mcp.server import build_server
from tests.git_builder import GitBuilder

FETCH = """\
import requests


def fetch(url):
    return requests.get(url).json()["price"]
"""


@pytest.fixture
def shop(builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBuilder:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    builder.commit({"shop/prices.py": "PRICES = {}\n"})
    builder.write({"shop/prices.py": FETCH})
    return builder


def asking(desk: Desk, ask: Callable[[Client], Awaitable[Any]]) -> Any:
    async def talk() -> Any:
        async with Client(build_server(desk)) as client:
            return await ask(client)

    return asyncio.run(talk())


def called(desk: Desk, tool: str, **arguments: Any) -> Any:
    """What a tool answers, or the error that the assistant reads."""

    async def ask(client: Client) -> Any:
        answer = await client.call_tool(tool, arguments)
        (content,) = answer.content
        assert isinstance(content, TextContent)
        return content.text if answer.is_error else json.loads(content.text)

    return asking(desk, ask)


def test_an_assistant_finds_it_on_stdio_and_is_told_what_it_is_for(shop: GitBuilder) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=["-P", "-m", "reviewer", "mcp", "--repo", str(shop.root)], env=dict(os.environ)
    )

    async def talk() -> tuple[str, list[str], str]:
        async with Client(stdio_client(server)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            (content,) = (await client.call_tool("review_diff", {"scope": "worktree"})).content
            assert isinstance(content, TextContent)
            return client.instructions or "", tools, content.text

    instructions, tools, text = asyncio.run(talk())
    assert "lookup_patterns" in instructions
    assert tools == ["review_diff", "explain_code", "lookup_patterns", "propose_logging", "record_postmortem"]
    assert "no-timeout" in text


def test_code_that_is_not_written_yet_meets_the_incidents_of_its_shape(shop: GitBuilder) -> None:
    first, *_ = called(Desk(shop.root), "lookup_patterns", code=FETCH)["patterns"]
    assert first["id"] == "call-without-time-limit"
    assert "timeout" in first["instead"]
    assert first["incidents"]


def test_nothing_is_answered_where_nothing_fits(shop: GitBuilder) -> None:
    answer = called(Desk(shop.root), "lookup_patterns", question="how do I centre a heading?")
    assert answer == {"patterns": [], "total": 0, "next": None}


def test_what_is_not_committed_is_reviewed_in_pages(shop: GitBuilder) -> None:
    desk = Desk(shop.root)
    whole = called(desk, "review_diff", scope="worktree", quiet=True)
    assert whole["total"] == len(whole["findings"]) > 1
    first = called(desk, "review_diff", scope="worktree", quiet=True, limit=1)
    assert first["findings"] == whole["findings"][:1]
    assert first["next"] == 1
    last = called(desk, "review_diff", scope="worktree", quiet=True, start=1, limit=50)
    assert last["findings"] == whole["findings"][1:]
    assert last["next"] is None


def test_a_diff_is_reviewed_as_it_is(shop: GitBuilder) -> None:
    diff = shop.git("diff") + "\n"
    answer = called(Desk(shop.root), "review_diff", diff=diff)
    assert {"shop/prices.py:5"} == {finding["place"] for finding in answer["findings"]}


def test_the_four_answers_come_without_what_says_nothing(shop: GitBuilder) -> None:
    answered, empty = called(Desk(shop.root), "explain_code", target="shop/prices.py")["answers"]
    assert answered["place"] == "shop/prices.py:4"
    assert answered["calls"] == "HTTP server: requests.get (line 5)."
    assert empty == {"nothing_to_tell": "<module> (line 1)"}
    assert called(Desk(shop.root), "explain_code", source=FETCH)["answers"][0]["place"] == "code.py:4"


def test_log_lines_are_proposed_and_not_written(shop: GitBuilder) -> None:
    code = (
        FETCH + "\n\ndef price(url):\n    try:\n        return fetch(url)\n    except OSError:\n        return None\n"
    )
    shop.write({"shop/prices.py": code})
    answer = called(Desk(shop.root), "propose_logging", target="shop/prices.py::price")
    assert '+        logger.debug("price_failed")' in answer["patch"].splitlines()
    assert (shop.root / "shop/prices.py").read_text() == code


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("explain_code", {"target": "nowhere.py"}, "no such file"),
        ("explain_code", {"target": "../../etc/passwd"}, "no such file"),
        ("explain_code", {"source": "def f(:"}, "line 1"),
        ("explain_code", {"source": "x = '\ud800'"}, "half of a surrogate pair"),
        ("lookup_patterns", {"code": "x = '\ud800'"}, "half of a surrogate pair"),
        ("review_diff", {"diff": "\ud800"}, "half of a surrogate pair"),
        ("record_postmortem", {"document": "\ud800"}, "half of a surrogate pair"),
        ("explain_code", {}, "give either a target"),
        ("lookup_patterns", {}, "give either a question"),
        ("review_diff", {"diff": "this is no diff"}, "diff"),
        ("review_diff", {"base": "no-such-revision"}, "no-such-revision"),
        ("review_diff", {"base": "HEAD", "scope": "staged"}, "do not go together"),
        ("propose_logging", {"target": "shop/prices.py::nobody"}, "no function or class"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    shop: GitBuilder, tool: str, arguments: dict[str, str], said: str
) -> None:
    told = called(Desk(shop.root), tool, **arguments)
    assert isinstance(told, str)
    assert said in told
    assert "\n" not in told
    assert "Traceback" not in told


def test_a_server_that_only_reads_offers_no_tool_that_writes(shop: GitBuilder) -> None:
    async def names(client: Client) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    assert "record_postmortem" not in asking(Desk(shop.root, learns=False), names)


def test_a_postmortem_is_recorded_once_with_the_pattern_that_its_fix_proves(shop: GitBuilder) -> None:
    shop.commit({"shop/prices.py": FETCH})
    fix = shop.commit({"shop/prices.py": FETCH.replace("get(url)", "get(url, timeout=3)")}, "Wait three seconds")
    document = (
        "# The shop stood still\n\nDate: 2026-02-03\n\n## Impact\n\nFor an hour customers saw no prices.\n\n"
        "## Root cause\n\nThe request to the price server had no timeout, and the server never answered.\n"
    )
    desk = Desk(shop.root)
    told = called(desk, "record_postmortem", document=document, fix=fix)
    assert (told["news"], told["state"], told["unproved"]) == ("new", "active", "")
    assert called(desk, "record_postmortem", document=document, fix=fix)["news"] == "known"
    assert told["pattern"] in asking(desk, _listed)
    assert (
        "no such commit" in called(desk, "record_postmortem", document=document + "\nMore.\n", fix="0" * 40)["unproved"]
    )


async def _listed(client: Client) -> str:
    return str((await client.read_resource("reviewer://patterns")).contents)


def test_patterns_can_be_read_whole_and_an_unknown_one_is_told(shop: GitBuilder) -> None:
    async def read(client: Client) -> str:
        assert "call-without-time-limit" in str((await client.read_resource("reviewer://patterns")).contents)
        with pytest.raises(MCPError, match="reviewer://patterns lists them"):
            await client.read_resource("reviewer://patterns/no-such-pattern")
        return str((await client.read_resource("reviewer://patterns/call-without-time-limit")).contents)

    assert "Instead" in asking(Desk(shop.root), read)


def test_each_of_the_four_questions_is_a_prompt(shop: GitBuilder) -> None:
    async def ask(client: Client) -> list[str]:
        for prompt in (await client.list_prompts()).prompts:
            arguments = {"target": "shop/prices.py::fetch"} if prompt.arguments else {}
            assert (await client.get_prompt(prompt.name, arguments)).messages
        return [prompt.name for prompt in (await client.list_prompts()).prompts]

    assert asking(Desk(shop.root), ask) == [
        "what_does_it_call",
        "what_if_that_is_slow_or_down",
        "where_can_it_throw",
        "what_does_it_assume",
        "may_this_go_out",
    ]
