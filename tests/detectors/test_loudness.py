"""What is shown and what is only counted, where the rule sees the same thing in both."""

from __future__ import annotations

import pytest

from reviewer.detectors.ranking import rank, read_history
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Severity
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge()


def shown(knowledge: Knowledge, rule: str, source: str) -> list[tuple[int, Severity, str]]:
    file = FileChange("shop/orders.py", ChangeKind.MODIFIED, content=source.encode(), whole=True)
    reviewed = review_file(file, [each for each in all_rules() if each.id == rule], Surroundings(knowledge))
    ranked = [rank(finding, read_history()) for finding in reviewed.findings.values()]
    return [(finding.line, finding.severity, finding.hushed) for finding in ranked]


FIELD = """\
import json

def accept(text, source, store):
    body = {origin}
    if not isinstance(body, dict):
        return None
    name = body.get("name")
    if not name:
        return None
    return store.find(name)
"""


def test_a_field_is_loud_where_something_shows_that_it_was_decoded(knowledge: Knowledge) -> None:
    ((line, severity, _),) = shown(knowledge, "unchecked-type", FIELD.format(origin="json.loads(text)"))
    assert (line, severity) == (8, Severity.MEDIUM)


def test_a_field_of_what_the_caller_gives_is_only_counted(knowledge: Knowledge) -> None:
    text = "def keep(row: dict, store):\n    name = row.get('name')\n    if name:\n        store.find(name)\n"
    ((_, severity, hushed),) = shown(knowledge, "unchecked-type", text)
    assert (severity, hushed) == (Severity.LOW, "its caller gives it, and may have checked it")


@pytest.mark.parametrize(
    "text",
    [
        "def accept(source, store):\n    body = source.take()\n    name = body.get('name')\n"
        "    if name:\n        store.find(name)\n",
        "async def accept(source):\n    message = await source.receive()\n"
        "    if not message.get('more', False):\n        return\n",
    ],
)
def test_get_alone_does_not_make_decoded_data_of_a_mapping(knowledge: Knowledge, text: str) -> None:
    ((_, severity, hushed),) = shown(knowledge, "unchecked-type", text)
    assert (severity, hushed) == (Severity.LOW, "nothing here shows that another program wrote it")


FETCH = """\
import requests

def fetch(url):
    {docstring}
    return requests.get(url, timeout=5)
"""


@pytest.mark.parametrize(
    ("docstring", "severity"),
    [
        ("pass", Severity.MEDIUM),
        ('"""Fetch a page."""', Severity.MEDIUM),
        (
            '"""Fetch a page.\n\n    Raises:\n        requests.RequestException: the server cannot be asked.\n    """',
            Severity.LOW,
        ),
        ('"""Fetch a page.\n\n    :raises RequestException: the server cannot be asked.\n    """', Severity.LOW),
        ('"""Fetch a page; lets RequestException through."""', Severity.LOW),
        (
            '"""Fetch a page.\n\n    Raises\n    ------\n    RequestException\n        The server.\n    """',
            Severity.LOW,
        ),
        ('"""Fetch a page. A RequestException is told."""', Severity.MEDIUM),
        (
            '"""Fetch a page.\n\n    Raises:\n        ConnectionError: and nothing of the others.\n    """',
            Severity.MEDIUM,
        ),
        ('"""Fetch a page, raises an Exception."""', Severity.MEDIUM),
    ],
)
def test_what_the_docstring_says_to_leave_is_only_counted(
    knowledge: Knowledge, docstring: str, severity: Severity
) -> None:
    ((_, found, _),) = shown(knowledge, "unhandled-failure", FETCH.format(docstring=docstring))
    assert found == severity


@pytest.mark.parametrize(
    ("call", "severity"), [("requests.get(name, timeout=5)", Severity.MEDIUM), ("count(name)", Severity.LOW)]
)
def test_a_silent_handler_is_loud_around_what_is_known_to_be_outside(
    knowledge: Knowledge, call: str, severity: Severity
) -> None:
    text = f"import requests\ndef f(name, count):\n    try:\n        {call}\n    except Exception:\n        pass\n"
    ((line, found, _),) = shown(knowledge, "swallowed-failure", text)
    assert (line, found) == (5, severity)


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        ("redis.Redis().hget(name, 'a')", Severity.LOW),
        ("Order.objects.filter(name=name).first()", Severity.LOW),
        ("Order.objects.create(name=name)", Severity.MEDIUM),
        ("requests.get(name, timeout=5)", Severity.MEDIUM),
    ],
)
def test_a_query_that_fails_in_an_outage_alone_is_only_counted(
    knowledge: Knowledge, call: str, severity: Severity
) -> None:
    text = f"import redis, requests\nfrom django.db import models\n\ndef f(name):\n    return {call}\n"
    model = "\nclass Order(models.Model):\n    name = models.TextField()\n"
    ((line, found, _),) = shown(knowledge, "unhandled-failure", text + model)
    assert (line, found) == (5, severity)


def test_what_a_framework_waits_for_is_not_unhandled(knowledge: Knowledge) -> None:
    text = (
        "from django.shortcuts import get_object_or_404\nfrom django.contrib.auth.models import User\n\n"
        "def show(request, id):\n    return get_object_or_404(User, id=id)\n"
    )
    file = FileChange("shop/orders.py", ChangeKind.MODIFIED, content=text.encode(), whole=True)
    rules = [each for each in all_rules() if each.id == "unhandled-failure"]
    messages = [one.message for one in review_file(file, rules, Surroundings(knowledge)).findings.values()]
    assert messages
    assert not any("Http404" in message for message in messages)
