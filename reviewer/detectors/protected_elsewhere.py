"""Call that the same file protects elsewhere.

A function of a library is called here without a handler, and elsewhere in the file under a clause for that library's
own exceptions.

Why: The other place shows that the call fails in practice. Here the same failure ends the command, the request or the
loop.

Instead: Handle it here in the same way, or move the protected call into one function that both places use.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import calls_in, survives
from reviewer.detectors.wording import callee, clause, exception, listed
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Evidence, Finding, Question, Severity
from reviewer.flow.failure import is_signal

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import clipboard

def copy_answer(text):
    clipboard.copy(text)  #!
    print("copied")

def copy_question(text):
    try:
        clipboard.copy(text)
        print("copied")
    except clipboard.ClipboardError as error:
        print(f"cannot copy: {error}")
""",
)
GOOD = (
    """
import clipboard

def copy_answer(text):
    try:
        clipboard.copy(text)
    except Exception as error:
        print(f"cannot copy: {error}")

def copy_question(text):
    try:
        clipboard.copy(text)
    except clipboard.ClipboardError as error:
        print(f"cannot copy: {error}")
""",
    """
import clipboard

def paste():
    return clipboard.paste()

def copy_question(text):
    try:
        clipboard.copy(text)
    except clipboard.ClipboardError as error:
        print(f"cannot copy: {error}")
""",
    """
import clipboard

def copy(text):
    clipboard.copy(text)

def copy_question(text):
    try:
        copy(text)
        clipboard.copy(text)
    except clipboard.ClipboardError as error:
        print(f"cannot copy: {error}")
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find unprotected calls of functions that the file protects by name elsewhere."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not _is_foreign(fact) or fact.context.inside("lambda") is not None:
            continue
        for unit, other, handler in _protected(view, fact):
            if any(view.hierarchy.catcher(fact.context, kind) is not None for kind in handler.types):
                break
            if all(view.upward.is_handled(view.unit.name, kind) for kind in handler.types):
                break
            kinds = listed([exception(kind) for kind in handler.types])
            yield rule.finding(
                view,
                fact,
                f"{callee(fact)} may raise {kinds}, which {unit} handles but this call site does not",
                severity=Severity.LOW if _is_own(view, fact) else Severity.MEDIUM,
                exceptions=handler.types,
                evidence=(Evidence(view.path, other.span.line, f"the same call, protected by `{clause(handler)}`"),),
            )
            break


def _protected(view: View, call: Call) -> Iterator[tuple[str, Call, Handler]]:
    """Calls of the same function under a clause that names an exception of its library."""
    library = (call.callee or "").partition(".")[0]
    for name in view.flow.definitions.attempting(call.text):
        unit = view.flow.definitions.unit(name)
        for fact in unit.facts if unit is not None else ():
            if not isinstance(fact, TryStatement) or fact.statement is None:
                continue
            other = _sole_culprit(fact, call)
            if other is None:
                continue
            for handler in fact.statement.handlers:
                kinds = handler.types
                own = all(kind.partition(".")[0] == library and not is_signal(kind, view.hierarchy) for kind in kinds)
                if own and survives(handler):
                    yield name, other, handler


def _sole_culprit(attempt: TryStatement, call: Call) -> Call | None:
    """The same call in a `try`, where nothing else in there belongs to the library, is awaited or reaches outside."""
    found = None
    for one in calls_in(attempt):
        if one.callee == call.callee:
            found = one
        elif one.awaited or (one.known is not None and one.known.kind is not None) or _is_foreign(one):
            return None
    return found if found is not None and found.use != "argument" else None


def _is_own(view: View, call: Call) -> bool:
    """The function is the project's own: who handles what may be settled between its modules."""
    return (call.callee or "").partition(".")[0] in view.path.split("/")


def _is_foreign(call: Call) -> bool:
    """A function of an imported library of which nothing else is known."""
    name = call.callee
    if name is None or call.known is not None or name.startswith(".") or "." not in name:
        return False
    return not name.rpartition(".")[2][:1].isupper()  # making an object is seldom what fails
