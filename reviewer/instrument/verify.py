"""The proof of a patch, by reading the patched text anew; nothing is taken from those who wrote it.

Each check is told by its name:

- parses: the patched file compiles.
- reverts: taking out exactly the added statements gives back the original bytes. Where a clause on one line was opened
  into a block, that line's own signs come back in their order, and its comment.
- names: what was added is a log call, the clock around a statement, an import or the making of a logger; each field is
  a plain name, a constant, or a length or type of a name, which has a value on every path to that place.
- no-secrets: no field holds a secret by name, by annotation, or by what it was made from.
- bounded: nothing is logged whole that may be long; a length only of what is known to have one.
- not-hot: it stands in no inner loop that does nothing but compute.
- no-cycle: what is imported is the standard library's or a library's, never the project's own.
- applies: `git apply` makes the patched file out of the original.
- settled: asked again about the patched file, no further line is proposed for the same places.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reviewer.code.outline import bodies
from reviewer.code.segment import deep_recursion
from reviewer.code.source import decode
from reviewer.errors import SourceError
from reviewer.instrument.assignment import Function, assignments
from reviewer.instrument.confidential import is_secret
from reviewer.instrument.dialect import METHODS
from reviewer.instrument.diff import applies, make_diff
from reviewer.instrument.fields import form_of, secret_names, types_of
from reviewer.instrument.places import is_hot
from reviewer.instrument.proposal import Proposal, is_name
from reviewer.instrument.subject import Subject, parse, reread
from reviewer.instrument.write import Written

CHECKS = ("parses", "reverts", "names", "no-secrets", "bounded", "not-hot", "no-cycle", "applies", "settled")
"""All checks, in the order in which they are made."""
_CARRIERS = frozenset({"bind", "opt"})
_FLAGS = frozenset({"exc_info", "exception"})
_MOST_CONSTANT = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the checks.

    Attributes:
        diff: the unified diff; empty where a check failed.
        passed: names of the checks that were passed, in order.
        failed: name of the first that was not; None for none.
        reason: what is wrong, in words.
    """

    diff: bytes
    passed: tuple[str, ...]
    failed: str | None = None
    reason: str = ""


class CheckError(Exception):
    """A check was not passed; the text says why."""


def verify(
    subject: Subject,
    content: bytes,
    written: Written,
    proposals: tuple[Proposal, ...],
    propose_again: Callable[[Subject], frozenset[str]],
) -> Verdict:
    """Prove a patch, or say why it is none.

    Args:
        subject: the file before.
        content: its bytes.
        written: the file after.
        proposals: what was to be written.
        propose_again: gives the keys of what is proposed for a file.
    """
    passed: list[str] = []
    check = "parses"
    diff = b""
    try:
        tree = _compiled(written.text)
        passed.append(check)
        check = "reverts"
        added = find_added(subject.tree, tree)
        _check_reverts(subject, content, written, added)
        passed.append(check)
        patched = reread(subject, written.content, frozenset(node.lineno for node in added))
        places = list(_located(patched, added))
        for check, judge in _JUDGES:
            for node, inside in places:
                judge(patched, node, inside, proposals)
            passed.append(check)
        check = "applies"
        diff = make_diff(subject.path, content, written.content)
        if not applies(subject.path, content, written.content, diff):
            raise CheckError("git does not apply the patch")
        passed.append(check)
        check = "settled"
        again = propose_again(patched) & {proposal.key for proposal in proposals}
        if again:
            raise CheckError("the patched code asks for another log line at the same place")
        passed.append(check)
    except (CheckError, SourceError) as error:
        return Verdict(b"", tuple(passed), check, str(error))
    return Verdict(diff, tuple(passed))


# -- parses ----------------------------------------------------------------------------------------------------------


def _compiled(text: str) -> ast.Module:
    tree = parse(text)
    try:
        with deep_recursion():
            compile(text, "<patched>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise CheckError(f"the patched file does not compile: {error}") from error
    return tree


# -- reverts ---------------------------------------------------------------------------------------------------------


def find_added(before: ast.Module, after: ast.Module) -> list[ast.stmt]:
    """The statements of a tree that another one does not have; everything else is the same.

    Raises:
        CheckError: there is more to it than added statements.
    """
    added: list[ast.stmt] = []
    _match(before.body, after.body, added)
    return added


def _match(before: list[ast.stmt], after: list[ast.stmt], added: list[ast.stmt]) -> None:
    at = 0
    for node in after:
        if at < len(before) and _is_same(before[at], node):
            _match_inside(before[at], node, added)
            at += 1
        elif isinstance(node, ast.Expr | ast.Assign | ast.Import | ast.ImportFrom):
            added.append(node)
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


def _match_inside(before: ast.stmt, after: ast.stmt, added: list[ast.stmt]) -> None:
    old, new = list(bodies(before)), list(bodies(after))
    if not old and not new:
        return
    if len(old) != len(new) or _header(before) != _header(after):
        raise CheckError(f"line {after.lineno} of the patched file differs from the original")
    for inner_before, inner_after in zip(old, new, strict=True):
        _match(inner_before, inner_after, added)


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


def _check_reverts(subject: Subject, content: bytes, written: Written, added: list[ast.stmt]) -> None:
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
    for node in added:
        numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        gone.update(numbers)
        if node.col_offset == 0:
            top.update(numbers)
    kept = [(number, line) for number, line in enumerate(lines, 1) if number not in gone]
    original = subject.source
    old_ends = [*original.line_starts[1:], len(original.text)]
    old = [original.text[start:end] for start, end in zip(original.line_starts, old_ends, strict=True)]
    _compare(old, kept, _near(top, len(lines)))


def _near(top: set[int], last: int) -> frozenset[int]:
    """The lines beside added ones at module level, where a blank line may be new."""
    return frozenset(
        number + step
        for number in top
        for step in (-1, 1, -2, 2)
        if number + step not in top and 0 < number + step <= last
    )


def _compare(old: list[str], kept: list[tuple[int, str]], loose: frozenset[int]) -> None:
    """Hold the lines that were left against the original ones.

    Raises:
        CheckError: they differ.
    """
    at = 0
    position = 0
    while position < len(kept):
        number, line = kept[position]
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


# -- names, secrets, bounds, loops, imports --------------------------------------------------------------------------


def _located(patched: Subject, added: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.AST | None]]:
    """The added statements as nodes of the patched subject's own tree, each with the function around it."""
    wanted = {(node.lineno, node.col_offset) for node in added}
    for node in ast.walk(patched.tree):
        if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in wanted:
            yield node, patched.function_of(node)


def _check_names(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef):
        if not _is_preparation(node, proposals):
            raise CheckError(f"line {node.lineno} is neither an import nor the making of a logger")
        return
    if isinstance(node, ast.Assign):
        if not _is_clock(node):
            raise CheckError(f"line {node.lineno} assigns something else than the time")
        if "time" in patched.hidden(inside) or patched.code.outline.imports.get("time") != "time":
            raise CheckError(f"time is not the module of that name at line {node.lineno}")
        return
    fields = list(log_fields(node, proposals))
    certain = patched.once(assignments, inside).get(id(node), frozenset())
    logger = _logger(node)
    if logger in patched.hidden(inside) and logger not in certain:
        raise CheckError(f"{logger} is no logger at line {node.lineno}")
    for key, value in fields:
        made = "len" if isinstance(value, ast.Call) else "type" if isinstance(value, ast.Attribute) else None
        if made is not None and not patched.means_builtin(made, inside):
            raise CheckError(f"{made} means something else at line {node.lineno}")
        for name in _names_of(value):
            if name not in certain:
                raise CheckError(f"{name}, for {key}, may have no value at line {node.lineno}")


def _check_secrets(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(node, ast.Expr):
        return
    secret = patched.once(secret_names, inside)
    for key, value in log_fields(node, proposals):
        if is_secret(key) or any(is_secret(name) or name in secret for name in _names_of(value)):
            raise CheckError(f"{key} at line {node.lineno} may be a secret")
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and is_secret(value.value):
            raise CheckError(f"the constant of {key} at line {node.lineno} may be a secret")


def _check_bounds(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(node, ast.Expr):
        return
    types = patched.once(types_of, inside)
    clocks = patched.once(_clock_names, inside)
    for key, value in log_fields(node, proposals):
        is_own = isinstance(value, ast.Name) and value.id in clocks
        if isinstance(value, ast.Name) and not is_own and form_of(value.id, types.get(value.id)) != "name":
            raise CheckError(f"{key} at line {node.lineno} may be of any length")
        if isinstance(value, ast.Call) and form_of(_names_of(value)[0], types.get(_names_of(value)[0])) != "length":
            raise CheckError(f"{key} at line {node.lineno} is not known to have a length")
        if isinstance(value, ast.Constant) and len(str(value.value)) > _MOST_CONSTANT:
            raise CheckError(f"{key} at line {node.lineno} is too long")


def _check_hot(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    del proposals
    if isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef) and is_hot(patched, node, inside):
        raise CheckError(f"line {node.lineno} stands in a hot inner loop")


def _check_cycle(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    del inside, proposals
    if isinstance(node, ast.Import | ast.ImportFrom):
        module = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
        project = patched.around.project
        if project is not None and project.locate(module, patched.path) is not None:
            raise CheckError(f"{module} is a module of the project, which may import this one")
        if isinstance(node, ast.ImportFrom) and node.level:
            raise CheckError("a relative import may lead back to this module")


_JUDGES = (
    ("names", _check_names),
    ("no-secrets", _check_secrets),
    ("bounded", _check_bounds),
    ("not-hot", _check_hot),
    ("no-cycle", _check_cycle),
)


def log_fields(node: ast.stmt, proposals: Iterable[Proposal]) -> Iterator[tuple[str, ast.expr]]:
    """The fields of an added log call, by key.

    Raises:
        CheckError: it is no log call on one of the loggers, or a part of it is more than a name or constant.
    """
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in METHODS:
        raise CheckError(f"line {node.lineno} is no log call")
    yield from _parts(call, message=True)
    receiver = call.func.value
    while isinstance(receiver, ast.Call):
        if not isinstance(receiver.func, ast.Attribute) or receiver.func.attr not in _CARRIERS or receiver.args:
            raise CheckError(f"line {node.lineno} is no log call")
        yield from _parts(receiver, message=False)
        receiver = receiver.func.value
    if ast.unparse(receiver) not in {proposal.voice.expression for proposal in proposals}:
        raise CheckError(f"line {node.lineno} speaks through another logger")


def _logger(node: ast.stmt) -> str:
    """The first name of the logger that a log call speaks through."""
    inner: ast.AST = node.value if isinstance(node, ast.Expr) else node
    while isinstance(inner, ast.Call | ast.Attribute):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return inner.id if isinstance(inner, ast.Name) else ""


def _parts(call: ast.Call, *, message: bool) -> Iterator[tuple[str, ast.expr]]:
    arguments = call.args
    if message:
        first = arguments[0] if arguments else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str) or not first.value.isascii():
            raise CheckError(f"the message at line {call.lineno} is no plain text")
        if first.value.count("%s") != len(arguments) - 1 or "%" in first.value.replace("%s", "") or "{" in first.value:
            raise CheckError(f"the message at line {call.lineno} does not fit its values")
        arguments = arguments[1:]
    for argument in arguments:
        yield ast.unparse(argument), _simple(argument)
    for keyword in call.keywords:
        if keyword.arg is None:
            raise CheckError(f"line {call.lineno} unpacks values")
        if keyword.arg in _FLAGS and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            continue
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or not is_name(key.value):
                    raise CheckError(f"a key at line {call.lineno} is no name")
                yield key.value, _simple(value)
            continue
        yield keyword.arg, _simple(keyword.value)


def _simple(node: ast.expr) -> ast.expr:
    """The node itself, if it is a name, a constant, or the length or type of a name."""
    if isinstance(node, ast.Name | ast.Constant):
        return node
    if isinstance(node, ast.Call) and _is_builtin(node, "len"):
        return node
    is_type = isinstance(node, ast.Attribute) and node.attr == "__name__" and _is_builtin(node.value, "type")
    if is_type:
        return node
    raise CheckError(f"line {node.lineno} logs more than a name, a constant, a length or a type")


def _is_builtin(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and not node.keywords
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
    )


def _names_of(value: ast.expr) -> list[str]:
    """The name that a field is about; none for a constant."""
    if isinstance(value, ast.Name):
        return [value.id]
    inner = value.value if isinstance(value, ast.Attribute) else value
    if isinstance(inner, ast.Call) and isinstance(inner.args[0], ast.Name):
        return [inner.args[0].id]
    return []


def _is_clock(node: ast.stmt) -> bool:
    """`started = time.perf_counter()` or `elapsed = time.perf_counter() - started`."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return False
    text = ast.unparse(node.value)
    return text == "time.perf_counter()" or text.startswith("time.perf_counter() - started")


def _clock_names(inside: Function) -> frozenset[str]:
    return frozenset(
        node.targets[0].id
        for node in ast.walk(inside)
        if isinstance(node, ast.Assign) and _is_clock(node) and isinstance(node.targets[0], ast.Name)
    )


def _is_preparation(node: ast.stmt, proposals: tuple[Proposal, ...]) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return len(node.names) == 1 and node.names[0].asname is None
    if not isinstance(node, ast.Assign):
        return False
    text = ast.unparse(node)
    return any(
        introduction is not None
        and introduction.factory is not None
        and text == f"{introduction.logger} = {introduction.factory}({'__name__' if introduction.by_name else ''})"
        for introduction in (proposal.voice.introduction for proposal in proposals)
    )
