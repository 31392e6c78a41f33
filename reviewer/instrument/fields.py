"""What a log line tells beside the event: names that have a value there, are short, and are nobody's secret."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from reviewer.code.outline import dotted
from reviewer.code.scope import own_nodes
from reviewer.domain.fact import Value
from reviewer.domain.syntax import parse_expression
from reviewer.instrument.assignment import Function, assignments, bound_names
from reviewer.instrument.clause import types_of as types_of_clause
from reviewer.instrument.confidential import is_address, is_correlating, is_laden, is_scalar, is_short, is_unbounded
from reviewer.instrument.derivation import flows, laden_names, secret_names
from reviewer.instrument.places import Spot
from reviewer.instrument.proposal import Field, Form, Style, is_name
from reviewer.instrument.subject import FUNCTIONS, Subject
from reviewer.instrument.wording import culprit_of

MOST = 7
"""Fields of one line."""
RESERVED: dict[Style, frozenset[str]] = {
    "extra": frozenset(
        {
            "name", "msg", "args", "levelname", "levelno", "pathname", "filename", "module", "exc_info", "exc_text",
            "stack_info", "lineno", "funcName", "created", "msecs", "relativeCreated", "thread", "threadName",
            "processName", "process", "taskName", "message", "asctime",
        }
    ),
    "keywords": frozenset(
        {
            "event", "level", "logger", "timestamp", "exception", "exc_info", "stack_info", "stack", "self", "extra",
            "stacklevel", "positional_args", "message", "msg",
        }
    ),
    "bind": frozenset({"self", "__self"}),
    "percent": frozenset(),
    "plain": frozenset(),
}  # fmt: skip
"""Keys that a style keeps for itself: those of `logging.LogRecord`, and those that structlog fills."""
_SCALARS = frozenset(
    {
        "int", "float", "bool", "UUID", "uuid.UUID", "datetime", "datetime.datetime", "date", "Path", "pathlib.Path",
        "PurePath", "timedelta", "Decimal",
    }
)  # fmt: skip
_SIZED = frozenset(
    {
        "str", "bytes", "bytearray", "list", "dict", "set", "tuple", "frozenset", "List", "Dict", "Set", "Tuple",
        "typing.List", "typing.Dict",
    }
)  # fmt: skip
"""Types whose length costs nothing; that of a `Sequence` may be a query, which fails as the one before did."""
_CALLS: dict[Form, str] = {"length": "len", "type": "type"}
"""The built-in function that a form is written with."""
_ATTEMPT = re.compile(
    r"_?(?:attempt|retry|try|tries|retries|attempts)(?:_?(?:no|num|number|count|index|i))?", re.IGNORECASE
)
_TYPE_ERRORS = frozenset({"TypeError", "Exception", "BaseException"})
_REMOTE = frozenset({"http", "db", "cache", "queue", "cloud", "llm", "dns"})


def fields_of(subject: Subject, spot: Spot, style: Style, taken: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """The fields for a place, the most telling first.

    Args:
        subject: the file.
        spot: the place.
        style: where they go, which keeps some keys for itself.
        taken: names that are no data: the logger.
    """
    fields: dict[str, Field] = {}
    for field in _wanted(subject, spot, taken):
        key = field.key if field.key not in RESERVED[style] else f"{field.key}_value"
        if key not in fields and len(fields) < MOST:
            fields[key] = Field(key, field.form, field.value)
    return tuple(fields.values())


def loggable(subject: Subject, function: Function, place: ast.stmt | ast.ExceptHandler) -> dict[str, Form]:
    """The names that may be logged at a place, with the form in which they may: "name", "length" or "type".

    Args:
        subject: the file.
        function: the innermost function around the place.
        place: the statement or clause.
    """
    secret = subject.once(secret_names, function)
    types = subject.once(types_of, function)
    laden = subject.once(laden_names, function)
    data = subject.once(assignments, function).get(id(place), frozenset()) - secret - subject.once(_no_data, function)
    forms = {
        name: form_of(name, types.get(name), laden=name in laden)
        for name in data
        if is_name(name) and not name.startswith("_")
    }
    unsure = unsure_lengths(subject, function, place)
    return {name: "type" if form == "length" and name in unsure else form for name, form in forms.items()}


def unsure_lengths(subject: Subject, function: Function, place: ast.AST) -> frozenset[str]:
    """The names whose annotations promise a length that a place cannot rely on, since it takes a `TypeError`.

    Who handles that one expects values of other types; `len` would raise it once more.

    Args:
        subject: the file.
        function: the innermost function around the place.
        place: a statement or clause.
    """
    for outer in (place, *subject.around_of(place)):
        if outer is function:
            break
        if isinstance(outer, ast.ExceptHandler) and not _TYPE_ERRORS.isdisjoint(types_of_clause(outer)):
            return subject.once(_promised, function)
    return frozenset()


def _promised(function: Function) -> frozenset[str]:
    """The names whose types are known by their annotations alone."""
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    promised = {one.arg for one in every if one.annotation is not None}
    promised |= {
        node.target.id
        for node in own_nodes(function.body)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return frozenset(promised)


def form_of(name: str, kind: str | None, *, laden: bool = False) -> Form:
    """How a name may be logged, by its type where that is known, else by what it is called.

    Args:
        name: the name.
        kind: its type as annotated or made; None when that is not known.
        laden: it may hold credentials among other things, whatever it is called.
    """
    bare = kind.partition("[")[0].strip() if kind is not None else None
    if bare in _SCALARS:
        return "name"
    if laden or is_laden(name):
        return "length" if bare in _SIZED else "type"
    if bare == "str":
        return "name" if is_short(name) and not is_unbounded(name) else "length"
    if bare in _SIZED:
        return "length"
    is_plain = is_scalar(name) and not is_unbounded(name)
    return "name" if is_plain and (bare is None or is_correlating(name)) else "type"


def types_of(function: Function) -> dict[str, str]:
    """What is known of the types of a function's names; a name that is given values of several types has none."""
    found: dict[str, set[str | None]] = {}
    arguments = function.args
    without = _none_by_default(function)
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None and argument.arg not in without:
            found[argument.arg] = {_annotated(argument.annotation)}
        else:
            found[argument.arg] = {None}
    if arguments.vararg is not None:
        found[arguments.vararg.arg] = {"tuple"}
    if arguments.kwarg is not None:
        found[arguments.kwarg.arg] = {"dict"}
    for node in own_nodes(function.body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in bound_names([target]):
                    kind = _made(node.value) if isinstance(target, ast.Name) else None
                    found.setdefault(name, set()).add(kind)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.setdefault(node.target.id, set()).add(_annotated(node.annotation))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            continue
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            made = node.iter.func if isinstance(node.iter, ast.Call) else None
            found.setdefault(node.target.id, set()).add("int" if made is not None and dotted(made) == "range" else None)
        else:
            for targets, _ in flows(node):
                for name in targets:
                    found.setdefault(name, set()).add(None)
            if isinstance(node, ast.ExceptHandler) and node.name is not None:
                found.setdefault(node.name, set()).add(None)
    return {name: kind for name, kinds in found.items() if len(kinds) == 1 and (kind := next(iter(kinds))) is not None}


def _none_by_default(function: Function) -> frozenset[str]:
    """The parameters that are None unless given, whatever their annotation says."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    tail = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(tail, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return frozenset(one.arg for one, value in pairs if isinstance(value, ast.Constant) and value.value is None)


def _annotated(node: ast.expr) -> str | None:
    """The type that an annotation names; None for one of several, None among them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = parse_expression(node.value)
        except (SyntaxError, ValueError):
            return None
    if isinstance(node, ast.Subscript):
        return (
            dotted(node.value)
            if dotted(node.value) not in ("Optional", "Union", "Annotated", "typing.Optional")
            else None
        )
    return dotted(node)


def _made(node: ast.expr) -> str | None:
    """The type of what an expression makes, where its form tells."""
    if isinstance(node, ast.Constant) and node.value is not None and not isinstance(node.value, type(...)):
        return type(node.value).__name__
    if isinstance(node, ast.JoinedStr):
        return "str"
    if isinstance(node, ast.List | ast.ListComp):
        return "list"
    if isinstance(node, ast.Dict | ast.DictComp):
        return "dict"
    if isinstance(node, ast.Set | ast.SetComp):
        return "set"
    if isinstance(node, ast.Tuple):
        return "tuple"
    if isinstance(node, ast.Call):
        name = dotted(node.func)
        if name in ("int", "float", "bool", "str", "list", "dict", "set", "tuple", "bytes", "Path", "pathlib.Path"):
            return name
        if name in ("len", "time.time", "time.monotonic", "time.perf_counter"):
            return "int" if name == "len" else "float"
    return None


def _no_data(function: Function) -> frozenset[str]:
    """Names that are code: the object itself, functions, classes and modules."""
    found = {"self", "cls", "mcs", "_"}
    found.update(one.arg for one in (function.args.vararg, function.args.kwarg) if one is not None)
    for node in own_nodes(function.body):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.update(bound_names([node]))
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            found.add(node.name)  # its traceback is logged
    return frozenset(found)


def tellable(subject: Subject, spot: Spot, taken: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """Everything that may be told at a place, each under its own name.

    Args:
        subject: the file.
        spot: the place.
        taken: names that are no data: the logger.
    """
    names = [Field(name, form, name) for name, form in sorted(_forms(subject, spot, taken).items())]
    return (*names, *(field for field in _of_call(spot) if field.key not in {name.key for name in names}))


def _forms(subject: Subject, spot: Spot, taken: frozenset[str]) -> dict[str, Form]:
    return {
        name: form
        for name, form in loggable(subject, spot.function, spot.node).items()
        if name not in taken and (form == "name" or subject.means_builtin(_CALLS[form], spot.function))
    }


def _wanted(subject: Subject, spot: Spot, taken: frozenset[str]) -> Iterator[Field]:
    """The fields in the order of what they tell."""
    forms = _forms(subject, spot, taken)
    read = _read_names(spot)
    plain = [name for name, form in forms.items() if form == "name"]
    yield from (Field(name, "name", name) for name in sorted(plain) if is_correlating(name))
    yield from _attempts(subject, spot, plain)
    order = sorted(plain, key=lambda name: (read.get(name, len(read)), name))
    yield from (Field(name, "name", name) for name in order if name in read and not is_correlating(name))
    yield from _of_call(spot)
    for name in sorted(forms, key=lambda name: (read.get(name, len(read)), name)):
        if name in read and forms[name] == "length" and not is_address(name):
            yield Field(f"{name}_length", "length", name)
    parameters = {one.arg for one in (*spot.function.args.args, *spot.function.args.kwonlyargs)}
    others = [name for name, form in forms.items() if form == "type" and name in read and name in parameters]
    others = [name for name in others if not is_address(name)]
    yield from (Field(f"{name}_type", "type", name) for name in sorted(others, key=lambda name: (read[name], name))[:1])


def _read_names(spot: Spot) -> dict[str, int]:
    """The names that the statement, or the body of the `try`, reads, in their order."""
    nodes: list[ast.AST] = []
    if spot.attempt_node is not None:
        nodes.extend(spot.attempt_node.body)
    elif spot.kind == "call":
        nodes.append(spot.node)
    if spot.kind == "boundary":
        arguments = spot.function.args
        return {one.arg: at for at, one in enumerate((*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))}
    names = [
        (node.lineno, node.col_offset, node.id)
        for outer in nodes
        for node in ast.walk(outer)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    return {name: at for at, name in enumerate(dict.fromkeys(name for _, _, name in sorted(names)))}


def _attempts(subject: Subject, spot: Spot, plain: list[str]) -> Iterator[Field]:
    """Which of how many attempts it was, in a loop that tries again."""
    for outer in subject.around_of(spot.node):
        if isinstance(outer, FUNCTIONS):
            return
        if not isinstance(outer, ast.For) or not isinstance(outer.target, ast.Name):
            continue
        name = outer.target.id
        if name not in plain or not _ATTEMPT.fullmatch(name):
            continue
        yield Field(name, "name", name)
        if isinstance(outer.iter, ast.Call) and dotted(outer.iter.func) == "range" and len(outer.iter.args) == 1:
            limit = outer.iter.args[0]
            if isinstance(limit, ast.Constant) and isinstance(limit.value, int):
                yield Field("max_attempts", "constant", limit.value)
            elif isinstance(limit, ast.Name) and limit.id in plain:
                yield Field(limit.id, "name", limit.id)


def _of_call(spot: Spot) -> Iterator[Field]:
    """The service that was asked, and how long it may take."""
    call = spot.call or culprit_of(spot.attempt)
    known = call.known if call is not None else None
    if call is None or known is None or known.kind not in _REMOTE:
        return
    if known.service and known.service.isascii() and len(known.service) <= 80:
        yield Field("service", "constant", known.service)
    limit = call.argument(known.timeout.parameter) if known.timeout is not None and known.timeout.parameter else None
    seconds = _number(limit)
    if seconds is not None:
        yield Field("timeout", "constant", seconds)


def _number(value: Value | None) -> int | float | None:
    try:
        number = float(value.literal) if value is not None and value.literal is not None else None
    except ValueError:
        return None
    if number is None or not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
