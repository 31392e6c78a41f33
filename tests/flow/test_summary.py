"""What leaves the functions of a file, with the path, whichever of them changed."""

from __future__ import annotations

import textwrap

from reviewer.code.definition import Definitions
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.digests import Digests
from reviewer.flow.hierarchy import Hierarchy, Taking
from reviewer.flow.leaving import Step
from reviewer.flow.summary import MAX_WAYS, Summaries
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


def _flow(text: str, changed: frozenset[int] | None = None, hierarchy: type[Hierarchy] = Hierarchy) -> Summaries:
    source = decode("shop/example.py", textwrap.dedent(text).lstrip("\n").encode())
    code = read_units(source, changed, KNOWLEDGE)
    definitions, classes = Definitions(code), hierarchy(KNOWLEDGE, code.outline.bases)
    return Summaries(definitions, classes, Digests(definitions, Boundaries(code), classes))


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


def test_a_way_that_leads_no_further_gives_place_to_a_shorter_one() -> None:
    flow = _flow(
        """
        def far():
            raise LookupError

        def third():
            far()

        def second():
            third()

        def first():
            second()
            far()

        def start():
            first()
        """
    )
    [leaving] = flow.leaving("start")
    assert [step.function for step in leaving.steps] == ["start", "first", "far"]


def _clique(size: int) -> str:
    functions = (
        f"class E{i}(Exception): ...\ndef f{i}():\n    try:\n"
        + "".join(f"        f{j}()\n" for j in range(size))
        + f"    except KeyError:\n        pass\n    raise E{i}\n"
        for i in range(size)
    )
    return "".join(functions)


class _Counting(Hierarchy):
    """A hierarchy that counts how often it is asked."""

    asked = 0

    def covers(self, handler: Taking, exception: str) -> bool:
        self.asked += 1
        return super().covers(handler, exception)


def test_functions_that_all_call_each_other_are_not_asked_for_an_exception_by_every_way() -> None:
    size = 30
    flow = _flow(_clique(size), hierarchy=_Counting)
    assert _exceptions(flow, "f3") == {f".E{i}" for i in range(size)}
    assert isinstance(flow.hierarchy, _Counting)
    assert flow.hierarchy.asked <= 2 * size * size  # a way that is too long, then a shorter one


def test_of_the_ways_out_of_a_unit_no_more_are_looked_at_than_the_limit_and_that_is_told() -> None:
    [few, *_] = (small := _flow(_clique(20))).definitions.changed[1:]
    small.prepare(few)
    assert not small.exhausted
    assert len(list(small.ways(few))) == 20 * 20 + 1
    [many, *_] = (large := _flow(_clique(60))).definitions.changed[1:]
    large.prepare(many)
    assert large.exhausted
    assert len(list(large.ways(many))) <= MAX_WAYS + 1
