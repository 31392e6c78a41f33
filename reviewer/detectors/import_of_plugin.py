"""Import of a module chosen at run time, guarded against its absence only.

`importlib.import_module` loads what a name from outside says, and the handler around it expects ImportError alone.

Why: Importing runs the module. One that is there but broken raises SyntaxError, NameError, a version check's
RuntimeError or anything else; that passes the handler, and one bad plug-in keeps the whole program from starting.

Instead: Catch Exception around the import of foreign modules, and log which one failed and why.

Source: https://docs.python.org/3/library/importlib.html#importlib.import_module
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import survives
from reviewer.detectors.wording import callee, clause
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import importlib

def load(names):
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:  #!
            continue
    return found
""",
)
GOOD = (
    """
import importlib

def load(names, log):
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
        except Exception:
            log.exception("plug-in %s is broken", name)
    return found
""",
    """
import importlib

def load():
    try:
        return importlib.import_module("tomllib")
    except ImportError:
        return importlib.import_module("tomli")
""",
)

_IMPORTS = frozenset({"importlib.import_module", "__import__"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find imports by a computed name under a handler for ImportError that ends the error."""
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        call = next((one for one in fact.body if _imports(one) and one.context.tries[0] is fact.statement), None)
        if not isinstance(call, Call) or view.hierarchy.catcher(call.context, "RuntimeError") is not None:
            continue
        handler = next((one for one in fact.statement.handlers if view.hierarchy.covers(one, "ImportError")), None)
        if handler is not None and survives(handler):
            yield _finding(view, rule, call, handler)


def _imports(fact: object) -> bool:
    return (
        isinstance(fact, Call)
        and fact.callee in _IMPORTS
        and bool(fact.arguments)
        and bool(fact.context.tries)
        and fact.arguments[0].value.literal is None
    )


def _finding(view: View, rule: Rule, call: Call, handler: Handler) -> Finding:
    repeated = call.context.inside("for") is not None or call.context.import_time
    name = call.arguments[0].value.text
    return rule.finding(
        view,
        call,
        f"{clause(handler)} lets through what the code of {name} raises while {callee(call)} runs it",
        severity=Severity.MEDIUM if repeated and not view.is_test else Severity.LOW,
        span=handler.span,
        evidence=(Evidence(view.path, call.span.line, f"imports {name}"),),
    )
