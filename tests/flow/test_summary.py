"""What leaves the functions of a file, with the path, whichever of them changed."""

from __future__ import annotations

import textwrap

from reviewer.code.definition import Definitions
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.digests import Digests
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.summary import Step, Summaries
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


def _flow(text: str, changed: frozenset[int] | None = None) -> Summaries:
    source = decode("shop/example.py", textwrap.dedent(text).lstrip("\n").encode())
    code = read_units(source, changed, KNOWLEDGE)
    definitions, hierarchy = Definitions(code), Hierarchy(KNOWLEDGE, code.outline.bases)
    return Summaries(definitions, hierarchy, Digests(definitions, Boundaries(code), hierarchy))


def _exceptions(flow: Summaries, name: str) -> set[str]:
    return {leaving.exception for leaving in flow.leaving(name)}


CHAIN = """
class Damaged(Exception):
    pass

def check(row):
    if not row:
        raise Damaged(row)

def load(rows):
    for row in rows:
        check(row)

def start(rows):
    load(rows)
"""


def test_an_exception_is_followed_through_the_functions_of_the_file() -> None:
    [leaving] = _flow(CHAIN).leaving("start")
    assert leaving.exception == ".Damaged"
    assert leaving.steps == (Step("start", 13, "load"), Step("load", 10, "check"), Step("check", 6, "Damaged"))


def test_functions_that_did_not_change_are_read_when_a_changed_one_reaches_them() -> None:
    assert _exceptions(_flow(CHAIN, frozenset({13})), "start") == {".Damaged"}


def test_a_handler_ends_what_it_covers_and_its_subclasses() -> None:
    flow = _flow(
        """
        class Refused(ValueError):
            pass

        def inner():
            raise Refused()

        def outer():
            try:
                inner()
            except ValueError:
                pass
        """
    )
    assert _exceptions(flow, "inner") == {".Refused"}
    assert _exceptions(flow, "outer") == set()


def test_a_handler_that_raises_again_ends_nothing() -> None:
    flow = _flow(
        """
        def inner():
            raise OSError

        def outer():
            try:
                inner()
            except OSError:
                raise
        """
    )
    assert _exceptions(flow, "outer") == {"OSError"}


def test_recursion_ends_and_keeps_what_leaves_it() -> None:
    flow = _flow(
        """
        def even(n):
            return True if n == 0 else odd(n - 1)

        def odd(n):
            if n == 0:
                raise ArithmeticError
            return even(n - 1)
        """
    )
    assert _exceptions(flow, "even") == {"ArithmeticError"}


def test_making_an_object_runs_its_constructor_inherited_or_not() -> None:
    flow = _flow(
        """
        class Base:
            def __init__(self):
                raise PermissionError

        class Order(Base):
            pass

        def make():
            return Order()
        """
    )
    assert _exceptions(flow, "make") == {"PermissionError"}


def test_a_coroutine_that_is_only_made_raises_nothing_here() -> None:
    flow = _flow(
        """
        async def work():
            raise OSError

        async def now():
            await work()

        async def later(tasks):
            tasks.append(work())
        """
    )
    assert _exceptions(flow, "now") == {"OSError"}
    assert _exceptions(flow, "later") == set()


def test_a_decorator_that_handles_errors_lets_nothing_through() -> None:
    flow = _flow(
        """
        from tools import retry_on_error

        @retry_on_error
        def work():
            raise OSError

        def outer():
            work()
        """
    )
    assert _exceptions(flow, "outer") == set()


def test_documented_failures_of_libraries_leave_with_their_reason() -> None:
    flow = _flow(
        """
        from pathlib import Path

        def read(path: Path):
            return path.read_text(errors="replace")

        def outer(path: Path):
            return read(path)
        """
    )
    assert _exceptions(flow, "outer") == {"FileNotFoundError", "PermissionError"}
    assert {leaving.when for leaving in flow.leaving("outer")} >= {"the file does not exist"}


def test_a_definition_that_cannot_be_read_lets_nothing_through() -> None:
    assert _flow("def outer():\n    missing()\n").leaving("outer") == ()
    assert _flow("def outer():\n    missing()\n").leaving("nowhere") == ()
