"""Routes, middleware and background tasks of Sanic.

Handlers are looked up by the exception's class and then its bases; SanicException and its subclasses carry a status,
everything else is a 500. Middleware is handled like a route. A listener that raises stops the server from starting.

Source: https://sanic.dev/en/guide/best-practices/exceptions.html; sanic/handlers/error.py
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.answer import (
    NO_START,
    OWN_STATUS,
    SERVER_ERROR,
    VERBS,
    by_handler,
    handed_name,
    is_foreign,
    is_route,
    route_name,
    view_name,
)
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations

_APPLICATIONS = frozenset({"sanic.Sanic", "sanic.app.Sanic", "sanic.Blueprint", "sanic.blueprints.Blueprint"})
_LISTENERS = frozenset({"before_server_start", "after_server_start", "main_process_start", "listener"})
_CARRIES = tuple(
    f"sanic.exceptions.{name}"
    for name in ("SanicException", "HTTPException", "NotFound", "BadRequest", "InvalidUsage", "MethodNotAllowed",
                 "ServerError", "ServiceUnavailable", "RequestTimeout", "PayloadTooLarge", "Unauthorized", "Forbidden")
)  # fmt: skip
_TASK = Ending("the loop logs it, and nobody is told that the task has ended", "lost")

EXAMPLES = (
    Example(
        """
from sanic import Sanic

app = Sanic("shop")

@app.exception(ValueError, KeyError)
async def bad(request, error):
    return answer(400)

@app.get("/orders")
async def orders(request):
    return page()
""",
        "orders",
        "route",
        "GET /orders",
        {
            "KeyError": ("answered by the handler bad (line 7)", "answered"),
            "sanic.exceptions.NotFound": ("the status that it carries, to the caller", "answered"),
            "OSError": ("500 Internal Server Error to the caller", "answered"),
        },
    ),
    Example(
        """
from sanic import Sanic

app = Sanic("shop")

async def watch(app):
    await look()

app.add_task(watch(app))
""",
        "watch",
        "background",
        "task watch",
        {"OSError": ("the loop logs it, and nobody is told that the task has ended", "lost")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of Sanic that a function is."""
    file = candidate.file
    if not file.imports("sanic"):
        return
    layers = ((*file.remembered(handlers, lambda: tuple(handlers(file))), Clause(_CARRIES, OWN_STATUS)),)
    complete = any(site.callee in _APPLICATIONS for site in file.sites("Sanic"))
    for decorator in candidate.decorators:
        method = decorator.method
        mine = decorator.owner in _APPLICATIONS or is_foreign(decorator)
        if method == "exception" and mine:
            yield Boundary("handler", "Sanic", f"handler {candidate.method}", decorator.line, SERVER_ERROR)
        elif method in ("middleware", "on_request", "on_response") and mine:
            name = f"middleware {candidate.method}"
            yield Boundary("middleware", "Sanic", name, decorator.line, SERVER_ERROR, layers, complete)
        elif method in _LISTENERS and mine:
            yield Boundary("start", "Sanic", f"{method} {candidate.method}", decorator.line, NO_START)
        elif is_route(decorator, file, _APPLICATIONS, ("sanic",)) and (
            method in VERBS or method in ("route", "websocket")
        ):
            name = route_name(decorator, candidate.method)
            yield Boundary("route", "Sanic", name, decorator.line, SERVER_ERROR, layers, complete)
    if candidate.inherits("sanic.views.HTTPMethodView") and candidate.method in VERBS:
        yield Boundary("route", "Sanic", view_name(candidate), candidate.line, SERVER_ERROR, layers, complete)
    for handed in candidate.handed:
        method = handed.site.method
        if method in ("add_route", "add_websocket_route") and handed.for_parameter("handler", 0):
            name = handed_name(handed.site.arguments, candidate.method)
            yield Boundary("route", "Sanic", name, handed.site.line, SERVER_ERROR, layers, complete)
        elif method == "add_task" and handed.for_parameter("task", 0):
            yield Boundary("background", "Sanic", f"task {candidate.method}", handed.site.line, _TASK)


def handlers(file: Registrations) -> Iterator[Clause]:
    """The exception handlers that a file registers."""
    if not file.imports("sanic"):
        return
    for name, decorator in file.decorated():
        if decorator.method == "exception" and decorator.called and "." in decorator.written:
            call = decorator.arguments.call
            types = tuple(kind for node in (call.args if call else ()) for kind in file.types(node))
            if types:
                yield Clause(types, by_handler(file, name, decorator.line))
    for site in file.sites("add", "exception"):
        if site.receiver is not None and ".error_handler" in f".{site.callee}":
            types = file.types(site.arguments.get("exception", 0), site.scope)
            if types:
                function = file.function(site.arguments.get("handler", 1), site.scope)
                yield Clause(types, by_handler(file, function, site.line))
