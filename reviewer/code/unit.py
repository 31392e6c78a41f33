"""Changed lines → units with their facts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.code.budget import Budget
from reviewer.code.fragment import mend
from reviewer.code.names import Names
from reviewer.code.outline import Definition, Outline, outline
from reviewer.code.segment import deep_recursion, parse_lines
from reviewer.code.source import Source
from reviewer.code.statement import Statements
from reviewer.domain.fact import Context, Fact, Parameter, Return, Unit
from reviewer.errors import SourceError
from reviewer.knowledge.lookup import Knowledge

MODULE = "<module>"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one definition may cost before it is given up and told as not checked.

    Attributes:
        lines: lines of one outermost definition.
        seconds: time for parsing and walking it.
    """

    lines: int = 4000
    seconds: float = 10.0


@dataclass(frozen=True)
class CodeFile:
    """A file's units, and what could not be checked in it.

    Attributes:
        source: the text.
        outline: what it defines.
        units: the changed units, in order of their lines.
        failures: reasons, one for each piece that could not be checked.
        names: what its names mean.
    """

    source: Source
    outline: Outline
    units: tuple[Unit, ...]
    failures: tuple[str, ...]
    names: Names


def read_units(
    source: Source,
    changed: frozenset[int] | None,
    knowledge: Knowledge,
    limits: Limits | None = None,
    *,
    fragment: bool = False,
) -> CodeFile:
    """Find the units that changed lines belong to, and their facts.

    Args:
        source: the file.
        changed: changed line numbers; None when all count as changed.
        knowledge: what libraries do.
        limits: when to give a definition up.
        fragment: the text is not a file but the lines of some hunks, blank lines between them.

    Raises:
        SourceError: the file as a whole is no Python.
    """
    limits = limits or Limits()
    dropped: tuple[str, ...] = ()
    if fragment:
        source, dropped = mend(source)
    plan = outline(source)
    names = Names(plan, knowledge)
    units: list[Unit] = []
    failures: list[str] = list(dropped)
    for piece in _pieces(source, plan, changed):
        try:
            units.extend(_read_piece(source, plan, names, piece, changed, limits, fragment))
        except SourceError as error:
            failures.append(f"{piece.name}: {error}")
        except RecursionError:
            failures.append(f"{piece.name}: is nested too deeply to be walked")
    units.sort(key=lambda unit: unit.line)
    return CodeFile(source, plan, tuple(units), tuple(failures), names)


def read_definition(code: CodeFile, name: str, limits: Limits) -> tuple[Unit, ...]:
    """Read an outermost function or method of a file that was read, changed or not, with all functions inside it.

    Args:
        code: the file.
        name: its qualified name inside the file.
        limits: when to give it up.

    Raises:
        SourceError: it cannot be parsed, or is beyond the limits.
    """
    definition = code.outline.definitions[name]
    piece = _Piece(name, definition.kind, ((definition.line, definition.end_line),), definition)
    return tuple(_read_piece(code.source, code.outline, code.names, piece, None, limits, False))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that are parsed and walked together: an outermost function, a class's own statements, the module's own."""

    name: str
    kind: str
    ranges: tuple[tuple[int, int], ...]
    definition: Definition | None


def _pieces(source: Source, plan: Outline, changed: frozenset[int] | None) -> Iterator[_Piece]:
    covered: set[int] = set()
    for definition in plan.in_order:
        if definition.kind == "class":
            if definition.outer is not None:
                continue
            ranges = tuple(_own_ranges(definition))
            if len(ranges) > 1 and _touched(ranges, changed):
                yield _Piece(definition.name, "class", ranges, definition)
            covered.update(range(definition.line, definition.end_line + 1))
        elif definition.outer == definition.name:
            whole = ((definition.line, definition.end_line),)
            if _touched(whole, changed):
                yield _Piece(definition.name, definition.kind, whole, definition)
    if plan.statements and _touched(plan.statements, changed):
        yield _Piece(MODULE, "module", _merged(plan.statements), None)


def _own_ranges(definition: Definition) -> Iterator[tuple[int, int]]:
    """A class's header and its own statements, without its methods and inner classes."""
    node = definition.node
    body = node.body
    first = body[0]
    first_line = first.lineno
    if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        first_line = min([first.lineno, *(d.lineno for d in first.decorator_list)])
    if first_line <= node.lineno:
        return
    yield definition.line, first_line - 1
    previous = first_line - 1
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        start, end = statement.lineno, statement.end_lineno or statement.lineno
        if start > previous:
            yield start, end
            previous = end


def _merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges without overlaps; two statements may share a line."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _touched(ranges: Sequence[tuple[int, int]], changed: frozenset[int] | None) -> bool:
    if changed is None:
        return True
    return any(first <= line <= last for line in changed for first, last in ranges)


def _read_piece(
    source: Source,
    plan: Outline,
    names: Names,
    piece: _Piece,
    changed: frozenset[int] | None,
    limits: Limits,
    fragment: bool,
) -> Iterator[Unit]:
    size = piece.ranges[-1][1] - piece.ranges[0][0] + 1
    definition = piece.definition
    if size > limits.lines and piece.kind in ("function", "method"):
        raise SourceError(f"has {size} lines, more than the limit of {limits.lines}")
    indented = definition is not None and definition.indented
    segment = parse_lines(source, list(piece.ranges), indented)
    is_function = piece.kind in ("function", "method")
    context = Context(
        function=_enclosing(piece.name) if is_function else piece.name, import_time=not is_function and not fragment
    )
    walker = Statements(segment, names, context, {}, Budget(limits.seconds))
    with deep_recursion():
        if is_function:
            # The definition itself is walked as if met inside its class or module.
            walker.walk_definition(segment.body[0])
        elif piece.kind == "class":
            walker.walk_class(segment.body[0])
        else:
            walker.walk(segment.body)
    yield from _units(plan, names, piece, walker.facts, changed)


def _enclosing(name: str) -> str:
    return name.rpartition(".")[0] or MODULE


def _units(
    plan: Outline, names: Names, piece: _Piece, facts: Sequence[Fact], changed: frozenset[int] | None
) -> Iterator[Unit]:
    by_function: dict[str, list[Fact]] = {}
    for fact in facts:
        by_function.setdefault(fact.context.function, []).append(fact)
    if piece.definition is None or piece.kind == "class":
        first, last = piece.ranges[0][0], piece.ranges[-1][1]
        own = {line for start, end in piece.ranges for line in range(start, end + 1)}
        lines = None if changed is None else frozenset(changed & own)
        definition = piece.definition
        yield Unit(
            path="",
            name=piece.name,
            kind="class" if definition is not None else "module",
            line=first,
            end_line=last,
            changed=lines,
            bases=plan.bases.get(piece.name, ()),
            facts=tuple(by_function.get(piece.name, ())),
        )
        return
    inner = [d for d in plan.in_order if d.outer == piece.name]
    for definition in inner:
        if definition.kind == "class":
            continue
        lines = None if changed is None else _innermost(definition, inner, changed)
        if lines is not None and not lines:
            continue
        own_facts = tuple(by_function.get(definition.name, ()))
        yield _function_unit(plan, names, definition, own_facts, lines)


def _innermost(definition: Definition, inner: Sequence[Definition], changed: frozenset[int]) -> frozenset[int]:
    """Changed lines of a definition that no definition inside it holds."""
    nested = [
        d for d in inner if d is not definition and definition.line <= d.line and d.end_line <= definition.end_line
    ]
    return frozenset(
        line
        for line in changed
        if definition.line <= line <= definition.end_line
        and not any(d.line <= line <= d.end_line for d in nested if d.name != definition.name)
    )


def _function_unit(
    plan: Outline, names: Names, definition: Definition, facts: tuple[Fact, ...], lines: frozenset[int] | None
) -> Unit:
    node = definition.node
    assert not isinstance(node, ast.ClassDef)  # noqa: S101 - narrowed by the caller
    decorators = tuple(_decorator(names, d) for d in node.decorator_list)
    return Unit(
        path="",
        name=definition.name,
        kind="method" if definition.kind == "method" else "function",
        line=definition.line,
        end_line=definition.end_line,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=any(isinstance(fact, Return) and fact.yields for fact in facts),
        changed=lines,
        decorators=decorators,
        parameters=tuple(_parameters(definition, node)),
        bases=plan.bases.get(definition.owner, ()) if definition.owner else (),
        returns=ast.unparse(node.returns) if node.returns is not None else None,
        facts=facts,
    )


def _decorator(names: Names, node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    value = names.of_expression(target)
    return value.symbol or ast.unparse(target)


def _parameters(definition: Definition, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Parameter]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    for index, (argument, default) in enumerate(pairs):
        if index == 0 and definition.owner and argument.arg in ("self", "cls"):
            continue
        yield Parameter(
            argument.arg,
            ast.unparse(argument.annotation) if argument.annotation is not None else None,
            ast.unparse(default) if default is not None else None,
        )
