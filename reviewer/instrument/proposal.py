"""What is proposed: one log line at one place, in values that have been checked, never in text that is pasted."""

from __future__ import annotations

import keyword
import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["handler", "call", "boundary"]
"""A clause that ends or translates an error; a call that can be slow; the entry of what a framework calls."""
KINDS: tuple[Kind, ...] = get_args(Kind)

Position = Literal["before", "after", "handler-start"]

Level = Literal["debug", "info", "warning", "error", "critical"]
LEVELS: tuple[Level, ...] = get_args(Level)

Form = Literal["name", "constant", "length", "type"]
"""A plain name; a constant; `len(name)`; `type(name).__name__`."""

Library = Literal["logging", "structlog", "loguru", "other"]

Style = Literal["extra", "percent", "keywords", "bind", "plain"]
"""Where fields go: `extra={…}`, `"key=%s", value`, `key=value`, `.bind(key=value)`, or nowhere."""

_EVENT = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST_EVENT = 80
_LONGEST_CONSTANT = 80
_EXPRESSION = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A known statement or clause, by where it begins.

    Attributes:
        line: its line, from 1.
        column: its column, from 1, in characters.
        position: where the log line goes: before or after the statement, or first in the `except` clause.
    """

    line: int
    column: int
    position: Position


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a log line.

    Attributes:
        key: what it is called in the log.
        form: what sort of expression it is.
        value: the name; for "constant" the value itself.

    Raises:
        ValueError: the key or the name is no identifier, or the constant is no short plain value.
    """

    key: str
    form: Form
    value: str | int | float | bool

    def __post_init__(self) -> None:
        if not is_name(self.key):
            raise ValueError(f"{self.key!r} is no name for a field")
        if self.form != "constant":
            if not isinstance(self.value, str) or not is_name(self.value):
                raise ValueError(f"{self.value!r} is no plain name")
        elif isinstance(self.value, str):
            if len(self.value) > _LONGEST_CONSTANT or not self.value.isascii() or not self.value.isprintable():
                raise ValueError("a constant is short, printable ASCII")
        elif isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError("a constant is a number that can be written")


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a module that does not log yet needs first.

    Attributes:
        module: what is imported.
        name: the name imported from it; None for `import module`.
        factory: the dotted callable that makes the logger; None where the imported name is the logger.
        logger: the name that the logger gets, or the imported name.
        by_name: the factory is given `__name__`.
    """

    module: str
    name: str | None
    factory: str | None
    logger: str
    by_name: bool = True

    def __post_init__(self) -> None:
        for part in (self.module, self.name, self.factory, self.logger):
            if part is not None and not _EXPRESSION.fullmatch(part):
                raise ValueError(f"{part!r} is no dotted name")


@dataclass(frozen=True, slots=True)
class Voice:
    """The logger that a place speaks through, and how.

    Attributes:
        expression: as it is written: "logger", "self.log", "logging".
        library: whose logger it is.
        style: where its fields go.
        sentences: messages read "Fetch user failed", not "fetch_user_failed".
        methods: those that are known to exist; None when the library's are.
        traceback: it takes `exc_info`.
        introduction: what has to be added to the module first; None when the logger is there.
    """

    expression: str
    library: Library
    style: Style
    sentences: bool = False
    methods: frozenset[str] | None = None
    traceback: bool = True
    introduction: Introduction | None = None

    def __post_init__(self) -> None:
        if not _EXPRESSION.fullmatch(self.expression):
            raise ValueError(f"{self.expression!r} is no dotted name")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A log line that is proposed. Whoever makes one, rules or a model, makes it of names and words, not of code.

    Attributes:
        kind: why there.
        unit: qualified name of the function.
        place: where.
        level: how loud.
        event: what happened, in snake case.
        fields: what is told beside it, in order.
        voice: the logger.
        exception: the exception's traceback is logged with it; only inside a handler.
        timed: how long the statement took is logged too; only after a statement.
        key: identity of the spot in its file, which added lines do not change.
        tellable: all that could be told there, each with its name as its key.

    Raises:
        ValueError: a value is none that may be written.
    """

    kind: Kind
    unit: str
    place: Place
    level: Level
    event: str
    fields: tuple[Field, ...]
    voice: Voice
    exception: bool = False
    timed: bool = False
    key: str = ""
    tellable: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"{self.level!r} is no level")
        if not _EVENT.fullmatch(self.event) or len(self.event) > _LONGEST_EVENT:
            raise ValueError(f"{self.event[:_LONGEST_EVENT]!r} is no event name in snake case")
        if len({field.key for field in self.fields}) != len(self.fields):
            raise ValueError("two fields have the same key")
        if self.exception and self.place.position != "handler-start":
            raise ValueError("only a handler has an exception to log")
        if self.timed and self.place.position != "after":
            raise ValueError("only what has run has taken time")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A place that gets no log line, or whose patch was not proved.

    Attributes:
        kind: why a line might stand there.
        unit: qualified name of the function.
        line: where, in the file as it is.
        reason: why not, as a person reads it.
        swallows: it is a clause that ends the error.
    """

    kind: Kind
    unit: str
    line: int
    reason: str
    swallows: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Proved log lines for one file.

    Attributes:
        path: from the root of the repository.
        proposals: what it holds, in the order of the lines.
        data: the unified diff, as `git apply` takes it.
        content: the file with the lines in it.
        verified: names of the checks it passed.
    """

    path: str
    proposals: tuple[Proposal, ...]
    data: bytes
    content: bytes
    verified: tuple[str, ...]

    @property
    def diff(self) -> str:
        """The unified diff as text; bytes that are no UTF-8 are shown escaped."""
        return self.data.decode("utf-8", "backslashreplace")


def is_name(text: str) -> bool:
    """Whether a text is an ASCII identifier that can be used as a name."""
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
