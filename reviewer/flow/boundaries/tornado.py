"""Request handlers and loop callbacks of Tornado.

`HTTPError` carries its status (400 for a missing argument), `Finish` ends the request as if nothing happened,
everything else is a 500 and logged; `write_error` may be overridden to write the page. A callback of the loop that
raises is logged, and the loop goes on, a periodic one at its next time; what a web socket's
method raises cuts the connection.

Source: https://www.tornadoweb.org/en/stable/guide/structure.html#error-handling,
https://www.tornadoweb.org/en/stable/ioloop.html; tornado/web.py RequestHandler._handle_request_exception
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.answer import OWN_STATUS, VERBS, view_name
from reviewer.flow.boundaries.entry import Candidate, Example

_HANDLERS = ("tornado.web.RequestHandler", "tornado.websocket.WebSocketHandler")
_ADDS = frozenset({"add_callback", "spawn_callback", "call_later", "call_at", "add_timeout", "PeriodicCallback"})
_FINISHED = Ending("the request ends with what was written so far", "answered", intended=True)
_CUT = Ending("the connection is cut and the exception logged", "answered")
_LOGGED = Ending("the loop logs it and goes on, and nobody is told", "lost")
_PERIODIC = Ending("the loop logs it and calls again at the next time", "lost")

EXAMPLES = (
    Example(
        """
import tornado.web

class Base(tornado.web.RequestHandler):
    def write_error(self, status, **kwargs):
        self.write({"status": status})

class Order(Base):
    async def get(self, id):
        self.write(find(id))
""",
        "Order.get",
        "route",
        "GET Order",
        {
            "KeyError": ("500 to the caller, written by write_error (line 5)", "answered"),
            "tornado.web.HTTPError": ("the status that it carries, to the caller", "answered"),
            "tornado.web.Finish": ("the request ends with what was written so far", "answered"),
        },
    ),
    Example(
        """
from tornado.ioloop import PeriodicCallback

def refresh():
    load()

PeriodicCallback(refresh, 1000).start()
""",
        "refresh",
        "schedule",
        "PeriodicCallback refresh",
        {"OSError": ("the loop logs it and calls again at the next time", "lost")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of Tornado that a function is."""
    file = candidate.file
    if not file.imports("tornado"):
        return
    if candidate.inherits(*_HANDLERS):
        if candidate.method in VERBS or candidate.method in ("prepare", "initialize"):
            yield Boundary("route", "Tornado", view_name(candidate), candidate.line, _page(candidate), (_OWN,))
        elif candidate.method in ("open", "on_message") and candidate.inherits(_HANDLERS[1]):
            yield Boundary("route", "Tornado", view_name(candidate), candidate.line, _CUT)
    for handed in candidate.handed:
        site = handed.site
        if site.method in _ADDS and ("tornado" in site.callee or "ioloop" in site.callee.lower()):
            periodic = site.method == "PeriodicCallback"
            name = f"{site.method} {candidate.method}"
            yield Boundary(
                "schedule" if periodic else "callback", "Tornado", name, site.line, _PERIODIC if periodic else _LOGGED
            )


def _page(candidate: Candidate) -> Ending:
    found = candidate.file.names.attributes.of(candidate.owner, "write_error")
    written = found.symbol if found is not None else None
    if written is not None and written.startswith("."):
        line = candidate.file.line_of(written[1:])
        return Ending(f"500 to the caller, written by write_error (line {line})", "answered")
    return Ending("500 Internal Server Error to the caller", "answered")


_OWN = (
    Clause(("tornado.web.HTTPError", "tornado.web.MissingArgumentError"), OWN_STATUS),
    Clause(("tornado.web.Finish",), _FINISHED),
)
