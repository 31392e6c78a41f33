"""Handler that misses what its body raises.

A `try` handles some failures of its body but not others that the same body documents: the read is covered and the
parse is not, the parse is covered and the missing file is not, one library's errors are covered and those of the
library below it are not. It stays quiet where all that is missed is seldom met by a program that handles the usual
failures (files of another owner or encoding, no home folder), where it comes from a library several calls below, and
where the callers in the file handle it.

Why: The author meant this block to survive; the first failure of the other kind goes through it all the same and ends
the request, the loop or the program.

Instead: Add the missing exception to the clause that treats the neighbouring failure, or a clause of its own.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import calls_in, treated_failure
from reviewer.detectors.wording import callee, clause, exception, listed
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity
from reviewer.flow.risk import Risk, covering, names, open_risks

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
    groups: dict[tuple[str, ...], list[tuple[Call, list[Risk]]]] = {}
    for call in calls_in(fact):
        missed = [
            risk for risk in open_risks(call, view.flow) if covering(fact.statement, risk, view.hierarchy) is None
        ]
        if missed:
            groups.setdefault(names(missed), []).append((call, missed))
    for group in groups.values():
        yield _finding(view, rule, group, treated)


def _finding(view: View, rule: Rule, group: list[tuple[Call, list[Risk]]], treated: tuple[Handler, Call]) -> Finding:
    """A finding at the call, or at the clause where several calls raise the same past it."""
    handler, covered = treated
    call, missed = group[0]
    raised = names(missed)
    told = listed([exception(name) for name in raised])
    hushed = _hushed(view, missed, handler)
    first = missed[0]
    why = f" ({first.when})" if first.when else ""
    shared = len(group) > 1
    evidence = [] if shared else [Evidence(view.path, handler.span.line, f"{clause(handler)} does not cover it")]
    evidence += [rule.at(view, other, f"{callee(other)} may raise it") for other, _ in group if shared]
    evidence += rule.way(view, first.steps)
    aim = f"the failure of {callee(covered)}" if covered is not call else "another failure of the same call"
    callees = listed(list(dict.fromkeys(callee(other) for other, _ in group)))
    return rule.finding(
        view,
        call,
        f"{callees} may raise {told}, which {clause(handler)} lets through",
        severity=Severity.LOW if hushed or view.is_test else Severity.MEDIUM,
        hushed=hushed,
        confidence=Confidence.HIGH if not first.steps else Confidence.MEDIUM,
        exceptions=raised,
        evidence=tuple(evidence),
        explanation=(
            f"{clause(handler)} was written for {aim}; {exception(first.exception)}{why} passes it by and leaves "
            f"{call.context.function}. {rule.how}"
        ),
        span=handler.span if shared else None,
    )


def _hushed(view: View, missed: list[Risk], handler: Handler) -> str:
    """Why a finding stays quiet; "" where it does not."""
    if handler.reraises:
        return "the clause raises again anyhow"
    if all(_is_remote(risk) for risk in missed):
        return "what it misses is seldom met"
    if all(view.upward.is_handled(view.unit.name, risk.exception) for risk in missed):
        return "its callers handle it"
    return ""


def _is_remote(risk: Risk) -> bool:
    """Seldom met, or a library's failure so far below that the clause cannot have been written with it in mind."""
    return risk.rare or (len(risk.steps) > 1 and not risk.raised)
