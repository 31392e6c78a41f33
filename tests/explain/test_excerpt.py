"""Of a unit that changed in part, what is shown is enough to judge the change by."""

from __future__ import annotations

import time
from textwrap import dedent

from reviewer.explain.excerpt import excerpt


def rows(source: str, *changed: str, headed: bool = True) -> list[str]:
    """What is shown of a source when the lines that hold these words changed."""
    lines = dedent(source).strip("\n").split("\n")
    centres = [number for number, line in enumerate(lines, 1) if any(word in line for word in changed)]
    return [lines[number - 1].strip() for number in excerpt(lines, 1, len(lines), centres, headed=headed)]


FILLED = "\n".join(f"    filling{number}()" for number in range(20))


def test_the_change_is_shown_with_three_lines_on_both_sides() -> None:
    shown = rows(f"def f():\n{FILLED}\n", "filling9")
    assert shown == ["def f():", *(f"filling{number}()" for number in range(6, 13))]


def test_the_whole_head_of_the_definition_is_shown_and_no_body_of_it() -> None:
    shown = rows(f"@route('/')\ndef f(\n    a,  # what\n    b,\n) -> None:\n{FILLED}\n", "filling15")
    assert shown[:6] == ["@route('/')", "def f(", "a,  # what", "b,", ") -> None:", "filling12()"]


def test_of_a_module_the_first_lines_are_no_head() -> None:
    assert rows("a()\nb()\nc()\nd()\ne()\nf()\ng()\nh()\n", "h()", headed=False) == ["e()", "f()", "g()", "h()"]


def test_the_blocks_around_the_change_and_their_handlers_are_shown() -> None:
    source = """
        def f():
            for item in items:
                try:
                    a1()
                    a2()
                    a3()
                    a4()
                    a5()
                    CHANGED
                    b1()
                    b2()
                    b3()
                    b4()
                    b5()
                    b6()
                except KeyError:
                    report()
                    c1()
                    c2()
                    c3()
                    c4()
                else:
                    settle()
                    d1()
                    d2()
                    d3()
                    d4()
                finally:
                    close()
                    e1()
                    e2()
                    e3()
            g1()
            g2()
            g3()
    """
    assert rows(source, "CHANGED") == [
        *("def f():", "for item in items:", "try:", "a1()", "a2()", "a3()", "a4()", "a5()", "CHANGED"),
        *("b1()", "b2()", "b3()", "except KeyError:", "report()", "else:", "settle()", "finally:", "close()"),
    ]


def test_of_a_changed_handler_the_try_and_its_other_handlers_are_shown() -> None:
    source = "def f():\n    try:\n" + "        a()\n" * 20 + "    except KeyError:\n        CHANGED\n" + FILLED
    source = source.replace("    try:", "    early()\n" * 5 + "    try:")
    shown = rows(source, "CHANGED")
    assert "try:" in shown
    assert shown.count("early()") == 0


def test_the_nearest_lines_that_bind_a_name_of_the_change_are_shown() -> None:
    source = f"""
def f(self):
    url = first
    x = url
    self.q = url
    timeout: int = 3
    with open(url) as stream, other() as second:
        pass
    a, url = stream
    if url == 1 or url <= 2:
        call(url=1)
    more(
        first(),
        second(),
        timeout=3,
        third(),
        fourth(),
    )
{FILLED}
    send(url, timeout, stream, self.q)
"""
    shown = rows(source, "send(")
    assert "timeout: int = 3" in shown
    assert "with open(url) as stream, other() as second:" in shown
    assert "a, url = stream" in shown
    assert "url = first" not in shown
    assert "self.q = url" not in shown
    assert "call(url=1)" not in shown
    assert "timeout=3," not in shown


def test_blank_lines_that_changed_show_nothing() -> None:
    lines = ["def f():", *["    x()"] * 10, "", *["    y()"] * 10]
    assert excerpt(lines, 1, 22, [12]) == [1]


def test_it_takes_no_time_on_thousands_of_deep_and_long_lines() -> None:
    lines = ["def f():", *(" " * (number % 200) + "try: a, b as c for x in = y" * 200 for number in range(5000))]
    started = time.monotonic()
    excerpt(lines, 1, 5001, range(1, 5002))
    assert time.monotonic() - started < 5
