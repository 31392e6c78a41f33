"""Loggers that a function is given, and what says that one may be missing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from reviewer.code.outline import dotted
from reviewer.instrument.assignment import Function
from reviewer.instrument.library import annotated_library
from reviewer.instrument.log_call import loggers_used

_NAMED = re.compile(r"_*(?:[a-z0-9]+_)*logger_*", re.IGNORECASE)
"""A parameter that is called so is a logger; what is called `log` may be a list, a file or a function."""
_MOST = 2
"""Uses of a logger for each question whether it is there that leave the answer open."""
_OPTIONAL = re.compile(r"\bNone\b|\bOptional\b")
_OTHER = re.compile(r"\b(?:str|bool|int|float|bytes|Path|Callable|[Tt]ype|[Ll]ist|[Dd]ict)\b")


def required(function: Function) -> frozenset[str]:
    """The parameters that every caller gives, and that are not None by their annotations."""
    arguments = function.args
    places = [*arguments.posonlyargs, *arguments.args]
    asked = places[: len(places) - len(arguments.defaults)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    asked += [one for one, default in named if default is None]
    return frozenset(
        one.arg for one in asked if one.annotation is None or not _OPTIONAL.search(ast.unparse(one.annotation))
    )


def given_loggers(function: Function) -> list[str]:
    """The parameters that are loggers by their annotations, or by their names where nothing speaks against it."""
    arguments = function.args
    given = required(function)
    doubtful = doubtful_loggers(function)
    found = []
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        text = ast.unparse(one.annotation) if one.annotation is not None else ""
        is_named = one.arg in given and _NAMED.fullmatch(one.arg) and not _OTHER.search(text)
        if one.arg not in doubtful and (annotated_library(function, one.arg) is not None or is_named):
            found.append(one.arg)
    return found


def doubtful_loggers(node: ast.AST) -> frozenset[str]:
    """The loggers that the code uses hardly without asking whether they are there: `if self.logger`, `log and …`.

    One that is asked for once, where it is made at the first need, and used everywhere is there.

    Args:
        node: a function or class.
    """
    used = loggers_used(node)
    return frozenset(name for name, times in Counter(_tested(node)).items() if used[name] <= _MOST * times)


def _tested(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        operands: list[ast.expr] = []
        match inner:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                operands = [test]
            case ast.BoolOp(values=values):
                operands = values
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                operands = [operand]
            case ast.Compare(left=left, comparators=[ast.Constant(value=None)]):
                operands = [left]
        yield from (name for operand in operands if (name := dotted(operand)) is not None)
