"""Decoding a file as Python does, and counting its lines as Python does."""

from __future__ import annotations

import io
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.code.source import Source, decode
from reviewer.errors import SourceError


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode("a.py", b"\xef\xbb\xbfx = 1\n").text == "x = 1\n"


def test_a_coding_line_decides_the_encoding() -> None:
    assert decode("a.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n").text.endswith("x = '\xe9'\n")


def test_a_coding_line_may_be_the_second_line() -> None:
    assert decode("a.py", b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n").lines[2] == "x = '€'"


def test_without_a_coding_line_bytes_are_utf8() -> None:
    assert decode("a.py", "x = 'é'\n".encode()).text == "x = 'é'\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x = '\xe9'\n", "save it as UTF-8"),
        (b"x = 1\ny = 2\nz = '\xe9'\n", "utf-8 at byte 17"),
        (b"# coding: punycode\nx = 1\n", "punycode"),
        (b"# coding: klingon\n", "encoding"),
        (b"# coding: utf-7\n# +AAo-import os\n", "hides line ends"),
        (b"# coding: unicode_escape\n# \\nimport os\n", "hides line ends"),
        (b"x = 1\0\n", "NUL"),
        (b"# coding: utf-8\nx = '\xe9'\n", "utf-8"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "encoding"),
        (b"# coding: ascii\nx = '\xc3\xa9'\n", "ascii"),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        decode("a.py", content)


@pytest.mark.parametrize("codec", ["rot13", "hex", "zlib", "base64", "bz2", "undefined", "idna", "punycode"])
def test_a_codec_that_is_no_plain_text_encoding_is_refused_or_read_but_never_crashes(codec: str) -> None:
    try:
        decode("a.py", f"# coding: {codec}\nx = 1\n".encode())
    except SourceError as error:
        assert "\n" not in str(error)


def test_only_cr_lf_and_crlf_end_a_line() -> None:
    source = Source("a.py", "a\rb\r\nc\nd\x0ce\u2028f\x85g\x1ch\x0bi")
    assert source.lines == ["a", "b", "c", "d\x0ce\u2028f\x85g\x1ch\x0bi"]


def test_an_offset_has_the_line_that_holds_it() -> None:
    source = Source("a.py", "ab\r\ncd\ref\n")
    assert [source.line_of(offset) for offset in range(len(source.text) + 1)] == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


def test_a_range_of_lines_holds_their_ends() -> None:
    source = Source("a.py", "ab\r\ncd\ref")
    assert source.text[slice(*source.range_of_lines(1, 1))] == "ab\r\n"
    assert source.text[slice(*source.range_of_lines(2, 3))] == "cd\ref"


@given(st.text(st.sampled_from("ab\r\n\x0c\u2028\x85 ")))
def test_line_starts_and_lines_agree(text: str) -> None:
    source = Source("a.py", text)
    assert len(source.line_starts) == len(source.lines)
    for number, line in enumerate(source.lines, start=1):
        start, end = source.range_of_lines(number, number)
        assert source.text[start:end].rstrip("\r\n") == line
    assert "".join(text[slice(*source.range_of_lines(n, n))] for n in range(1, len(source.lines) + 1)) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(content: bytes) -> None:
    try:
        source = decode("a.py", content)
    except SourceError as error:
        assert "\n" not in str(error)
        return
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    assert content.decode(encoding).removeprefix("\ufeff") == source.text
