"""Handler that misses what its body raises.

A `try` handles some failures of its body but not others that the same body documents: the read is covered and the
parse is not, the parse is covered and the missing file is not, one library's errors are covered and those of the
library below it are not. The same holds where a clause names the failure and stands around a task group: what leaves
the group is an `ExceptionGroup`, which such a clause never sees. It stays quiet where all that is missed is seldom met
by a program that handles the usual failures (files of another owner or encoding, no home folder), where it comes from
a library several calls below, and where the callers in the file handle it.

Why: The author meant this block to survive; the first failure of the other kind goes through it all the same and ends
the request, the loop or the program.

Instead: Add the missing exception to that `except` clause, or handle it in a clause of its own.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions,
https://docs.python.org/3/library/asyncio-task.html#task-groups
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import calls_in, tasks_in, treated_failure
from reviewer.detectors.wording import callee, clause, exception, listed, scope
from reviewer.domain.fact import Call, Context, Handler, Try, TryStatement
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity
from reviewer.flow.group import part_of
from reviewer.flow.risk import Risk, covering, names, names_outside, open_risks, open_task_risks

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json
from pathlib import Path

def load_cache(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8", errors="replace"))  #!
    except OSError:
        return {}
""",
    """
import json
from pathlib import Path

def load_state(path: Path):
    try:
        text = path.read_text(errors="replace")  #!
        return json.loads(text)
    except json.JSONDecodeError:
        return None
""",
    """
import subprocess

def version(program):
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=True, timeout=5)  #!
    except subprocess.CalledProcessError:
        return None
    return done.stdout
""",
    """
def confirmed(question):
    try:
        return input(question).strip().lower() == "y"  #!
    except EOFError:
        return False
""",
    """
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

def store(session: Session, row, now):
    try:
        session.add(row)
        if now:
            session.commit()
        else:
            session.flush()
    except DBAPIError:  #!
        return None
    return row
""",
    """
import json

class Damaged(Exception):
    pass

def parse(line):
    entry = json.loads(line)
    if "id" not in entry:
        raise Damaged(line)
    return entry

def read(lines):
    kept = []
    for line in lines:
        try:
            kept.append(parse(line))  #!
        except json.JSONDecodeError:
            continue
    return kept
""",
    """
import asyncio

class Refused(Exception):
    pass

async def send(item):
    if not item:
        raise Refused(item)

async def send_all(items):
    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(send(item))  #!
    except Refused:
        return False
    return True
""",
    """
import anyio
import httpx

async def load(client: httpx.AsyncClient, store):
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(store.tidy)
            answer = await client.get("https://shop.example/prices", timeout=5)  #!
    except httpx.TransportError:
        return None
    return answer.text
""",
)
GOOD = (
    """
import json
from pathlib import Path

def load_cache(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
""",
    """
import json
from pathlib import Path

def load_cache(path: Path):
    try:
        return json.loads(path.read_text())
    except OSError:
        return {}
    except Exception:
        return None
""",
    """
import json
from pathlib import Path

def outer(path: Path):
    try:
        return load(path)
    except ValueError:
        return None

def load(path: Path):
    try:
        return json.loads(path.read_text(errors="replace"))  #~
    except OSError:
        return {}
""",
    """
import socket

def addresses(port):
    try:
        return socket.getaddrinfo(socket.gethostname(), port)  #~
    except socket.gaierror:
        return []
""",
    """
class Unknown(Exception):
    pass

def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.readline()

def configured(path, name):
    return read(path).partition(name)[2]

def find(path, name):
    value = configured(path, name)
    if not value:
        raise Unknown(name)
    return value

def show(path, name):
    try:
        return find(path, name)  #~
    except Unknown:
        return ""
""",
    """
import asyncio

class Refused(Exception):
    pass

async def send(item):
    if not item:
        raise Refused(item)

async def send_all(items):
    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(send(item))
    except* Refused:
        report(items)

async def send_both(first, second):
    try:
        await asyncio.gather(send(first), send(second))
    except Refused:
        return False
    return True

async def send_or_tell(item):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(send(item))
    except ExceptionGroup as refused:
        report(refused.exceptions)
    except Refused:
        report(item)

async def send_and_wait(item):
    async with asyncio.TaskGroup() as group:
        try:
            await send(item)
        except Refused:
            report(item)
""",
    """
import json
import typing

import pydantic

def body(text):
    try:
        return pydantic.parse_obj_as(typing.Any, json.loads(text))
    except json.JSONDecodeError:
        return None
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls in a `try` that raise beside its handlers, where those handle other failures of the body."""
    for fact in view.unit.facts:
        if isinstance(fact, TryStatement):
            yield from _check_try(view, rule, fact)


def _check_try(view: View, rule: Rule, fact: TryStatement) -> Iterator[Finding]:
    treated = treated_failure(view, fact)
    if treated is None or fact.statement is None:
        return
    found = [(call, call.context, open_risks(call, view.flow)) for call in calls_in(fact)]
    found += [(child.start, child.context, open_task_risks(child, view.flow)) for child in tasks_in(fact)]
    groups: dict[tuple[str, ...], list[tuple[Call, list[Risk]]]] = {}
    for call, context, risks in found:
        missed = [
            risk
            for risk in _met(view, risks, context, fact.statement)
            if covering(fact.statement, risk, view.hierarchy) is None
        ]
        if missed:
            groups.setdefault(names(missed), []).append((call, missed))
    for group in groups.values():
        yield _finding(view, rule, group, treated)


def _met(view: View, found: Iterable[Risk], context: Context, statement: Try) -> Iterator[Risk]:
    """Exceptions as a `try` meets them: those that a task group in between has put in a group as that group."""
    for risk in found:
        yield dataclasses.replace(risk, exception=view.hierarchy.arriving(context, risk.exception, statement))


def _finding(view: View, rule: Rule, group: list[tuple[Call, list[Risk]]], treated: tuple[Handler, Call]) -> Finding:
    """A finding at the call, or at the clause where several calls raise the same past it."""
    handler, covered = treated
    call, missed = group[0]
    raised = names(missed)
    told = listed([exception(name) for name in raised])
    hushed = _hushed(view, missed, handler)
    first = missed[0]
    shared = len(group) > 1
    evidence = [] if shared else [Evidence(view.path, handler.span.line, f"`{clause(handler)}` does not catch it")]
    evidence += [rule.at(view, other, f"{callee(other)} may raise it") for other, _ in group if shared]
    evidence += rule.way(view, first.steps)
    callees = listed(list(dict.fromkeys(callee(other) for other, _ in group)))
    return rule.finding(
        view,
        call,
        f"{callees} may raise {told}, which `{clause(handler)}` does not catch",
        severity=Severity.LOW if hushed or view.is_test else Severity.MEDIUM,
        hushed=hushed,
        confidence=Confidence.HIGH if not first.steps else Confidence.MEDIUM,
        exceptions=names_outside(missed),
        evidence=tuple(evidence),
        explanation=_explanation(rule, call, first, handler, covered),
        span=handler.span if shared else None,
    )


def _explanation(rule: Rule, call: Call, first: Risk, handler: Handler, covered: Call) -> str:
    why = f" ({first.when})" if first.when else ""
    part = part_of(first.exception)
    if part is not None:
        return (
            f"{exception(part)}{why} comes out of the task group inside an ExceptionGroup, which `{clause(handler)}` "
            f"does not catch; it propagates out of {scope(call.context.function)}. Write `except*`, or handle it "
            "inside the group."
        )
    aim = f"the failure of {callee(covered)}" if covered is not call else "a different failure of the same call"
    return (
        f"`{clause(handler)}` handles {aim}; {exception(first.exception)}{why} is not covered and propagates out of "
        f"{scope(call.context.function)}. {rule.how}"
    )


def _hushed(view: View, missed: list[Risk], handler: Handler) -> str:
    """Why a finding stays quiet; "" where it does not."""
    if handler.reraises:
        return "the clause raises again anyhow"
    if all(_is_remote(risk) for risk in missed):
        return "what it misses is seldom met"
    if all(view.upward.is_handled(view.unit.name, risk.outside) for risk in missed):
        return "its callers handle it"
    return ""


def _is_remote(risk: Risk) -> bool:
    """Seldom met, or a library's failure so far below that the clause cannot have been written with it in mind."""
    return risk.rare or (len(risk.steps) > 1 and not risk.raised)
