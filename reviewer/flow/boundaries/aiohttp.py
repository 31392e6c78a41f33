"""Handlers and middleware of aiohttp's server.

`web.HTTPException` and its subclasses are responses. A TimeoutError is answered with 504, every other exception with
500. Middlewares wrap the handler, so that what they catch around `await handler(request)` ends there; there are no
other exception handlers.

Source: https://docs.aiohttp.org/en/stable/web_quickstart.html#exceptions,
https://docs.aiohttp.org/en/stable/web_advanced.html#middlewares; aiohttp/web_protocol.py RequestHandler._handle_request
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.answer import NO_START, OWN_STATUS, SERVER_ERROR, VERBS, by_handler, route_name, view_name
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations

_ROUTES = frozenset({"aiohttp.web.RouteTableDef", "aiohttp.web_routedef.RouteTableDef"})
_ADDS = frozenset({"add_get", "add_post", "add_put", "add_patch", "add_delete", "add_head", "add_options"})
_HTTP = tuple(
    f"aiohttp.web.{name}"
    for name in ("HTTPException", "HTTPError", "HTTPBadRequest", "HTTPUnauthorized", "HTTPForbidden", "HTTPNotFound",
                 "HTTPConflict", "HTTPFound", "HTTPSeeOther", "HTTPInternalServerError", "HTTPServiceUnavailable",
                 "HTTPUnprocessableEntity", "HTTPTooManyRequests", "HTTPOk", "HTTPBadGateway", "HTTPGatewayTimeout",
                 "HTTPMethodNotAllowed", "HTTPTemporaryRedirect", "HTTPMovedPermanently", "HTTPServerError",
                 "HTTPClientError", "HTTPRedirection", "HTTPSuccessful")
)  # fmt: skip
_TIMEOUT = Ending("504 Gateway Timeout to the caller", "answered")
_CANCELLED = Ending("the request is given up, as when the caller goes away", "answered", intended=True)

EXAMPLES = (
    Example(
        """
from aiohttp import web

@web.middleware
async def errors(request, handler):
    try:
        return await handler(request)
    except LookupError:
        return web.json_response({}, status=404)

async def order(request):
    return web.json_response(find(request))

app = web.Application(middlewares=[errors])
app.router.add_get("/orders/{id}", order)
""",
        "order",
        "route",
        "GET /orders/{id}",
        {
            "KeyError": ("answered by the handler errors (line 5)", "answered"),
            "ValueError": ("500 Internal Server Error to the caller", "answered"),
            "TimeoutError": ("504 Gateway Timeout to the caller", "answered"),
            "aiohttp.web.HTTPConflict": ("the status that it carries, to the caller", "answered"),
        },
    ),
    Example(
        """
from aiohttp import web

routes = web.RouteTableDef()

@routes.post("/orders")
async def add(request):
    return await save(request)
""",
        "add",
        "route",
        "POST /orders",
    ),
    Example(
        """
from aiohttp import web

class Orders(web.View):
    async def get(self):
        return await page()
""",
        "Orders.get",
        "route",
        "GET Orders",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of aiohttp's server that a function is."""
    file = candidate.file
    if not file.imports("aiohttp"):
        return
    layers = (*((clause,) for clause in file.remembered(handlers, lambda: tuple(handlers(file)))), *_OWN)
    complete = any(site.method == "Application" for site in file.sites("Application"))
    for decorator in candidate.decorators:
        if decorator.symbol in ("aiohttp.web.middleware", "aiohttp.web_middlewares.middleware"):
            name = f"middleware {candidate.method}"
            yield Boundary("middleware", "aiohttp", name, decorator.line, SERVER_ERROR, _OWN)
        elif decorator.owner in _ROUTES and (decorator.method in VERBS or decorator.method in ("route", "view")):
            name = route_name(decorator, candidate.method)
            yield Boundary("route", "aiohttp", name, decorator.line, SERVER_ERROR, layers, complete)
    if candidate.inherits("aiohttp.web.View") and candidate.method in VERBS:
        yield Boundary("route", "aiohttp", view_name(candidate), candidate.line, SERVER_ERROR, layers, complete)
    for handed in candidate.handed:
        site = handed.site
        verb = site.method.removeprefix("add_")
        is_add = site.method in _ADDS or (site.owner == "aiohttp.web" and site.method in VERBS)
        if is_add and handed.for_parameter("handler", 1):
            name = f"{verb.upper()} {site.arguments.text('path', 0) or candidate.method}"
            yield Boundary("route", "aiohttp", name, site.line, SERVER_ERROR, layers, complete)
        elif site.method in ("add_route", "route") and handed.for_parameter("handler", 2):
            name = f"{site.arguments.text('method', 0) or ''} {site.arguments.text('path', 1) or ''}".strip()
            yield Boundary("route", "aiohttp", name, site.line, SERVER_ERROR, layers, complete)
        elif site.method == "append" and _last_attribute(site.receiver) in ("on_startup", "cleanup_ctx"):
            yield Boundary("start", "aiohttp", f"start {candidate.method}", site.line, NO_START)


def handlers(file: Registrations) -> Iterator[Clause]:
    """What the middlewares of a file catch around the handler they call."""
    for name, decorator in file.decorated():
        if decorator.symbol not in ("aiohttp.web.middleware", "aiohttp.web_middlewares.middleware"):
            continue
        definition = file.outline.definitions[name]
        for node in ast.walk(definition.node):
            if isinstance(node, ast.Try) and _awaits_handler(node.body, definition.node):
                for handler in node.handlers:
                    types = file.types(handler.type, name) if handler.type is not None else ("BaseException",)
                    if types and not any(isinstance(part, ast.Raise) for part in ast.walk(handler)):
                        yield Clause(types, by_handler(file, name, decorator.line))


def _awaits_handler(body: list[ast.stmt], function: ast.stmt) -> bool:
    """Whether the statements call what the middleware got for its second parameter."""
    arguments = getattr(function, "args", None)
    names = [one.arg for one in arguments.args] if isinstance(arguments, ast.arguments) else []
    if len(names) < 2:
        return False
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == names[-1]
        for statement in body
        for node in ast.walk(statement)
    )


def _last_attribute(node: ast.expr | None) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else None


_OWN = (
    (
        Clause(_HTTP, OWN_STATUS),
        Clause(("TimeoutError", "asyncio.TimeoutError"), _TIMEOUT),
        Clause(("asyncio.CancelledError",), _CANCELLED),
    ),
)
