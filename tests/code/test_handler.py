"""What an `except` clause does with the error, and which clauses see it."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.domain.fact import Handler, Raise, TryStatement
from tests.code.reading import all_facts, context, contexts, handler, handlers


def caught(body: str, clause: str = "except ValueError as e:") -> Handler:
    """The clause with this body, in a loop in a function."""
    indented = textwrap.indent(textwrap.dedent(body), " " * 12)
    first, *_ = handlers(
        f"import logging, sys, shop\ndef f(u):\n    for x in u:\n        try:\n            g()\n        {clause}\n{indented}\n"
    )
    return first


@pytest.mark.parametrize(
    ("clause", "types", "name"),
    [
        ("except:", ("BaseException",), None),
        ("except Exception:", ("Exception",), None),
        ("except ValueError as e:", ("ValueError",), "e"),
        ("except (ValueError, KeyError) as e:", ("ValueError", "KeyError"), "e"),
        ("except shop.Broken:", ("shop.Broken",), None),
        ("except unknown:", ("unknown",), None),
        ("except make():", ("make()",), None),
    ],
)
def test_a_clause_names_what_it_catches(clause: str, types: tuple[str, ...], name: str | None) -> None:
    found = caught("pass", clause)
    assert (found.types, found.name) == (types, name)


def test_library_exceptions_are_caught_by_their_canonical_names() -> None:
    text = """\
    import requests
    from requests.exceptions import Timeout as Slow
    class Mine(Exception): pass
    ALL = (requests.Timeout, ValueError)
    def f():
        try:
            g()
        except requests.Timeout: pass
        except Slow: pass
        except Mine: pass
        except ALL: pass
        except socket.error: pass
        except IOError: pass
    """
    assert [found.types for found in handlers(text)][:4] == [
        ("requests.exceptions.Timeout",),
        ("requests.exceptions.Timeout",),
        (".Mine",),
        ("requests.exceptions.Timeout", "ValueError"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("pass", {"silent": True}),
        ("...", {"silent": True}),
        ("continue", {"silent": True, "leaves": "continue"}),
        ("break", {"silent": True, "leaves": "break"}),
        ("return", {"silent": True, "returns": ""}),
        ("return None", {"silent": True, "returns": "None"}),
        ("return []", {"silent": True, "returns": "[]"}),
        ("return g(e)", {"silent": False, "returns": "g(e)", "uses_error": True}),
        ("x = None", {"silent": True, "returns": None}),
        ("x = g()", {"silent": False}),
        ("'a comment'", {"silent": True}),
        ("raise", {"reraises": True, "may_reraise": False, "raises": ()}),
        ("raise e", {"reraises": True, "raises": (), "uses_error": True}),
        ("if x:\n    raise", {"reraises": False, "may_reraise": True}),
        ("if x:\n    pass\nelse:\n    raise", {"reraises": False, "may_reraise": True}),
        ("for y in x:\n    raise e", {"reraises": False, "may_reraise": True}),
        ("with x:\n    raise", {"reraises": True}),
        ("try:\n    h()\nexcept E:\n    pass\nraise", {"reraises": True}),
        ("try:\n    h()\nfinally:\n    raise", {"reraises": False, "may_reraise": True}),
        ("def inner():\n    raise", {"reraises": False, "may_reraise": False}),
        ("raise KeyError(x) from e", {"raises": ("KeyError",), "chains": True, "reraises": False}),
        ("raise KeyError(x) from None", {"raises": ("KeyError",), "chains": False}),
        ("raise KeyError", {"raises": ("KeyError",), "chains": True}),
        ("raise shop.Broken(x)", {"raises": ("shop.Broken",)}),
        ("raise make(x)", {"raises": ("",)}),
        ("logging.error(x)", {"logs": True, "silent": False, "uses_error": False}),
        ("logging.exception(x)", {"logs": True, "uses_error": True}),
        ("logging.error(x, exc_info=True)", {"logs": True, "uses_error": True}),
        ("print(e)", {"logs": True, "uses_error": True}),
        ("sys.exc_info()", {"uses_error": True}),
        ("log_failure(x)", {"logs": True}),
        ("metrics.increment(x)", {"logs": False, "silent": False}),
        ("logging.error(x)\nreturn False", {"logs": True, "silent": False, "returns": "False"}),
        ("match x:\n    case 1:\n        raise", {"reraises": False, "may_reraise": True}),
        ("while x:\n    break", {"leaves": None}),
    ],
)
def test_a_clause_says_what_it_does(body: str, expected: dict[str, object]) -> None:
    found = caught(body)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_clause_knows_its_place_and_first_line() -> None:
    found = handler("def f():\n    try:\n        g()\n    except ValueError as e:  # why\n        pass\n")
    assert (found.span.line, found.code) == (4, "except ValueError as e:  # why")


def test_a_place_sees_the_clauses_around_it_innermost_first() -> None:
    text = """\
    def f():
        try:
            try:
                probe(1)
            except KeyError:
                probe(2)
            else:
                probe(3)
            finally:
                probe(4)
        except ValueError:
            probe(5)
    """
    assert [[h.types for t in c.tries for h in t.handlers] for c in contexts(text)] == [
        [("KeyError",), ("ValueError",)],
        [("ValueError",)],
        [("ValueError",)],
        [("ValueError",)],
        [],
    ]
    assert [[b.kind for b in c.blocks if b.kind != "def"] for c in contexts(text)] == [
        [],
        ["handler"],
        ["else"],
        ["finally"],
        ["handler"],
    ]


def test_a_try_knows_its_parts() -> None:
    text = "def f():\n    try:\n        a()\n    except* E:\n        b()\n    else:\n        c()\n    finally:\n        d()\n"
    (fact,) = all_facts(text, TryStatement)
    assert fact.statement is not None
    assert (fact.statement.group, fact.statement.has_finally) == (True, True)
    assert [x.span.line for x in fact.body] == [3]
    assert [[x.span.line for x in part] for part in fact.in_handlers] == [[5]]
    assert [x.span.line for x in fact.finals] == [9]


def test_suppress_is_a_silent_clause() -> None:
    text = """\
    import contextlib
    from contextlib import suppress
    def f():
        with contextlib.suppress(KeyError, OSError):
            probe(1)
        with open("a") as h, suppress(ValueError):
            probe(2)
        probe(3)
    """
    first, second, third = contexts(text)
    assert [(t.suppress, h.types, h.silent) for t in first.tries for h in t.handlers] == [
        (True, ("KeyError", "OSError"), True)
    ]
    assert [h.types for t in second.tries for h in t.handlers] == [("ValueError",)]
    assert third.tries == ()


def test_a_raise_knows_the_clause_it_stands_in_and_whether_it_raises_again() -> None:
    text = """\
    def f():
        try:
            g()
        except ValueError as e:
            if a:
                raise
            if b:
                raise e
            raise KeyError from e
        raise OSError
    """
    found = [(r.span.line, r.exception, r.reraise, r.cause, r.handler is not None) for r in all_facts(text, Raise)]
    assert found == [
        (6, None, True, None, True),
        (8, None, True, None, True),
        (9, "KeyError", False, "e", True),
        (10, "OSError", False, None, False),
    ]


def test_an_error_kept_for_later_and_raised_is_raised_again() -> None:
    text = """\
    def f():
        try:
            g()
        except ValueError as e:
            try:
                h()
            except KeyError:
                raise e
    """
    (fact,) = all_facts(text, Raise)
    assert fact.reraise


def test_a_function_inside_a_try_is_not_protected_by_it() -> None:
    text = "def f():\n    try:\n        def g():\n            probe(1)\n        return g\n    except E:\n        pass\n"
    assert context(text).tries == ()


def test_a_lambda_inside_a_try_is_not_protected_by_it() -> None:
    assert context("def f():\n    try:\n        g(lambda: probe(1))\n    except E:\n        pass\n").tries == ()


def test_a_comprehension_inside_a_try_is_protected_by_it() -> None:
    text = "def f():\n    try:\n        [probe(x) for x in y]\n    except E:\n        pass\n"
    assert len(context(text).tries) == 1


@pytest.mark.parametrize(
    ("body", "unwraps"),
    [
        ("raise e.exceptions[0]", True),
        ("e = e.exceptions[0]; raise e", True),
        ("log(e.exceptions[0]); raise", False),
        ("raise Other(e.exceptions[0])", False),
        ("raise other.exceptions[0]", False),
        ("raise e", False),
    ],
)
def test_a_clause_may_raise_a_part_of_the_group_that_it_caught(body: str, unwraps: bool) -> None:
    [clause] = handlers(f"try:\n    work()\nexcept ExceptionGroup as e:\n    {body}\n")
    assert clause.unwraps is unwraps
