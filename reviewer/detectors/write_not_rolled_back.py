"""Write that is not rolled back when it fails.

A connection that outlives the function is written to and committed, and nothing rolls back when a step fails. It is
loud where several steps stand before the commit, so that the first may be done and the second fail.

Why: The transaction stays open on a connection that others go on using: it holds the database's locks, a later commit
of somebody else makes half of the work permanent, or every further statement is refused.

Instead: Roll back in an `except` that raises again, or enter a transaction (`with connection:`), which does so.

Source: https://docs.python.org/3/library/sqlite3.html#how-to-use-the-connection-context-manager
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
class Box:
    def add(self, items):
        self.connection.execute("INSERT INTO box DEFAULT VALUES")
        self.connection.executemany("INSERT INTO item VALUES (?)", items)
        self.connection.commit()  #!
""",
    """
from contextlib import contextmanager

class Box:
    @contextmanager
    def locked(self):
        with self.lock:
            yield self.shared

    def add(self, items):
        with self.locked() as connection:
            self.insert(connection, items)
            connection.commit()  #!
""",
)
GOOD = (
    """
class Box:
    def add(self, items):
        try:
            self.connection.execute("INSERT INTO box DEFAULT VALUES")
            self.connection.executemany("INSERT INTO item VALUES (?)", items)
            self.connection.commit()
        except Exception:
            self.connection.rollback()
            raise
""",
    """
class Box:
    def add(self, items):
        with self.connection:
            self.connection.executemany("INSERT INTO item VALUES (?)", items)
            self.connection.commit()
""",
    """
class Box:
    def add(self, item):
        self.connection.execute("INSERT INTO item VALUES (?)", (item,))
        self.connection.commit()  #~
""",
    """
import sqlite3

def add(items):
    connection = sqlite3.connect("box.db")
    connection.executemany("INSERT INTO item VALUES (?)", items)
    connection.commit()
    connection.close()
""",
)

_WRITES = frozenset({"execute", "executemany", "executescript"})
_CONNECTION = re.compile(r"(^|[._])(conn|connection|db|database|cnx|con)$", re.IGNORECASE)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find commits on lasting connections without a rollback on the way."""
    if view.is_test:
        return
    told: set[str] = set()
    steps: list[Call] = []
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        receiver = fact.receiver.text if fact.receiver is not None else ""
        if method(fact) != "commit" or fact.arguments or not _CONNECTION.search(receiver) or receiver in told:
            steps.append(fact)
            continue
        told.add(receiver)
        writes = [call for call in steps if _writes(call, receiver, fact)]
        if not writes or not _lasts(view, receiver) or _undone(view, receiver, fact):
            continue
        several = len(writes) > 1 or method(writes[0]) != "execute" or _repeated(writes[0], fact)
        yield rule.finding(
            view,
            fact,
            f"when {writes[-1].text}() fails, {receiver} keeps its transaction open: nothing rolls back",
            severity=None if several else Severity.LOW,
            confidence=Confidence.MEDIUM,
            evidence=(rule.at(view, writes[-1], "a write that may fail"),),
        )


def _writes(call: Call, connection: str, commit: Call) -> bool:
    """A statement on the connection, or a function that gets it."""
    if call.context.function != commit.context.function:
        return False
    if any(argument.value.text == connection for argument in call.arguments):
        return True
    if method(call) not in _WRITES or call.receiver is None:
        return False
    statement = call.arguments[0].value.text.strip("rf\"'\n ").upper() if call.arguments else ""
    return call.receiver.text == connection and not statement.startswith(("SELECT", "PRAGMA", "CREATE", "DROP"))


def _repeated(write: Call, commit: Call) -> bool:
    loop = write.context.inside("for", "while")
    return loop is not None and commit.context.inside("for", "while") != loop


def _lasts(view: View, connection: str) -> bool:
    """It is kept on the object, or lent by a context manager of this file that neither rolls back nor closes it."""
    if connection.startswith("self."):
        return True
    bound = f" as {connection}:"
    for line in view.lines[view.unit.line - 1 : view.unit.end_line]:
        lent = re.search(rf"\bwith self\.(\w+)\(.*\){re.escape(bound)}", line)
        if lent is None:
            continue
        owner = view.unit.name.split(".")[0]
        unit = view.flow.definitions.unit(f"{owner}.{lent[1]}")
        if unit is None:
            return False
        made = "\n".join(view.lines[unit.line - 1 : unit.end_line])
        return not re.search(r"rollback|\.close\(|\.begin\(|connect\(|with self\.\w*conn\w*:", made)
    return False


def _undone(view: View, connection: str, commit: Call) -> bool:
    if any(isinstance(fact, Call) and method(fact) == "rollback" for fact in view.unit.facts):
        return True
    for block in commit.context.blocks:
        if block.kind == "transaction" or (block.kind == "with" and block.text.startswith(connection)):
            return True
    return False
