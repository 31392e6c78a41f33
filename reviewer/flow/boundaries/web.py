"""Routes of a web framework that cannot be told.

A decorator in the form of a route's (`@app.get("/orders")`) on an object of another file, in a file that imports none
of the known frameworks. All of them answer an exception that nobody handles with 500.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-500-internal-server-error
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary
from reviewer.flow.boundaries.answer import SERVER_ERROR, WEB_ROOTS, is_foreign_route, route_name
from reviewer.flow.boundaries.entry import Candidate, Example

EXAMPLES = (
    Example(
        """
from shop.application import app

@app.get("/orders")
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
from shop.settings import values

@values.get("colour")
def colour():
    return 1
""",
        "colour",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The route that a function is by the form of its decorator alone."""
    if candidate.file.imports(*WEB_ROOTS):
        return
    for decorator in candidate.decorators:
        if is_foreign_route(decorator):
            name = route_name(decorator, candidate.method)
            yield Boundary("route", "a web framework", name, decorator.line, SERVER_ERROR, complete=False)
