"""Where values come from and what was checked on the way: judgement that the rules about input share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.detectors.merging import COMES_FROM
from reviewer.detectors.rule import View
from reviewer.domain.fact import Call, Fact, Place, Raise, Value
from reviewer.domain.finding import Evidence, Severity

SOURCES = {
    "http response": "an HTTP response",
    "request": "a request",
    "environment": "the environment",
    "command line": "the command line",
    "file": "a file",
    "process output": "a program's output",
    "database": "the database",
    "queue": "a queue",
    "model output": "a model's answer",
    "network": "the network",
    "user input": "what somebody typed",
    "configuration": "the configuration",
}
"""Boundary -> the words for it in a sentence."""


MODEL = "pydantic.BaseModel"
"""Whatever derives from it looks at the types of what it is given."""
_DECODERS = ("json.", "yaml.", "tomllib.", "ast.literal_eval", "csv.", "pickle.")


def source_of(value: Value) -> str:
    """Where a value comes from, in words that follow "from"; "" when it is not known to come from outside."""
    if value.boundary:
        return SOURCES.get(value.boundary, value.boundary)
    if value.parameter:
        return f"the parameter `{value.parameter}`"
    return "decoded data" if value.decoded else ""


def severity_of(view: View, value: Value) -> Severity:
    """How loud a doubt about decoded data is: medium where an API says that it comes from elsewhere.

    What a caller gives is the caller's: a parameter leaves it quiet, unless it is declared a mapping of anything under
    a name for what another program has written. So does test code.
    """
    outside = value.boundary is not None or named_outside(view, value) or really_decoded(value)
    return Severity.MEDIUM if outside and not view.is_test else Severity.LOW


_OUTSIDE = re.compile(
    r"(^|_)(args|arguments|payload|event|request|body|tool_input|message|webhook|response|result|json|raw|record"
    r"|front_?matter)$"
)
"""Parameters that, annotated as a mapping of anything, carry what another program, a model or a file has written."""


def named_outside(view: View, value: Value) -> bool:
    """Whether a parameter is declared a mapping of anything and named for data that comes from outside."""
    return (
        value.decoded
        and value.parameter is not None
        and _OUTSIDE.search(value.parameter) is not None
        and any(item.name == value.parameter and item.annotation is not None for item in view.unit.parameters)
    )


def really_decoded(value: Value) -> bool:
    """Whether a decoder of this function's own made the value, and no annotation or `get` on an unknown thing."""
    return value.decoded and value.made_by is not None and value.made_by.startswith(_DECODERS)


def ends(view: View, fact: Fact, *exceptions: str) -> bool:
    """Whether clauses around a fact end every one of these exceptions inside the unit."""
    return bool(fact.context.tries) and all(view.hierarchy.catcher(fact.context, name) for name in exceptions)


def looked_at(view: View) -> frozenset[tuple[str, Place | None]]:
    """Values, by their text and where they were made, whose type is looked at somewhere in the unit.

    Items that one loop checks are often used by another under the same name.
    """
    return frozenset(
        (fact.arguments[0].value.text, fact.arguments[0].value.made_at)
        for fact in view.unit.facts
        if isinstance(fact, Call) and fact.callee in ("isinstance", "type") and fact.arguments
    )


_VALIDATES = re.compile(
    r"(^|_)(validate|validated|require|required|ensure|verify|check|assert|expect|must)", re.IGNORECASE
)


class Validations:
    """What the unit has handed to a call that raises on data which is not as wanted, and whose result nobody uses.

    Such a call is known by its name, or is a function of the file that raises.

    Args:
        view: the unit.
    """

    def __init__(self, view: View) -> None:
        self._from: dict[tuple[str, Place | None], int] = {}
        for fact in view.unit.facts:
            if isinstance(fact, Call) and fact.use == "discarded" and fact.arguments and _validates(view, fact):
                for argument in fact.arguments:
                    self._from.setdefault((argument.value.text, argument.value.made_at), fact.span.end_line)

    def hold(self, value: Value, line: int) -> bool:
        """Whether a value was validated before a line."""
        return self._from.get((value.text, value.made_at), line) < line


def _validates(view: View, call: Call) -> bool:
    name = call.text.rpartition(".")[2]
    if _VALIDATES.search(name):
        return True
    inner = view.flow.callee(call)
    unit = view.flow.definitions.unit(inner) if inner is not None else None
    return unit is not None and any(isinstance(fact, Raise) and fact.exception for fact in unit.facts)


def parts_looked_at(view: View) -> frozenset[str]:
    """Parts of values whose type is looked at somewhere in the unit, as `spelled`."""
    return frozenset(
        spelled(fact.arguments[0].value.text)
        for fact in view.unit.facts
        if isinstance(fact, Call) and fact.callee == "isinstance" and fact.arguments
    )


def spelled(text: str) -> str:
    """One spelling for `data.get("id")`, `data["id"]` and `data['id']`."""
    return _GET.sub(r"[\1]", text.replace('"', "'"))


_GET = re.compile(r"\.get\(('[^']*')[^()]*\)")


def checked(value: Value) -> bool:
    """Whether somebody has looked at what kind of value it is: isinstance, or a predicate that it was handed to."""
    return any(guard.startswith(("isinstance:", "passed:", "attribute:", "checked:")) for guard in value.guards)


def made_here(view: View, value: Value, line: int) -> tuple[Evidence, ...]:
    """The place where a value was made, unless it is the finding's own line."""
    if value.made_at is None or value.made_at[0] == line:
        return ()
    by = value.made_by.lstrip(".") if value.made_by else ""
    return (Evidence(view.path, value.made_at[0], f"{COMES_FROM}{f', by {by}' if by else ''}"),)


def calls_by_place(facts: Iterable[Fact]) -> dict[tuple[str, int, int], Call]:
    """Calls by the name and place that the values they made carry (`Value.made_by`, `Value.made_at`)."""
    return {
        (fact.result.made_by or fact.callee or "", fact.span.line, fact.span.column): fact
        for fact in facts
        if isinstance(fact, Call)
    }


def maker(calls: dict[tuple[str, int, int], Call], value: Value) -> Call | None:
    """The call that made a value."""
    if value.made_at is None or value.made_by is None:
        return None
    return calls.get((value.made_by, *value.made_at))


def is_text_key(written: str) -> bool:
    """Whether a key is a text constant as written."""
    return len(written) > 1 and written[0] in "'\"" and written[-1] == written[0]
