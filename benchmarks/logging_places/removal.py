"""A file without a log statement, and without what its comments and docstrings say of it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from benchmarks.logging_places.statement import Statement
from reviewer.instrument.assignment import Function

_LOGGING = re.compile(
    r"\b(?:re)?log(?:s|ged|ger|ging)?\b|warn|debug|\binfo\b|\berrors? level|critical|verbos|nois|\bspam|silent|\bloud"
    r"|\bquiet",
    re.IGNORECASE,
)
"""Words of a comment beside the statement that says that something is logged here, or how loud."""
_LEVEL = r"\b(?:debug|info|warn\w*|errors?|critical|levels?)\b"
_LOUDNESS = re.compile(
    rf"\blog(?:s|ged|ger|ging)?\b.*{_LEVEL}|{_LEVEL}.*\blog(?:s|ged|ger|ging)?\b|\bwarn", re.IGNORECASE | re.DOTALL
)
"""Words of a sentence farther away that says how loud something is logged."""
_ITEM = r"\n[ \t]*(?:\n|[-*•]|\w+(?: \([^)\n]*\))?:[ \t])"
_SENTENCE = re.compile(rf"(?:(?!{_ITEM})[^.]|\.(?=\S))+\.?")
"""A sentence, or an item of a list."""
_DOCSTRING = re.compile(r"([a-zA-Z]*(\"{3}|'{3}))(.*)\2", re.DOTALL)


def without(content: bytes, statement: Statement) -> tuple[bytes, int]:
    """A file without a statement, and where its clause or call is then.

    Comments beside the statement go if they speak of logging; those of the function, and the sentences of its
    docstring, if they say how loud something is logged.

    Args:
        content: the file.
        statement: what is taken out.
    """
    tree = ast.parse(content)
    around = _functions(tree, statement.line)
    lines = _hushed(content, around).split(b"\n")
    gone = {line for first, last in statement.taken for line in range(first, last + 1)}
    for line, column in _telling_comments(content, statement, around):
        before = lines[line - 1].decode("utf-8", "surrogateescape")[:column].rstrip()
        if before:
            lines[line - 1] = before.encode("utf-8", "surrogateescape")
        else:
            gone.add(line)
    last, _ = max(statement.taken)
    if _alone(tree, statement.taken):
        text = lines[last - 1]
        lines[last - 1] = text[: len(text) - len(text.lstrip())] + b"pass"
        gone.remove(last)
    kept = [text for number, text in enumerate(lines, 1) if number not in gone]
    return b"\n".join(kept), statement.line - sum(line < statement.line for line in gone)


def _functions(tree: ast.Module, line: int) -> list[Function]:
    """The functions around a line, the outermost first."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]


def _alone(tree: ast.Module, taken: Sequence[tuple[int, int]]) -> bool:
    """The block of the last of the statements has no others."""
    return any(
        all((one.lineno, one.end_lineno) in taken for one in body)
        for node in ast.walk(tree)
        for body in (getattr(node, "body", None), getattr(node, "orelse", None), getattr(node, "finalbody", None))
        if isinstance(body, list)
        and any(isinstance(one, ast.stmt) and (one.lineno, one.end_lineno) == max(taken) for one in body)
    )


def _hushed(content: bytes, functions: Sequence[Function]) -> bytes:
    """The file with docstrings that do not say how loud something is logged; on as many lines as before."""
    for function in functions:
        first = function.body[0]
        if ast.get_docstring(function, clean=False) is None or not isinstance(first, ast.Expr):
            continue
        rows = content.split(b"\n")
        start = len(b"\n".join([*rows[: first.lineno - 1], b""])) + first.col_offset
        end = len(b"\n".join([*rows[: (first.end_lineno or 1) - 1], b""])) + (first.end_col_offset or 0)
        text = content[start:end].decode("utf-8", "surrogateescape")
        found = _DOCSTRING.fullmatch(text)
        if found is not None:
            quiet = f"{found[1]}{_SENTENCE.sub(_silence, found[3])}{found[2]}"
            content = content[:start] + quiet.encode("utf-8", "surrogateescape") + content[end:]
    return content


def _silence(sentence: re.Match[str]) -> str:
    if _LOUDNESS.search(sentence[0]) is None:
        return sentence[0]
    return "\n" * sentence[0].count("\n")


def _telling_comments(content: bytes, statement: Statement, functions: Sequence[Function]) -> Iterator[tuple[int, int]]:
    """Where comments that speak of logging begin; of one over several lines, each line."""
    first, last = statement.around
    around = range(min([first, *(one.lineno for one in functions)]), max([last, *_ends(functions)]) + 1)
    comments = {
        token.start[0]: token
        for token in tokenize.tokenize(io.BytesIO(content).readline)
        if token.type == tokenize.COMMENT and token.start[0] in around
    }
    block: list[tokenize.TokenInfo] = []
    for line in [*sorted(comments), 0]:
        if block and (line != block[-1].start[0] + 1 or _is_behind_code(block[-1]) or _is_behind_code(comments[line])):
            beside = first <= block[-1].start[0] <= last
            said = " ".join(token.string for token in block)
            if (_LOGGING if beside else _LOUDNESS).search(said):
                yield from (token.start for token in block)
            block = []
        if line:
            block.append(comments[line])


def _ends(functions: Sequence[Function]) -> Iterator[int]:
    return (one.end_lineno or one.lineno for one in functions)


def _is_behind_code(comment: tokenize.TokenInfo) -> bool:
    return bool(comment.line[: comment.start[1]].strip())
