"""How the lines of a file end, so that added lines end alike."""

from __future__ import annotations

import re

import libcst as cst

from reviewer.code.source import Source


def line_end(newline: str) -> cst.TrailingWhitespace:
    """The end of a line that has nothing else behind it."""
    return cst.TrailingWhitespace(newline=newline_node(newline))


def newline_node(newline: str) -> cst.Newline:
    """A line end that is written out, whatever libcst takes for the file's own."""
    return cst.Newline(value="\r\n" if newline == "\r\n" else "\r" if newline == "\r" else "\n")


def newline_of(source: Source) -> str:
    """The line end of most lines."""
    counts = {end: len(re.findall(end, source.text)) for end in ("\r\n", r"(?<!\r)\n", r"\r(?!\n)")}
    best = max(counts, key=lambda end: counts[end])
    return {"\r\n": "\r\n", r"(?<!\r)\n": "\n", r"\r(?!\n)": "\r"}[best]
