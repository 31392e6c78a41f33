"""How a module logs: with which library, through which logger, and in which words.

A module that logs is followed. Fields of the standard library's loggers go into `extra`, or into the message as
`key=%s` where the module's own messages are made that way; f-strings are not imitated, since they call the value's own
`__format__` outside of what `logging` protects. For a module that does not log yet, the files around it tell which
library the project uses; else it is the standard one.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator

from reviewer.code.outline import dotted
from reviewer.instrument.assignment import Function, assignments, locals_of
from reviewer.instrument.library import annotated_library, library_of, library_of_value
from reviewer.instrument.log_call import LOGGER, LogCall, log_call, loggers_used
from reviewer.instrument.module_scope import is_submodule
from reviewer.instrument.owner import class_values, method_around, object_logger
from reviewer.instrument.parameter import doubtful_loggers, given_loggers
from reviewer.instrument.proposal import Introduction, Library, Style, Voice
from reviewer.instrument.subject import FUNCTIONS, Subject
from reviewer.instrument.usage import Usage, guessed, voice_of

_NAMES = ("logger", "log", "_logger", "_log", "module_logger")
_WORDS = ("getLogger", "get_logger", "loguru")
"""Words by which a file that logs is found."""


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
                self._known[name] = guessed(Usage.of(calls))
        awaited = [log_call(node.value) for node in ast.walk(subject.tree) if isinstance(node, ast.Await)]
        # Of `ainfo` and the like the plain method does not wait; that of `await log.info()` is lost without `await`.
        self._asynchronous = frozenset(
            call.logger
            for call in awaited
            if call is not None and isinstance(call.node.func, ast.Attribute) and call.node.func.attr == call.method
        )
        self._class_loggers = {
            f"{node.name}.{name}": value
            for node in subject.tree.body
            if isinstance(node, ast.ClassDef)
            for name, value in class_values(node)
            if f"{node.name}.{name}" in self._by_logger
        }
        self._configured = _configured(subject.tree)
        self._introduced: Voice | None = None

    def voice(self, function: Function, place: ast.stmt | ast.ExceptHandler) -> Voice | None:
        """The logger for a place; None when what the module logs with cannot be reached from there.

        Args:
            function: the innermost function around the place.
            place: the statement or clause.
        """
        for name in self._candidates(function, place):
            return None if name in self._asynchronous else self._spoken(name)
        hidden = self._subject.hidden(function)
        if self._module_loggers() and all(name.partition(".")[0] in hidden for name in self._module_loggers()):
            return None
        return self._introduction()

    # -- where a logger is -------------------------------------------------------------------------------------------

    def _candidates(self, function: Function, place: ast.stmt | ast.ExceptHandler) -> Iterator[str]:
        """The loggers that can be used at a place, the best first."""
        hidden = self._subject.hidden(function)
        own = self._subject.once(locals_of, function)
        used_here = self._subject.once(loggers_used, function)
        certain = self._subject.once(assignments, function).get(id(place), frozenset())
        doubtful = self._subject.once(doubtful_loggers, function)
        for name, _ in used_here.most_common():
            if name and "." not in name and name in own and name in certain and name not in doubtful:
                yield name
        yield from (name for name in self._enclosed(function) if used_here[name] or not used_here)
        attribute = object_logger(self._subject, function, self._known)
        names = [
            name
            for name in self._module_loggers() or sorted(self._class_loggers)
            if name.partition(".")[0] not in hidden and (used_here[name] or name != self._configured)
        ]
        if attribute is not None and (not names or self._prefers(function, attribute, names)):
            yield attribute
        yield from sorted(names, key=lambda name: (-used_here[name], names.index(name)))
        if attribute is not None:
            yield attribute
        yield from (name for name in self._subject.once(given_loggers, function) if name in certain)

    def _enclosed(self, function: Function) -> Iterator[str]:
        """The loggers of the functions around a function, which it can use as they do."""
        known = self._subject.enclosed(function)
        for outer in self._subject.around_of(function):
            if isinstance(outer, FUNCTIONS) and known:
                used = self._subject.once(loggers_used, outer)
                doubtful = self._subject.once(doubtful_loggers, outer)
                yield from (name for name, _ in used.most_common() if name in known - doubtful)

    def _module_loggers(self) -> list[str]:
        """The loggers that the module binds, the most used first."""
        used = sorted(self._known, key=lambda name: (-len(self._by_logger.get(name, ())), name))
        imports = self._subject.code.outline.imports
        return [name for name in used if self._by_logger.get(name) or imports.get(name) != "logging"]

    def _prefers(self, function: Function, attribute: str, names: list[str]) -> bool:
        """Whether the function's class logs through its own attribute rather than through the module's logger."""
        method = method_around(self._subject, function)
        used = self._subject.once(loggers_used, method.owner) if method is not None else Counter[str]()
        best = max((used[name] for name in names), default=0)
        return used[attribute] > best or not best

    # -- which library it is -----------------------------------------------------------------------------------------

    def _library(self, name: str) -> Library | None:
        return library_of(self._subject, self._subject.code.outline, self._subject.path, name)

    def _spoken(self, name: str) -> Voice:
        root = name.partition(".")[0]
        calls = self._by_logger.get(name, [])
        library = self._known.get(name)
        if library is None and name in self._class_loggers:
            outline = self._subject.code.outline
            library = library_of_value(self._subject, outline, self._subject.path, self._class_loggers[name])
        if library is None and name.startswith("self."):
            library = self._attribute_library(name) or guessed(Usage.of(calls))
        if library is None:
            library = self._local_library(name) or (guessed(Usage.of(calls)) if calls else "other")
        usage = Usage.of(calls or self.calls)
        if root == "logging" and self._subject.code.outline.imports.get(root, "logging") != "logging":
            library = "other"
        return voice_of(name, library, usage)

    def _attribute_library(self, name: str) -> Library | None:
        attribute = name.partition(".")[2]
        outline = self._subject.code.outline
        for found in outline.attributes.values():
            for place in found.get(attribute, ()):
                library = library_of_value(
                    self._subject, outline, self._subject.path, place.value
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
                library = library_of_value(self._subject, outline, self._subject.path, node.value)
            elif isinstance(node, FUNCTIONS):
                library = annotated_library(node, name)
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
        used |= {name for name in (*_NAMES, "logging", "structlog") if is_submodule(self._subject, name)}
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
                    if LOGGER.fullmatch(name) and name != "logging":
                        library = library_of(self._subject, file.outline, file.path, name)
                        if library in ("logging", "structlog", "loguru"):
                            found[library] += 1
        return found.most_common(1)[0][0] if found else None


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


def _configured(tree: ast.Module) -> str | None:
    """By what name a module calls `logging.basicConfig`; None where it does not.

    `logging.info()` sets the root logger up where nobody has, and a `basicConfig` after that does nothing:
    https://docs.python.org/3/library/logging.html#logging.info.
    """
    for node in ast.walk(tree):
        called = dotted(node.func) if isinstance(node, ast.Call) else None
        if called is not None and called.endswith(".basicConfig"):
            return called.removesuffix(".basicConfig")
    return None
