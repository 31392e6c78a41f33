"""Routes and hooks of Flask and Quart.

A handler is looked up by status code and then by the exception's class and its bases, first those of the blueprint.
A handler for `Exception` takes HTTPException as well. What no handler takes is wrapped in InternalServerError, for
which a handler of 500 may be registered. `before_request` hooks are handled like routes; what a teardown function
raises goes to the server.

Source: https://flask.palletsprojects.com/en/stable/errorhandling/; flask/app.py handle_user_exception
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.answer import (
    OWN_STATUS,
    SERVER_ERROR,
    VERBS,
    by_handler,
    code_of,
    handed_name,
    is_foreign,
    is_route,
    route_name,
    view_name,
)
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations

_MAKERS = frozenset({"flask.Flask", "flask.app.Flask", "quart.Quart", "quart.app.Quart"})
_BLUEPRINTS = frozenset({"flask.Blueprint", "flask.blueprints.Blueprint", "quart.Blueprint"})
_APPLICATIONS = _MAKERS | _BLUEPRINTS
_ROOTS = ("flask", "quart", "flask_restful", "flask_restx")
_HOOKS = frozenset({"before_request", "after_request", "before_app_request", "after_app_request", "context_processor"})
_TEARDOWNS = frozenset({"teardown_request", "teardown_appcontext", "teardown_app_request"})
_VIEWS = (
    "flask.views.MethodView", "flask.views.View", "quart.views.MethodView", "quart.views.View",
    "flask_restful.Resource", "flask_restx.Resource",
)  # fmt: skip
_BY_CODE = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    409: "Conflict", 410: "Gone", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType",
    422: "UnprocessableEntity", 429: "TooManyRequests", 500: "InternalServerError", 501: "NotImplemented",
    502: "BadGateway", 503: "ServiceUnavailable", 504: "GatewayTimeout",
}  # fmt: skip
_TEARDOWN = Ending("raised to the server, which answers 500; no error handler sees it", "answered")

EXAMPLES = (
    Example(
        """
from flask import Flask

app = Flask(__name__)

@app.errorhandler(ValueError)
def bad_value(error):
    return "bad", 400

@app.errorhandler(500)
def broken(error):
    return "sorry", 500

@app.route("/orders", methods=["GET", "POST"])
def orders():
    return page()
""",
        "orders",
        "route",
        "GET/POST /orders",
        {
            "UnicodeDecodeError": ("answered by the handler bad_value (line 7)", "answered"),
            "KeyError": ("500 by the handler broken (line 11)", "answered"),
            "werkzeug.exceptions.NotFound": ("the status that it carries, to the caller", "answered"),
        },
    ),
    Example(
        """
from flask import Blueprint

bp = Blueprint("orders", __name__)
other = Blueprint("other", __name__)

@other.errorhandler(KeyError)
def elsewhere(error):
    return "no", 404

@bp.get("/orders")
def orders():
    return page()
""",
        "orders",
        "route",
        "GET /orders",
        {"KeyError": ("500 Internal Server Error to the caller", "answered")},
    ),
    Example(
        """
from flask import Flask

def create_app():
    app = Flask(__name__)
    app.register_error_handler(Exception, everything)

    @app.before_request
    def check():
        return None

    return app

def everything(error):
    return "no", 500
""",
        "create_app.check",
        "route",
        "before_request check",
        {
            "KeyError": ("answered by the handler everything (line 14)", "answered"),
            "werkzeug.exceptions.NotFound": ("answered by the handler everything (line 14)", "answered"),
        },
    ),
    Example(
        """
from flask.views import MethodView

class Orders(MethodView):
    def get(self):
        return page()
""",
        "Orders.get",
        "route",
        "GET Orders",
        {"KeyError": ("500 Internal Server Error to the caller", "answered")},
    ),
    Example(
        """
from flask import jsonify
from shop.web import app

def view():
    return page()

app.add_url_rule("/x", view_func=view)
""",
        "view",
        "route",
        "/x",
        {"KeyError": ("500 Internal Server Error to the caller", "answered")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The boundaries of Flask and Quart that a function is."""
    file = candidate.file
    if not file.imports(*_ROOTS):
        return
    framework = "Quart" if file.imports("quart") else "Flask"
    complete = any(site.callee in _MAKERS for site in file.sites("Flask", "Quart"))
    for decorator in candidate.decorators:
        method = decorator.method
        mine = decorator.owner in _APPLICATIONS
        own = _layers(file, decorator.written.rpartition(".")[0])
        if method in ("errorhandler", "app_errorhandler"):
            yield Boundary("handler", framework, f"handler {candidate.method}", decorator.line, SERVER_ERROR)
        elif method in _HOOKS and (mine or is_foreign(decorator)):
            name = f"{method} {candidate.method}"
            yield Boundary("route", framework, name, decorator.line, SERVER_ERROR, own, complete)
        elif method in _TEARDOWNS and (mine or is_foreign(decorator)):
            yield Boundary("route", framework, f"{method} {candidate.method}", decorator.line, _TEARDOWN)
        elif is_route(decorator, file, _APPLICATIONS, _ROOTS) and (method in VERBS or method in ("route", "websocket")):
            name = route_name(decorator, candidate.method)
            yield Boundary("route", framework, name, decorator.line, SERVER_ERROR, own, complete)
    if candidate.inherits(*_VIEWS) and (candidate.method in VERBS or candidate.method == "dispatch_request"):
        yield Boundary(
            "route", framework, view_name(candidate), candidate.line, SERVER_ERROR, _layers(file, ""), complete
        )
    for handed in candidate.handed:
        if handed.site.method == "add_url_rule" and handed.for_parameter("view_func", 2):
            name = handed_name(handed.site.arguments, candidate.method)
            yield Boundary("route", framework, name, handed.site.line, SERVER_ERROR, _layers(file, ""), complete)


def handlers(file: Registrations) -> Iterator[Clause]:
    """The exception handlers that a file registers for a whole application."""
    if file.imports(*_ROOTS):
        for layer in _layers(file, ""):
            yield from (clause for clause in layer if clause.ending is not OWN_STATUS)


def _layers(file: Registrations, owner: str) -> tuple[tuple[Clause, ...], ...]:
    return file.remembered((_read_layers, owner), lambda: _read_layers(file, owner))


def _read_layers(file: Registrations, owner: str) -> tuple[tuple[Clause, ...], ...]:
    """What is done with exceptions of routes of one object, as written: its blueprint's handlers first."""
    near: list[Clause] = []
    wide: list[Clause] = []
    last: list[Clause] = []
    for name, decorator in file.decorated():
        if decorator.method not in ("errorhandler", "app_errorhandler") or "." not in decorator.written:
            continue
        of_blueprint = decorator.owner in _BLUEPRINTS and decorator.method == "errorhandler"
        if of_blueprint and decorator.written.rpartition(".")[0] != owner:
            continue
        node = decorator.arguments.get("code_or_exception", 0)
        ending = by_handler(file, name, decorator.line)
        (near if of_blueprint else wide).extend(_clauses(node, file.types(node), ending))
        last.extend(_for_the_rest(node, ending))
    for site in file.sites("register_error_handler"):
        node = site.arguments.get("code_or_exception", 0)
        ending = by_handler(file, file.function(site.arguments.get("f", 1), site.scope), site.line)
        wide.extend(_clauses(node, file.types(node, site.scope), ending))
        last.extend(_for_the_rest(node, ending))
    builtin = Clause(("werkzeug.exceptions.HTTPException",), OWN_STATUS)
    return tuple(near), tuple(wide), (builtin,), tuple(last)


def _clauses(node: ast.expr | None, types: tuple[str, ...], ending: Ending) -> Iterator[Clause]:
    """What a handler registered for a class or a code takes."""
    code = code_of(node)
    if code is None and types:
        yield Clause(types, ending)
    elif code in _BY_CODE:
        yield Clause((f"werkzeug.exceptions.{_BY_CODE[code]}",), ending)


def _for_the_rest(node: ast.expr | None, ending: Ending) -> Iterator[Clause]:
    """A handler of 500 also takes what no other handler does; that is the page for a mistake, not its handling."""
    if code_of(node) == 500:
        told = ending.words.removeprefix("answered ")
        yield Clause(("Exception",), Ending(f"500 {told}", "answered"))
