"""Facts: located observations about a unit, without judgement. Detectors read nothing else.

A *path expression* is a name, attribute or constant subscript as written ("self.client", "data['id']"). Everywhere,
qualified names are canonical: the names under which `knowledge/` describes things ("requests.get"), names of the
project by their dotted module ("shop.orders.save"), or, for things of the same file, "." and the qualified name inside
the file (".Order.save"). Lines count from 1 and are those of the new file; columns count from 1, in characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from reviewer.domain.library import Callable

Place = tuple[int, int]
"""Line and column where an expression begins; identifies the expression that made a value."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a fact stands."""

    line: int
    end_line: int
    column: int


@dataclass(frozen=True, slots=True)
class Implication:
    """What the truth of one value tells of another: `missing = {"id"} - data.keys()`, `ok = isinstance(data, dict)`.

    Attributes:
        truth: how the value has to come out; None for what holds however it does.
        path: the path expression that it speaks of.
        guard: what then holds of it, as in `Value.guards`.
        since: when that was found out, on the clock of the reading; what is assigned later is another thing.
    """

    truth: bool | None
    path: str
    guard: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of an expression's value at the place where it stands, guards in force included.

    Attributes:
        text: the expression as written, on one line.
        type: canonical type ("dict", "requests.Response", ".Order"); None when unknown.
        symbol: canonical qualified name when the expression names a module, class, function or bound method.
        literal: Python text of a constant ("None", "30", "'utf-8'", "[]"); None for anything else.
        boundary: sort of outside data it is (`library.BOUNDARIES`); None for an internal or unknown value.
        decoded: decoded data of unchecked structure (JSON, YAML): may be of any type, any part may be null.
        none: why it may be None, in words; None when nothing says so or a guard excludes it.
        empty: why it may be empty, in words; None when nothing says so or a guard excludes it.
        parameter: name of the unit's parameter that it came in by; None otherwise.
        made_by: canonical name of the callable whose result it is.
        made_at: where the expression that made it stands; parts and copies of a value keep it.
        guards: what has been established on the way here: "truthy", "not-none", "length", "nonzero", "compared",
            "isinstance:dict", "key:'id'", "attribute:name", "in", "passed:check_name" (handed to a predicate),
            "read:'id'" (the key has been read on every way here).
        settings: keyword arguments of the constructor call that made it, as written ("timeout" -> "5").
        implies: what its truth tells of other values.
    """

    text: str = ""
    type: str | None = None
    symbol: str | None = None
    literal: str | None = None
    boundary: str | None = None
    decoded: bool = False
    none: str | None = None
    empty: str | None = None
    parameter: str | None = None
    made_by: str | None = None
    made_at: Place | None = None
    guards: frozenset[str] = frozenset()
    settings: tuple[tuple[str, str], ...] | None = None
    implies: tuple[Implication, ...] = ()


UNKNOWN = Value()
"""The value of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Handler:
    """An `except` clause and what it does with the error; also `contextlib.suppress`, as a silent handler.

    Attributes:
        types: canonical exception names; ("BaseException",) for a bare `except:`.
        name: the name that the error is bound to.
        reraises: a bare `raise`, or raising the bound name, stands in it, not under a condition.
        may_reraise: such a raise stands under a condition.
        raises: canonical names of other exceptions that it raises ("" when unknown); "chained" is told by `chains`.
        chains: its new exceptions are raised `from` the caught one, or plainly inside the handler (implicit context).
        logs: it logs, prints or reports the error (any call to a logger, print, warnings, sentry, traceback, echo).
        uses_error: the bound name, or sys.exc_info / traceback, is used.
        returns: text of the value it returns; "" when it returns nothing; None when it does not return.
        leaves: "continue" or "break" when it does so; None otherwise.
        silent: its body does nothing at all (pass, ..., continue, or a bare constant return) with the error.
        code: first line of its text.
        starred: it is an `except*`, which takes the parts of an exception group.
        unwraps: it raises one of the parts of the exception group that it caught (`raise error.exceptions[0]`).
    """

    span: Span
    types: tuple[str, ...]
    name: str | None = None
    reraises: bool = False
    may_reraise: bool = False
    raises: tuple[str, ...] = ()
    chains: bool = True
    logs: bool = False
    uses_error: bool = False
    returns: str | None = None
    leaves: Literal["continue", "break"] | None = None
    silent: bool = False
    code: str = ""
    starred: bool = False
    unwraps: bool = False

    @property
    def ends_error(self) -> bool:
        """Whether it raises nothing, always or on a condition."""
        return not (self.reraises or self.may_reraise or self.raises)


@dataclass(frozen=True, slots=True)
class Try:
    """A `try` statement as seen from inside its body; also a `with contextlib.suppress(...)`."""

    span: Span
    handlers: tuple[Handler, ...]
    has_finally: bool = False
    group: bool = False
    """`except*`: handles the parts of an exception group."""
    suppress: bool = False


BlockKind = Literal[
    "for", "while", "comprehension", "with", "lock", "transaction", "handler", "finally", "else", "if", "lambda", "def"
]


@dataclass(frozen=True, slots=True)
class Block:
    """An enclosing block of a fact, without the tries (see `Context.tries`).

    Attributes:
        kind: which sort; "lock" and "transaction" are `with` blocks that hold one.
        text: its header as written: the condition, the iterable, the context expression.
        symbol: for a `with`: canonical name of the context manager's constructor or its type.
        value: for a `for`: the iterable; for a `with`: the context manager.
        handler: for "handler": the clause.
        endless: for a `while`: its condition is constantly true.
        target: for "for" and "comprehension": what each item is bound to, as written.
        groups: for a `with`: what leaves it leaves it inside an exception group.
    """

    kind: BlockKind
    span: Span
    text: str = ""
    symbol: str | None = None
    value: Value | None = None
    handler: Handler | None = None
    endless: bool = False
    is_async: bool = False
    target: str = ""
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Where in the unit a fact stands.

    Attributes:
        function: qualified name of the innermost function or class in the file; "<module>" at module level.
        tries: try statements whose handlers would see an exception raised here, innermost first.
        blocks: enclosing blocks inside the unit, outermost first.
        is_async: the innermost function is a coroutine function.
        import_time: runs when the module is imported (module and class bodies, decorators, defaults).
        main: under `if __name__ == "__main__"`.
    """

    function: str
    tries: tuple[Try, ...] = ()
    blocks: tuple[Block, ...] = ()
    is_async: bool = False
    import_time: bool = False
    main: bool = False

    def inside(self, *kinds: BlockKind) -> Block | None:
        """The innermost enclosing block of one of the kinds, within the innermost function."""
        for block in reversed(self.blocks):
            if block.kind in kinds:
                return block
            if block.kind in ("lambda", "def"):
                return None
        return None

    @property
    def around(self) -> tuple[Try | Block, ...]:
        """What an exception passes that is raised here, innermost first: the tries, and the blocks that group it."""
        groups = [block for block in self._own_blocks() if block.groups]
        if not groups:
            return self.tries
        # All of them enclose one place, so that of two the one which begins later is inside the other.
        return tuple(sorted((*self.tries, *groups), key=_begin, reverse=True))

    def at_end_of(self, block: Block) -> Context:
        """The place where that comes out which one of the enclosing blocks holds back until its end."""
        tries = tuple(attempt for attempt in self.tries if _begin(attempt) < _begin(block))
        blocks = self.blocks[: self.blocks.index(block) + 1]
        return Context(self.function, tries, blocks, self.is_async, self.import_time, self.main)

    def group_over(self, group: Value) -> Block | None:
        """The enclosing block over a task group, known by where it was made, else by how it is written; None elsewhere.

        Args:
            group: the receiver of the call that starts a task.
        """
        for block in self._own_blocks():
            held = block.value if block.groups else None
            if held is None or held.made_at != group.made_at:
                continue
            if held.made_at is not None or held.text == group.text:
                return block
        return None

    def _own_blocks(self) -> tuple[Block, ...]:
        """The enclosing blocks within the innermost function."""
        for index in range(len(self.blocks) - 1, -1, -1):
            if self.blocks[index].kind in ("lambda", "def"):
                return self.blocks[index + 1 :]
        return self.blocks


def _begin(one: Try | Block) -> Place:
    return one.span.line, one.span.column


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts. `order` is the position in evaluation order within the unit."""

    span: Span
    context: Context
    code: str
    """The statement's first line as written, stripped."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: `keyword` is None for a positional one, "*" or "**" for unpacking."""

    keyword: str | None
    value: Value


Use = Literal[
    "discarded", "assigned", "returned", "yielded", "argument", "with", "iterated", "attribute", "condition", "other"
]


@dataclass(frozen=True, slots=True)
class Call(Fact):
    """A call site.

    Attributes:
        text: the callee as written.
        callee: what it resolves to; None when unknown.
        known: what `knowledge/` says about it.
        receiver: the value before the last dot; None for a plain name.
        arguments: in order.
        awaited: directly under `await` (or `async with`, `async for`).
        coroutine: it gives a coroutine, by what is known of the library or by the definition in this file.
        use: what happens to the result.
        target: path expression that the result is assigned to.
        result: the value it gives.
    """

    text: str = ""
    callee: str | None = None
    known: Callable | None = None
    receiver: Value | None = None
    arguments: tuple[Argument, ...] = ()
    awaited: bool = False
    coroutine: bool = False
    use: Use = "other"
    target: str | None = None
    result: Value = field(default_factory=Value)

    def argument(self, name: str, position: int | None = None) -> Value | None:
        """The value given for a parameter by keyword or position; None when not given."""
        for argument in self.arguments:
            if argument.keyword == name:
                return argument.value
        if position is not None:
            plain = [a for a in self.arguments if a.keyword is None]
            starred = any(a.keyword == "*" for a in self.arguments)
            if position < len(plain) and not starred:
                return plain[position].value
        return None

    @property
    def open_ended(self) -> bool:
        """Arguments are unpacked with * or **, so a missing argument may still be given."""
        return any(argument.keyword in ("*", "**") for argument in self.arguments)


@dataclass(frozen=True, slots=True)
class PropertyRead(Fact):
    """An attribute that is read and is a property of a class of this file: its function runs.

    Attributes:
        text: as written.
        callee: canonical name of the property's function.
    """

    text: str = ""
    callee: str = ""


Operation = Literal[
    "key",  # value["id"], value[name] on a mapping or on decoded data
    "index",  # value[0], value[i] on a sequence
    "slice",
    "attribute",  # value.name
    "method",  # value.name(...)
    "call",  # value(...)
    "unpack",  # a, b = value
    "iterate",  # for x in value, *value, comprehension
    "divide",  # x / value, x % value, x // value
    "arithmetic",  # value + x, -value, …
    "compare",  # value < x
    "contains",  # x in value
    "format",  # f"{value}", "%s" % value
    "spread",  # **value, *value
    "argument",  # f(value)
    "return",
    "yield",
    "store",  # kept in an attribute, a container or a global
    "test",  # used as a condition
    "context",  # with value:
    "await",
    "default",  # value or 30: the detail is what stands in
]


@dataclass(frozen=True, slots=True)
class Usage(Fact):
    """A value used in an operation that may fail on the wrong value, or that tells where a value goes.

    Attributes:
        operation: what is done with it.
        subject: the value.
        detail: the key, index, attribute or parameter name as written; the callee for "argument".
        expected: for "unpack": how many parts, as text ("2", "2+" with a star).
        key: the value used as key or index.
        stored: assignment target or `del`, for key/index/attribute (does not read).
        callee: for "argument" and a "spread" in a call: canonical name of the called thing.
    """

    operation: Operation = "argument"
    subject: Value = field(default_factory=Value)
    detail: str = ""
    expected: str = ""
    key: Value | None = None
    stored: bool = False
    callee: str | None = None


@dataclass(frozen=True, slots=True)
class Raise(Fact):
    """A `raise`.

    Attributes:
        exception: canonical name; None for a bare `raise` or when unknown.
        reraise: bare, or raising the name that an enclosing handler bound.
        cause: text after `from`; None when there is none.
        handler: the innermost enclosing handler.
    """

    exception: str | None = None
    reraise: bool = False
    cause: str | None = None
    handler: Handler | None = None


@dataclass(frozen=True, slots=True)
class Assertion(Fact):
    """An `assert`: its test, and the values it speaks of."""

    test: str = ""
    subjects: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Store(Fact):
    """An assignment to something that outlives the statement: a name, attribute, item or global.

    Attributes:
        target: path expression.
        kind: what is assigned to.
        value: the value assigned.
    """

    target: str = ""
    kind: Literal["name", "attribute", "item", "global"] = "name"
    value: Value = field(default_factory=Value)


@dataclass(frozen=True, slots=True)
class Return(Fact):
    """A `return` or `yield`."""

    value: Value | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True)
class TryStatement(Fact):
    """A whole `try` statement, emitted after its parts.

    Attributes:
        statement: the try with its handlers.
        body: facts of its body, in order.
        finals: facts of its `finally`, in order.
    """

    statement: Try | None = None
    body: tuple[Fact, ...] = ()
    finals: tuple[Fact, ...] = ()
    in_handlers: tuple[tuple[Fact, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Loop(Fact):
    """A whole `for` or `while`, emitted after its parts.

    Attributes:
        block: its header.
        body: facts of its body, in order.
        breaks, returns: whether a `break` of this loop, or a `return`, stands in it.
    """

    block: Block | None = None
    body: tuple[Fact, ...] = ()
    breaks: bool = False
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function.

    Attributes:
        annotation: as written; None when there is none.
        default: as written; None when there is none.
    """

    name: str
    annotation: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with its facts.

    Attributes:
        path: file, relative to the repository.
        name: qualified name inside the file; "<module>" for the module body.
        kind: what it is.
        line, end_line: extent, decorators included.
        changed: changed lines inside; None when all count as changed.
        decorators: canonical names where they resolve, else as written.
        parameters: for functions; without self and cls.
        bases: for methods and classes: canonical names of the class's bases.
        facts: in evaluation order; facts of functions defined inside stand in their place with their own context.
    """

    path: str
    name: str
    kind: Literal["function", "method", "class", "module"]
    line: int
    end_line: int
    is_async: bool = False
    is_generator: bool = False
    changed: frozenset[int] | None = None
    decorators: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bases: tuple[str, ...] = ()
    returns: str | None = None
    facts: tuple[Fact, ...] = ()
