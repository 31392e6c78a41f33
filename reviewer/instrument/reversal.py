"""What a patch has added, and that nothing else differs: without it the file is what it was, byte for byte.

Where a `pass` filled a block and a log line took its place, the `pass` comes back with what stood behind it.
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass, field

from reviewer.code.outline import bodies
from reviewer.code.source import decode
from reviewer.instrument.check import CheckError
from reviewer.instrument.placeholder import is_placeholder_node
from reviewer.instrument.subject import Subject
from reviewer.instrument.write import Written


@dataclass(frozen=True)
class Difference:
    """How a tree differs from the one before.

    Attributes:
        added: the statements that are new.
        replaced: of the tree before, what filled a block in which new statements stand now.
    """

    added: list[ast.stmt] = field(default_factory=list)
    replaced: list[ast.stmt] = field(default_factory=list)


def find_added(before: ast.Module, after: ast.Module) -> Difference:
    """The statements of a tree that another one does not have; everything else is the same.

    Raises:
        CheckError: there is more to it than added statements.
    """
    difference = Difference()
    _match(before.body, after.body, difference)
    return difference


def _match(before: list[ast.stmt], after: list[ast.stmt], difference: Difference) -> None:
    if len(before) == 1 and is_placeholder_node(before[0]) and not any(_is_same(before[0], node) for node in after):
        difference.replaced.append(before[0])
        before = []
    at = 0
    for node in after:
        if at < len(before) and _is_same(before[at], node):
            _match_inside(before[at], node, difference)
            at += 1
        elif isinstance(node, ast.Expr | ast.Assign | ast.Import | ast.ImportFrom):
            difference.added.append(node)
        else:
            raise CheckError(f"line {node.lineno} of the patched file differs from the original")
    if at < len(before):
        raise CheckError(f"line {before[at].lineno} of the original is not in the patched file")


def _is_same(before: ast.stmt, after: ast.stmt) -> bool:
    """The statements are the same, but for the blocks inside of them."""
    if type(before) is not type(after):
        return False
    if not any(True for _ in bodies(before)):
        return ast.dump(before) == ast.dump(after)
    return True


def _match_inside(before: ast.stmt, after: ast.stmt, difference: Difference) -> None:
    old, new = list(bodies(before)), list(bodies(after))
    if not old and not new:
        return
    if len(old) != len(new) or _header(before) != _header(after):
        raise CheckError(f"line {after.lineno} of the patched file differs from the original")
    for inner_before, inner_after in zip(old, new, strict=True):
        _match(inner_before, inner_after, difference)


def _header(node: ast.AST) -> str:
    """All of a compound statement but the statements inside of it."""
    parts: list[str] = []
    for name, value in ast.iter_fields(node):
        if name in ("body", "orelse", "finalbody"):
            continue
        if name in ("handlers", "cases"):
            parts.extend(_header(clause) for clause in value)
        else:
            parts.append(f"{name}={_dump(value)}")
    return f"{type(node).__name__}({', '.join(parts)})"


def _dump(value: object) -> str:
    if isinstance(value, ast.AST):
        return ast.dump(value)
    return f"[{', '.join(map(_dump, value))}]" if isinstance(value, list) else repr(value)


def check_reverts(subject: Subject, content: bytes, written: Written, difference: Difference) -> None:
    """Hold the patched file without the added statements against the original, line by line.

    Args:
        subject: the file before.
        content: its bytes.
        written: the file after.
        difference: the statements that were added to it, and what they replaced.

    Raises:
        CheckError: they differ.
    """
    again = decode(subject.path, written.content)
    if again.text != written.text:
        raise CheckError("the bytes of the patched file do not hold its text")
    marked = content.startswith(b"\xef\xbb\xbf"), written.content.startswith(b"\xef\xbb\xbf")
    if marked[0] != marked[1]:
        raise CheckError("the byte order mark was lost")
    starts = again.line_starts
    ends = [*starts[1:], len(again.text)]
    lines = [again.text[start:end] for start, end in zip(starts, ends, strict=True)]
    gone: set[int] = set()
    top: set[int] = set()
    for node in difference.added:
        numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        gone.update(numbers)
        if node.col_offset == 0:
            top.update(numbers)
    kept = [(number, line) for number, line in enumerate(lines, 1) if number not in gone]
    original = subject.source
    old_ends = [*original.line_starts[1:], len(original.text)]
    old = [original.text[start:end] for start, end in zip(original.line_starts, old_ends, strict=True)]
    replaced = frozenset(node.lineno - 1 for node in difference.replaced)
    _compare(old, kept, _near(top, len(lines)), replaced)


def _near(top: set[int], last: int) -> frozenset[int]:
    """The lines beside added ones at module level, where a blank line may be new."""
    return frozenset(
        number + step
        for number in top
        for step in (-1, 1, -2, 2)
        if number + step not in top and 0 < number + step <= last
    )


def _compare(old: list[str], kept: list[tuple[int, str]], loose: frozenset[int], replaced: frozenset[int]) -> None:
    """Hold the lines that were left against the original ones.

    Args:
        old: the original lines.
        kept: those that were left, with their numbers.
        loose: numbers of those that may be blank and new.
        replaced: indexes of the original lines with what filled a block that has another statement now.

    Raises:
        CheckError: they differ.
    """
    at = 0
    position = 0
    while True:
        number, line = kept[position] if position < len(kept) else (0, "")
        if at in replaced and (taken := _filled(old[at], line)) is not None:
            at, position = at + 1, position + taken
            continue
        if position >= len(kept):
            break
        if at < len(old) and (line == old[at] or _is_last(old, at, line, position, kept)):
            at, position = at + 1, position + 1
        elif not line.strip() and number in loose:
            position += 1
        elif at < len(old) and (taken := _opened(old[at], [text for _, text in kept[position : position + 8]])):
            at, position = at + 1, position + taken
        else:
            raise CheckError(f"without the added lines, line {at + 1} differs from the original")
    if any(line for line in old[at:]):
        raise CheckError(f"without the added lines, line {at + 1} of the original is missing")


def _is_last(old: list[str], at: int, line: str, position: int, kept: list[tuple[int, str]]) -> bool:
    """The original's last line has no end, and got one because a statement was added behind it."""
    rest = all(not text for _, text in kept[position + 1 :])
    return at == len(old) - 1 and rest and bool(old[at]) and line.rstrip("\r\n") == old[at]


def _filled(line: str, kept: str) -> int | None:
    """How many lines are left of one with a `pass` that is gone: 0, or 1 for its comment or for the clause before it.

    Args:
        line: the original line.
        kept: what stands in its place.

    Returns:
        None where something else is left.
    """
    signs = _signs(line)
    if signs is None:
        return None
    words, comments = signs
    if words in (("pass",), ("...",)):
        if not comments:
            return 0
        indent = line[: len(line) - len(line.lstrip(" \t\f"))]
        return 1 if kept.rstrip("\r\n") == f"{indent}{comments[0]}" else None
    is_clause = words[-1:] in (("pass",), ("...",)) and _signs(kept) == (words[:-1], comments)
    return 1 if is_clause else None


def _opened(line: str, block: list[str]) -> int:
    """How many lines of a block hold what stood on one line: `except X: pass`; 0 when they do not."""
    if ":" not in line or not block:
        return 0
    wanted = _signs(line)
    for size in (2, 3, 4, 5, 6, 7, 8):
        if size > len(block):
            return 0
        if _signs("".join(block[:size])) == wanted:
            return size
    return 0


def _signs(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The tokens of some lines in their order, and their comments; None for what is not whole."""
    plain: list[str] = []
    comments: list[str] = []
    inner = text.lstrip(" \t\f")
    try:
        for token in tokenize.generate_tokens(io.StringIO(inner).readline):
            if token.type == tokenize.COMMENT:
                comments.append(token.string)
            elif token.type not in (
                tokenize.NEWLINE,
                tokenize.NL,
                tokenize.INDENT,
                tokenize.DEDENT,
                tokenize.ENDMARKER,
            ):
                plain.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return None
    return tuple(part for part in plain if part != ";" or plain[-1] != ";"), tuple(comments)
