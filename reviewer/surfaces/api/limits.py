"""What is refused before a route sees it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.surfaces.api.problem import MEDIA_TYPE, answer

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


class LocalOnly:
    """Answers only who calls this machine by its own name.

    Without keys, a page in a browser could otherwise have a name of its own lead here (DNS rebinding) and ask.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = headers.get("host", "")
            name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
            origin = headers.get("origin")
            foreign = origin is not None and origin.partition("://")[2] != host
            if name not in _LOCAL or foreign:
                detail = "without keys this service answers this machine only; call it as http://127.0.0.1"
                await answer(403, "forbidden", detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class NoNul:
    """Refuses addresses with a NUL in them, which no database keeps and no name has.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 400."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            await answer(400, "usage", "the address holds a NUL; leave it out")(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "") == MEDIA_TYPE


class TooLongAsProblem:
    """Answers a body that is too long by a problem document; the framework refuses it in plain text.

    Args:
        app: what is behind it.
        most_bytes: of a body.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._detail = f"the body has more than {most_bytes:,} bytes; name a repository instead of sending a diff"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        replaced = False

        async def noted(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == 413 and not _is_problem(message):
                replaced = True
                await answer(413, "too-long", self._detail)(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, noted)
