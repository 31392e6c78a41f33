"""Where a fact stands: function, blocks, loops, locks, transactions, coroutines, import time."""

from __future__ import annotations

import pytest

from reviewer.domain.fact import Assertion, Loop, Return, Value
from tests.code.reading import all_facts, context, contexts, unit


def test_a_fact_knows_the_innermost_function_or_class() -> None:
    text = """\
    probe(0)
    def f():
        probe(1)
        def g():
            probe(2)
            class A:
                probe(3)
                def h(self): probe(4)
        probe(5)
    class B:
        probe(6)
        def i(self): probe(7)
    """
    assert [c.function for c in contexts(text)] == ["<module>", "f", "f.g", "f.g.A", "f.g.A.h", "f", "B", "B.i"]


def test_what_runs_at_import_is_told() -> None:
    text = """\
    probe(0)
    if a:
        probe(1)
    class A:
        probe(2)
        def f(self): probe(3)
    def g(): probe(4)
    h = lambda: probe(5)
    """
    assert [c.import_time for c in contexts(text)] == [True, True, True, False, False, False]


def test_what_stands_under_main_is_told() -> None:
    text = """\
    probe(0)
    if __name__ == "__main__":
        probe(1)
        for x in y:
            probe(2)
    else:
        probe(3)
    if "__main__" == __name__:
        probe(4)
    probe(5)
    """
    assert [c.main for c in contexts(text)] == [False, True, True, False, True, False]


def test_a_coroutine_function_is_told_and_ends_at_functions_inside() -> None:
    text = """\
    async def f():
        probe(0)
        def g(): probe(1)
        h = lambda: probe(2)
        [probe(3) for x in y]
        async def i(): probe(4)
    """
    assert [c.is_async for c in contexts(text)] == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("header", "kind", "text", "symbol"),
    [
        ("if a > 1:", "if", "a > 1", None),
        ("for x in a.b:", "for", "a.b", None),
        ("while a:", "while", "a", None),
        ("with open('a') as h:", "with", "open('a')", "open"),
        ("with threading.Lock():", "lock", "threading.Lock()", "threading.Lock"),
        ("with lock:", "lock", "lock", "threading.Lock"),
        ("with self.lock:", "lock", "self.lock", "threading.RLock"),
        ("with self._lock_of(1):", "lock", "self._lock_of(1)", None),
        ("with self.write_lock:", "lock", "self.write_lock", None),
        ("with self.block:", "with", "self.block", None),
        ("with transaction.atomic():", "transaction", "transaction.atomic()", "django.db.transaction.atomic"),
    ],
)
def test_a_block_is_told_with_its_header(header: str, kind: str, text: str, symbol: str | None) -> None:
    source = f"""\
import threading
from django.db import transaction
lock = threading.Lock()
class A:
    def __init__(self):
        self.lock = threading.RLock()
    def f(self, a):
        {header}
            probe(1)
"""
    block = context(source).blocks[-1]
    assert (block.kind, block.text) == (kind, text)
    if symbol is not None:
        assert block.symbol == symbol


def test_blocks_are_told_outermost_first_and_end_with_their_body() -> None:
    text = """\
    async def f(a):
        async with a as b:
            async for c in b:
                while True:
                    if c:
                        probe(1)
                    else:
                        probe(2)
        probe(3)
    """
    first, second, third = contexts(text)
    assert [(b.kind, b.is_async, b.endless) for b in first.blocks[1:]] == [
        ("with", True, False),
        ("for", True, False),
        ("while", False, True),
        ("if", False, False),
    ]
    assert [b.kind for b in second.blocks[1:]] == ["with", "for", "while", "else"]
    assert [b.kind for b in third.blocks] == ["def"]


def test_every_with_item_is_a_block_and_sees_those_before_it() -> None:
    text = "def f():\n    with a() as x, b(probe(1)), c():\n        probe(2)\n"
    first, second = contexts(text)
    assert [b.text for b in first.blocks[1:]] == ["a()"]
    assert [b.text for b in second.blocks[1:]] == ["a()", "b(probe(1))", "c()"]


def test_comprehensions_are_blocks_from_their_first_iterable_on() -> None:
    text = "def f():\n    return [probe(x) for x in probe(y) if probe(z) for w in probe(x)]\n"
    found = {len([b for b in c.blocks if b.kind == "comprehension"]) for c in contexts(text)}
    assert found == {0, 1, 2}


def test_a_search_for_a_block_ends_at_the_innermost_function() -> None:
    text = "def f():\n    for x in y:\n        g = lambda: probe(1)\n        def h(): probe(2)\n        probe(3)\n"
    assert [c.inside("for") is not None for c in contexts(text)] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "breaks", "returns"),
    [
        ("for x in y:\n        g()", False, False),
        ("for x in y:\n        if x: break", True, False),
        ("for x in y:\n        return x", False, True),
        ("for x in y:\n        for z in x: break", False, False),
        ("for x in y:\n        def g():\n            return 1", False, False),
        ("for x in y:\n        yield x", False, False),
        ("while True:\n        try:\n            break\n        finally: pass", True, False),
    ],
)
def test_a_loop_knows_whether_it_is_left(text: str, breaks: bool, returns: bool) -> None:
    loop = next(loop for loop in all_facts(f"def f(y):\n    {text}\n", Loop) if loop.span.line == 2)
    assert (loop.breaks, loop.returns) == (breaks, returns)


def test_a_loop_has_the_facts_of_its_body() -> None:
    (loop,) = all_facts("def f(y):\n    for x in a():\n        b()\n    else:\n        c()\n", Loop)
    assert [fact.span.line for fact in loop.body] == [3]


def test_a_return_gives_its_value_and_a_yield_is_told_apart() -> None:
    text = "def f(a):\n    yield 1\n    x = yield\n    yield from a\n    return a\n"
    found = [(r.span.line, r.value.text if r.value else None, r.yields) for r in all_facts(text, Return)]
    assert [(line, yields) for line, _, yields in found] == [(2, True), (3, True), (4, True), (5, False)]
    assert unit(text, "f").is_generator


def test_an_inner_generator_does_not_make_the_outer_one() -> None:
    assert not unit("def f():\n    def g():\n        yield 1\n    return g\n", "f").is_generator


def test_an_assertion_names_what_it_speaks_of() -> None:
    (fact,) = all_facts("def f(a, b):\n    assert a and len(b) > 1, 'no'\n", Assertion)
    assert (fact.test, [value.text for value in fact.subjects]) == ("a and len(b) > 1", ["a", "len(b)", "1"])


def test_facts_are_in_evaluation_order() -> None:
    from reviewer.domain.fact import Call

    text = "def f():\n    a(b(), c(d()))\n    e() if g() else h()\n"
    code = [fact.text for fact in unit(text, "f").facts if isinstance(fact, Call)]
    assert code == ["b", "d", "c", "a", "g", "e", "h"]


def test_what_an_expression_kind_hides_is_still_walked() -> None:
    """Every place where a call can stand in an expression is looked into."""
    places = [
        "[probe(1)]", "(probe(1),)", "{probe(1)}", "{probe(1): 1}", "{1: probe(1)}", "{**probe(1)}", "[*probe(1)]",
        "a[probe(1)]", "a[probe(1):2]", "a[1:probe(1)]", "a[::probe(1)]", "a[1, probe(1)]", "a[1, probe(1):2]",
        "a(probe(1))", "a(*probe(1))", "a(**probe(1))", "a(b=probe(1))", "probe(1).a", "probe(1)()", "-probe(1)",
        "not probe(1)", "1 + probe(1)", "1 < probe(1)", "1 < 2 < probe(1)", "a or probe(1)", "probe(1) if a else b",
        "a if probe(1) else b", "a if b else probe(1)", "lambda: probe(1)", "lambda x=probe(1): x", "(b := probe(1))",
        "[probe(1) for x in a]", "[x for x in probe(1)]", "[x for x in a if probe(1)]", "{probe(1): 1 for x in a}",
        "{1: probe(1) for x in a}", "(probe(1) for x in a)", "f'{probe(1)}'", "f'{a:{probe(1)}}'", "f'{a}' f'{probe(1)}'",
        "a @ probe(1)", "1 in probe(1)",
    ]  # fmt: skip
    missing = [place for place in places if len(contexts(f"def f(a):\n    x = {place}\n")) != 1]
    assert missing == []


def test_what_a_statement_kind_hides_is_still_walked() -> None:
    """Every place where a call can stand in a statement is looked into."""
    places = [
        "probe(1)", "x = probe(1)", "x: int = probe(1)", "x += probe(1)", "x[probe(1)] = 1", "x[probe(1)] += 1",
        "probe(1).x = 1", "del x[probe(1)]", "del x, y[probe(1)]", "return probe(1)", "raise probe(1)",
        "raise E from probe(1)", "assert probe(1)", "assert a, probe(1)", "if probe(1): pass", "if a: pass\n    elif probe(1): pass",
        "while probe(1): pass", "for x in probe(1): pass", "for x[probe(1)] in a: pass", "with probe(1): pass",
        "with a as x[probe(1)]: pass", "match probe(1):\n        case _: pass", "match a:\n        case 1 if probe(1): pass",
        "for x in a: pass\n    else: probe(1)", "while a: pass\n    else: probe(1)", "try: probe(1)\n    finally: pass",
        "@probe(1)\n    def g(): pass", "def g(x=probe(1)): pass",
        "def g(*, x=probe(1)): pass", "@probe(1)\n    class A: pass", "class A(probe(1)): pass", "class A(x=probe(1)): pass",
        "class A:\n        x = probe(1)", "a = b[probe(1)] = 1", "(a, b[probe(1)]) = c", "yield probe(1)", "x = yield probe(1)",
    ]  # fmt: skip
    missing = [place for place in places if len(contexts(f"def f(a):\n    {place}\n")) != 1]
    assert missing == []


def test_awaits_hide_nothing() -> None:
    places = ["await probe(1)", "await a[probe(1)]", "[x async for x in probe(1)]", "await (a or probe(1))"]
    missing = [place for place in places if len(contexts(f"async def f(a):\n    x = {place}\n")) != 1]
    assert missing == []


def test_what_is_around_a_place_is_told_from_the_inside_out_with_the_ends_of_task_groups() -> None:
    text = """\
    import asyncio
    from contextlib import suppress
    async def f():
        try:
            async with asyncio.TaskGroup() as outer, lock, asyncio.TaskGroup() as inner:
                try:
                    with suppress(KeyError):
                        probe(1)
                        def g():
                            probe(2)
                except OSError: ...
        except ValueError: ...
    """
    first, second = contexts(text)
    assert [(one.span.line, one.span.column) for one in first.around] == [(7, 22), (6, 13), (5, 56), (5, 20), (4, 5)]
    assert second.around == ()


def test_a_place_at_the_end_of_a_task_group_is_outside_of_what_stands_in_it() -> None:
    text = """\
    import asyncio
    async def f():
        try:
            async with asyncio.TaskGroup() as group:
                try:
                    async with asyncio.timeout(5):
                        probe(group)
                except OSError: ...
        except ValueError: ...
    """
    [place] = contexts(text)
    group = place.group_over(Value(made_at=(4, 20)))
    assert group is not None
    end = place.at_end_of(group)
    assert [attempt.span.line for attempt in end.tries] == [3]
    assert [block.symbol for block in end.blocks if block.kind == "with"] == ["asyncio.TaskGroup"]
    assert place.group_over(Value(made_at=(6, 28))) is None


def test_a_task_group_that_was_made_elsewhere_is_known_by_how_it_is_written() -> None:
    text = """\
    import asyncio
    class A:
        group: asyncio.TaskGroup
        async def f(self, other: asyncio.TaskGroup):
            async with self.group:
                probe(1)
    """
    [place] = contexts(text)
    assert place.group_over(Value("self.group")) is not None
    assert place.group_over(Value("other")) is None
