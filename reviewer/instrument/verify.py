"""The proof of a patch, by reading the patched text anew; nothing is taken from those who wrote it.

Each check is told by its name:

- parses: the patched file compiles.
- reverts: taking out exactly the added statements gives back the original bytes. Where a clause on one line was opened
  into a block, that line's own signs come back in their order, and its comment; where a line took the place of a `pass`
  that stood alone, the `pass` comes back, and its comment behind it.
- names: what was added is a log call, the clock around a statement, an import or the making of a logger; each field is
  a plain name, a constant, or a length or type of a name, which has a value on every path to that place.
- no-secrets: no field holds a secret by name, by annotation, or by what it was made from; nor an address, a command
  line or what is sent along, each of which may hold one.
- bounded: nothing is logged whole that may be long; a length only of what is known to have one.
- not-hot: it stands in no inner loop that does nothing but compute.
- no-cycle: what is imported is the standard library's or a library's, never the project's own.
- applies: `git apply` makes the patched file out of the original.
- settled: asked again about the patched file, no further line is proposed for the same places.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviewer.code.segment import deep_recursion
from reviewer.domain.syntax import unwarned
from reviewer.errors import SourceError
from reviewer.instrument.added import clock_names, is_clock, is_preparation, log_fields, logger_of, names_of
from reviewer.instrument.assignment import assignments
from reviewer.instrument.check import CheckError
from reviewer.instrument.confidential import is_secret
from reviewer.instrument.derivation import laden_names, secret_names
from reviewer.instrument.diff import applies, make_diff
from reviewer.instrument.fields import form_of, types_of, unsure_lengths
from reviewer.instrument.loop import is_hot
from reviewer.instrument.module_scope import doubt_of, is_submodule, lasting_names, looks_at_names, names_in
from reviewer.instrument.proposal import Proposal
from reviewer.instrument.reversal import check_reverts, find_added
from reviewer.instrument.subject import Subject, parse, reread
from reviewer.instrument.write import Written

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
        difference = find_added(subject.tree, tree)
        check_reverts(subject, content, written, difference)
        added = difference.added
        passed.append(check)
        patched = reread(subject, written.content, frozenset(node.lineno for node in added))
        places = list(_located(patched, added))
        check = "names"
        _check_new(subject, added)
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


def _compiled(text: str) -> ast.Module:
    tree = parse(text)
    try:
        with deep_recursion(), unwarned():
            compile(text, "<patched>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise CheckError(f"the patched file does not compile: {error}") from error
    return tree


def _located(patched: Subject, added: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.AST | None]]:
    """The added statements as nodes of the patched subject's own tree, each with the function around it."""
    wanted = {(node.lineno, node.col_offset) for node in added}
    for node in ast.walk(patched.tree):
        if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in wanted:
            yield node, patched.function_of(node)


def _check_new(subject: Subject, added: list[ast.stmt]) -> None:
    """What is bound by added statements had no other meaning before."""
    outline = subject.code.outline
    taken = names_in(subject.tree) | outline.imports.keys() | outline.definitions.keys()
    for node in added:
        if isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            other = names & taken
        elif isinstance(node, ast.Import | ast.ImportFrom):
            full = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            names = {alias.name.partition(".")[0] for alias in node.names}
            other = {name for name in names if outline.imports.get(name, f"{full}{name}") != f"{full}{name}"}
            other |= names & (outline.assigned.keys() | outline.definitions.keys())
        else:
            continue
        if node.col_offset == 0:
            other |= {name for name in names - outline.imports.keys() if is_submodule(subject, name)}
        if other:
            raise CheckError(f"line {node.lineno} gives another meaning to {', '.join(sorted(other))}")


def _check_names(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef):
        if not is_preparation(node, proposals):
            raise CheckError(f"line {node.lineno} is neither an import nor the making of a logger")
        return
    if isinstance(node, ast.Assign):
        if not is_clock(node):
            raise CheckError(f"line {node.lineno} assigns something else than the time")
        lasts = "time" in lasting_names(patched, inside)
        if "time" in patched.hidden(inside) or patched.code.outline.imports.get("time") != "time" or not lasts:
            raise CheckError(f"time is not the module of that name at line {node.lineno}")
        if looks_at_names(inside):
            raise CheckError(f"the function may see that line {node.lineno} adds a name")
        return
    fields = list(log_fields(node, proposals))
    certain = patched.once(assignments, inside).get(id(node), frozenset())
    logger = logger_of(node).partition(".")[0]
    if logger in patched.hidden(inside) and logger not in certain | patched.enclosed(inside):
        raise CheckError(f"{logger} is no logger at line {node.lineno}")
    if why := doubt_of(patched, inside, logger_of(node)):
        raise CheckError(f"{why} at line {node.lineno}")
    for key, value in fields:
        made = "len" if isinstance(value, ast.Call) else "type" if isinstance(value, ast.Attribute) else None
        if made is not None and not patched.means_builtin(made, inside):
            raise CheckError(f"{made} means something else at line {node.lineno}")
        for name in names_of(value):
            if name not in certain:
                raise CheckError(f"{name}, for {key}, may have no value at line {node.lineno}")


def _check_secrets(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(node, ast.Expr):
        return
    secret = patched.once(secret_names, inside)
    laden = patched.once(laden_names, inside)
    types = patched.once(types_of, inside)
    for key, value in log_fields(node, proposals):
        if is_secret(key) or any(is_secret(name) or name in secret for name in names_of(value)):
            raise CheckError(f"{key} at line {node.lineno} may be a secret")
        if isinstance(value, ast.Name) and _is_laden(value.id, laden, types):
            raise CheckError(f"{key} at line {node.lineno} may hold a credential")
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and is_secret(value.value):
            raise CheckError(f"the constant of {key} at line {node.lineno} may be a secret")


def _is_laden(name: str, laden: frozenset[str], types: dict[str, str]) -> bool:
    return name in laden and form_of(name, types.get(name), laden=True) != "name"


def _check_bounds(patched: Subject, node: ast.stmt, inside: ast.AST | None, proposals: tuple[Proposal, ...]) -> None:
    if not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(node, ast.Expr):
        return
    types = patched.once(types_of, inside)
    laden = patched.once(laden_names, inside)
    clocks = patched.once(clock_names, inside)
    unsure = unsure_lengths(patched, inside, node)
    for key, value in log_fields(node, proposals):
        told = next(iter(names_of(value)), "")
        form = form_of(told, types.get(told), laden=told in laden)
        if isinstance(value, ast.Name) and told not in clocks and form != "name":
            raise CheckError(f"{key} at line {node.lineno} may be of any length")
        if isinstance(value, ast.Call) and (form != "length" or told in unsure):
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
