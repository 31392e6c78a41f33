"""Writes the comment that accepts a finding, so that it is read back as that and changes nothing else."""

from __future__ import annotations

import ast
import datetime
import io
import re
import tokenize

from reviewer.acceptance.waiver import complaint_of, waives
from reviewer.domain.syntax import parse_module
from reviewer.errors import UsageError

_LINE_END = re.compile(r"\r\n|\r|\n")
"""Line ends as Python has them; `str.splitlines` also breaks at the page breaks of old files."""
_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def write_waiver(data: bytes, line: int, rule: str, reason: str, until: datetime.date | None = None) -> bytes:
    """A file with the waiver of a finding: alone above the line, or behind it where that is no place for a comment.

    Args:
        data: the file.
        line: of the finding, from 1.
        rule: what is accepted there.
        reason: why.
        until: the last day on which it holds; None for ever.

    Returns:
        The whole file; all other bytes are as they were.

    Raises:
        UsageError: the reason cannot stand in a comment, the file is no Python, or neither place takes a comment.
    """
    reason = " ".join(reason.split())
    if not reason or not reason.isprintable() or re.search(r"(^|\s)#", reason):
        raise UsageError("--reason: give a reason in words, on one line and without ' #'")
    lines = _LINES.findall(data)
    if not 1 <= line <= len(lines):
        raise UsageError(f"there is no line {line}; the file has {len(lines)}; review it again")
    encoding = _encoding(data)
    end = re.search(rb"[\r\n]*$", lines[line - 1])
    newline = (end[0] if end is not None else b"") or b"\n"
    comment = f"# reviewer: waive[{rule}] {reason}" + (f" until {until.isoformat()}" if until is not None else "")
    if complaint := complaint_of(comment):
        raise UsageError(f"--reason: {complaint}")
    try:
        # The mark at the head of a file in "utf-8-sig" is none of a comment's.
        written = comment.encode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeEncodeError as error:
        raise UsageError(f"--reason: the file is in {encoding}, which has no {comment[error.start]!r}") from error
    code = lines[line - 1].rstrip(b"\r\n")
    indent = code[: len(code) - len(code.lstrip())]
    above = [*lines[: line - 1], indent + written + newline, *lines[line - 1 :]]
    behind = [*lines[: line - 1], code + b"  " + written + newline, *lines[line:]]
    for candidate, place in ((above, line + 1), (behind, line)):
        text = b"".join(candidate)
        if _same_code(data, text) and waives(_LINE_END.split(text.decode(encoding)), place, rule):
            return text
    raise UsageError(f"line {line} takes no comment, neither above nor behind it; write one on the statement by hand")


def _encoding(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, LookupError) as error:
        raise UsageError(f"the file cannot be read as Python: {error}; mend it first") from error


def _same_code(before: bytes, after: bytes) -> bool:
    """Whether two texts are the same program."""
    try:
        return ast.dump(parse_module(before)) == ast.dump(parse_module(after))
    except (SyntaxError, ValueError, RecursionError):
        return False
