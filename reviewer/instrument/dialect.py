"""How a module logs: with which library, through which logger, and in which words.

A module that logs is followed. Fields of the standard library's loggers go into `extra`, or into the message as
`key=%s` where the module's own messages are made that way; f-strings are not imitated, since they call the value's own
`__format__` outside of what `logging` protects. For a module that does not log yet, the files around it tell which
library the project uses; else it is the standard one.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.code.outline import Outline, dotted
from reviewer.instrument.assignment import Function, assignments, locals_of
from reviewer.instrument.proposal import Introduction, Library, Style, Voice
from reviewer.instrument.subject import FUNCTIONS, Subject

METHODS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "trace", "success", "notice", "log"}
)
"""Methods that write a log line."""
_LOGGER = re.compile(r"_*(?:[a-z0-9]+_)*(?:log|logs|logger|logging)_*", re.IGNORECASE)
_MAKERS = {
    "logging.getLogger": "logging",
    "logging.LoggerAdapter": "logging",
    "celery.utils.log.get_task_logger": "logging",
    "absl.logging.get_absl_logger": "logging",
    "multiprocessing.get_logger": "logging",
    "multiprocessing.log_to_stderr": "logging",
    "structlog.get_logger": "structlog",
    "structlog.getLogger": "structlog",
    "structlog.stdlib.get_logger": "structlog",
    "structlog.wrap_logger": "structlog",
}
_STANDARD_KEYWORDS = frozenset({"exc_info", "extra", "stack_info", "stacklevel", "msg"})
_NAMES = ("logger", "log", "_logger", "_log", "module_logger")
_WORDS = ("getLogger", "get_logger", "loguru")
"""Words by which a file that logs is found."""
_DEPTH = 3
"""Files through which an imported logger is followed."""


@dataclass(frozen=True, slots=True)
class LogCall:
    """A log line that the code writes.

    Attributes:
        node: the call.
        logger: the logger as written, without `.bind(…)` and the like.
        method: "warning".
    """

    node: ast.Call
    logger: str
    method: str


def log_call(node: ast.AST, loggers: Iterable[str] = ()) -> LogCall | None:
    """The log line that a node writes; None for anything else.

    Args:
        node: any node.
        loggers: names that are loggers, whatever they are called.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    method = node.func.attr
    plain = method[1:] if method[:1] == "a" and method[1:] in METHODS else method
    if plain not in METHODS:
        return None
    receiver: ast.expr = node.func.value
    while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        if receiver.func.attr not in ("bind", "opt", "new", "unbind", "patch", "getChild", "contextualize"):
            break
        receiver = receiver.func.value
    name = dotted(receiver)
    if name is None:
        # logging.getLogger(__name__).warning(…)
        made = dotted(receiver.func) if isinstance(receiver, ast.Call) else None
        is_made = made is not None and made.rpartition(".")[2].lower() in ("getlogger", "get_logger")
        return LogCall(node, "", plain) if is_made else None
    if name in loggers or _LOGGER.fullmatch(name.rpartition(".")[2]):
        return LogCall(node, name, plain)
    return None


@dataclass(frozen=True, slots=True)
class _Usage:
    """How the calls of one library in a module look."""

    calls: int
    extra: int
    percent: int
    keywords: int
    sentences: int
    tracebacks: int
    methods: frozenset[str]

    @classmethod
    def of(cls, calls: list[LogCall]) -> _Usage:
        texts = [text for call in calls if (text := _message(call.node)) is not None]
        names = [{keyword.arg for keyword in call.node.keywords} for call in calls]
        return cls(
            calls=len(calls),
            extra=sum("extra" in given for given in names),
            percent=sum(len(call.node.args) > 1 for call in calls),
            keywords=sum(bool(given - _STANDARD_KEYWORDS - {None}) for given in names),
            sentences=sum(" " in text.strip() or text[:1].isupper() for text in texts),
            tracebacks=sum("exc_info" in given for given in names),
            methods=frozenset(call.method for call in calls),
        )


def _message(node: ast.Call) -> str | None:
    """The constant text of a log line's message."""
    first: ast.AST | None = node.args[0] if node.args else None
    if isinstance(first, ast.BinOp):
        first = first.left
    if isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute):
        first = first.func.value  # "…".format(…)
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if isinstance(first, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in first.values)
    return None


class Dialect:
    """How one module logs.

    Args:
        subject: the module.
        default: the library for a project in which nothing logs.
    """

    def __init__(self, subject: Subject, default: Library = "logging") -> None:
        self._subject = subject
        self._default = default
        self._top = frozenset(_bound_at_top(subject.tree.body))
        self.calls = [call for node in ast.walk(subject.tree) if (call := log_call(node)) is not None]
        self._by_logger: defaultdict[str, list[LogCall]] = defaultdict(list)
        for call in self.calls:
            self._by_logger[call.logger].append(call)
        self._known = {name: library for name in self._top if (library := self._library(name)) is not None}
        for name, calls in list(self._by_logger.items()):
            if name in self._top and name not in self._known:
                self._known[name] = _guessed(_Usage.of(calls))
        self._class_loggers = {
            name: value
            for node in subject.tree.body
            if isinstance(node, ast.ClassDef)
            for name, value in _class_values(node)
            if name in self._by_logger
        }
        self._introduced: Voice | None = None

    def voice(self, function: Function, place: ast.stmt | ast.ExceptHandler) -> Voice | None:
        """The logger for a place; None when what the module logs with cannot be reached from there.

        Args:
            function: the innermost function around the place.
            place: the statement or clause.
        """
        for name in self._candidates(function, place):
            return self._spoken(name)
        hidden = self._subject.hidden(function)
        if self._module_loggers() and all(name.partition(".")[0] in hidden for name in self._module_loggers()):
            return None
        return self._introduction()

    # -- where a logger is -------------------------------------------------------------------------------------------

    def _candidates(self, function: Function, place: ast.stmt | ast.ExceptHandler) -> Iterator[str]:
        """The loggers that can be used at a place, the best first."""
        hidden = self._subject.hidden(function)
        own = self._subject.once(locals_of, function)
        used_here = self._subject.once(_loggers_used, function)
        certain = self._subject.once(assignments, function).get(id(place), frozenset())
        for name, _ in used_here.most_common():
            if name and "." not in name and name in own and name in certain:
                yield name
        attribute = self._attribute(function, used_here)
        names = [
            name
            for name in self._module_loggers() or sorted(self._class_loggers)
            if name.partition(".")[0] not in hidden
        ]
        if attribute is not None and (not names or self._prefers(function, attribute, names)):
            yield attribute
        yield from sorted(names, key=lambda name: (-used_here[name], names.index(name)))
        if attribute is not None:
            yield attribute
        for name in sorted(own & certain):
            if name in self._parameters(function) and _LOGGER.fullmatch(name) and _annotated_library(function, name):
                yield name

    def _module_loggers(self) -> list[str]:
        """The loggers that the module binds, the most used first."""
        used = sorted(self._known, key=lambda name: (-len(self._by_logger.get(name, ())), name))
        return [
            name
            for name in used
            if name not in self._by_logger.keys() - self._top
            and (self._by_logger.get(name) or (name != "logging" and self._known[name] != "other"))
        ]

    def _parameters(self, function: Function) -> frozenset[str]:
        arguments = function.args
        return frozenset(one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))

    def _attribute(self, function: Function, used_here: Counter[str]) -> str | None:
        """The logger that the object itself has, where its class uses it outside of what makes the object."""
        owner = self._subject.parents.get(id(function))
        arguments = [*function.args.posonlyargs, *function.args.args]
        if not isinstance(owner, ast.ClassDef) or not arguments or arguments[0].arg != "self":
            return None
        every = self._subject.once(_loggers_used, owner)
        used = Counter({name: count for name, count in every.items() if re.fullmatch(r"self\.\w+", name)})
        if function.name in ("__init__", "__new__", "__del__", "__getattr__", "__getattribute__", "__setattr__"):
            used = Counter({name: count for name, count in used.items() if used_here[name]})
            if function.name != "__init__":
                return None
            # Used in `__init__` itself: after the assignment for certain only where the class or a base makes it.
            made = {
                node.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            }
            used = Counter({name: count for name, count in used.items() if name.partition(".")[2] not in made})
        if not used and self.calls and function.name != "__init__":
            given = next(_given_logger(owner), None)
            return f"self.{given}" if given is not None else None
        return used.most_common(1)[0][0] if used else None

    def _prefers(self, function: Function, attribute: str, names: list[str]) -> bool:
        """Whether the function's class logs through its own attribute rather than through the module's logger."""
        owner = self._subject.parents.get(id(function))
        if owner is None:
            return False
        used = self._subject.once(_loggers_used, owner)
        return used[attribute] > max((used[name] for name in names), default=0)

    # -- which library it is -----------------------------------------------------------------------------------------

    def _library(self, name: str) -> Library | None:
        return _library_of(self._subject, self._subject.code.outline, self._subject.path, name, _DEPTH)

    def _spoken(self, name: str) -> Voice:
        root = name.partition(".")[0]
        calls = self._by_logger.get(name, [])
        library = self._known.get(name)
        if library is None and name in self._class_loggers:
            outline = self._subject.code.outline
            library = _library_of_value(self._subject, outline, self._subject.path, self._class_loggers[name], _DEPTH)
        if library is None and name.startswith("self."):
            library = self._attribute_library(name) or _guessed(_Usage.of(calls))
        if library is None:
            library = self._local_library(name) or (_guessed(_Usage.of(calls)) if calls else "other")
        usage = _Usage.of(calls or self.calls)
        if root == "logging" and self._subject.code.outline.imports.get(root, "logging") != "logging":
            library = "other"
        return _voice(name, library, usage)

    def _attribute_library(self, name: str) -> Library | None:
        attribute = name.partition(".")[2]
        outline = self._subject.code.outline
        for found in outline.attributes.values():
            for place in found.get(attribute, ()):
                library = _library_of_value(
                    self._subject, outline, self._subject.path, place.value, _DEPTH
                ) if place.value is not None else None  # fmt: skip
                if library is not None:
                    return library
        return None

    def _local_library(self, name: str) -> Library | None:
        """The library of a logger that some function of the module has under a name of its own."""
        for node in ast.walk(self._subject.tree):
            library: Library | None = None
            if isinstance(node, ast.Assign) and any(dotted(target) == name for target in node.targets):
                outline = self._subject.code.outline
                library = _library_of_value(self._subject, outline, self._subject.path, node.value, _DEPTH)
            elif isinstance(node, FUNCTIONS):
                library = _annotated_library(node, name)
            if library is not None:
                return library
        return None

    # -- for a module without one ------------------------------------------------------------------------------------

    def _introduction(self) -> Voice:
        if self._introduced is None:
            self._introduced = self._introduce()
        return self._introduced

    def _introduce(self) -> Voice:
        library = self._neighbours_library() or self._default
        used = {node.id for node in ast.walk(self._subject.tree) if isinstance(node, ast.Name)}
        used |= {node.arg for node in ast.walk(self._subject.tree) if isinstance(node, ast.arg)}
        used |= set(self._subject.code.outline.imports) | set(self._subject.code.outline.definitions) | self._top
        if library == "loguru" and "logger" not in used:
            return Voice("logger", "loguru", "bind", introduction=Introduction("loguru", "logger", None, "logger"))
        module, factory = (
            ("structlog", "structlog.get_logger") if library == "structlog" else ("logging", "logging.getLogger")
        )
        library = "structlog" if library == "structlog" else "logging"
        imports = self._subject.code.outline.imports
        name = next((name for name in _NAMES if name not in used), "_reviewed_module_logger")
        introduction = Introduction(module, None, factory, name)
        if module in used and not (imports.get(module) == module and module in self._top):
            # The module's name is taken: the factory comes by its own name.
            introduction = Introduction(module, factory.partition(".")[2], factory.partition(".")[2], name)
        style: Style = "keywords" if library == "structlog" else "extra"
        return Voice(name, library, style, introduction=introduction)

    def _neighbours_library(self) -> Library | None:
        """The library that most of the files near this one log with."""
        project = self._subject.around.project
        if project is None:
            return None
        found: Counter[Library] = Counter()
        for word in _WORDS:
            for file in project.mentioning(word, self._subject.path):
                for name in [*file.outline.assigned, *file.outline.imports]:
                    if _LOGGER.fullmatch(name) and name != "logging":
                        library = _library_of(self._subject, file.outline, file.path, name, _DEPTH)
                        if library in ("logging", "structlog", "loguru"):
                            found[library] += 1
        return found.most_common(1)[0][0] if found else None


def _library_of(subject: Subject, outline: Outline, path: str, name: str, depth: int) -> Library | None:
    """The library of the logger that a module-level name is; None when it is no logger, or not known."""
    imported = outline.imports.get(name)
    if imported is not None:
        if imported == "logging":
            return "logging"
        if imported == "loguru.logger":
            return "loguru"
        if not _LOGGER.fullmatch(name) or imported.partition(".")[0] in sys.stdlib_module_names:
            return None
        project = subject.around.project
        located = project.locate(imported, path) if project is not None and depth else None
        if located is None or not located[1] or "." in located[1]:
            return None
        return _library_of(subject, located[0].outline, located[0].path, located[1], depth - 1)
    for value in outline.assigned.get(name, ()):
        library = _library_of_value(subject, outline, path, value, depth)
        if library is not None:
            return library
    annotation = outline.annotated.get(name)
    if annotation is not None and _LOGGER.fullmatch(name):
        text = ast.unparse(annotation)
        return "logging" if "logging.Logger" in text or text == "Logger" else None
    return None


def _library_of_value(subject: Subject, outline: Outline, path: str, value: ast.expr, depth: int) -> Library | None:
    if not isinstance(value, ast.Call):
        name = dotted(value)
        if name is not None and "." not in name and depth and name in outline.imports.keys() | outline.assigned.keys():
            return _library_of(subject, outline, path, name, depth - 1)
        return None
    made = dotted(value.func)
    if made is None:
        # structlog.get_logger(…).bind(…)
        inner = value.func.value if isinstance(value.func, ast.Attribute) else None
        return _library_of_value(subject, outline, path, inner, depth) if inner is not None else None
    root, dot, rest = made.partition(".")
    full = f"{outline.imports.get(root, root)}{dot}{rest}"
    if full in _MAKERS:
        return _as_library(_MAKERS[full])
    if rest in ("bind", "opt", "patch", "getChild", "new") and depth:
        return _library_of(subject, outline, path, root, depth - 1)
    if full.rpartition(".")[2].lower() not in (
        "getlogger",
        "get_logger",
        "make_logger",
        "create_logger",
        "setup_logger",
    ):
        return None
    project = subject.around.project
    found = project.definition(full, path) if project is not None else None
    if found is not None:
        text = ast.unparse(found[1].node)
        for library in ("structlog", "loguru"):
            if library in text:
                return _as_library(library)
        if "logging" in text or "getLogger" in text:
            return "logging"
    return "logging" if full.startswith("logging.") else None


def _annotated_library(function: Function, name: str) -> Library | None:
    """The library that the annotation of a parameter names."""
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.arg == name and argument.annotation is not None:
            text = ast.unparse(argument.annotation)
            if "None" in text or "Optional" in text:
                return None
            if "structlog" in text or "BoundLogger" in text:
                return "structlog"
            if "logging." in text or text.strip("'") == "Logger":
                return "logging"
    return None


def _as_library(name: str) -> Library:
    return "structlog" if name == "structlog" else "loguru" if name == "loguru" else "logging"


def _guessed(usage: _Usage) -> Library:
    """The library of a logger whose origin is not known, by how it is called."""
    return "structlog" if usage.keywords and usage.keywords >= usage.percent else "other"


def _voice(name: str, library: Library, usage: _Usage) -> Voice:
    sentences = 2 * usage.sentences > usage.calls
    if library == "structlog":
        return Voice(name, library, "keywords", sentences)
    if library == "loguru":
        return Voice(name, library, "bind", sentences)
    if library == "logging":
        percent = usage.calls and not 5 * usage.extra >= usage.calls
        return Voice(name, library, "percent" if percent else "extra", sentences)
    style: Style = "percent" if usage.percent else "plain"
    methods = usage.methods - {"log"}
    return Voice(name, library, style, sentences, methods, traceback=bool(usage.tracebacks))


def _loggers_used(node: ast.AST) -> Counter[str]:
    """How often each logger is called in a function or class."""
    return Counter(call.logger for inner in ast.walk(node) if (call := log_call(inner)) is not None)


def _class_values(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """What the body of a class binds, by the name under which the module reaches it."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield f"{node.name}.{target.id}", statement.value


def _given_logger(owner: ast.ClassDef) -> Iterator[str]:
    """The attributes in which the objects of a class keep a logger that they must be given."""
    for function in owner.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            arguments = [*function.args.posonlyargs, *function.args.args]
            asked = {one.arg for one in arguments[: len(arguments) - len(function.args.defaults)]}
            for step in function.body:
                if isinstance(step, ast.Assign) and isinstance(step.value, ast.Name) and step.value.id in asked:
                    for target in step.targets:
                        if dotted(target) == f"self.{step.value.id}" and _LOGGER.fullmatch(step.value.id):
                            yield step.value.id


def _bound_at_top(body: list[ast.stmt]) -> Iterator[str]:
    """The names that a module binds when it is imported, those of a `try` and an `if` included."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id
        elif isinstance(node, ast.Try) or (isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test)):
            yield from _bound_at_top(node.body)
