from __future__ import annotations

import ast
import symtable
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.replay.layout import Layout, lay_out
from reviewer.catalog.replay.variation import vary
from reviewer.code.source import decode


def laid_out(text: str) -> tuple[Layout, bytes]:
    content = dedent(text).lstrip("\n").encode()
    return lay_out(decode("shop.py", content)), content


def varied(text: str, *functions: str, marked: tuple[int, ...] = ()) -> str:
    layout, content = laid_out(text)
    variation = vary(layout, content, functions, marked)
    assert variation is not None
    return variation.content.decode()


def renamed(text: str, *functions: str) -> str:
    """The variation without what it put in."""
    lines = varied(text, *functions).split("\n")
    return "\n".join(line for line in lines if "unread_0" not in line)


def expected(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_local_variables_and_parameters_get_other_names_everywhere() -> None:
    text = """
        def fetch(url, *rest, limit=3, **options):
            answers = []
            for number in range(limit):
                with open(url) as handle:
                    answers += [line for line in handle]
            try:
                send(url, *rest, **options)
            except OSError as error:
                log(f"{url} {error!r:>{limit}}")
            return sorted(answers, key=lambda answer: answer.name)
        """
    assert renamed(text, "fetch") == expected(
        """
        def fetch(other_url, *other_rest, other_limit=3, **other_options):
            other_answers = []
            for other_number in range(other_limit):
                with open(other_url) as other_handle:
                    other_answers += [other_line for other_line in other_handle]
            try:
                send(other_url, *other_rest, **other_options)
            except OSError as other_error:
                log(f"{other_url} {other_error!r:>{other_limit}}")
            return sorted(other_answers, key=lambda other_answer: other_answer.name)
        """
    )


def test_names_that_others_know_stay() -> None:
    text = """
        import requests

        LIMIT = 3


        class Client:
            def fetch(self, url, timeout, retries):
                global LIMIT
                from json import loads
                answer = requests.get(url, timeout=timeout)
                answer.timeout = LIMIT
                LIMIT = retries

                def inner(x):
                    return x

                class Result:
                    size = 1

                return loads(answer.text), inner(x=Result.size), __name__, open


        Client().fetch("x", retries=3, timeout=1)
        """
    assert renamed(text, "Client.fetch") == expected(
        """
        import requests

        LIMIT = 3


        class Client:
            def fetch(self, other_url, timeout, retries):
                global LIMIT
                from json import loads
                other_answer = requests.get(other_url, timeout=timeout)
                other_answer.timeout = LIMIT
                LIMIT = retries

                def inner(x):
                    return x

                class Result:
                    size = 1

                return loads(other_answer.text), inner(x=Result.size), __name__, open


        Client().fetch("x", retries=3, timeout=1)
        """
    )


def test_parameters_that_a_decorator_may_look_at_stay() -> None:
    text = "@app.get('/{name}')\ndef route(name):\n    found = find(name)\n    return found\n"
    assert renamed(text, "route") == text.replace("found", "other_found")


def test_a_name_that_is_local_in_one_scope_and_global_in_another_stays() -> None:
    text = "def f(ids):\n    return [id for id in ids], id(ids)\n"
    assert renamed(text, "f") == "def f(other_ids):\n    return [id for id in other_ids], id(other_ids)\n"


@pytest.mark.parametrize("call", ["locals()", "eval('x')", "vars()"])
def test_a_function_that_looks_at_its_names_keeps_them(call: str) -> None:
    text = f"def f(x):\n    y = x\n    return {call}\n"
    assert renamed(text, "f") == text


def test_a_new_name_is_one_that_is_not_there_and_ends_as_the_old_one() -> None:
    text = "def f(db_lock, _own, MOST):\n    other_db_lock = 1\n    return db_lock\n"
    assert renamed(text, "f") == (
        "def f(other2_db_lock, _other_own, OTHER_MOST):\n    other_other_db_lock = 1\n    return other2_db_lock\n"
    )


def test_names_of_a_matched_pattern_stay() -> None:
    text = "def f(value):\n    match value:\n        case [first, *rest]:\n            return first, rest\n"
    assert renamed(text, "f") == text.replace("value", "other_value")


def test_independent_assignments_change_places() -> None:
    text = "def f():\n    a = 1\n    b = LIMIT.size\n    c = a + 1\n    d = call()\n    e = c\n    g = d  # now\n    h = (\n        2\n    )\n"
    assert renamed(text, "f") == (
        "def f():\n    other_b = LIMIT.size\n    other_a = 1\n    other_c = other_a + 1\n    other_d = call()\n"
        "    other_g = other_d  # now\n    other_e = other_c\n    other_h = (\n        2\n    )\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        "a = 1\n    b = a",
        "b = a\n    a = 1",
        "a = 1\n    a = 2",
        "a = f()\n    b = g()",
        "a = 1; c = 3\n    b = 2",
        "a = 1\n\n    b = 2",
        "x.a = 1\n    x.b = 2",
        "a = 1\n    b += 2",
    ],
)
def test_what_may_depend_on_each_other_keeps_its_order(body: str) -> None:
    text = f"def f(x):\n    {body}\n"
    assert renamed(text, "f").replace("other_", "") == text


def test_a_comment_and_an_assignment_are_put_in() -> None:
    text = '''
        def f(x):
            """Documented."""
            if x:
                send(x)
                return 1
        '''
    assert varied(text, "f", marked=(4,)) == expected(
        '''
        def f(other_x):
            """Documented."""
            unread_0 = 0
            if other_x:
                # varied
                send(other_x)
                return 1
        '''
    )


def test_lines_are_followed_back() -> None:
    layout, content = laid_out("def f():\n    a = 1\n    b = 2\n    return a\n")
    variation = vary(layout, content, ["f"], [4])
    assert variation is not None
    assert (
        variation.content
        == b"def f():\n    other_b = 2\n    unread_0 = 0\n    other_a = 1\n    # varied\n    return other_a\n"
    )
    assert variation.lines == {1: 1, 2: 3, 4: 2, 6: 4, 7: 5}


def test_only_the_named_functions_change_and_an_inner_one_with_all_around_it() -> None:
    text = "def f(a):\n    return a\n\n\ndef g(b):\n    def h(c):\n        return c\n\n    return h\n"
    assert renamed(text, "g.h") == (
        "def f(a):\n    return a\n\n\ndef g(other_b):\n    def h(other_c):\n        return other_c\n\n    return h\n"
    )


def test_other_encodings_and_line_ends_are_kept_readable() -> None:
    content = "# coding: latin-1\ndef f(größe):\r\n    return größe\r\n".encode("latin-1")
    layout = lay_out(decode("x.py", content))
    variation = vary(layout, content, ["f"], [])
    assert variation is not None
    assert decode("x.py", variation.content).text == (
        "# coding: latin-1\ndef f(other_größe):\n    unread_0 = 0\n    return other_größe\n"
    )


NAMES = st.sampled_from(["a", "b", "c", "len", "x_lock"])
EXPRESSIONS = st.recursive(
    NAMES | st.sampled_from(["1", "'s'", "a.b", "f'{a}{b.c!r:>{c}}'", 'f"""\\n{a}\\n {b}"""']),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} + {pair[1]})"),
        st.tuples(NAMES, inner).map(lambda pair: f"{pair[0]}(b={pair[1]})"),
        st.tuples(NAMES, inner).map(lambda pair: f"[{pair[0]} for {pair[0]} in {pair[1]}]"),
        st.tuples(NAMES, inner).map(lambda pair: f"(lambda {pair[0]}: {pair[1]})"),
    ),
    max_leaves=5,
)
STATEMENTS = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    EXPRESSIONS.map(lambda one: f"use({one})"),
    NAMES.map(lambda name: f"if {name}:\n        {name} = 1"),
)


@given(st.lists(NAMES, max_size=2, unique=True), st.lists(STATEMENTS, min_size=1, max_size=6))
def test_every_name_means_afterwards_what_it_meant_before(parameters: list[str], body: list[str]) -> None:
    outside = next(name for name in ("c", "b", "len") if name not in parameters)
    lines = [f"global {outside}", *body]
    text = f"def f({', '.join(parameters)}):\n" + "".join(f"    {line}\n" for line in lines)
    layout, content = laid_out(text)
    variation = vary(layout, content, ["f"], [])
    assert variation is not None
    assert scopes(variation.content.decode()) == scopes(text)


def scopes(text: str) -> list[tuple[str, list[str]]]:
    """What each scope owns and what it takes from outside, new names told by the old ones."""
    ast.parse(text)
    found = []
    pending = [symtable.symtable(text, "x", "exec")]
    while pending:
        table = pending.pop(0)
        symbols = [symbol for symbol in table.get_symbols() if not symbol.get_name().startswith("unread")]
        told = sorted(
            f"{symbol.get_name().removeprefix('other_')} {symbol.is_global()} {symbol.is_local()} {symbol.is_free()}"
            for symbol in symbols
        )
        found.append((table.get_name(), told))
        pending.extend(table.get_children())
    return sorted(found)
