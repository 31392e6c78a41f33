"""How long a call may wait, and the external calls as the report lists them."""

from __future__ import annotations

import json

import pytest

from reviewer.domain.fact import Call
from reviewer.domain.report import ExternalCall, to_json
from reviewer.flow.external import external_calls
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.waiting import Wait, seconds_of, wait_in, wait_of
from tests.code.reading import all_facts, knowledge, read

HEAD = "import asyncio, httpx, requests, socket, subprocess\nasync def f(u, t, options):\n"


def wait(body: str) -> Wait:
    """The limit of the last known external call."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    found = [call for call in all_facts(HEAD + lines, Call) if call.known is not None and call.known.kind is not None]
    return wait_of(found[-1])


@pytest.mark.parametrize(
    ("body", "source", "seconds"),
    [
        ("requests.get(u)", "none", None),
        ("requests.get(u, timeout=5)", "explicit", 5.0),
        ("requests.get(u, timeout=0.5)", "explicit", 0.5),
        ("requests.get(u, timeout=t)", "explicit", None),
        ("requests.get(u, timeout=None)", "none", None),
        ("requests.get(u, timeout=(3, 5))", "explicit", None),
        ("requests.get(u, timeout=1e400)", "explicit", None),
        ("requests.get(u, **options)", "unknown", None),
        ("httpx.get(u)", "library-default", 5.0),
        ("httpx.get(u, timeout=None)", "none", None),
        ("client = httpx.AsyncClient(timeout=3)\nawait client.get(u)", "explicit", 3.0),
        ("client = httpx.AsyncClient(timeout=None)\nawait client.get(u)", "none", None),
        ("client = httpx.AsyncClient(timeout=3)\nawait client.get(u, timeout=9)", "explicit", 9.0),
        ("client = httpx.AsyncClient()\nawait client.get(u)", "library-default", 5.0),
        (
            "async with asyncio.timeout(t):\n    client = httpx.AsyncClient(timeout=None)\n    await client.get(u)",
            "explicit",
            None,
        ),
        ("subprocess.run(u)", "none", None),
        ("subprocess.run(u, timeout=2)", "explicit", 2.0),
        ("LIMIT = 7\nrequests.get(u, timeout=LIMIT)", "explicit", 7.0),
    ],
)
def test_a_limit_is_found_where_it_is_set(body: str, source: str, seconds: float | None) -> None:
    found = wait(body)
    assert (found.source, found.seconds) == (source, seconds)


@pytest.mark.parametrize(
    ("body", "source", "seconds"),
    [
        ("s = socket.socket()\ns.connect(u)", "none", None),
        ("s = socket.socket()\ns.settimeout(5)\ns.connect(u)", "explicit", 5.0),
        ("s = socket.socket()\ns.settimeout(t)\ns.connect(u)", "explicit", None),
        ("s = socket.socket()\ns.settimeout(5)\ns.settimeout(None)\ns.connect(u)", "none", None),
        ("s = socket.socket()\ns.connect(u)\ns.settimeout(5)", "none", None),
        ("u.recv(1)", "unknown", None),
        ("s = socket.create_connection(u, 5)\ns.recv(9)", "unknown", None),
    ],
)
def test_a_limit_that_a_method_sets_counts_for_what_comes_after_it(
    body: str, source: str, seconds: float | None
) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    code = read(f"import socket\ndef f(u: socket.socket, t):\n{lines}")
    (unit,) = [unit for unit in code.units if unit.name == "f"]
    found = [fact for fact in unit.facts if isinstance(fact, Call) and fact.known is not None and fact.known.kind]
    wanted = wait_in(unit, found[-1])
    assert (wanted.source, wanted.seconds) == (source, seconds)


@pytest.mark.parametrize(
    ("written", "unit", "seconds"),
    [
        ("5", 1.0, 5.0),
        ("1_000", 0.001, 1.0),
        ("'5s'", 1.0, None),
        ("True", 1.0, None),
        ("1e999", 1.0, None),
        ("9" * 400, 1.0, None),
        (None, 1.0, None),
    ],
)
def test_only_a_plain_number_is_a_number_of_seconds(written: str | None, unit: float, seconds: float | None) -> None:
    assert seconds_of(written, unit) == seconds


def external(text: str) -> list[ExternalCall]:
    code = read(text)
    hierarchy = Hierarchy(knowledge(), code.outline.bases)
    return [call for unit in code.units for call in external_calls("shop/orders.py", unit, hierarchy)]


def test_every_external_call_is_listed_risky_or_not() -> None:
    text = """\
    import json, requests
    def f(u):
        requests.get(u, timeout=3)
        json.loads(u)
        open(u)
        unknown(u)
    """
    assert [(c.line, c.callee, c.kind, c.timeout) for c in external(text)] == [
        (3, "requests.get", "http", "explicit"),
        (5, "open", "file", "unknown"),
    ]


@pytest.mark.parametrize(
    ("clauses", "handled"),
    [
        ("except Exception as e:  # all of it\n            pass", "except Exception as e (line 5)"),
        ("except requests.RequestException: pass", "except requests.RequestException (line 5)"),
        ("except requests.Timeout:\n            pass", None),
        ("except ValueError:\n            pass", None),
        ("except Exception:\n            raise", None),
        (
            "except requests.ConnectionError:\n            pass\n        except requests.RequestException:\n            pass",
            "except requests.ConnectionError (line 5); except requests.RequestException (line 7)",
        ),
    ],
)
def test_a_call_is_handled_when_none_of_its_outside_failures_leaves(clauses: str, handled: str | None) -> None:
    text = f"import requests\ndef f(u):\n        try:\n            requests.get(u)\n        {clauses}\n"
    (call,) = external(text)
    assert set((call.handled_by or "").split("; ")) == set((handled or "").split("; "))


def test_a_listed_call_is_valid_json_whatever_its_limit() -> None:
    (call,) = external("import requests\ndef f(u):\n    requests.get(u, timeout=1e999)\n")
    json.loads(to_json(call), parse_constant=pytest.fail)
