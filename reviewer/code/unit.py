"""Changed lines → units with their facts."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.code.budget import Budget
from reviewer.code.fragment import mend
from reviewer.code.limits import Limits
from reviewer.code.names import Elsewhere, Names
from reviewer.code.outline import Definition, Outline, Statement, outline
from reviewer.code.segment import deep_recursion, parse_lines
from reviewer.code.source import Source
from reviewer.code.statement import Statements
from reviewer.domain.fact import Context, Fact, Parameter, Return, Unit
from reviewer.errors import SourceError
from reviewer.knowledge.lookup import Knowledge

MODULE = "<module>"

_TOKENS_PER_SECOND = 40_000
"""What libcst parses at its slowest, of code without a space; most code is ten times as fast."""
_FEWEST_TOKENS = 20_000
"""What is parsed however little time is given."""


@dataclass(frozen=True)
class CodeFile:
    """A file's units, and what could not be checked in it.

    Attributes:
        source: the text.
        outline: what it defines.
        units: the changed units, in order of their lines.
        failures: reasons, one for each piece that could not be checked.
        names: what its names mean.
        beside: functions that no changed line belongs to, read because changed ones stand in or around them.
    """

    source: Source
    outline: Outline
    units: tuple[Unit, ...]
    failures: tuple[str, ...]
    names: Names
    beside: tuple[Unit, ...] = ()


def read_units(
    source: Source,
    changed: frozenset[int] | None,
    knowledge: Knowledge,
    limits: Limits | None = None,
    *,
    fragment: bool = False,
    elsewhere: Elsewhere | None = None,
    plan: Outline | None = None,
) -> CodeFile:
    """Find the units that changed lines belong to, and their facts.

    Args:
        source: the file.
        changed: changed line numbers; None when all count as changed.
        knowledge: what libraries do.
        limits: when to give a definition up.
        fragment: the text is not a file but the lines of some hunks, blank lines between them.
        elsewhere: what the other files of the project define; None where only this one is to be had.
        plan: the outline of a file that is no fragment, where it is at hand.

    Raises:
        SourceError: the file as a whole is no Python.
    """
    limits = limits or Limits()
    dropped: tuple[str, ...] = ()
    if fragment:
        source, dropped = mend(source)
    if plan is None:
        plan = outline(source)
    names = Names(plan, knowledge, elsewhere)
    units: list[Unit] = []
    beside: list[Unit] = []
    failures: list[str] = list(dropped)
    touched = _Changed.of(changed, plan)
    for piece in _pieces(plan, touched):
        try:
            for unit in _read_piece(source, names, piece, touched, limits, fragment=fragment):
                if unit.changed is None or unit.changed:
                    units.append(unit)
                else:
                    beside.append(replace(unit, changed=None))
        except SourceError as error:
            failures.append(f"{piece.name}: {error}")
        except RecursionError:
            failures.append(f"{piece.name}: is nested too deeply to be walked")
    units.sort(key=lambda unit: unit.line)
    return CodeFile(source, plan, tuple(units), tuple(failures), names, tuple(beside))


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
    everything = _Changed.of(None, code.outline)
    return tuple(_read_piece(code.source, code.names, piece, everything, limits))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that are parsed and walked together: an outermost function, a class's own statements, the module's own."""

    name: str
    kind: str
    ranges: tuple[tuple[int, int], ...]
    definition: Definition | None


@dataclass(frozen=True, slots=True)
class _Changed:
    """The changed lines with the innermost definition that holds each; all of a file when `lines` is None."""

    lines: frozenset[int] | None
    ordered: Sequence[int]
    owners: Mapping[int, Definition]

    @classmethod
    def of(cls, lines: frozenset[int] | None, plan: Outline) -> _Changed:
        ordered = sorted(lines or ())
        owners: dict[int, Definition] = {}
        for definition in plan.in_order:  # inner ones come later and win
            for index in range(bisect_left(ordered, definition.line), bisect_right(ordered, definition.end_line)):
                owners[ordered[index]] = definition
        return cls(lines, ordered, owners)

    def within(self, definition: Definition) -> bool:
        """Whether a definition, with all that is defined in it, is touched."""
        if self.lines is None:
            return True
        index = bisect_left(self.ordered, definition.line)
        return index < len(self.ordered) and self.ordered[index] <= definition.end_line

    def of_definition(self, definition: Definition) -> frozenset[int] | None:
        """The changed lines of a function that nothing defined in it holds."""
        if self.lines is None:
            return None
        low, high = bisect_left(self.ordered, definition.line), bisect_right(self.ordered, definition.end_line)
        return frozenset(line for line in self.ordered[low:high] if self.owners[line] is definition)

    def of_statements(self, ranges: Sequence[tuple[int, int]], definition: Definition | None) -> frozenset[int] | None:
        """The changed lines of a class's or the module's own statements."""
        if self.lines is None:
            return None
        return frozenset(
            line
            for first, last in ranges
            for line in self.ordered[bisect_left(self.ordered, first) : bisect_right(self.ordered, last)]
            if self.owners.get(line) is definition
        )


def _pieces(plan: Outline, changed: _Changed) -> Iterator[_Piece]:
    for definition in plan.in_order:
        if definition.kind == "class":
            ranges = tuple(_own_ranges(definition)) if definition.outer is None else ()
            if ranges and changed.of_statements(ranges, definition) != frozenset():
                yield _Piece(definition.name, "class", ranges, definition)
        elif definition.outer == definition.name and changed.within(definition):
            yield _Piece(definition.name, definition.kind, ((definition.line, definition.end_line),), definition)
    ranges = _merged(plan.statements)
    if ranges and changed.of_statements(ranges, None) != frozenset():
        yield _Piece(MODULE, "module", ranges, None)


def _own_ranges(definition: Definition) -> Iterator[tuple[int, int]]:
    """A class's header and its own statements, without its methods and inner classes; nothing when it has none."""
    node = definition.node
    own = [(s.lineno, s.end_lineno or s.lineno) for s in node.body if not isinstance(s, Statement)]
    first = node.body[0]
    first_line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))])
    if not own:
        return
    if first_line <= node.lineno:
        yield definition.line, definition.end_line  # all on one line
        return
    yield definition.line, first_line - 1
    yield from _merged(own)


def _merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges without overlaps; two statements may share a line."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _read_piece(
    source: Source,
    names: Names,
    piece: _Piece,
    changed: _Changed,
    limits: Limits,
    *,
    fragment: bool = False,
) -> list[Unit]:
    size = piece.ranges[-1][1] - piece.ranges[0][0] + 1
    definition = piece.definition
    is_function = piece.kind in ("function", "method")
    if size > limits.lines and is_function:
        raise SourceError(f"has {size} lines, more than the limit of {limits.lines}")
    budget = Budget(limits.seconds)
    segment = parse_lines(
        source,
        list(piece.ranges),
        definition is not None and definition.indented,
        max(_FEWEST_TOKENS, int(limits.seconds * _TOKENS_PER_SECOND)),
    )
    context = Context(
        function=_enclosing(piece.name) if is_function else piece.name, import_time=not is_function and not fragment
    )
    walker = Statements(segment, names, context, {}, budget)
    with deep_recursion():
        if is_function:
            # The definition itself is walked as if met inside its class or module.
            walker.walk_definition(segment.body[0])
            return list(_function_units(names.outline, names, piece, walker.facts, changed))
        if piece.kind == "class":
            walker.walk_class(segment.body[0])
        else:
            walker.walk(segment.body)
    return [_statements_unit(names.outline, piece, walker.facts, changed)]


def _enclosing(name: str) -> str:
    return name.rpartition(".")[0] or MODULE


def _statements_unit(plan: Outline, piece: _Piece, facts: Sequence[Fact], changed: _Changed) -> Unit:
    """The unit of a class's or the module's own statements."""
    return Unit(
        path="",
        name=piece.name,
        kind="class" if piece.definition is not None else "module",
        line=piece.ranges[0][0],
        end_line=piece.ranges[-1][1],
        changed=changed.of_statements(piece.ranges, piece.definition),
        bases=plan.bases.get(piece.name, ()),
        facts=tuple(fact for fact in facts if fact.context.function == piece.name),
    )


def _function_units(
    plan: Outline, names: Names, piece: _Piece, facts: Sequence[Fact], changed: _Changed
) -> Iterator[Unit]:
    """The units of an outermost function: itself, and the functions and classes defined in it, changed or not."""
    ((first, last),) = piece.ranges
    by_function: dict[str, list[Fact]] = {}
    for fact in facts:
        by_function.setdefault(fact.context.function, []).append(fact)
    inner = [d for d in plan.within.get(piece.name, ()) if first <= d.line and d.end_line <= last]
    repeated = Counter(d.name for d in inner)
    for definition in inner:
        lines = changed.of_definition(definition)
        own = by_function.get(definition.name, [])
        if repeated[definition.name] > 1:  # only its lines tell whose a fact is
            own = [fact for fact in own if definition.line <= fact.span.line <= definition.end_line]
        if definition.kind != "class":
            yield _function_unit(plan, names, definition, tuple(own), lines)
        elif own:
            yield Unit(
                path="",
                name=definition.name,
                kind="class",
                line=definition.line,
                end_line=definition.end_line,
                changed=lines,
                bases=plan.bases.get(definition.name, ()),
                facts=tuple(own),
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
