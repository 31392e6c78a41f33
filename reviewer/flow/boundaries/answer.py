"""What the web frameworks have in common: how routes are written, and the usual endings of a request."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Clause, Ending
from reviewer.flow.boundaries.entry import Candidate
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import Arguments, Decorator

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
"""Names of route decorators and of the methods of class-based views."""

WEB_ROOTS = frozenset(
    {"fastapi", "starlette", "flask", "quart", "sanic", "aiohttp", "django", "rest_framework", "tornado"}
)
"""Packages that have an entry of their own."""

SERVER_ERROR = Ending("500 Internal Server Error to the caller", "answered")
OWN_STATUS = Ending("the status that it carries, to the caller", "answered", intended=True)
NO_START = Ending("the application does not start", "ends")


def by_handler(file: Registrations, name: str | None, line: int, note: str = "") -> Ending:
    """The ending that a registered handler makes.

    Args:
        file: where the handler stands.
        name: its qualified name; None when it is not a function of the file.
        line: the line of the registration, told when the handler is not of the file.
        note: what happens besides.
    """
    told = f"the handler {name} (line {file.line_of(name)})" if name else f"the handler registered in line {line}"
    return Ending(f"answered by {told}{note}", "answered", intended=True)


def is_route(decorator: Decorator, file: Registrations, applications: frozenset[str], roots: tuple[str, ...]) -> bool:
    """Whether a decorator makes a route of one framework.

    Where the application is an object of another file, its form tells: a method named like a route decorator with a
    path for its first argument, in a file that imports the framework.
    """
    if decorator.owner in applications:
        return True
    return is_foreign_route(decorator) and file.imports(*roots)


def is_foreign_route(decorator: Decorator) -> bool:
    """Whether a decorator has the form of a route's, and its object is of no known framework."""
    if not decorator.called or "." not in decorator.written or decorator.symbol.partition(".")[0] in WEB_ROOTS:
        return False
    if decorator.method not in VERBS | {"route", "websocket", "api_route"}:
        return False
    path = path_of(decorator.arguments)
    return path is not None and (path == "" or path.startswith("/"))


def is_foreign(decorator: Decorator) -> bool:
    """Whether a decorator is a method of an object that is of no known framework."""
    return "." in decorator.written and decorator.symbol.partition(".")[0] not in WEB_ROOTS


def path_of(arguments: Arguments) -> str | None:
    """The path of a route, when it is written as a constant."""
    return arguments.text("path", 0) or arguments.text("rule", 0) or arguments.text("uri", 0) or _empty(arguments)


def route_name(decorator: Decorator, otherwise: str) -> str:
    """The route as people say it: "GET /orders/{id}"."""
    verbs = decorator.method.upper() if decorator.method in VERBS else _methods(decorator.arguments)
    if decorator.method == "websocket":
        verbs = "websocket"
    path = path_of(decorator.arguments)
    return f"{verbs} {path}".strip() if path else f"{verbs} {otherwise}".strip()


def handed_name(arguments: Arguments, otherwise: str) -> str:
    """The route that a call registers, as people say it."""
    path = arguments.text("path", 0) or arguments.text("rule", 0) or arguments.text("route", 0)
    path = path if path is not None else arguments.text("path", 1)
    verbs = _methods(arguments)
    return f"{verbs} {path if path is not None else otherwise}".strip()


def view_name(candidate: Candidate) -> str:
    """A method of a class-based view as people say it: "GET Orders"."""
    verb = candidate.method
    return f"{verb.upper()} {candidate.owner}" if verb in VERBS else f"{candidate.owner}.{verb}"


def handled_pairs(arguments: Arguments, keyword: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The pairs of a dictionary display that is given for a parameter: exceptions and their handlers."""
    node = arguments.get(keyword)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, value


def clauses(types: tuple[str, ...], ending: Ending) -> Iterator[Clause]:
    """One clause, when there are types to it."""
    if types:
        yield Clause(types, ending)


def code_of(node: ast.expr | None) -> int | None:
    """The status code that a handler is registered for."""
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _methods(arguments: Arguments) -> str:
    node = arguments.get("methods")
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        found = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        return "/".join(found)
    return ""


def _empty(arguments: Arguments) -> str | None:
    return arguments.text("path", 0)
