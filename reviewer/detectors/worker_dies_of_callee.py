"""Worker thread that dies of what it was handed.

The loop of a thread calls a method of an object that was handed to its class, and no handler in the loop, or on the
way to it, ends what that method raises.

Why: The object's class is written by others. Its first exception ends the thread; nothing is raised where anybody
looks, the queue fills, and all that the thread should have done is lost until the process is started anew.

Instead: Catch and log what the call raises inside the loop, and go on with the next item.

Source: https://docs.python.org/3/library/threading.html#threading.excepthook
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import is_broad, method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Context, Store, Unit
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import threading

class Batches:
    def __init__(self, exporter):
        self._exporter = exporter
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._done.is_set():
            self._exporter.export(self._take())  #!
""",
    """
import threading

class Batches:
    def __init__(self, exporter):
        self.exporter = exporter

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while not self._done.is_set():
            self._send_all()

    def _send_all(self):
        self.exporter.export(self._take())  #!
""",
)
GOOD = (
    """
import threading

class Batches:
    def __init__(self, exporter):
        self._exporter = exporter
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._done.is_set():
            try:
                self._exporter.export(self._take())
            except Exception as error:
                self._log.error("cannot export: %s", error)
""",
    """
import threading

class Batches:
    def __init__(self, jobs):
        self._jobs = jobs
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._done.is_set():
            self._jobs.get()
""",
)

_TARGET = re.compile(r"Thread\(.*\btarget=self\.(\w+)|^\s*target=self\.(\w+)")
_FACILITY = re.compile(r"queue|jobs|event|lock|cond|stop|done|log|config|settings|options|args|clock", re.IGNORECASE)
_PLAIN = frozenset(
    {"get", "put", "is_set", "wait", "set", "clear", "append", "pop", "popleft", "items", "keys", "values", "qsize",
     "empty", "join", "is_alive", "acquire", "release", "debug", "info", "warning", "error", "exception", "copy",
     "update", "format", "split", "encode", "add", "discard", "remove", "isoformat", "setdefault", "notify"}
)  # fmt: skip


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find unprotected calls of handed-in objects in the loops of threads."""
    unit = view.unit
    if view.is_test or unit.kind != "method" or unit.is_async or unit.name.endswith("__init__"):
        return
    asked = False
    looped: Unit | None = None
    told: set[str] = set()
    for fact in unit.facts:
        if not isinstance(fact, Call) or fact.receiver is None or method(fact) in _PLAIN or fact.text in told:
            continue
        if not re.fullmatch(r"self\.\w+", fact.receiver.text) or _FACILITY.search(fact.receiver.text):
            continue
        if _is_covered(fact.context) or fact.context.function != unit.name:
            continue
        if not asked:
            asked = True
            looped = _looped_in_thread(view, unit)
        if looped is None or (looped is unit and fact.context.inside("while", "for") is None):
            continue
        if not _is_handed_in(view, unit, fact.receiver.text):
            continue
        told.add(fact.text)
        yield rule.finding(
            view,
            fact,
            f"whatever {fact.text}() raises ends the thread that runs {looped.name}",
            confidence=Confidence.MEDIUM,
        )


def _is_covered(context: Context) -> bool:
    return any(is_broad(handler.types) for attempt in context.tries for handler in attempt.handlers)


def _looped_in_thread(view: View, unit: Unit) -> Unit | None:
    """The method with a loop that a thread runs, when it is this one or calls this one without a broad handler."""
    owner, _, name = unit.name.rpartition(".")
    targets = {found for line in view.lines for pair in _TARGET.findall(line) for found in pair if found}
    if name in targets:
        return unit
    for caller, call in view.flow.calls_of(unit.name) if targets else ():
        if caller.name.rpartition(".")[0] != owner or caller.name.rpartition(".")[2] not in targets:
            continue
        if call.context.inside("while", "for") is not None and not _is_covered(call.context):
            return caller
    return None


def _is_handed_in(view: View, unit: Unit, attribute: str) -> bool:
    """The attribute takes over a parameter of the class's constructor."""
    owner = unit.name.rpartition(".")[0]
    maker = view.flow.definitions.unit(f"{owner}.__init__")
    if maker is None:
        return False
    given = {parameter.name for parameter in maker.parameters}
    return any(
        isinstance(fact, Store) and fact.target == attribute and fact.value.text in given for fact in maker.facts
    )
