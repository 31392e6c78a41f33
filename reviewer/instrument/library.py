"""Which library a logger is of, by where it comes from, through the files of the project."""

from __future__ import annotations

import ast
import sys

from reviewer.code.outline import Outline, dotted
from reviewer.instrument.assignment import Function
from reviewer.instrument.log_call import LOGGER
from reviewer.instrument.proposal import Library
from reviewer.instrument.subject import Subject

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
_LOGGERS: dict[str, Library] = {"logging": "logging", "loguru.logger": "loguru", "absl.logging": "other"}
"""What is a logger as it is imported."""
_GETTERS = frozenset({"getlogger", "get_logger"})
_MAKING = _GETTERS | {"make_logger", "create_logger", "setup_logger"}
DEPTH = 3
"""Files through which an imported logger is followed."""


def library_of(subject: Subject, outline: Outline, path: str, name: str, depth: int = DEPTH) -> Library | None:
    """The library of the logger that a module-level name is; None when it is no logger, or not known.

    Args:
        subject: the file from which the search began.
        outline: of the file that has the name.
        path: of that file.
        name: the name.
        depth: through how many files more an import is followed.
    """
    imported = outline.imports.get(name)
    if imported is not None:
        if imported in _LOGGERS:
            return _LOGGERS[imported]
        if not LOGGER.fullmatch(name) or imported.partition(".")[0] in sys.stdlib_module_names:
            return None
        project = subject.around.project
        located = project.locate(imported, path) if project is not None and depth else None
        if located is None or not located[1] or "." in located[1]:
            return None
        return library_of(subject, located[0].outline, located[0].path, located[1], depth - 1)
    for value in outline.assigned.get(name, ()):
        library = library_of_value(subject, outline, path, value, depth)
        if library is not None:
            return library
    annotation = outline.annotated.get(name)
    if annotation is not None and LOGGER.fullmatch(name):
        text = ast.unparse(annotation)
        return "logging" if "logging.Logger" in text or text == "Logger" else None
    return None


def library_of_value(
    subject: Subject, outline: Outline, path: str, value: ast.expr, depth: int = DEPTH
) -> Library | None:
    """The library of the logger that an expression makes or names; None when it is none, or not known.

    Args:
        subject: the file from which the search began.
        outline: of the file that holds the expression.
        path: of that file.
        value: the expression.
        depth: through how many files more an import is followed.
    """
    if not isinstance(value, ast.Call):
        name = dotted(value)
        if name is not None and "." not in name and depth and name in outline.imports.keys() | outline.assigned.keys():
            return library_of(subject, outline, path, name, depth - 1)
        return None
    made = dotted(value.func)
    if made is None:
        # structlog.get_logger(…).bind(…)
        inner = value.func.value if isinstance(value.func, ast.Attribute) else None
        return library_of_value(subject, outline, path, inner, depth) if inner is not None else None
    root, dot, rest = made.partition(".")
    full = f"{outline.imports.get(root, root)}{dot}{rest}"
    if full in _MAKERS:
        return _as_library(_MAKERS[full])
    if rest in ("bind", "opt", "patch", "getChild", "new") and depth:
        return library_of(subject, outline, path, root, depth - 1)
    last = full.rpartition(".")[2].lower()
    if last not in _MAKING:
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
    if full.startswith("logging."):
        return "logging"
    # A logger for certain, of a library that cannot be seen from here.
    return "other" if last in _GETTERS else None


def annotated_library(function: Function, name: str) -> Library | None:
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
