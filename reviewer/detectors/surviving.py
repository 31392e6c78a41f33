"""Signs that a program was meant to go on when a call fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.detectors.rule import View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Evidence
from reviewer.flow.child import Child, children
from reviewer.flow.risk import Risk, covering, risks, task_risks
from reviewer.flow.sibling import given

_AUXILIARY = frozenset(
    {
        "history", "cache", "telemetry", "metric", "metrics", "usage", "stats", "statistics", "analytics", "autosave",
        "housekeeping", "heartbeat", "log", "logs",
    }
)  # fmt: skip
_ENDING = frozenset(
    {
        "cleanup", "clean", "close", "kill", "terminate", "stop", "shutdown", "teardown", "release", "dispose", "exit",
        "aexit", "del", "abort", "reap", "prune",
    }
)  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LISTING = re.compile(r"\b(iterdir|glob|rglob|iglob|listdir|walk|scandir)\(")
_WRITING = re.compile(
    r"(^|\.)(mkdir|makedirs|write\w*|open|unlink|remove|rename|replace|rmtree|touch|rmdir|append\w*|dump)$"
)
_ENTRY = re.compile(
    r"(^|\.)(stat|lstat|open|read_text|read_bytes|unlink|remove|rmdir|getmtime|getsize|copy\w*|rename|move)$"
)
_ENDED = re.compile(r"(^|\.)(kill|terminate|send_signal|killpg|unlink|remove|rmdir|rmtree)$")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign, in words that follow "…; ", with the places that show it."""

    tag: str
    text: str
    evidence: tuple[Evidence, ...] = ()


def reasons(view: View, call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    """The signs that a failure of the call was meant to be survived, the strongest first."""
    if call.context.import_time or call.context.main or call.context.inside("handler", "finally"):
        return
    yield from _listing(view, call, found)
    for reason in _of_the_call(view, call, found):
        # Asked last, since it may read other functions.
        if not all(view.upward.is_handled(view.unit.name, risk.outside) for risk in found):
            yield reason


def _of_the_call(view: View, call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    yield from _limited_process(call, found)
    if not all(risk.rare for risk in found):
        yield from _sibling(view, call, found)
        yield from _auxiliary(view, call)
    yield from _ending(view, call, found)
    yield from _alone(view, call)


def survives(handler: Handler) -> bool:
    """The clause ends the error: it raises nothing, always or on a condition."""
    return handler.ends_error


def calls_in(attempt: TryStatement) -> list[Call]:
    """The calls whose exceptions the clauses of a `try` see first."""
    return [
        fact
        for fact in attempt.body
        if isinstance(fact, Call) and fact.context.tries and fact.context.tries[0] is attempt.statement
    ]


def tasks_in(attempt: TryStatement) -> list[Child]:
    """The tasks of task groups in a `try` whose exceptions its clauses see first, inside a group."""
    return [
        child
        for child in children(attempt.body)
        if not child.start.awaited and child.context.tries and child.context.tries[0] is attempt.statement
    ]


def treated_failure(view: View, attempt: TryStatement) -> tuple[Handler, Call] | None:
    """A clause of a `try` with the call that it was written for; None where the clauses fit nothing that is known.

    Whether a task group in between hides the failure from the clause is not asked: it was written for it all the same.
    """
    if attempt.statement is None or not attempt.statement.handlers:
        return None
    for call in calls_in(attempt):
        for risk in risks(call, view.flow):
            handler = covering(attempt.statement, risk, view.hierarchy)
            if handler is not None:
                return handler, call
        for exception in call.known.raises if call.known is not None else ():
            # A failure that counts as misuse elsewhere is meant where a clause names it: the end of the input.
            for handler in attempt.statement.handlers:
                if exception in handler.types:
                    return handler, call
    for child in tasks_in(attempt):
        for risk in task_risks(child, view.flow):
            if (handler := covering(attempt.statement, risk, view.hierarchy)) is not None:
                return handler, child.start
    return None


def words_of(name: str) -> frozenset[str]:
    """The words that a qualified name is made of: "UsageLogger.__init__" -> usage, logger, init."""
    return frozenset(word.lower() for word in _WORDS.findall(name))


def _limited_process(call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    direct = {risk.exception for risk in found if not risk.steps}
    if "subprocess.TimeoutExpired" in direct:
        yield Reason("timeout", "a timeout is set, but nothing here handles its expiry")
    elif "subprocess.CalledProcessError" in direct and call.known is not None and call.known.name == "subprocess.run":
        yield Reason("checked", "check=True is set, but nothing here handles a failing command")


def _listing(view: View, call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    """The call works on an entry of a directory listing, which may be gone by now."""
    block = call.context.inside("for", "comprehension")
    if block is None or block.value is None:
        return
    if not (_LISTING.search(block.text) or _LISTING.search(f"{block.value.made_by}(")):
        return
    mentioned = {word for value in given(call) for word in re.findall(r"\w+", value)}
    if mentioned.isdisjoint(re.findall(r"\w+", block.target)) and not any(risk.steps for risk in found):
        return
    note = Evidence(view.path, block.span.line, "the listing")
    if call.known is not None and call.known.decoded and any(risk.from_input and not risk.rare for risk in found):
        yield Reason("listing", f"one malformed file aborts the whole loop over {block.text}", (note,))
        return
    if not any(risk.exception in ("FileNotFoundError", "OSError") for risk in found):
        return
    last = next((risk.steps[-1].text for risk in found if risk.steps), call.text)
    if _ENTRY.search(last.partition("(")[0]):
        yield Reason("listing", f"an entry deleted after {block.text} listed it aborts the whole loop", (note,))


def _sibling(view: View, call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    """The same operation on the same thing is protected at most other places of the file."""
    wanted = tuple(risk.exception for risk in found if not risk.rare)
    other = view.flow.siblings.protected(call, wanted)
    if other is not None:
        note = Evidence(view.path, other.call.span.line, f"the same call, protected by `{clause(other.handler)}`")
        protected = f"the same call on line {other.call.span.line} is protected by `{clause(other.handler)}`"
        yield Reason("sibling", f"{protected}, this one is not", (note,))


def _auxiliary(view: View, call: Call) -> Iterator[Reason]:
    if call.known is None or call.known.kind != "file" or not _WRITING.search(call.known.name):
        return
    if words_of(view.unit.name) & _AUXILIARY:
        yield Reason("auxiliary", f"{view.unit.name} only keeps records, but its failure aborts the work itself")


def _ending(view: View, call: Call, found: Sequence[Risk]) -> Iterator[Reason]:
    gone = {"FileNotFoundError", "ProcessLookupError"} & {risk.exception for risk in found if not risk.steps}
    ended = call.known is not None and _ENDED.search(call.known.name) is not None
    if gone and ended and words_of(view.unit.name.rpartition(".")[2]) & _ENDING:
        yield Reason("ending", "what it stops may be gone already, and then the rest of the clean-up is skipped")


def _alone(view: View, call: Call) -> Iterator[Reason]:
    block = call.context.inside("while")
    if block is not None and block.endless and call.known is not None and call.known.kind is not None:
        yield Reason("worker", "the first failure ends the endless loop around it")
