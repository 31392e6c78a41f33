"""What a file hands to frameworks: its calls with the functions given to them, and its decorators.

Everything is read from one walk over the file's syntax, without the facts of its functions, so that a function that is
not part of the change can be judged as well.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar, cast

from reviewer.code.names import Names
from reviewer.code.outline import Outline, Statement, dotted, parse
from reviewer.code.unit import CodeFile
from reviewer.domain.fact import UNKNOWN, Value
from reviewer.errors import SourceError

T = TypeVar("T")

MODULE = "<module>"
_MOST_CALLS = 20_000
"""Calls of one file that are looked at; generated files have more."""
_WRAPPERS = frozenset({"partial", "sync_to_async", "async_to_sync", "csrf_exempt", "login_required", "copy_context"})
"""Calls that give back what they are given, in another coat."""
_DEEPEST = 12
"""Variables that one value is followed through."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call or of a decorator as syntax."""

    call: ast.Call | None

    def get(self, name: str, position: int | None = None) -> ast.expr | None:
        """The expression given for a parameter; None when it is not given."""
        if self.call is None:
            return None
        for keyword in self.call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position is not None and position < len(self.call.args):
            given = self.call.args[: position + 1]
            return None if any(isinstance(one, ast.Starred) for one in given) else given[position]
        return None

    def text(self, name: str, position: int | None = None) -> str | None:
        """The constant string given for a parameter; None for anything else."""
        node = self.get(name, position)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def number(self, name: str, position: int | None = None) -> int | None:
        """The constant integer given for a parameter; None for anything else."""
        node = self.get(name, position)
        return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None

    def constant(self, name: str) -> str | None:
        """The constant given for a keyword, as written by `repr`: "None", "True"; None for anything else."""
        node = self.get(name)
        return repr(node.value) if isinstance(node, ast.Constant) else None

    def names(self, name: str) -> bool:
        """Whether a keyword is given at all."""
        return self.get(name) is not None


@dataclass(frozen=True, slots=True)
class Decorator:
    """A decorator of a function or class.

    Attributes:
        symbol: canonical name where it resolves, else as written.
        line: where it stands.
        arguments: what it is given; none for a plain name.
        called: it has parentheses.
        written: as written, without arguments.
    """

    symbol: str
    line: int
    arguments: Arguments
    called: bool
    written: str

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.symbol.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The name before the last dot: the object, its type or its module."""
        return self.symbol.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Site:
    """A call somewhere in the file.

    Attributes:
        callee: canonical name where it resolves, else as written; a method of an object by the object's type.
        line: where it stands.
        scope: qualified name of the function or class around it; "<module>" outside of all.
        main: it stands under `if __name__ == "__main__"`.
        use: what happens to the result: "discarded", "awaited", "assigned", "argument", "other".
        arguments: what it is given.
        receiver: the expression before the last dot of the callee; None for a plain name.
        tries: the `try` statements of the module's own statements around it, innermost first.
    """

    callee: str
    line: int
    scope: str
    main: bool
    use: str
    arguments: Arguments
    receiver: ast.expr | None = None
    tries: tuple[ast.Try, ...] = ()

    @property
    def method(self) -> str:
        """The last part of the callee's name."""
        return self.callee.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The callee's name before its last dot."""
        return self.callee.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Handover:
    """A function of the file that is given to a call.

    Attributes:
        site: the call that gets it.
        keyword: the parameter it is given for; None for a positional argument.
        position: its index among the positional arguments; None for a keyword.
        called: its result is given and not itself, as in `create_task(work())`.
    """

    site: Site
    keyword: str | None
    position: int | None
    called: bool

    def for_parameter(self, name: str, position: int | None = None) -> bool:
        """Whether it is given for a parameter."""
        return self.keyword == name or (position is not None and self.position == position)


@dataclass(slots=True)
class _Raw:
    node: ast.Call
    scope: str
    main: bool
    use: str
    tries: tuple[ast.Try, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    raw: _Raw
    target: ast.expr
    keyword: str | None
    position: int | None
    called: bool


class _Step(NamedTuple):
    node: ast.AST
    scope: str
    main: bool
    use: str
    tries: tuple[ast.Try, ...]


@dataclass(slots=True)
class _Locals:
    assigned: dict[str, ast.expr] = field(default_factory=dict)
    annotated: dict[str, ast.expr] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)


class Registrations:
    """The calls and decorators of a file, resolved when they are asked for.

    Args:
        code: the file.
    """

    def __init__(self, code: CodeFile) -> None:
        self.path = code.source.path
        self.outline: Outline = code.outline
        self.names: Names = code.names
        self._raw: defaultdict[str, list[_Raw]] = defaultdict(list)
        self._calls = 0
        self._given: defaultdict[str, list[_Given]] = defaultdict(list)
        self._locals: dict[str, _Locals] = {}
        self._sites: dict[int, Site] = {}
        self._decorators: dict[str, tuple[Decorator, ...]] = {}
        self._remembered: dict[Hashable, object] = {}
        self._depth = 0
        try:
            tree = parse(code.source)
        except SourceError:
            return  # parts of a file, from a diff alone
        self._walk(tree)

    # What the file does

    def imports(self, *roots: str) -> bool:
        """Whether the file imports one of these packages."""
        return any(name.partition(".")[0] in roots for name in self.outline.imports.values())

    def sites(self, *methods: str) -> Iterator[Site]:
        """The calls whose callee, as written, ends in one of these names, in the order of their lines."""
        found = [raw for method in dict.fromkeys(methods) for raw in self._raw.get(method, ())]
        for raw in sorted(found, key=_place):
            yield self._site(raw)

    def handed(self, name: str) -> Iterator[Handover]:
        """Where a function of the file is given to a call."""
        for given in self._given.get(name.rpartition(".")[2], ()):
            if self.symbol(given.target, given.raw.scope) == "." + name:
                yield Handover(self._site(given.raw), given.keyword, given.position, given.called)

    def called(self, name: str) -> Iterator[Site]:
        """Where a function of the file is called."""
        for raw in self._raw.get(name.rpartition(".")[2], ()):
            if self.symbol(raw.node.func, raw.scope) == "." + name:
                yield self._site(raw)

    def decorators(self, name: str) -> tuple[Decorator, ...]:
        """The decorators of a function or class of the file, outermost first."""
        if name not in self._decorators:
            definition = self.outline.definitions.get(name)
            nodes = definition.node.decorator_list if definition is not None else ()
            scope = name.rpartition(".")[0] or MODULE
            self._decorators[name] = tuple(self._decorator(node, scope) for node in nodes)
        return self._decorators[name]

    def decorated(self) -> Iterator[tuple[str, Decorator]]:
        """Every decorator of every function of the file, with the function's name."""
        for definition in self.outline.in_order:
            if definition.node.decorator_list and definition.kind != "class":
                for decorator in self.decorators(definition.name):
                    yield definition.name, decorator

    def bases(self, owner: str) -> tuple[str, ...]:
        """Canonical names of the classes above one of the file, those of the file by their own bases."""
        found: dict[str, None] = {}
        pending, seen = [owner], set()
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            for written in self.outline.bases.get(current, ()):
                base = self._class_named(written.partition("[")[0]) if "[" in written else written
                if base.startswith("."):
                    pending.append(base[1:])
                found[base if base.startswith(".") else self.names.knowledge.canonical(base)] = None
        return tuple(found)

    # What expressions mean

    def value(self, node: ast.expr | None, scope: str) -> Value:
        """What an expression gives, the variables of the function around it included."""
        if node is None or self._depth > _DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            return self._value(node, scope)
        finally:
            self._depth -= 1

    def symbol(self, node: ast.expr, scope: str) -> str | None:
        """Canonical name of what an expression stands for; as written where only that is known; None without a name."""
        return self.value(node, scope).symbol or dotted(node)

    def types(self, node: ast.expr | None, scope: str = MODULE) -> tuple[str, ...]:
        """The exception classes that an expression names: a class, a tuple or list of them, or a constant of these."""
        if node is None:
            return ()
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return tuple(kind for element in node.elts for kind in self.types(element, scope))
        if isinstance(node, ast.Name) and node.id not in self.outline.definitions:
            values = self.outline.assigned.get(node.id, ())
            if len(values) == 1 and isinstance(values[0], ast.Tuple | ast.List | ast.Set):
                return self.types(values[0], scope)
        name = self.symbol(node, scope)
        return (name,) if name is not None else ()

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of this file under a key before, else what is made now."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return cast("T", self._remembered[key])

    def function(self, node: ast.expr | None, scope: str) -> str | None:
        """Qualified name of the function of the file that an expression stands for."""
        symbol = self.value(node, scope).symbol
        return symbol[1:] if symbol is not None and symbol.startswith(".") else None

    def line_of(self, name: str) -> int:
        """The line where a function's own statement begins; 1 when it is none of the file."""
        definition = self.outline.definitions.get(name)
        return definition.header_line if definition is not None else 1

    def _class_named(self, name: str) -> str:
        root, dot, rest = name.partition(".")
        if root in self.outline.definitions:
            return "." + name
        return self.outline.imports[root] + dot + rest if root in self.outline.imports else name

    def _value(self, node: ast.expr, scope: str) -> Value:
        if isinstance(node, ast.Name):
            return self._name(node.id, scope)
        if isinstance(node, ast.Attribute):
            owner = self._owner_of_self(node.value, scope)
            if owner is not None:
                return self.names.attributes.of(owner, node.attr) or UNKNOWN
            return self.names.member(self.value(node.value, scope), node.attr) or UNKNOWN
        if isinstance(node, ast.Await):
            return self.value(node.value, scope)
        if isinstance(node, ast.Call):
            made = self.value(node.func, scope).symbol
            literals = tuple(repr(one.value) if isinstance(one, ast.Constant) else "" for one in node.args)
            return self.names.result(made, (), (node.lineno, node.col_offset + 1), literals)
        return self.names.of_expression(node)

    def _name(self, name: str, scope: str) -> Value:
        for around in _outward(scope):
            if f"{around}.{name}" in self.outline.definitions:
                if self._is_class(around):
                    continue  # the names of a class body are not those of its methods
                return Value(symbol=f".{around}.{name}")
            if self._is_class(around):
                continue
            here = self._locals_of(around)
            if name in here.assigned:
                value = self.value(here.assigned[name], around)
                if value.type or value.symbol or name not in here.annotated:
                    return value
            if name in here.annotated:
                return self.names.annotations.of(here.annotated[name])
            if name in here.bound:
                return UNKNOWN
        return self.names.of_module(name)

    def _owner_of_self(self, node: ast.expr, scope: str) -> str | None:
        if not isinstance(node, ast.Name) or node.id not in ("self", "cls"):
            return None
        for around in _outward(scope):
            definition = self.outline.definitions.get(around)
            if definition is not None and definition.owner is not None:
                return definition.owner
        return None

    def _is_class(self, name: str) -> bool:
        definition = self.outline.definitions.get(name)
        return definition is not None and definition.kind == "class"

    def _locals_of(self, name: str) -> _Locals:
        if name not in self._locals:
            found = self._locals[name] = _Locals()
            definition = self.outline.definitions.get(name)
            if definition is not None and not isinstance(definition.node, ast.ClassDef):
                _read_locals(definition.node, found)
        return self._locals[name]

    def _decorator(self, node: ast.expr, scope: str) -> Decorator:
        call = node if isinstance(node, ast.Call) else None
        target = call.func if call is not None else node
        return Decorator(
            self.symbol(target, scope) or ast.unparse(target),
            node.lineno,
            Arguments(call),
            call is not None,
            ast.unparse(target),
        )

    def _site(self, raw: _Raw) -> Site:
        key = id(raw)
        if key not in self._sites:
            function = raw.node.func
            callee = self.symbol(function, raw.scope)
            receiver = function.value if isinstance(function, ast.Attribute) else None
            if callee is None:
                made = self.value(receiver, raw.scope)
                callee = f"{made.type or made.symbol or '?'}.{_last(function)}"
            self._sites[key] = Site(
                callee, raw.node.lineno, raw.scope, raw.main, raw.use, Arguments(raw.node), receiver, raw.tries
            )
        return self._sites[key]

    def _walk(self, tree: ast.Module) -> None:
        # An explicit stack: a chain of `elif` or of `+` nests as deep as it is long.
        pending: list[_Step] = [_Step(tree, MODULE, False, "other", ())]
        while pending:
            node, scope, main, use, tries = pending.pop()
            if isinstance(node, ast.Call) and self._calls < _MOST_CALLS:
                self._read_call(_Raw(node, scope, main, use, tries))
            if isinstance(node, Statement):
                inner = node.name if scope == MODULE else f"{scope}.{node.name}"
                parts = [*node.decorator_list, *(() if isinstance(node, ast.ClassDef) else (node.args,))]
                pending.extend(_Step(part, scope, main, "other", tries) for part in parts)
                pending.extend(_Step(part, inner, main, "other", ()) for part in node.body)
                continue
            if isinstance(node, ast.If) and scope == MODULE and _is_main_guard(node.test):
                pending.extend(_Step(part, scope, True, "other", tries) for part in node.body)
                pending.extend(_Step(part, scope, main, "other", tries) for part in node.orelse)
                continue
            if isinstance(node, ast.Try) and scope == MODULE:
                pending.extend(_Step(part, scope, main, "other", (node, *tries)) for part in node.body)
                rest = [*node.handlers, *node.orelse, *node.finalbody]
                pending.extend(_Step(part, scope, main, "other", tries) for part in rest)
                continue
            for part in ast.iter_child_nodes(node):
                pending.append(_Step(part, scope, main, _use_of(node, part, use), tries))
        for found in self._raw.values():
            found.sort(key=_place)
        for given in self._given.values():
            given.sort(key=lambda one: _place(one.raw))

    def _read_call(self, raw: _Raw) -> None:
        self._calls += 1
        self._raw[_last(raw.node.func) or ""].append(raw)
        for position, argument in enumerate(raw.node.args):
            self._read_argument(raw, argument, None, position)
        for keyword in raw.node.keywords:
            if keyword.arg is not None:
                self._read_argument(raw, keyword.value, keyword.arg, None)

    def _read_argument(self, raw: _Raw, node: ast.expr, keyword: str | None, position: int | None) -> None:
        for target, called in _functions_in(node):
            last = _last(target)
            if last is not None:
                self._given[last].append(_Given(raw, target, keyword, position, called))


def _functions_in(node: ast.expr) -> Iterator[tuple[ast.expr, bool]]:
    """What an argument may hand over: a name, a call's callee, what a partial or a lambda runs, members of a list."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, ast.Name | ast.Attribute):
            yield current, False
        elif isinstance(current, ast.Call):
            if _last(current.func) == "as_view" and isinstance(current.func, ast.Attribute):
                pending.append(current.func.value)
            elif _last(current.func) in _WRAPPERS and current.args:
                pending.append(current.args[0])
            else:
                yield current.func, True
        elif isinstance(current, ast.Lambda):
            if isinstance(current.body, ast.Call):
                yield current.body.func, False
        elif isinstance(current, ast.Tuple | ast.List | ast.Set):
            pending.extend(current.elts)
        elif isinstance(current, ast.Starred):
            pending.append(current.value)
        elif isinstance(current, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            pending.append(current.elt)


def _use_of(parent: ast.AST, node: ast.AST, use: str) -> str:
    """What a parent does with a part of it; `use` is what is done with the parent itself."""
    if isinstance(parent, ast.Expr):
        return "discarded"
    if isinstance(parent, ast.Await):
        return "awaited"
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return "assigned"
    if isinstance(parent, ast.Return):
        return "returned"
    if isinstance(parent, ast.Call):
        return "method" if node is parent.func else "argument"
    if isinstance(parent, ast.Attribute):
        return "method" if use == "method" else "other"
    if isinstance(parent, ast.keyword | ast.List | ast.Tuple | ast.ListComp):
        return "argument" if use == "argument" else "assigned" if use == "assigned" else "other"
    return "other"


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
        and "__main__" in (getattr(test.left, "value", None), getattr(test.comparators[0], "value", None))
        and "__name__" in (dotted(test.left), dotted(test.comparators[0]))
    )


def _place(raw: _Raw) -> tuple[int, int]:
    return raw.node.lineno, raw.node.col_offset


def _last(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _outward(scope: str) -> Iterator[str]:
    """The scopes around a place, the innermost first, without the module."""
    while scope and scope != MODULE:
        yield scope
        scope = scope.rpartition(".")[0]


def _read_locals(function: ast.FunctionDef | ast.AsyncFunctionDef, found: _Locals) -> None:
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        found.bound.add(argument.arg)
        if argument.annotation is not None:
            found.annotated[argument.arg] = argument.annotation
    pending: deque[ast.AST] = deque(function.body)
    while pending:
        node = pending.popleft()
        if isinstance(node, Statement | ast.Lambda):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.bound.add(target.id)
                    if isinstance(node, ast.AnnAssign):
                        found.annotated[target.id] = node.annotation
                    if node.value is not None:
                        found.assigned.setdefault(target.id, node.value)
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            found.bound.add(node.optional_vars.id)
            found.assigned.setdefault(node.optional_vars.id, node.context_expr)
        pending.extend(ast.iter_child_nodes(node))
