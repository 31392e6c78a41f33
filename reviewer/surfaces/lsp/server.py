"""The server: which messages of the protocol it answers, and when it reviews.

Each keystroke of a document starts its review anew after a short pause, and what was begun for an older version is
given up: it is not begun where it still waits, and not shown where it is done. Reviews run one after the other in one
thread, beside the one that talks to the editor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from reviewer import __version__
from reviewer.buffer_review import Analyst
from reviewer.errors import RepositoryError, ReviewerError
from reviewer.surfaces.lsp import action
from reviewer.surfaces.lsp.diagnostic import diagnostics_of
from reviewer.surfaces.lsp.hover import hover_text

T = TypeVar("T")
PAUSE = 0.04
"""Seconds without a keystroke after which a document is reviewed."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a document lies.

    Attributes:
        analyst: who reviews it.
        root: of its work tree; None where it lies in none.
        path: from the root.
    """

    analyst: Analyst
    root: Path | None
    path: str


class Office:
    """The analysts of an editor's repositories, and the one thread that they work in."""

    def __init__(self) -> None:
        self._analysts: dict[Path | None, Analyst] = {}
        self._thread = ThreadPoolExecutor(1, "reviewer")

    def settle(self, document: TextDocument) -> Settled | None:
        """Find a document's repository; None for what is no Python file of this machine."""
        name = to_fs_path(document.uri)
        if name is None or not name.endswith((".py", ".pyw")):
            return None
        file = Path(name)
        root = _root_of(file.parent)
        path = file.relative_to(root).as_posix() if root is not None else file.name
        return Settled(self._analysts.setdefault(root, Analyst(root)), root, path)

    async def do(self, work: Callable[[], T]) -> T:
        """Have something done in the analysts' thread; what waits for it is never begun once it is cancelled."""
        return await asyncio.wrap_future(self._thread.submit(work))

    def forget(self) -> None:
        """Files on the disk have changed."""
        for analyst in self._analysts.values():
            self._thread.submit(analyst.forget)


def build_server(*, quiet: bool = False) -> LanguageServer:
    """The language server.

    Args:
        quiet: mark low findings too.
    """
    # The library would apply the pieces of an incremental change to lines as `str.splitlines` has them, which takes a
    # form feed for a line end; the protocol does not (LSP 3.17, Text Documents).
    server = LanguageServer("reviewer", __version__, types.TextDocumentSyncKind.Full)
    office = Office()
    _follow(server, office, quiet=quiet)
    _answer(server, office)
    return server


def _follow(server: LanguageServer, office: Office, *, quiet: bool) -> None:
    """Review each document as it changes."""
    begun: dict[str, asyncio.Task[None]] = {}

    async def review(uri: str) -> None:
        await asyncio.sleep(PAUSE)
        document = server.workspace.get_text_document(uri)
        place = office.settle(document)
        if place is None:
            return
        version, text = document.version, document.source
        try:
            found = await office.do(lambda: place.analyst.review(place.path, text))
        except ReviewerError as error:
            server.window_log_message(types.LogMessageParams(types.MessageType.Warning, str(error)))
            return
        if server.workspace.get_text_document(uri).version != version:
            return
        for complaint in found.complaints:
            server.window_log_message(types.LogMessageParams(types.MessageType.Info, f"not checked: {complaint}"))
        units = server.workspace.position_codec.client_num_units
        marks = diagnostics_of(found.items, text, place.root, units, quiet=quiet)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, marks, version))

    def begin(uri: str) -> None:
        if (older := begun.pop(uri, None)) is not None:
            older.cancel()
        begun[uri] = asyncio.ensure_future(review(uri))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        begin(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        begin(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        office.forget()
        begin(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if (task := begun.pop(uri, None)) is not None:
            task.cancel()
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _answer(server: LanguageServer, office: Office) -> None:
    """Tell what is asked about a place."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        place = office.settle(document)
        if place is None:
            return None
        text, line = document.source, params.position.line + 1
        told = hover_text(await office.do(lambda: place.analyst.explain(place.path, text, line)))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told)) if told else None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = server.workspace.get_text_document(params.text_document.uri)
        place = office.settle(document)
        if place is None:
            return []
        uri, version, text = document.uri, document.version, document.source
        offered: list[types.CodeAction] = []
        marks = action.ours(params.context.diagnostics)
        line = params.range.start.line + 1
        units = server.workspace.position_codec.client_num_units
        patch = await office.do(lambda: place.analyst.log_patch(place.path, text, line))
        if patch is not None:
            offered.append(action.insert_log(uri, version, patch, marks[0] if marks else None, units))
        for mark in marks:
            offered.extend(action.show_pattern(one, mark) for one in action.patterns_of(mark))
            if (waiver := action.waive(uri, version, mark, text, units)) is not None:
                offered.append(waiver)
        return offered

    @server.command(action.SHOW_PATTERN)
    async def show_pattern(identity: str) -> None:
        page, source = await office.do(lambda: _pattern(identity))
        if source:
            await server.window_show_document_async(types.ShowDocumentParams(source, external=True))
        else:
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, page))


def _pattern(identity: str) -> tuple[str, str]:
    """A pattern's page, and the address of its latest incident; "" where no browser can show it."""
    from reviewer.render.pattern import pattern_page
    from reviewer.surfaces.cli.patterns.shared import find

    try:
        pattern, known = find(None, identity)
    except ReviewerError as error:
        return str(error), ""
    lessons = [lesson for lesson in known.lessons if lesson.id in pattern.incidents]
    lessons.sort(key=lambda lesson: lesson.date, reverse=True)
    sources = [lesson.source for lesson in lessons if urlsplit(lesson.source).scheme in ("http", "https")]
    return pattern_page(pattern, known.lessons), sources[0] if sources else ""


def _root_of(folder: Path) -> Path | None:
    from reviewer.diff.place import locate

    try:
        return locate(folder).work_tree
    except RepositoryError:
        return None
