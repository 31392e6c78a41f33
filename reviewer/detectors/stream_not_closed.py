"""Streamed answer that is never closed.

The lines or chunks of a streamed HTTP answer are read, and the answer is neither entered by a `with` nor closed; or the
answer is given up with its body unread. It is quiet where the end of the reading, or the interpreter when it drops the
answer, gives the connection back.

Why: The connection goes back to its pool only when the answer is read to its end or closed. An error in between, an
early return, or a consumer that stops keeps the connection; soon the pool, or the server, has none left.

Instead: Put the answer in a `with` block around the reading, or close it in a `finally`.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#body-content-workflow
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on, method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Unit, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def events(url):
    answer = requests.get(url, stream=True, timeout=5)
    for line in answer.iter_lines():  #!
        yield line
""",
    """
import requests

def save(url, file):
    answer = requests.get(url, stream=True, timeout=5)
    for chunk in answer.iter_content(8192):  #!
        file.write(chunk)
""",
    """
import httpx

CLIENT = httpx.Client(timeout=5)

def size(url):
    answer = CLIENT.send(CLIENT.build_request("GET", url), stream=True)  #!
    return answer.headers["Content-Length"]
""",
    """
import httpx

async def lines(client: httpx.AsyncClient, url):
    answer = await client.send(client.build_request("GET", url), stream=True)
    async for line in answer.aiter_lines():  #!
        yield line
""",
    """
import aiohttp
import requests
import urllib3

POOL = urllib3.PoolManager(timeout=5)

async def is_up(session: aiohttp.ClientSession, url):
    answer = await session.get(url)  #~
    return answer.status == 200

def start_of(url):
    found = requests.get(url, stream=True, timeout=5)  #~
    answer = POOL.request("GET", url, preload_content=False)  #~
    return found.status_code, answer.read(100)

def all_lines(client, url):
    answer = requests.get(url, stream=True, timeout=5)
    for line in answer.iter_lines():  #~
        print(line)

def events(url):
    answer = requests.get(url, stream=True, timeout=5)
    for line in answer.iter_lines():  #!
        yield line
""",
)
GOOD = (
    """
import requests

def events(url):
    with requests.get(url, stream=True, timeout=5) as answer:
        for line in answer.iter_lines():
            yield line
""",
    """
import requests

def events(url):
    answer = requests.get(url, stream=True, timeout=5)
    try:
        for line in answer.iter_lines():
            yield line
    finally:
        answer.close()
""",
    """
import requests

def lines(answer: requests.Response):
    for line in answer.iter_lines():
        yield line

def words(url):
    answer = requests.get(url, timeout=5)
    for line in answer.iter_lines():
        print(line)
""",
    """
import aiohttp
import httpx
import requests

CLIENT = httpx.Client(timeout=5)

def text(url):
    answer = CLIENT.send(CLIENT.build_request("GET", url), stream=True)
    answer.read()
    return answer.text, requests.get(url, stream=True, timeout=5).content

def opened(url):
    answer = CLIENT.send(CLIENT.build_request("GET", url), stream=True)
    answer.raise_for_status()
    return answer

async def size(session: aiohttp.ClientSession, url):
    answer = await session.get(url)
    body = await answer.read()
    return len(body)
""",
    """
import httpx
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

async def proxy(client: httpx.AsyncClient, url):
    upstream = await client.send(client.build_request("GET", url), stream=True)

    async def close():
        await upstream.aclose()

    return StreamingResponse(upstream.aiter_raw(), background=BackgroundTask(close))
""",
)

_READS = frozenset(
    {
        "iter_lines", "iter_content", "iter_bytes", "iter_text", "iter_raw", "aiter_lines", "aiter_bytes", "aiter_text",
        "aiter_raw",
    }
)  # fmt: skip
_ANSWERS = frozenset({"requests.Response", "httpx.Response"})
_ENDS = _READS | {"json", "aread", "stream", "release", "release_conn", "drain_conn", "aclose", "write_to_file"}
"""Methods that read an answer to its end, or give its connection back."""
_BODIES = frozenset({"content", "text", "data", "raw"})
_KEPT = "httpx.Response"
"""Keeps its place in the pool when it is dropped unread; the others are given back by the interpreter, at some time."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find streamed answers that are read and not closed."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if isinstance(fact, Call) and _is_unread(view, fact):
            yield rule.finding(
                view,
                fact,
                f"the connection of {fact.target} is kept: its body is neither read nor closed",
                severity=None if fact.result.type == _KEPT else Severity.LOW,
                confidence=Confidence.MEDIUM,
            )
        if not isinstance(fact, Call) or method(fact) not in _READS or fact.receiver is None:
            continue
        answer = fact.receiver
        if answer.type not in _ANSWERS or answer.parameter is not None or answer.made_by is None:
            continue
        if not _is_streamed(view, answer.settings, answer.made_by) or _is_closed(view, answer.text):
            continue
        yield rule.finding(
            view,
            fact,
            f"the streamed answer {answer.text} is never closed",
            severity=None if view.unit.is_generator else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


def _is_unread(view: View, call: Call) -> bool:
    """A streamed answer that has a name here, and that the function neither reads to its end nor hands on."""
    if call.use != "assigned" or call.target is None or not call.target.isidentifier() or not _leaves_body(call):
        return False
    if any(_ends(fact, call.target) for fact in view.unit.facts):
        return False
    return not handed_on(view.unit, call) and not _is_closed(view, call.target)


def _ends(fact: Fact, answer: str) -> bool:
    """The body is read to its end, or the connection given back."""
    if isinstance(fact, Usage):
        return fact.subject.text == answer and (fact.operation == "iterate" or fact.detail in _BODIES)
    if not isinstance(fact, Call) or fact.receiver is None or fact.receiver.text != answer:
        return False
    return method(fact) in _ENDS or (method(fact) == "read" and not fact.arguments)


def _leaves_body(call: Call) -> bool:
    """The call gives an answer whose body has not been read yet."""
    if call.result.type == "aiohttp.ClientResponse":
        return call.awaited
    parameter, wanted = (
        ("preload_content", "False") if (call.callee or "").startswith("urllib3.") else ("stream", "True")
    )
    given = call.argument(parameter)
    return given is not None and given.literal == wanted and (call.result.type or "").endswith("Response")


def _is_streamed(view: View, settings: tuple[tuple[str, str], ...] | None, made_by: str) -> bool:
    """It was asked for with `stream=True`, here or in the function of this file that gives it."""
    if not made_by.startswith("."):
        return ("stream", "True") in (settings or ())
    maker = view.flow.definitions.unit(made_by[1:])
    if maker is None:
        return False
    requests = [fact for fact in maker.facts if isinstance(fact, Call) and fact.result.type == "requests.Response"]
    return any((given := call.argument("stream")) is not None and given.literal == "True" for call in requests)


def _is_closed(view: View, answer: str) -> bool:
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.text in (f"{answer}.close", f"{answer}.__exit__"):
            return True
        if isinstance(fact, Usage) and fact.operation == "context" and answer in (fact.subject.text, fact.detail):
            return True
        if any(block.kind == "with" and answer in block.text for block in fact.context.blocks):
            return True
        if isinstance(fact, Call) and any(a.value.text == answer for a in fact.arguments):
            return True  # somebody else has it
    if any(_closes(inner, answer) for inner in view.flow.definitions.inside(view.unit.name)):
        return True  # a function of its own for that, which goes to whoever reads the stream
    bound = f" as {answer}:"
    return any(bound in line for line in view.lines[view.unit.line - 1 : view.unit.end_line])


def _closes(unit: Unit, answer: str) -> bool:
    """Whether a function closes an answer of the function around it."""
    closing = (f"{answer}.close", f"{answer}.aclose")
    return any(isinstance(fact, Call) and fact.text in closing for fact in unit.facts)
