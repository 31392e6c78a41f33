"""What calling a function of the file tells of its arguments: that it has come back, and how its result came out.

`check(data)` that raises when data is no mapping, `is_order(data)` that looks for keys: after them the argument is
known as if the check stood in the caller. Read from the function's own conditions, without walking it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from reviewer.code.condition import FALSE, TRUE, assumptions
from reviewer.code.names import Names
from reviewer.code.narrowing import places
from reviewer.code.outline import Definition, dotted
from reviewer.domain.fact import Implication

Held = frozenset[tuple[str, str]]
"""Parameters with what is established on them."""

_MOST_NODES = 250
"""Syntax nodes of a function that is still looked into: what checks something is short."""
_NOTHING: Held = frozenset()
_UNSAID = ("passed:", "failed:", "compared", "not-isinstance:", "not-attribute:")
"""Guards that say too little to be worth handing on."""
_PLAIN = frozenset({"staticmethod", "classmethod", "override", "typing.override"})


def promises(names: Names, symbol: str) -> tuple[Implication, ...]:
    """What a call of a function of this file tells of its parameters.

    Args:
        names: what the file's names mean; remembers the answer.
        symbol: canonical name of the function.

    Returns:
        By the parameters' names, and those of their attributes; `truth` is None for what holds however it came out.
    """
    if symbol not in names.promised:
        definition = names.outline.definitions.get(symbol[1:])
        names.promised[symbol] = _promises(names, definition) if definition is not None else ()
    return names.promised[symbol]


def _promises(names: Names, definition: Definition) -> tuple[Implication, ...]:
    node = definition.node
    if isinstance(node, ast.ClassDef) or any(dotted(one) not in _PLAIN for one in node.decorator_list):
        return ()
    written: set[str] = set()
    refuses = answers = False
    for count, inner in enumerate(ast.walk(node)):
        if count > _MOST_NODES or isinstance(inner, ast.Yield | ast.YieldFrom):
            return ()
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            written.add(inner.id)
        elif isinstance(inner, ast.Attribute) and not isinstance(inner.ctx, ast.Load):
            written.add("." + inner.attr)
        refuses = refuses or isinstance(inner, ast.Raise | ast.Assert)
        answers = answers or (isinstance(inner, ast.Return) and _is_answer(inner.value))
    if not refuses and not answers:
        return ()
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    reading = _Reading(names, frozenset(argument.arg for argument in arguments) - written, frozenset(written))
    if not reading.parameters:
        return ()
    end = reading.block(node.body, _NOTHING)
    if end is not None:
        reading.outcomes.append((False, end))
    return tuple(reading.results())


def _is_answer(node: ast.expr | None) -> bool:
    """Whether what is returned says yes or no, or may be asked as if it did."""
    return isinstance(node, ast.Constant | ast.Compare | ast.BoolOp | ast.UnaryOp) or (
        isinstance(node, ast.Call) and dotted(node.func) in ("bool", "isinstance", "all", "any", "hasattr")
    )


@dataclass(frozen=True)
class _Text:
    """Stands for the source where a condition was parsed by itself."""

    module: cst.Module = field(default_factory=lambda: cst.Module([]))

    def text(self, node: cst.CSTNode) -> str:
        return self.module.code_for_node(node)


class _Reading:
    """Reads the conditions of one function.

    Args:
        names: what the file's names mean.
        parameters: those that are never assigned to.
        written: names that are, and with a dot the attributes.
    """

    def __init__(self, names: Names, parameters: frozenset[str], written: frozenset[str]) -> None:
        self._names = names
        self.parameters = parameters
        self._written = written
        self._text = _Text()
        self._parsed: dict[int, cst.BaseExpression] = {}
        self.outcomes: list[tuple[bool, Held]] = []  # how the result may come out, and what then holds

    def results(self) -> Iterator[Implication]:
        """What holds for every outcome, and for all outcomes of one truth."""
        always = _common(held for _, held in self.outcomes)
        for path, guard in sorted(always):
            yield Implication(None, path, guard)
        if {truth for truth, _ in self.outcomes} == {True, False}:
            for wanted in (True, False):
                for path, guard in sorted(_common(held for truth, held in self.outcomes if truth is wanted) - always):
                    yield Implication(wanted, path, guard)

    def block(self, body: Sequence[ast.stmt], held: Held) -> Held | None:
        """Read statements; give what holds at their end, None where that is never reached."""
        current: Held | None = held
        for statement in body:
            if current is None:
                return None
            current = self._statement(statement, current)
        return current

    def _statement(self, node: ast.stmt, held: Held) -> Held | None:
        if isinstance(node, ast.Return):
            self._return(node.value, held)
            return None
        if isinstance(node, ast.Raise | ast.Continue | ast.Break):
            return None
        if isinstance(node, ast.Assert):
            return held | self._told(node.test, True)
        if isinstance(node, ast.If):
            met = self.block(node.body, held | self._told(node.test, True))
            other = self.block(node.orelse, held | self._told(node.test, False))
            return _meet([met, other])
        if isinstance(node, ast.With | ast.AsyncWith):
            return self.block(node.body, held)
        if isinstance(node, ast.Try | ast.TryStar):
            through = self.block(node.body, held)
            ends = [self.block(node.orelse, through) if through is not None else None]
            ends += [self.block(handler.body, held) for handler in node.handlers]
            met = _meet(ends)
            return self.block(node.finalbody, met) if met is not None else None
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            self.block(node.body, held)
            return self.block(node.orelse, held)
        if isinstance(node, ast.Match):
            for case in node.cases:
                self.block(case.body, held)
        return held

    def _return(self, node: ast.expr | None, held: Held) -> None:
        if node is None or isinstance(node, ast.Constant):
            self.outcomes.append((node is not None and bool(node.value), held))
            return
        for truth in (True, False):
            self.outcomes.append((truth, held | self._told(node, truth)))

    def _told(self, node: ast.expr, truth: bool) -> Held:
        if not any(isinstance(inner, ast.Name) and inner.id in self.parameters for inner in ast.walk(node)):
            return _NOTHING
        condition = self._parsed.get(id(node))  # the function keeps its nodes alive
        if condition is None:
            try:
                condition = self._parsed[id(node)] = cst.parse_expression(ast.unparse(node))
            except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError, ValueError):
                return _NOTHING
        found = set()
        for expression, guard in assumptions(condition, truth, self._text.text):
            if guard in (TRUE, FALSE) or guard.startswith(_UNSAID):
                continue
            target = expression.target if isinstance(expression, cst.NamedExpr) else expression
            for path, _, precise in places(self._text, self._names, target, guard):
                if self._is_given(path):
                    found.add((path, precise))
        return frozenset(found)

    def _is_given(self, path: str) -> bool:
        """Whether it is a parameter, or an attribute of one, that the function leaves as it was."""
        root, dot, attribute = path.partition(".")
        if root not in self.parameters:
            return False
        return not dot or (attribute.isidentifier() and f".{attribute}" not in self._written)


def _meet(ends: Sequence[Held | None]) -> Held | None:
    """What holds where several ways meet; None where none of them gets there."""
    living = [held for held in ends if held is not None]
    return _common(living) if living else None


def _common(helds: Iterator[Held] | Sequence[Held]) -> Held:
    found = list(helds)
    return frozenset.intersection(*found) if found else _NOTHING


def given(definition: Definition, node: cst.Call, bound: bool) -> dict[str, cst.BaseExpression]:
    """Which argument of a call each parameter gets, as far as no argument is unpacked.

    Args:
        definition: the function.
        node: the call.
        bound: the first parameter is given by the object before the dot.
    """
    if isinstance(definition.node, ast.ClassDef) or any(argument.star for argument in node.args):
        return {}
    arguments = definition.node.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    plain = [argument.value for argument in node.args if argument.keyword is None]
    if bound and isinstance(node.func, cst.Attribute):
        plain.insert(0, node.func.value)
    found = dict(zip(positional, plain, strict=False))
    found.update((argument.keyword.value, argument.value) for argument in node.args if argument.keyword is not None)
    return found
