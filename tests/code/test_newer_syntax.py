"""What is told of a file that the Python which runs the reviewer cannot read."""

from __future__ import annotations

import sys

import pytest

from reviewer.errors import SourceError
from tests.code.reading import read


def told(text: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows the syntax")
@pytest.mark.parametrize(
    "text", ["type Rows = list[int]\n", "def f[T](x: T) -> T: ...\n", "async def f[T](x): ...\n", "class A[T]: ...\n"]
)
def test_syntax_of_a_later_python_is_called_that(text: str) -> None:
    assert "is written for Python 3.12 or later (line 1), and the reviewer runs on 3.11" in told(text)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows the syntax")
@pytest.mark.parametrize("text", ["try: f()\nexcept OSError, a.ValueError: pass\n", 'x = f(\n  t"{a}")\n'])
def test_so_is_that_of_3_14(text: str) -> None:
    assert "is written for Python 3.14 or later (line 2)" in told(text)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows the syntax")
def test_an_f_string_that_is_refused_may_be_a_later_one() -> None:
    assert "or it is written for Python 3.12 or later" in told("x = f'{a['b']}'\n")
    assert "3.12" not in told("x = f'{}'\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", "is not valid Python at line 1: invalid syntax"),
        ("typed x = 1\n", "is not valid Python at line 1"),
        ("x = 'isn't'\n", "is not valid Python at line 1"),
        ("try: f()\nexcept OSError, error: pass\n", "(it looks like Python 2)"),
    ],
)
def test_what_no_python_takes_is_no_valid_python(text: str, words: str) -> None:
    assert words in told(text)
