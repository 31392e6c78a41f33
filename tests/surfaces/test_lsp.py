"""`reviewer lsp`, asked by a real client over stdio."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.workspace import PositionCodec, TextDocument

from reviewer.buffer_review import Analyst
from reviewer.diff.buffer import hunks_between
from reviewer.instrument.diff import make_diff
from reviewer.surfaces.lsp.action import edits_of, waive
from tests.git_builder import GitBuilder

CLEAN = '''\
"""Prices."""

import requests


def rate(currency):
    return {"EUR": 1.0}[currency]
'''
FETCH = (
    CLEAN
    + """

def fetch(url):
    return requests.get(url).json()["price"]
"""
)
SWALLOW = (
    CLEAN
    + """

def fetch(url):
    try:
        return requests.get(url, timeout=5).json()["price"]
    except requests.RequestException:
        return None
"""
)


class Editor:
    """One document in an editor that is connected with the server."""

    def __init__(self, client: LanguageClient, file: Path) -> None:
        self.client = client
        self.uri = file.as_uri()
        self.version = 0
        self.server: types.InitializeResult | None = None
        self.shown: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def _(params: types.PublishDiagnosticsParams) -> None:
            self.shown.put_nowait(params)

        @client.feature(types.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator]
        def _(params: types.LogMessageParams) -> None:
            """Nobody reads it."""

    def open(self, text: str) -> None:
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri, "python", self.version, text))
        )

    def type(self, text: str) -> None:
        """Replace the whole document."""
        self.version += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, self.uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def marks(self) -> list[types.Diagnostic]:
        """Those of the newest version."""
        while True:
            params = await asyncio.wait_for(self.shown.get(), 30)
            if params.version == self.version:
                return list(params.diagnostics)

    async def hover(self, line: int) -> str:
        document = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_hover_async(types.HoverParams(document, types.Position(line - 1, 4)))
        return "" if found is None else found.contents.value  # type: ignore[union-attr]

    async def offers(self, mark: types.Diagnostic) -> list[types.CodeAction]:
        document = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(document, mark.range, types.CodeActionContext([mark]))
        )
        return list(found or ())  # type: ignore[arg-type]


def edited(
    root: Path,
    file: str,
    work: Callable[[Editor], Awaitable[Any]],
    *options: str,
    encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16,
) -> Any:
    """Run some work in an editor that counts columns in some encoding."""

    async def session() -> Any:
        client = LanguageClient("test", "1")
        editor = Editor(client, root / file)
        await client.start_io(sys.executable, "-P", "-m", "reviewer", "lsp", *options, env=dict(os.environ))
        general = types.GeneralClientCapabilities(position_encodings=[encoding])
        able = types.ClientCapabilities(general=general)
        editor.server = await client.initialize_async(types.InitializeParams(able, root_uri=root.as_uri()))
        client.initialized(types.InitializedParams())
        try:
            return await asyncio.wait_for(work(editor), 60)
        finally:
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()  # type: ignore[no-untyped-call]

    return asyncio.run(session())


def rules(marks: list[types.Diagnostic]) -> set[object]:
    return {mark.code for mark in marks}


@pytest.fixture
def shop(builder: GitBuilder) -> GitBuilder:
    builder.commit({"shop/prices.py": CLEAN})
    return builder


def test_what_is_typed_is_marked_and_what_is_mended_no_more(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> None:
        editor.open(CLEAN)
        assert await editor.marks() == []
        editor.type(FETCH)
        (mark,) = [one for one in await editor.marks() if one.code == "no-timeout"]
        assert mark.range.start.line == 10
        assert mark.severity is types.DiagnosticSeverity.Warning
        editor.type(FETCH.replace("url)", "url, timeout=5)").replace("def fetch(url, timeout=5)", "def fetch(url)"))
        assert "no-timeout" not in rules(await editor.marks())

    edited(shop.root, "shop/prices.py", work)


def test_only_the_last_of_many_keystrokes_is_reviewed(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> list[int | None]:
        editor.open(CLEAN)
        await editor.marks()
        for end in range(len(CLEAN), len(FETCH) + 1):
            editor.type(FETCH[:end])
        assert "no-timeout" in rules(await editor.marks())
        versions = []
        while not editor.shown.empty():
            versions.append(editor.shown.get_nowait().version)
        return versions

    assert edited(shop.root, "shop/prices.py", work) == []


def test_what_was_there_before_is_not_marked(shop: GitBuilder) -> None:
    shop.commit({"shop/prices.py": FETCH})

    async def work(editor: Editor) -> None:
        editor.open(FETCH + "\n\ndef twice(number):\n    return 2 * number\n")
        assert await editor.marks() == []

    edited(shop.root, "shop/prices.py", work)


def test_a_file_that_is_no_python_while_it_is_typed_is_no_error(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> None:
        editor.open(CLEAN + "def fetch(url")
        assert await editor.marks() == []

    edited(shop.root, "shop/prices.py", work)


def test_a_file_outside_of_any_repository_is_reviewed_as_a_whole(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open(FETCH)
        assert "no-timeout" in rules(await editor.marks())

    edited(tmp_path, "alone.py", work)


def test_the_pointer_tells_the_four_answers_and_what_the_library_does(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> None:
        editor.open(FETCH)
        told = await editor.hover(11)
        assert "requests\\.get" in told
        assert "waits without limit unless told otherwise" in told
        assert "*Where it throws*" in told
        assert await editor.hover(2) == ""

    edited(shop.root, "shop/prices.py", work)


def test_a_finding_can_be_accepted_with_a_reason_or_answered_with_a_proved_log_line(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> None:
        editor.open(SWALLOW)
        marks = await editor.marks()
        (mark,) = [one for one in marks if one.code == "swallowed-failure"]
        titles = {offer.title: offer for offer in await editor.offers(mark)}
        log = titles["Insert the missing log line (proved)"].edit
        assert log is not None and log.document_changes
        texts = [edit.new_text for edit in log.document_changes[0].edits]  # type: ignore[union-attr]
        assert any("logger." in text for text in texts)
        waive = titles["Accept 'swallowed-failure' here (write the reason)"].edit
        assert waive is not None and waive.document_changes
        (edit,) = waive.document_changes[0].edits  # type: ignore[union-attr]
        assert isinstance(edit, types.TextEdit)
        assert edit.new_text == "    # reviewer: waive[swallowed-failure] \n"

    edited(shop.root, "shop/prices.py", work, "--show-quiet")


def test_what_a_learned_pattern_finds_is_accepted_for_that_pattern_alone() -> None:
    place = types.Range(types.Position(0, 0), types.Position(0, 3))
    mark = types.Diagnostic(place, "told", code="learned-pattern", data={"patterns": ["slow-call"]})
    offer = waive("file:///a.py", 1, mark, "f()\n", len)
    assert offer is not None and offer.edit is not None and offer.edit.document_changes is not None
    (edit,) = offer.edit.document_changes[0].edits  # type: ignore[union-attr]
    assert isinstance(edit, types.TextEdit)
    assert edit.new_text == "# reviewer: waive[learned-pattern:slow-call] \n"


def test_what_is_committed_meanwhile_is_not_marked_any_more(shop: GitBuilder) -> None:
    analyst = Analyst(shop.root)
    assert analyst.review("shop/prices.py", FETCH).items
    shop.commit({"shop/prices.py": FETCH})
    assert not analyst.review("shop/prices.py", FETCH + "\n").items


def test_the_blocks_of_a_difference_are_those_that_a_diff_would_have() -> None:
    old, new = ["a", "b", "c", "d"], ["a", "x", "y", "c", "e", "d"]
    hunks = [(h.old_start, h.new_start, h.deleted, h.added) for h in hunks_between(old, new)]
    assert hunks == [(2, 2, ("b",), ("x", "y")), (3, 5, (), ("e",))]
    assert list(hunks_between(old, old)) == []


def test_a_patch_that_adds_lines_becomes_what_an_editor_inserts(shop: GitBuilder) -> None:
    shop.write(
        {"shop/prices.py": "import logging\n" + CLEAN.replace("    return", "    logging.info('x')\n    return")}
    )
    edits = [(edit.range.start.line, edit.new_text) for edit in edits_of(shop.git("diff") + "\n", len)]
    assert edits == [(0, "import logging\n"), (6, "    logging.info('x')\n")]


@pytest.mark.parametrize(
    "after",
    [
        "a\nb\nx\n",
        "a\nx\ny\nc\n",
        "new\na\nb\nc\n",
        "a\nb\nc\nend",
        "a\nb\nc",
        "x",
        "++ a\n-- b\nc\n",
    ],
)
@pytest.mark.parametrize("before", ["a\nb\nc\n", "a\nb\nc", "é\nb\n😀"])
def test_the_edits_of_a_patch_make_the_patched_text_of_the_document(before: str, after: str) -> None:
    diff = make_diff("a.py", before.encode(), after.encode()).decode()
    document = TextDocument("file:///a.py", before, position_codec=PositionCodec(types.PositionEncodingKind.Utf16))
    edits = edits_of(diff, document.position_codec.client_num_units)
    for edit in reversed(edits):
        document.apply_change(types.TextDocumentContentChangePartial(edit.range, edit.new_text))
    assert document.source == after


def test_a_mark_stands_where_the_editor_counts_it(shop: GitBuilder) -> None:
    async def work(editor: Editor) -> None:
        # The library applies pieces to other lines than the editor means, where a form feed stands in the file.
        assert editor.server is not None
        sync = editor.server.capabilities.text_document_sync
        assert isinstance(sync, types.TextDocumentSyncOptions)
        assert sync.change is types.TextDocumentSyncKind.Full
        editor.open('import requests\n\ndef f(u):\n    return "😀é", requests.get(u)\n')
        (mark,) = [one for one in await editor.marks() if one.code == "no-timeout"]
        assert mark.range == types.Range(types.Position(3, 21), types.Position(3, 36))

    edited(shop.root, "shop/prices.py", work, encoding=types.PositionEncodingKind.Utf8)


def test_a_pass_gives_way_to_the_log_line_and_a_comment_goes_behind_a_continued_line(shop: GitBuilder) -> None:
    text = (
        "import requests\n\ndef f(u):\n    try:\n        x = 1 + \\\n            requests.get(u)\n"
        "    except requests.RequestException:\n        pass"
    )

    async def work(editor: Editor) -> None:
        editor.open(text)
        marks = await editor.marks()
        clause = types.Diagnostic(types.Range(types.Position(6, 4), types.Position(6, 10)), "the clause")
        titles = {offer.title for offer in await editor.offers(clause)}
        assert "Insert the missing log line (proved)" in titles
        (endless,) = [one for one in marks if one.code == "no-timeout"]
        (waiver,) = [offer for offer in await editor.offers(endless) if offer.title.startswith("Accept")]
        assert waiver.edit is not None and waiver.edit.document_changes
        (edit,) = waiver.edit.document_changes[0].edits  # type: ignore[union-attr]
        assert isinstance(edit, types.TextEdit)
        assert (edit.range.start, edit.new_text) == (types.Position(5, 27), "  # reviewer: waive[no-timeout] ")

    edited(shop.root, "shop/prices.py", work, "--show-quiet")


def test_what_the_baseline_knows_is_not_marked(shop: GitBuilder) -> None:
    shop.write({"shop/prices.py": FETCH})
    command = [sys.executable, "-P", "-m", "reviewer", "review", "--worktree", "--write-baseline"]
    file = shop.root / ".reviewer/baseline.json"
    file.parent.mkdir()
    subprocess.run([*command, file], cwd=shop.root, capture_output=True, check=True)

    async def work(editor: Editor) -> None:
        editor.open(FETCH)
        assert await editor.marks() == []

    edited(shop.root, "shop/prices.py", work)


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
def test_neovim_shows_the_findings(shop: GitBuilder, tmp_path: Path) -> None:
    shop.write({"shop/prices.py": FETCH})
    command = [sys.executable, "-P", "-m", "reviewer", "lsp"]
    script = tmp_path / "try.lua"
    script.write_text(
        f"""
        -- Neovim 0.8 and later have vim.lsp.start for both of these; Debian 12 brings 0.7.
        local client = vim.lsp.start_client({{
          name = "reviewer",
          cmd = {{ {", ".join(f'"{part}"' for part in command)} }},
          root_dir = "{shop.root}",
        }})
        vim.lsp.buf_attach_client(0, client)
        vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end, 50)
        for _, one in ipairs(vim.diagnostic.get(0)) do
          io.stdout:write(one.source .. " " .. (one.code or one.user_data.lsp.code) .. " " .. (one.lnum + 1) .. "\\n")
        end
        """
    )
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "shop/prices.py", "-c", f"luafile {script}", "-c", "qa!"],
        cwd=shop.root,
        env=os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"reviewer no-timeout 11" in done.stdout, done.stderr.decode()
