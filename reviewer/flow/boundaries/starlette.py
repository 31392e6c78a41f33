"""Routes, middleware and background tasks of FastAPI and Starlette.

An exception is looked up by its class and then its bases among the registered handlers; HTTPException and (in FastAPI)
RequestValidationError have handlers by themselves. A handler for `Exception` or 500 answers too, and the exception is
raised again so that the server logs it. What a middleware raises passes all handlers but that last one: an
HTTPException there is a 500. A background task runs after the response is sent: nobody can be told any more, and the
tasks after it are not run.

Source: https://www.starlette.io/exceptions/, https://fastapi.tiangolo.com/tutorial/handling-errors/,
https://www.starlette.io/background/; starlette/middleware/errors.py and starlette/_exception_handler.py
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
    code_of,
    handed_name,
    handled_pairs,
    is_foreign,
    is_route,
    route_name,
    view_name,
)
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations

_MAKERS = frozenset({"fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"})
_APPLICATIONS = _MAKERS | {"fastapi.APIRouter", "fastapi.routing.APIRouter", "starlette.routing.Router"}
_ROOTS = ("fastapi", "starlette")
_ADDS = frozenset({"add_route", "add_api_route", "add_websocket_route", "Route", "APIRoute", "WebSocketRoute"})
_HTTP = ("starlette.exceptions.HTTPException", "fastapi.HTTPException")
_SOCKET = ("starlette.exceptions.WebSocketException", "fastapi.WebSocketException")

_CUT = Ending("the connection is cut and the server logs a traceback", "answered")
_GONE = Ending("the client has gone; the server logs it as an error", "lost")
_MIDDLEWARE = Ending("500 Internal Server Error to the caller, exception handlers do not see a middleware", "answered")
_AFTER = Ending("the server logs it after the response is sent, and the background tasks after it are not run", "lost")

EXAMPLES = (
    Example(
        """
from fastapi import FastAPI, HTTPException

app = FastAPI()

@app.exception_handler(LookupError)
async def not_found(request, error):
    return answer(404)

@app.get("/orders/{id}")
async def order(id: int):
    return find(id)
""",
        "order",
        "route",
        "GET /orders/{id}",
        {
            "ValueError": ("500 Internal Server Error to the caller", "answered"),
            "KeyError": ("answered by the handler not_found (line 7)", "answered"),
            "starlette.exceptions.HTTPException": ("the status that it carries, to the caller", "answered"),
            "fastapi.exceptions.RequestValidationError": (
                "422 Unprocessable Entity to the caller",
                "answered",
            ),
        },
    ),
    Example(
        """
from fastapi import FastAPI

def oops(request, error):
    return answer(500)

app = FastAPI(exception_handlers={Exception: oops})

@app.get("/")
def home():
    return page()
""",
        "home",
        "route",
        "GET /",
        {
            "ValueError": (
                "answered by the handler oops (line 4), and raised again for the server to log",
                "answered",
            ),
            "fastapi.HTTPException": ("the status that it carries, to the caller", "answered"),
        },
    ),
    Example(
        """
from fastapi import APIRouter, BackgroundTasks

router = APIRouter()

def send_mail(address):
    deliver(address)

@router.post("/orders")
def order(tasks: BackgroundTasks):
    tasks.add_task(send_mail, "a@b")
""",
        "send_mail",
        "background",
        "background task send_mail",
        {
            "OSError": (
                "the server logs it after the response is sent, and the background tasks after it are not run",
                "lost",
            )
        },
    ),
    Example(
        """
from fastapi import Depends
from shop.web import app

def current_user(token):
    return decode(token)

@app.get("/me")
def me(user=Depends(current_user)):
    return user
""",
        "current_user",
        "route",
        "dependency current_user",
        {"ValueError": ("500 Internal Server Error to the caller", "answered")},
    ),
    Example(
        """
from fastapi import FastAPI, HTTPException

app = FastAPI()

@app.middleware("http")
async def check(request, call_next):
    raise HTTPException(403)
""",
        "check",
        "middleware",
        "middleware check",
        {
            "fastapi.HTTPException": (
                "500 Internal Server Error to the caller, exception handlers do not see a middleware",
                "answered",
            )
        },
    ),
    Example(
        """
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.endpoints import HTTPEndpoint

class Orders(HTTPEndpoint):
    async def get(self, request):
        return page(request)

async def home(request):
    return page(request)

app = Starlette(routes=[Route("/", home), Route("/orders", Orders)])
""",
        "Orders.get",
        "route",
        "GET Orders",
        {"KeyError": ("500 Internal Server Error to the caller", "answered")},
    ),
    Example(
        """
from starlette.applications import Starlette
from starlette.routing import Route

async def home(request):
    return page(request)

app = Starlette(routes=[Route("/", home, methods=["GET"])])
""",
        "home",
        "route",
        "GET /",
    ),
    Example(
        """
from fastapi import FastAPI

app = FastAPI()

@app.websocket("/feed")
async def feed(socket):
    await socket.accept()
""",
        "feed",
        "route",
        "websocket /feed",
        {
            "starlette.exceptions.WebSocketException": (
                "the connection is closed with the code it carries",
                "answered",
            ),
            "starlette.websockets.WebSocketDisconnect": ("the client has gone; the server logs it as an error", "lost"),
            "KeyError": ("the connection is cut and the server logs a traceback", "answered"),
        },
    ),
    Example(
        """
from fastapi import FastAPI

def helper():
    return 1

app = FastAPI()
""",
        "helper",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of FastAPI and Starlette that a function is."""
    file = candidate.file
    framework = "FastAPI" if file.imports("fastapi") else "Starlette"
    complete = any(site.callee in _MAKERS for site in file.sites("FastAPI", "Starlette"))
    layers = (_handlers(file) + tuple(_own(framework)),)
    for decorator in candidate.decorators:
        method = decorator.method
        if method == "exception_handler" and (decorator.owner in _APPLICATIONS or file.imports(*_ROOTS)):
            yield Boundary("handler", framework, f"handler {candidate.name}", decorator.line, SERVER_ERROR)
        elif method == "middleware" and (
            decorator.owner in _APPLICATIONS or (is_foreign(decorator) and file.imports(*_ROOTS))
        ):
            yield _middleware(candidate, framework, decorator.line)
        elif method == "on_event" and decorator.owner in _APPLICATIONS:
            name = f"{decorator.arguments.text('event_type', 0) or 'event'} {candidate.name}"
            yield Boundary("start", framework, name, decorator.line, NO_START)
        elif is_route(decorator, file, _APPLICATIONS, _ROOTS):
            name = route_name(decorator, candidate.name)
            if method in ("websocket", "websocket_route"):
                yield _socket(framework, name, decorator.line, complete)
            elif method in VERBS or method in ("route", "api_route"):
                yield Boundary("route", framework, name, decorator.line, SERVER_ERROR, layers, complete)
    if candidate.inherits("starlette.endpoints.HTTPEndpoint") and candidate.method in VERBS | {"dispatch"}:
        yield Boundary("route", framework, view_name(candidate), candidate.line, SERVER_ERROR, layers, complete)
    if candidate.inherits("starlette.endpoints.WebSocketEndpoint") and candidate.method.startswith("on_"):
        yield _socket(framework, view_name(candidate), candidate.line, complete)
    if candidate.inherits("starlette.middleware.base.BaseHTTPMiddleware") and candidate.method == "dispatch":
        yield _middleware(candidate, framework, candidate.line)
    yield from _handed(candidate, framework, layers, complete)


def handlers(file: Registrations) -> Iterator[Clause]:
    """The exception handlers that a file registers."""
    if not file.imports(*_ROOTS):
        return
    for name, decorator in file.decorated():
        if decorator.method == "exception_handler" and "." in decorator.written:
            node = decorator.arguments.get("exc_class_or_status_code", 0)
            yield from _clauses(file, code_of(node), file.types(node), name, decorator.line)
    for site in file.sites("add_exception_handler"):
        node = site.arguments.get("exc_class_or_status_code", 0)
        function = file.function(site.arguments.get("handler", 1), site.scope)
        yield from _clauses(file, code_of(node), file.types(node, site.scope), function, site.line)
    for site in file.sites("FastAPI", "Starlette"):
        for key, value in handled_pairs(site.arguments, "exception_handlers"):
            function = file.function(value, site.scope)
            yield from _clauses(file, code_of(key), file.types(key, site.scope), function, site.line)


def _handlers(file: Registrations) -> tuple[Clause, ...]:
    return file.remembered(handlers, lambda: tuple(handlers(file)))


def _clauses(
    file: Registrations, code: int | None, types: tuple[str, ...], name: str | None, line: int
) -> Iterator[Clause]:
    if code == 500 or types == ("Exception",):
        note = ", and raised again for the server to log"
        yield Clause(("Exception",), by_handler(file, name, line, note))
    elif code is None and types:
        yield Clause(types, by_handler(file, name, line))


def _own(framework: str) -> Iterator[Clause]:
    yield Clause(_HTTP, OWN_STATUS)
    if framework == "FastAPI":
        told = Ending("422 Unprocessable Entity to the caller", "answered", intended=True)
        yield Clause(("fastapi.exceptions.RequestValidationError",), told)


def _middleware(candidate: Candidate, framework: str, line: int) -> Boundary:
    last = tuple(clause for clause in _handlers(candidate.file) if clause.types == ("Exception",))
    return Boundary("middleware", framework, f"middleware {candidate.name}", line, _MIDDLEWARE, (last,))


def _socket(framework: str, name: str, line: int, complete: bool) -> Boundary:
    closed = Ending("the connection is closed with the code it carries", "answered", intended=True)
    own = (Clause(_SOCKET, closed), Clause(("starlette.websockets.WebSocketDisconnect",), _GONE))
    return Boundary("route", framework, name, line, _CUT, (own,), complete)


def _handed(
    candidate: Candidate, framework: str, layers: tuple[tuple[Clause, ...], ...], complete: bool
) -> Iterator[Boundary]:
    file = candidate.file
    for handed in candidate.handed:
        site = handed.site
        if handed.called:
            continue
        if site.method in _ADDS and file.imports(*_ROOTS) and handed.for_parameter("endpoint", 1):
            name = handed_name(site.arguments, candidate.name)
            if "ebsocket" in site.method or "ebSocket" in site.method:
                yield _socket(framework, name, site.line, complete)
            else:
                yield Boundary("route", framework, name, site.line, SERVER_ERROR, layers, complete)
        elif site.callee in ("fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"):
            name = f"dependency {candidate.name}"
            yield Boundary("route", framework, name, site.line, SERVER_ERROR, layers, complete)
        elif (site.method == "add_task" and site.owner.endswith("BackgroundTasks")) or site.callee in (
            "starlette.background.BackgroundTask",
            "starlette.background.BackgroundTasks",
        ):
            if handed.for_parameter("func", 0):
                yield Boundary("background", framework, f"background task {candidate.name}", site.line, _AFTER)
        elif site.method == "add_event_handler" and file.imports(*_ROOTS):
            yield Boundary("start", framework, f"event handler {candidate.name}", site.line, NO_START)
        elif site.method in ("FastAPI", "Starlette") and handed.keyword == "lifespan":
            yield Boundary("start", framework, f"lifespan {candidate.name}", site.line, NO_START)
