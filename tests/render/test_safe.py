"""Hostile text is shown as its escapes, and an underline stands under what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.render.safe import span_end, visible, visible_code, visible_lines

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Co"]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u2066b", r"a\u2066b"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\udcff", r"\udcff"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x9b", r"\x9b"),
        ("no\u00a0break", r"no\xa0break"),
        ("日本 é 🙂", "日本 é 🙂"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_escaped_and_the_rest_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_the_stream_cannot_take_is_escaped() -> None:
    assert visible("é日", "ascii") == r"\xe9\u65e5"
    assert visible("é日", "latin-1") == r"é\u65e5"


@given(ANY_TEXT, st.sampled_from(["utf-8", "UTF8", "ascii", "cp1252"]))
def test_any_text_becomes_printable_and_can_be_written(text: str, encoding: str) -> None:
    shown = visible(text, encoding)
    assert shown.isprintable()
    shown.encode(encoding)
    for line in visible_lines(text, encoding):
        assert line.isprintable()


@given(ANY_TEXT, st.integers(-3, 30), st.integers(-3, 30))
def test_a_stretch_lies_inside_the_line_it_is_in(line: str, column: int, end: int) -> None:
    shown, start, stop = visible_code(line, column, end)
    assert shown.isprintable()
    assert 0 <= start <= stop <= len(shown)


def test_a_stretch_follows_its_text_past_tabs_and_escapes() -> None:
    line = "\tx\u202e = call(1)"
    at = line.index("call")
    shown, start, stop = visible_code(line, at, span_end(line, at))
    assert shown[start:stop] == "call(1)"


@pytest.mark.parametrize(
    ("line", "stretch"),
    [
        ("x = requests.get(url, (1, 2))  # a", "requests.get(url, (1, 2))"),
        ("x = json.loads(body)['key'] + 1", "json.loads(body)['key']"),
        ("    except ValueError:  # why", "except ValueError:  # why"),
        ("f(a.b(c), d)", "a.b(c)"),
        ("x = open(", "open("),
    ],
)
def test_the_underlined_stretch_is_the_expression(line: str, stretch: str) -> None:
    start = line.index(stretch)
    assert line[start : span_end(line, start)] == stretch


@given(ANY_TEXT, st.integers(-3, 30))
def test_the_end_of_a_stretch_lies_behind_its_start(line: str, column: int) -> None:
    assert span_end(line, column) >= column
