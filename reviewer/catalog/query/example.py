"""Worked examples of detectors: for who writes one, a person or a model, and held to the line by tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A detector with code that it finds and code that it does not.

    Attributes:
        title: what goes wrong, one line.
        about: how the detector says it, in sentences.
        toml: the detector as it stands in a catalog.
        bad: source; a line that ends in `#!` is one where it must match, and it matches nowhere else.
        good: source where it matches nowhere.
    """

    title: str
    about: str
    toml: str
    bad: str
    good: str


EXAMPLES = (
    WorkedExample(
        "A page waits for another server for as long as that likes",
        "An external call over HTTP has no time limit, and nothing here takes the exception that a limit would raise."
        " `timeout` knows the parameters, constructors and blocks that set one; `not` says what is missing.",
        """
[detector.query]
service = "http"
timeout = "none"
not = [{ caught = "TimeoutError" }, { test-code = true }]
""",
        """
import requests

def show(url):
    return requests.get(url).json()  #!
""",
        """
import requests

def show(url):
    return requests.get(url, timeout=5).json()
""",
    ),
    WorkedExample(
        "A reader looks for a delimiter and never for the end",
        "A `while` that compares with some constants what it reads, and not with the empty result that a stream gives"
        " at its end. `tests` leads to the calls whose result the condition looks at.",
        """
[detector.query]
fact = "loop"
condition = ["not-in", "differs"]
tests = { method = ["read", "recv"] }
not = [{ compares-to = ["b''", "''"] }, { left-by = ["break", "raise", "return"] }]
""",
        """
def skip_comment(stream):
    byte = stream.read(1)
    while byte not in (b"\\r", b"\\n"):  #!
        byte = stream.read(1)
""",
        """
def skip_comment(stream):
    byte = stream.read(1)
    while byte not in (b"\\r", b"\\n", b""):
        byte = stream.read(1)
""",
    ),
    WorkedExample(
        "A job is queued before what it reads is committed",
        "A task is sent inside a transaction. What is handed to `on_commit` runs later: it is written in the arguments"
        " of that call.",
        """
[detector.query]
method = ["delay", "apply_async"]
inside = "transaction"
not = { argument-of = { method = "on_commit" } }
""",
        """
from django.db import transaction
from shop.tasks import confirm

def pay(order):
    with transaction.atomic():
        order.save()
        confirm.delay(order.id)  #!
""",
        """
from django.db import transaction
from shop.tasks import confirm

def pay(order):
    with transaction.atomic():
        order.save()
        transaction.on_commit(lambda: confirm.delay(order.id))
""",
    ),
    WorkedExample(
        "A connection goes back to its pool only when nothing fails",
        "The release is awaited after another `await`, which may fail or be cancelled, and stands in no `finally`."
        " A relation takes a query of its own, which the other place must meet.",
        """
[detector.query]
method = "release"
awaited = true
preceded-by = { fact = "call", awaited = true, not = { has-finally = true } }
not = { inside = ["finally", "handler"] }
""",
        """
async def reset(pool, connection):
    await connection.send("UNWATCH")
    await pool.release(connection)  #!
""",
        """
async def reset(pool, connection):
    try:
        await connection.send("UNWATCH")
    finally:
        await pool.release(connection)
""",
    ),
    WorkedExample(
        "A pattern takes time that doubles with each character",
        "The text of a regular expression is put together from the constants of the file and parsed, never run.",
        """
[detector.query]
regex = "nested-quantifier"
""",
        """
import re

WORD = "[a-z]+"
NAME = re.compile("^(" + WORD + " ?)*$")  #!
""",
        """
import re

WORD = "[a-z]+"
NAME = re.compile("^" + WORD + "( " + WORD + ")*$")
""",
    ),
    WorkedExample(
        "A slow answer keeps everybody out",
        "One of the reviewer's own rules, narrowed by a query that a fact on the finding's line must pass.",
        """
[detector]
rule = "no-timeout"
query = { inside = "lock" }
""",
        """
import threading
import requests

LOCK = threading.Lock()

def refresh(url, rates):
    with LOCK:
        rates["today"] = requests.get(url).json()  #!
    requests.get(url)
""",
        """
import threading
import requests

LOCK = threading.Lock()

def refresh(url, rates):
    today = requests.get(url).json()
    with LOCK:
        rates["today"] = today
""",
    ),
    WorkedExample(
        "A cache on a method keeps every object alive",
        "What is no fact is said as an ast-grep rule: here a decorator, inside a class.",
        """
[detector.shape]
kind = "decorator"
regex = "lru_cache|functools[.]cache"
inside = { kind = "decorated_definition", inside = { kind = "block", inside = { kind = "class_definition" } } }
""",
        """
import functools

class Order:
    @functools.lru_cache  #!
    def price(self):
        return 1
""",
        """
import functools

@functools.lru_cache
def price(sku):
    return 1
""",
    ),
)
