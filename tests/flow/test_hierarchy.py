"""What an `except` clause covers."""

from __future__ import annotations

import pytest

from reviewer.domain.fact import Block, Context, Handler, Span, Try
from reviewer.flow.hierarchy import Hierarchy
from reviewer.knowledge.lookup import Knowledge

SPAN = Span(1, 1, 1)
BASES = {
    "Mine": ("ValueError",),
    "Deeper": (".Mine",),
    "Mixed": (".Mine", "requests.Timeout"),
    "A": (".B",),
    "B": (".A",),
    "Stop": ("BaseException",),
    "Foreign": ("shop.Broken",),
}


@pytest.fixture(scope="module")
def hierarchy() -> Hierarchy:
    return Hierarchy(Knowledge(), BASES)


def clause(*types: str, reraises: bool = False) -> Handler:
    return Handler(SPAN, types, reraises=reraises)


@pytest.mark.parametrize(
    ("kind", "exception", "covered"),
    [
        ("ValueError", "ValueError", True),
        ("Exception", "ValueError", True),
        ("BaseException", "ValueError", True),
        ("ValueError", "KeyError", False),
        ("LookupError", "KeyError", True),
        ("KeyError", "LookupError", False),
        ("OSError", "FileNotFoundError", True),
        ("IOError", "FileNotFoundError", True),
        ("Exception", "KeyboardInterrupt", False),
        ("Exception", "asyncio.CancelledError", False),
        ("BaseException", "KeyboardInterrupt", True),
        ("Exception", "shop.Unknown", True),
        ("ValueError", "shop.Unknown", False),
        ("shop.Unknown", "shop.Unknown", True),
        ("requests.RequestException", "requests.exceptions.Timeout", True),
        ("OSError", "requests.exceptions.ConnectionError", True),
        ("ValueError", ".Mine", True),
        (".Mine", ".Deeper", True),
        (".Deeper", ".Mine", False),
        ("ValueError", ".Deeper", True),
        ("requests.exceptions.RequestException", ".Mixed", True),
        ("Exception", ".Stop", False),
        ("Exception", ".Foreign", True),
        ("shop.Broken", ".Foreign", True),
        (".B", ".A", True),
        ("ValueError", ".A", False),
    ],
)
def test_a_clause_covers_a_class_and_what_inherits_from_it(
    hierarchy: Hierarchy, kind: str, exception: str, covered: bool
) -> None:
    assert hierarchy.covers(clause(kind), exception) is covered


def test_one_of_several_types_is_enough(hierarchy: Hierarchy) -> None:
    assert hierarchy.covers(clause("KeyError", "ValueError"), ".Mine")


def test_a_narrower_clause_may_cover(hierarchy: Hierarchy) -> None:
    assert hierarchy.may_cover(clause("TimeoutError"), "OSError")
    assert not hierarchy.may_cover(clause("KeyError"), "OSError")


def test_the_bases_are_known_down_to_a_built_in_class(hierarchy: Hierarchy) -> None:
    assert hierarchy.known(".Deeper")
    assert not hierarchy.known(".Foreign")


def test_the_innermost_clause_that_does_not_raise_again_ends_an_error(hierarchy: Hierarchy) -> None:
    again, first, second = clause("ValueError", reraises=True), clause("KeyError"), clause("Exception")
    inner, outer = Try(SPAN, (again, first)), Try(SPAN, (second,))
    context = Context("f", (inner, outer))
    assert hierarchy.catcher(context, "ValueError") == (outer, second)
    assert hierarchy.catcher(context, "KeyError") == (inner, first)
    assert hierarchy.catcher(Context("f", (inner,)), "ValueError") is None
    assert hierarchy.catcher(Context("f"), "ValueError") is None


def test_classes_above_classes_without_end_are_no_trap() -> None:
    deep = Hierarchy(Knowledge(), {f"C{n}": (f".C{n - 1}",) for n in range(1, 50_000)})
    assert deep.ancestors(".C49999")[:2] == (".C49999", ".C49998")


@pytest.mark.parametrize(
    ("kind", "exception", "plain", "starred"),
    [
        ("ValueError", "ExceptionGroup[ValueError]", False, True),
        ("LookupError", "ExceptionGroup[KeyError]", False, True),
        ("KeyError", "ExceptionGroup[LookupError]", False, False),
        (".Mine", "ExceptionGroup[.Deeper]", False, True),
        ("Exception", "ExceptionGroup[.Deeper]", True, True),
        ("ExceptionGroup", "ExceptionGroup[.Deeper]", True, False),
        ("BaseExceptionGroup", "ExceptionGroup[.Deeper]", True, False),
        ("Exception", "BaseExceptionGroup[.Stop]", False, False),
        ("BaseExceptionGroup", "BaseExceptionGroup[.Stop]", True, False),
        ("ValueError", "ValueError", True, True),
        ("ValueError", "ExceptionGroup", False, False),
    ],
)
def test_a_plain_clause_sees_the_group_and_a_starred_one_what_is_in_it(
    hierarchy: Hierarchy, kind: str, exception: str, plain: bool, starred: bool
) -> None:
    assert hierarchy.covers(Handler(SPAN, (kind,)), exception) is plain
    assert hierarchy.covers(Handler(SPAN, (kind,), starred=True), exception) is starred


@pytest.mark.parametrize(
    ("exception", "group"),
    [
        ("KeyError", "ExceptionGroup[KeyError]"),
        ("shop.Unknown", "ExceptionGroup[shop.Unknown]"),
        (".Stop", "BaseExceptionGroup[.Stop]"),
        ("SystemExit", "SystemExit"),
        ("ExceptionGroup[KeyError]", "ExceptionGroup[KeyError]"),
        ("ExceptionGroup", "ExceptionGroup"),
    ],
)
def test_what_leaves_a_task_group_is_a_group(hierarchy: Hierarchy, exception: str, group: str) -> None:
    assert hierarchy.grouped(exception) == group


def test_a_try_around_a_task_group_does_not_catch_what_a_try_in_it_would(hierarchy: Hierarchy) -> None:
    attempt = Try(SPAN, (clause("KeyError"),))
    group = Block("with", Span(2, 2, 10), groups=True)
    outside = Context("f", (attempt,), (group,))
    inside = Context("f", (Try(Span(3, 5, 9), (clause("KeyError"),)), attempt), (group,))
    assert hierarchy.catcher(outside, "KeyError") is None
    assert hierarchy.catcher(inside, "KeyError") is not None
    assert hierarchy.arriving(outside, "KeyError", attempt) == "ExceptionGroup[KeyError]"
    assert hierarchy.arriving(inside, "KeyError", inside.tries[0]) == "KeyError"
