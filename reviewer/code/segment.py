"""Parsing with libcst only the definitions that matter, with the offset of every node in the file.

libcst's own position metadata deep-copies the tree and builds objects for each node; here one code generation pass
writes down plain offsets, several times faster.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from reviewer.code.source import Source
from reviewer.errors import SourceError

TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'{3}(?:\\.|[^\\])*?\'{3}|"(?:\\.|[^"\\\n\r])*"|\'(?:\\.|[^\'\\\n\r])*\''''
    r"""|#[^\n\r]*|\w+|[\n\r]|[^\w\s]""",
    re.DOTALL,
)
"""A token of valid source, near enough: a string (without its prefix), a comment, a word, a line end, a sign."""
_RECURSION_LIMIT = 30_000
"""Frames allowed for walking a tree whose depth `outline` has already limited; pure Python frames use no C stack."""


class Segment:
    """A parsed piece of a file.

    Attributes:
        module: its libcst tree; for an indented piece the statements stand inside a made-up `if 1:`.
        body: the top-level statements of the piece.
    """

    def __init__(self, source: Source, module: cst.Module, spans: dict[int, tuple[int, int]], shift: int) -> None:
        self.source = source
        self.module = module
        self._spans = spans
        self._shift = shift
        first = module.body[0] if module.body else None
        wrapped = shift < 0 and isinstance(first, cst.If)
        self.body = first.body.body if wrapped and isinstance(first, cst.If) else module.body

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Offsets of the node in the file, without the white space around it."""
        start, end = self._spans[id(node)]
        return start, end

    def text(self, node: cst.CSTNode) -> str:
        """The node as written."""
        start, end = self._spans[id(node)]
        return self.source.text[start:end]


def parse_lines(
    source: Source, ranges: list[tuple[int, int]], indented: bool, most_tokens: int | None = None
) -> Segment:
    """Parse whole lines of a file.

    Args:
        source: the file.
        ranges: first and last line of each part, from 1, in order; what lies between counts as blank lines.
        indented: the lines stand inside a block.
        most_tokens: tokens above which the piece is refused, since libcst cannot be stopped; None for no limit.

    Raises:
        SourceError: libcst cannot parse the piece, or would take too long.
    """
    parts: list[str] = []
    first_offset, _ = source.range_of_lines(*ranges[0])
    position = first_offset
    for first, last in ranges:
        start, end = source.range_of_lines(first, last)
        if start > position:
            # One blank line of the same length keeps every offset true, and costs one node however long it is.
            parts.append(" " * (start - position - 1) + "\n")
        parts.append(source.text[start:end])
        position = end
    text = "".join(parts)
    # Each token takes a character, so that most pieces need no counting.
    if most_tokens is not None and len(text) > most_tokens and _count_tokens(text) > most_tokens:
        raise SourceError(f"has more than {most_tokens} tokens, too many to parse; raise limits.unit-seconds")
    prefix = "if 1:\n" if indented else ""
    shift = first_offset - len(prefix) if indented else first_offset
    try:
        with _quiet_collector():
            module = cst.parse_module(prefix + text)
            spans = _locate(module, shift)
    except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
        line = source.line_of(first_offset)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SourceError(f"the lines from {line} on cannot be parsed: {reason}") from error
    except RecursionError as error:
        raise SourceError(f"the lines from {source.line_of(first_offset)} on are nested too deeply") from error
    return Segment(source, module, spans, -1 if indented else 0)


def _count_tokens(text: str) -> int:
    return sum(1 for _ in TOKEN.finditer(text))


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow the deep Python recursion that walking a deep tree takes; the old limit comes back afterwards."""
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(max(old, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(old)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Parse without cyclic garbage collection, which otherwise walks the growing tree again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _locate(module: cst.Module, shift: int) -> dict[int, tuple[int, int]]:
    state: Any = _OffsetState(default_indent=module.default_indent, default_newline=module.default_newline)
    state.offset = shift
    with deep_recursion():
        # The method is private to libcst, and is what its own position provider calls.
        module._codegen(state)
    spans: dict[int, tuple[int, int]] = state.spans
    return spans


class _OffsetState(CodegenState):
    """Counts characters instead of collecting tokens."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.offset = 0
        self.spans: dict[int, tuple[int, int]] = {}
        self._starts: list[int] = []
        self._last = 0

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def before_codegen(self, node: Any) -> None:
        self._starts.append(self.offset)

    def after_codegen(self, node: Any) -> None:
        start = self._starts.pop()
        key = id(node)  # hashing a node itself is a call in Python; the tree keeps every node alive
        if key not in self.spans:
            self.spans[key] = (start, self.offset)

    def pop_trailing_newline(self) -> None:
        pass

    def record_syntactic_position(self, node: Any, *, start_node: Any = None, end_node: Any = None) -> Any:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(self, state: _OffsetState, node: Any, start_node: Any, end_node: Any) -> None:
        self.state = state
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spans = self.state.spans
        start = spans[id(self.start_node)][0] if self.start_node is not None else self.start
        end = spans[id(self.end_node)][1] if self.end_node is not None else self.state.offset
        spans[id(self.node)] = (start, end)
