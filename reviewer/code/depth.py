"""Refusing what libcst's native parser cannot end well: nesting that exhausts the C stack, patterns that take for ever.

Neither can be stopped or caught once the parser runs, so both are looked for in what `ast` has read.
"""

from __future__ import annotations

import ast
import io
import tokenize

from reviewer.code.segment import TOKEN
from reviewer.code.source import Source
from reviewer.errors import SourceError

MAX_DEPTH = 800
"""Nesting of syntax nodes; beyond some 2,500 libcst's native parser would exhaust the C stack and end the process."""

_SHORT_LINES = 8
"""Lines that a statement may span without a look at its depth, when it is also narrow."""

_MOST_PATTERN_WORK = 4**10
"""What the patterns of a file may take in all, about a second."""

_HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)


def refuse_depth(node: ast.stmt, source: Source) -> None:
    """Refuse a statement whose own expressions are nested too deeply.

    Blocks need no look: Python's tokenizer allows 100 levels of them. Nor does a short statement: each level of an
    expression takes at least one character.
    """
    body = getattr(node, "body", None)
    last = body[0].lineno if isinstance(body, list) and body else node.end_lineno or node.lineno
    if last - node.lineno <= _SHORT_LINES and (node.end_col_offset or 0) - node.col_offset < MAX_DEPTH:
        return
    if _is_too_deep(node, source):
        raise SourceError(f"is nested more than {MAX_DEPTH} levels deep at line {node.lineno}")


def _is_too_deep(node: ast.stmt, source: Source) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [*(alias.name for alias in node.names), getattr(node, "module", None) or ""]
        return any(name.count(".") >= MAX_DEPTH for name in names)
    level: list[ast.AST] = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _HOLDERS)]
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        if any(_is_long_chain(parent, source) for parent in level):
            return True
        level = [child for parent in level for child in ast.iter_child_nodes(parent)]
    return True


def _is_long_chain(node: ast.AST, source: Source) -> bool:
    """Whether a node that is flat here becomes a deep one in libcst's tree, which nests what is written in a row."""
    if isinstance(node, ast.BoolOp):
        return len(node.values) > MAX_DEPTH
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return len(node.generators) > MAX_DEPTH
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
        # Strings side by side are one constant here. Two quotes each is the least they take.
        lines = (node.end_lineno or node.lineno) - node.lineno
        wide = (node.end_col_offset or 0) - node.col_offset > 2 * MAX_DEPTH
        return (lines >= MAX_DEPTH or wide) and _holds_many_strings(node, source)
    return False


class PatternWork:
    """Adds up what the patterns of a file's `match` statements will take.

    libcst parses a nested pattern anew for each way in which the one around it may be read: each level doubles the
    time, one of a mapping takes four times as long. Patterns that people write have two or three.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._work = 0

    def add(self, node: ast.Match) -> None:
        """Add those of one statement.

        Raises:
            SourceError: it is too much.
        """
        subject = node.subject
        start = _offset(self._source, subject.end_lineno or subject.lineno, subject.end_col_offset or 0)
        for case in node.cases:
            stop = case.guard or case.body[0]
            end = _offset(self._source, stop.lineno, stop.col_offset)
            self._work += 4 ** min(_brackets(self._source.text[start:end]), 40)
            if self._work > _MOST_PATTERN_WORK:
                raise SourceError(f"nests patterns too deeply at line {case.pattern.lineno}")
            last = case.body[-1]
            start = _offset(self._source, last.end_lineno or last.lineno, last.end_col_offset or 0)


def _brackets(text: str) -> int:
    """The deepest nesting of brackets, those in strings and comments not counted."""
    depth = deepest = 0
    for match in TOKEN.finditer(text):
        token = match.group()
        if token in ("(", "[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (")", "]", "}"):
            depth = max(depth - 1, 0)
    return deepest


def _holds_many_strings(node: ast.expr, source: Source) -> bool:
    last = node.end_lineno or node.lineno
    start, end = source.range_of_lines(node.lineno, last)
    if source.text.count('"', start, end) + source.text.count("'", start, end) <= 2 * MAX_DEPTH:
        return False
    start, end = _offset(source, node.lineno, node.col_offset), _offset(source, last, node.end_col_offset or 0)
    return _count_strings(source.text[start:end]) > MAX_DEPTH


def _offset(source: Source, line: int, column: int) -> int:
    """Where in the text a place of `ast` is, which counts columns in bytes of UTF-8."""
    return source.line_starts[line - 1] + len(source.lines[line - 1].encode()[:column].decode(errors="ignore"))


def _count_strings(written: str) -> int:
    """String literals side by side in a piece of source; those inside an f-string count too."""
    starts = ("STRING", "FSTRING_START", "TSTRING_START")
    try:
        tokens = tokenize.generate_tokens(io.StringIO(f"({written})").readline)
        return sum(tokenize.tok_name[token.type] in starts for token in tokens)
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return MAX_DEPTH + 1  # what cannot be counted is not risked
