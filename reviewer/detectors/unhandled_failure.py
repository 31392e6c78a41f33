"""Failure of an outside call that nobody handles.

A call that reads, writes, starts or asks something outside the program, or that parses what came from there, raises
exceptions which no handler in the function covers. It is loud where the failure is likely, because the call depends on
a program, a network, a service, or a file in the middle of longer work; and where the surroundings show that the
program was meant to go on: the same call is protected elsewhere in the file, its neighbours are, it stands in a loop
over items, it is auxiliary work, or nobody sees the exception because it ends a thread or a task. It is quiet where its
callers in the file handle it, where the docstring says that it leaves, in what runs at import or at the program's own
start, in a migration, which is meant to stop the deployment, and for a query that only an outage of its store ends.

Why: Files vanish, disks fill up, programs are not installed and answers are cut short; the exception then ends work
that had nothing to do with it.

Instead: Catch the named exceptions where the code knows how to go on without the result, or document them in the
docstring (`Raises:`).

Source: https://docs.python.org/3/tutorial/errors.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.documented import is_documented
from reviewer.detectors.judging import REMOTE
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import Reason, calls_in, reasons, treated_failure
from reviewer.detectors.wording import callee, exception, listed, scope
from reviewer.domain.fact import Call, TryStatement
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.failure import is_signal
from reviewer.flow.risk import Risk, names, names_outside, open_risks

QUESTION = Question.THROWS
SEVERITY = Severity.LOW

BAD = (
    """
import subprocess

def convert(source, target):
    subprocess.run(["pdftoppm", source, target], check=True, timeout=60)  #!
    return target
""",
    """
from pathlib import Path

def sizes(folder: Path):
    found = {}
    for entry in folder.iterdir():  #!
        found[entry.name] = entry.stat().st_size  #!
    return found
""",
    """
from pathlib import Path

class UsageRecorder:
    def __init__(self, target: str):
        self.target = Path(target)
        self.target.parent.mkdir(parents=True)  #!
""",
    """
import os

def stop_worker(pid):
    os.kill(pid, 15)  #!
    forget(pid)
""",
    """
import json

def decode_token(text):
    return json.loads(text)  #~

def expiry(token):
    try:
        return decode_token(token)["exp"]
    except ValueError:
        return None

def account(token):
    return decode_token(token)["account"]  #!
""",
    """
import requests

def poll(url, queue):
    while True:
        queue.put(requests.get(url, timeout=5).text)  #!
""",
)
GOOD = (
    """
import subprocess

def convert(source, target):
    try:
        subprocess.run(["pdftoppm", source, target], check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeError(f"cannot convert {source}") from error
    return target
""",
    """
import subprocess

def convert(source, target):
    \"\"\"Make a picture of a page.

    Raises:
        subprocess.SubprocessError, OSError: the program cannot be run, or fails.
    \"\"\"
    subprocess.run(["pdftoppm", source, target], check=True, timeout=60)  #~
""",
    """
from pathlib import Path

def load(path: Path):
    return path.read_text(encoding="utf-8")  #~
""",
    """
import requests
from django.db import migrations

def fill(apps, schema_editor):
    for currency in requests.get("https://rates", timeout=5).json():  #~
        apps.get_model("shop", "Currency").objects.create(name=currency)

class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill)]
""",
    """
import requests

def fetch(url):
    return requests.get(url, timeout=5).text  #~

def title(url):
    try:
        return fetch(url)
    except requests.RequestException:
        return None
""",
    """
import functools

import httpx

class NetworkError(Exception):
    pass

def told(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except httpx.RequestError as error:
            raise NetworkError(str(error)) from error
    return wrapper

class Client:
    def __init__(self):
        self.client = httpx.Client(base_url="https://shop.example", timeout=5)

    @told
    def add(self, messages: list[dict]):
        return self.client.post("/orders/", json=messages[0].get("order")).text
""",
    """
import os

def names(folder):
    if not os.path.isdir(folder):
        return []
    return sorted(name for name in os.listdir(folder) if name.endswith(".md"))  #~
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls with documented failures that nothing in the unit handles."""
    told: set[str] = set()
    # What a handler of its own try misses is another rule's business.
    partly = {
        (call.span.line, call.span.column)
        for fact in view.unit.facts
        if isinstance(fact, TryStatement) and treated_failure(view, fact) is not None
        for call in calls_in(fact)
    }
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or (fact.known is None and not (fact.callee or "").startswith(".")):
            continue
        if fact.context.inside("handler", "finally") is not None:
            continue  # so is an error path
        # What a framework waits for, as Http404, is handled there.
        found = tuple(risk for risk in open_risks(fact, view.flow) if not is_signal(risk.exception, view.hierarchy))
        if not found or (fact.span.line, fact.span.column) in partly:
            continue
        why = next(iter(reasons(view, fact, found)), None)
        if why is None and found[0].steps:
            continue  # told where it is raised
        if why is not None and why.tag in ("auxiliary", "worker"):
            if why.tag in told:
                why = None  # once for the function
            told.add(why.tag if why is not None else "")
        yield _finding(view, rule, fact, found, why)


def _finding(view: View, rule: Rule, call: Call, found: tuple[Risk, ...], why: Reason | None) -> Finding:
    raised = names(found)
    first = found[0]
    when = f" when {first.when}" if first.when else ""
    hushed = _hushed(view, call, found, why)
    likely = why is not None or _likelihood(call, found) is Confidence.HIGH
    return rule.finding(
        view,
        call,
        f"{callee(call)} may raise {listed([exception(name) for name in raised])}"
        + (f"; {why.text}" if why is not None else ", which nothing here handles"),
        severity=Severity.MEDIUM if likely and not hushed and not view.is_test else Severity.LOW,
        confidence=Confidence.MEDIUM if likely else _likelihood(call, found),
        hushed=hushed,
        exceptions=names_outside(found),
        evidence=(*(why.evidence if why is not None else ()), *rule.way(view, first.steps)),
        explanation=f"{exception(first.exception)} propagates out of {scope(call.context.function)}{when}. {rule.how}",
    )


def _hushed(view: View, call: Call, found: tuple[Risk, ...], why: Reason | None) -> str:
    """Why a failure stays quiet; "" where it need not."""
    if (why is None or why.tag != "worker") and all(is_documented(view, risk.outside) for risk in found):
        return "its docstring says that it is raised"
    if why is not None:
        return ""
    if call.context.main:
        return "it is the program's own start, where a traceback is an answer"
    if call.context.import_time:
        return "it runs when the module is imported, where a failure is met at once"
    if all(view.upward.is_handled(view.unit.name, risk.outside) for risk in found):
        return "its callers in this file handle it"
    if all(_is_meant(view, risk) for risk in found):
        return "it ends where it is meant to end"
    return "it fails as every query does when the store is down" if _is_outage_of_store(call, found) else ""


def _is_outage_of_store(call: Call, found: tuple[Risk, ...]) -> bool:
    """Whether a query of a database or cache can fail through an outage alone, which no single query can handle."""
    kind = call.known.kind if call.known is not None else None
    return kind in ("db", "cache") and not any(risk.steps or _OF_THE_DATA.search(risk.exception) for risk in found)


def _is_meant(view: View, risk: Risk) -> bool:
    """Whether all that is known of its way up ends the run on purpose, as a migration does."""
    found = view.upward.arrivals(view.unit.name, risk.outside)
    return bool(found) and all(one.ending.intended and one.ending.harm == "ends" for one in found)


def _likelihood(call: Call, found: tuple[Risk, ...]) -> Confidence:
    """How likely the failure is met.

    High for what fails through others: a program that is not installed, a network, a service, a file that is taken away
    in the middle of longer work; low for what fails only on a broken machine, or where all that can be raised is rare.
    """
    last = found[0].steps[-1].text if found[0].steps else call.text
    name = last.partition("(")[0].rpartition(".")[2]
    if name in _HARDLY_EVER or all(risk.rare for risk in found):
        return Confidence.LOW
    remote = call.known is not None and call.known.kind in _REMOTE
    return Confidence.HIGH if remote or (name in _IN_THE_MIDDLE and not _is_seen(call)) else Confidence.MEDIUM


def _is_seen(call: Call) -> bool:
    """Whether the file was found to be there just before, so that only another program can take it away."""
    values = [argument.value for argument in call.arguments[:1]] + ([call.receiver] if call.receiver else [])
    return any(value.guards & _SEEN for value in values)


_SEEN = frozenset({"checked:exists", "checked:is_file", "checked:is_dir"})
_OF_THE_DATA = re.compile(r"Integrity|DataError|DoesNotExist|NotFound|NoResult|Duplicate|Unique|Stale|Validation")
"""Errors of queries that come from what is stored or asked, and not from an outage."""
_REMOTE = REMOTE | {"process"}
_HARDLY_EVER = frozenset(
    {
        "home", "cwd", "getcwd", "expanduser", "resolve", "gettempdir", "start", "signal", "basicConfig", "dict",
        "create_default_context", "chdir",
    }
)  # fmt: skip
"""Last names of calls that fail where there is no home, no folder, no thread to be had."""
_IN_THE_MIDDLE = frozenset(
    {
        "stat", "lstat", "getsize", "getmtime", "iterdir", "scandir", "listdir", "glob", "walk", "unlink", "remove",
        "rmdir", "rename", "replace", "move", "copy", "copy2", "copyfile", "copystat", "copymode", "chmod", "chown",
        "utime", "readlink",
    }
)  # fmt: skip
"""Last names of calls that work on files which are there already, as steps of a longer work."""
