"""What is known of a library: the frozen form of one file in `knowledge/libraries/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CallKind = Literal["http", "db", "cache", "queue", "process", "file", "cloud", "llm", "dns", "other"]

BOUNDARIES = frozenset(
    {
        "http response",
        "request",
        "environment",
        "command line",
        "file",
        "process output",
        "database",
        "queue",
        "model output",
        "network",
        "user input",
        "configuration",
    }
)
"""Where boundary data can come from; the words are shown to people."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long a call may wait.

    Attributes:
        parameter: the call's own parameter; None when it has none.
        position: index of that parameter among the positional ones, without self; None when keyword-only.
        default: seconds waited when nothing is given; "none": waits for ever; "unknown": nobody says.
        constructor: parameter of the receiver's constructor that sets the limit for all its calls; None when there is
            none.
        outer: the limit is customarily given by a wrapper (`asyncio.timeout`, `asyncio.wait_for`).
        setter: method of the receiver that sets the limit for its later calls (`socket.settimeout`); None for none.
        unit: seconds in one unit of the parameter: 0.001 for `timeout_ms`; `default` is in seconds all the same.
        since: first release with this default, "8.0"; earlier ones wait for ever. None when it always was so.
    """

    parameter: str | None = None
    position: int | None = None
    default: float | Literal["none", "unknown"] = "unknown"
    constructor: str | None = None
    outer: bool = False
    setter: str | None = None
    unit: float = 1.0
    since: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    """A failure that is reported by a value and not by an exception.

    Attributes:
        attributes: names on the result that carry the status; reading one counts as looking. Empty: the result itself
            is the status (`subprocess.call`), or for a method without one, it is read from the receiver.
        keys: keys of a dictionary result that carry the status (`response["Failed"]`); the call raises nothing for it.
        methods: methods of the result that turn the status into an exception.
        parameter: parameter of the call that turns it into an exception (`check=True`); None when there is none.
        constructor: parameter of the receiver's constructor that does so.
        raises: the exception that such a check raises.
    """

    attributes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    parameter: str | None = None
    constructor: str | None = None
    raises: str | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """An argument that the call gives back instead of failing: `next(rows, None)`, `config.get(…, fallback=3)`.

    Where it is given, `raises_input` does not happen and `returns_none` holds only if it is None itself.

    Attributes:
        parameter: its name; None when it is positional only.
        position: its positional index, without self; None when keyword-only.
    """

    parameter: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Callable:
    """One callable of a library.

    Attributes:
        name: canonical qualified name, "requests.get" or "requests.Session.get"; a class name stands for its
            constructor.
        kind: what kind of thing outside the process it reaches; None for pure computation (parsing, conversion).
        service: that thing in words, "HTTP server"; "" for pure computation.
        blocking: holds the thread while it waits.
        coroutine: gives an awaitable that must be awaited.
        raises: exception -> when it is raised, for causes outside the program (network, disk, other side).
        raises_input: exception -> when, for causes in the argument's value (malformed text, wrong type).
        timeout: how long it may wait; None when waiting is no question.
        status: failure told by a value; None when exceptions tell all.
        returns: canonical type of the result (of the awaited result for a coroutine); elements in brackets,
            "list[pathlib.Path]".
        returns_for: literal first argument -> canonical type, where it decides what is made (`boto3.client("s3")`);
            `returns` is what is known when the argument is none of these.
        enters: type that `with … as x` binds; None means the same as `returns`.
        returns_none: when the result is None, in words; None when it never is.
        fallback: the argument that stands in for a missing result; None when there is none.
        returns_empty: when the result (a sequence, mapping or string) is empty, in words.
        boundary: the result is boundary data of this sort.
        passes: index of the argument whose provenance the result carries on; -1 for the receiver's; None for neither.
        decoded: the result is decoded data whose structure nobody has checked (JSON, YAML).
        retries: attempts the library makes by itself beyond the first; None when unknown.
        idempotent: doing it twice is as good as once; None when unknown.
        releases: methods of the result that release it; empty when nothing needs releasing.
        holds: "lock", "transaction": what a `with` over it holds; None for nothing.
        keep: the result is a task or future that must be kept and looked at.
        callback: parameters that run elsewhere (a thread, a task, an executor), with the place in words.
        groups: what leaves a `with` over the result leaves it inside an exception group: it is a task group.
        child: the first parameter, where what it is given runs as a task of the receiver, a task group: a coroutine, or
            a coroutine function where it is a `callback` too; None where nothing is started in a group.
        text: it reads or writes text in the locale's encoding unless told which; None when it does not.
        note: one sentence a person should know, for example what happens when the other side never answers.
        source: where this is written.
    """

    name: str
    kind: CallKind | None = None
    service: str = ""
    blocking: bool = False
    coroutine: bool = False
    raises: Mapping[str, str] = field(default_factory=dict)
    raises_input: Mapping[str, str] = field(default_factory=dict)
    timeout: Timeout | None = None
    status: ErrorStatus | None = None
    returns: str | None = None
    returns_for: Mapping[str, str] = field(default_factory=dict)
    enters: str | None = None
    returns_none: str | None = None
    returns_empty: str | None = None
    boundary: str | None = None
    passes: int | None = None
    decoded: bool = False
    retries: int | None = None
    idempotent: bool | None = None
    releases: tuple[str, ...] = ()
    holds: Literal["lock", "transaction"] | None = None
    keep: bool = False
    callback: Mapping[str, str] = field(default_factory=dict)
    groups: bool = False
    child: str | None = None
    text: TextMode | None = None
    fallback: Fallback | None = None
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TextMode:
    """How a call that opens text is told which encoding.

    Attributes:
        parameter: name of the encoding parameter, usually "encoding".
        position: its positional index, without self; None when keyword-only.
        mode_parameter: name of the mode parameter; None when the call is always text.
        mode_position: its positional index.
        mode: the mode when none is given.
    """

    parameter: str = "encoding"
    position: int | None = None
    mode_parameter: str | None = None
    mode_position: int | None = None
    mode: str = "r"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute or module variable of a library.

    Attributes:
        name: canonical qualified name, "os.environ" or "requests.Response.text".
        type: canonical type of its value.
        boundary: it is boundary data of this sort.
        none: when it is None, in words.
        decoded: decoded data whose structure nobody has checked.
    """

    name: str
    type: str | None = None
    boundary: str | None = None
    none: str | None = None
    decoded: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """Everything one description file says.

    Attributes:
        module: dotted module the file describes; the file is named after it.
        distribution: name on the package index, or "stdlib".
        callables: by canonical name.
        attributes: by canonical name.
        aliases: other public name -> canonical name.
        former: name of earlier releases, which this one no longer has -> canonical name.
        classes: class -> its bases, canonical; exceptions and types alike.
    """

    module: str
    distribution: str
    callables: Mapping[str, Callable]
    attributes: Mapping[str, Attribute]
    aliases: Mapping[str, str]
    classes: Mapping[str, tuple[str, ...]]
    former: Mapping[str, str] = field(default_factory=dict)

    def target(self, name: str) -> str | None:
        """The canonical name for exactly this other spelling, of today or of earlier releases."""
        return self.aliases.get(name) or self.former.get(name)
