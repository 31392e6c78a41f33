"""Where definitions and imports stand, and what is refused before it can do harm."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.code.outline import Outline, module_name, outline
from reviewer.code.source import Source
from reviewer.errors import SourceError


def outlined(text: str, path: str = "shop/orders.py") -> Outline:
    return outline(Source(path, textwrap.dedent(text)))


def places(text: str) -> list[tuple[str, str, int, int]]:
    return [(d.name, d.kind, d.line, d.end_line) for d in outlined(text).in_order]


def test_functions_classes_and_methods_are_told_apart_with_their_lines() -> None:
    assert places(
        """\
        def plain():
            return 1

        class Order:
            def save(self):
                pass
            async def send(self): pass
        """
    ) == [
        ("plain", "function", 1, 2),
        ("Order", "class", 4, 7),
        ("Order.save", "method", 5, 6),
        ("Order.send", "method", 7, 7),
    ]


def test_a_nested_function_is_named_by_all_around_it() -> None:
    found = outlined(
        """\
        class Order:
            def save(self):
                def retry():
                    class Attempt:
                        def run(self): pass
                return retry
        """
    ).definitions
    assert {name: (d.kind, d.owner, d.outer) for name, d in found.items()} == {
        "Order": ("class", None, None),
        "Order.save": ("method", "Order", "Order.save"),
        "Order.save.retry": ("function", None, "Order.save"),
        "Order.save.retry.Attempt": ("class", None, "Order.save"),
        "Order.save.retry.Attempt.run": ("method", "Order.save.retry.Attempt", "Order.save"),
    }


def test_a_definition_begins_with_its_first_decorator() -> None:
    (definition,) = outlined(
        """\
        @first
        @second(
            1,
        )
        def plain():
            pass
        """
    ).in_order
    assert (definition.line, definition.header_line, definition.end_line) == (1, 5, 6)


def test_methods_of_the_same_name_are_all_kept_and_the_last_one_is_found_by_name() -> None:
    plan = outlined(
        """\
        class Order:
            @property
            def total(self): return 1
            @total.setter
            def total(self, value): pass
        """
    )
    assert [(d.name, d.line) for d in plan.in_order] == [("Order", 1), ("Order.total", 2), ("Order.total", 4)]
    assert plan.definitions["Order.total"].line == 4


def test_definitions_are_found_in_every_kind_of_block() -> None:
    names = [
        name
        for name, *_ in places(
            """\
            if a:
                def in_if(): pass
            else:
                def in_else(): pass
            try:
                def in_try(): pass
            except E:
                def in_except(): pass
            else:
                def in_try_else(): pass
            finally:
                def in_finally(): pass
            for x in y:
                def in_for(): pass
            while a:
                def in_while(): pass
            with a:
                def in_with(): pass
            match a:
                case 1:
                    def in_case(): pass
            """
        )
    ]
    assert names == [
        "in_if", "in_else", "in_try", "in_except", "in_try_else", "in_finally", "in_for", "in_while", "in_with",
        "in_case",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "imports"),
    [
        ("import os", {"os": "os"}),
        ("import os.path", {"os": "os"}),
        ("import os.path as p", {"p": "os.path"}),
        ("from os import path, sep as s", {"path": "os.path", "s": "os.sep"}),
        ("from os import *", {}),
        ("from . import db", {"db": "shop.db"}),
        ("from .db import save", {"save": "shop.db.save"}),
        ("from .. import db", {"db": "db"}),
        ("from ..db import save", {"save": "db.save"}),
        ("from ....db import save", {"save": "db.save"}),
        ("try:\n    import ujson as json\nexcept ImportError:\n    import json", {"json": "json"}),
        ("if TYPE_CHECKING:\n    from a import B", {"B": "a.B"}),
    ],
)
def test_an_import_binds_the_names_that_it_binds(statement: str, imports: dict[str, str]) -> None:
    assert outlined(statement).imports == imports


def test_a_relative_import_of_a_package_starts_at_the_package() -> None:
    assert outlined("from .db import save\nfrom .. import x", "shop/orders/__init__.py").imports == {
        "save": "shop.orders.db.save",
        "x": "shop.x",
    }


def test_an_import_inside_a_function_is_not_the_modules() -> None:
    assert outlined("def f():\n    import os\n").imports == {}


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("shop/orders.py", "shop.orders"),
        ("src/shop/orders.py", "shop.orders"),
        ("lib/shop/__init__.py", "shop"),
        ("orders.py", "orders"),
        ("__init__.py", ""),
        ("src.py", "src"),
        ("shop/types.pyi", "shop.types"),
    ],
)
def test_a_path_has_the_module_name_it_is_imported_by(path: str, module: str) -> None:
    assert module_name(path) == module


def test_attributes_are_found_in_the_class_body_and_in_its_methods() -> None:
    plan = outlined(
        """\
        class Order:
            limit: int
            client = make()
            def __init__(this, other):
                this.name = "a"
                if other:
                    this.name: str = "b"
                other.name = "c"
        """
    )
    found = plan.attributes["Order"]
    assert {name: [place.method for place in places] for name, places in found.items()} == {
        "limit": [None],
        "client": [None],
        "name": ["__init__", "__init__"],
    }


def test_a_base_is_told_without_its_type_arguments() -> None:
    plan = outlined("from typing import Protocol\nclass A(Protocol[T]): ...\nclass B(A[int], dict[str, int]): ...\n")
    assert (plan.bases["A"], plan.bases["B"]) == (("typing.Protocol",), (".A", "dict"))


def test_bases_are_told_by_what_they_are() -> None:
    plan = outlined(
        """\
        import http.client as c
        from django.db import models
        class A: pass
        class B(A, models.Model, c.HTTPException, Exception, make(1)): pass
        """
    )
    assert plan.bases["B"] == (".A", "django.db.models.Model", "http.client.HTTPException", "Exception", "make(1)")


def test_globals_written_in_functions_are_known() -> None:
    assert outlined("x = 1\ndef f():\n    global x, y\n    x = 2\n").globals_written == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(:\n", "line 1"),
        ("x = 1\n  y = 2\n", "line 2"),
        ("print 'a'\n", "Python 2"),
        ("try:\n    pass\nexcept A, b:\n    pass\n", "Python 2"),
        ("x = " + "-" * 5000 + "1", "nested"),
        ("x = " + "(" * 500 + ")" * 500, "parenthes"),
        ("x = 1\0", "null|not valid"),
    ],
)
def test_what_is_no_python_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        outlined(text)


@pytest.mark.parametrize(
    "text",
    [
        "class A(" + "1 + " * 700 + "1): pass",
        "class A(" + "a." * 700 + "b): pass",
        "@" + "-" * 700 + "a\nclass A: pass",
        "x = a" + ".b" * 700,
        "class A(" + "not " * 700 + "1): pass",
    ],
)
def test_the_deepest_that_is_allowed_is_outlined(text: str) -> None:
    outlined(text)


def test_a_long_elif_chain_is_no_depth() -> None:
    outlined("if a:\n    pass\n" + "elif b:\n    def f(): pass\n" * 900)
