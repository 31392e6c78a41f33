"""What the rules on slow or absent sides say loudly, what quietly, and what not at all."""

from __future__ import annotations

import pytest

from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Finding, Severity
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge()


def findings(knowledge: Knowledge, rule: str, source: str, path: str = "shop/orders.py") -> list[Finding]:
    file = FileChange(path, ChangeKind.MODIFIED, content=source.encode(), whole=True)
    chosen = [each for each in all_rules() if each.id == rule]
    reviewed = review_file(file, chosen, Surroundings(knowledge))
    assert reviewed.failures == ()
    return list(reviewed.findings.values())


def severities(
    knowledge: Knowledge, rule: str, source: str, path: str = "shop/orders.py"
) -> list[tuple[int, Severity]]:
    return [(finding.line, finding.asked) for finding in findings(knowledge, rule, source, path)]


def test_a_child_process_without_a_time_limit_is_told_quietly(knowledge: Knowledge) -> None:
    source = 'import subprocess\nsubprocess.run(["make"], check=True)\n'
    assert severities(knowledge, "no-timeout", source) == [(2, Severity.LOW)]


def test_asserts_of_documentation_that_is_run_as_a_test_are_silent(knowledge: Knowledge) -> None:
    source = "import redis\nr = redis.Redis()\ndef show():\n    assert r.get('a') == 'b'\n"
    assert severities(knowledge, "assert-as-validation", source) == [(4, Severity.MEDIUM)]
    assert severities(knowledge, "assert-as-validation", source, "doctests/string_set_get.py") == []


def test_a_request_without_a_time_limit_is_quiet_in_tests(knowledge: Knowledge) -> None:
    source = "import requests\ndef load(url):\n    return requests.get(url)\n"
    assert severities(knowledge, "no-timeout", source) == [(3, Severity.MEDIUM)]
    assert severities(knowledge, "no-timeout", source, "tests/test_orders.py") == [(3, Severity.LOW)]


def test_writing_a_file_in_a_coroutine_is_told_quietly_and_looking_it_up_not_at_all(knowledge: Knowledge) -> None:
    source = (
        "from pathlib import Path\n"
        "async def keep(name: str, text: str):\n"
        "    path = Path(name)\n"
        "    if path.exists():\n"
        "        path.write_text(text)\n"
    )
    assert severities(knowledge, "blocking-in-coroutine", source) == [(5, Severity.LOW)]


def test_a_blocking_call_behind_two_plain_functions_is_found_with_its_place(knowledge: Knowledge) -> None:
    source = (
        "import time\ndef inner():\n    time.sleep(5)\ndef outer():\n    inner()\nasync def handle():\n    outer()\n"
    )
    found = findings(knowledge, "blocking-in-coroutine", source)
    assert [(finding.line, [evidence.line for evidence in finding.evidence]) for finding in found] == [(7, [3])]


def test_a_look_without_waiting_does_not_block(knowledge: Knowledge) -> None:
    source = "import select\nasync def ready(fd: int):\n    return select.select([fd], [], [], 0)\n"
    assert severities(knowledge, "blocking-in-coroutine", source) == []


def test_a_file_left_open_is_quiet_and_a_connection_loud(knowledge: Knowledge) -> None:
    source = (
        "import json, psycopg2\n"
        "def load(path):\n"
        '    file = open(path, encoding="utf-8")\n'
        "    return json.load(file)\n"
        "def ask(dsn):\n"
        "    connection = psycopg2.connect(dsn)\n"
        "    cursor = connection.cursor()\n"
        '    cursor.execute("select 1")\n'
        "    connection.close()\n"
    )
    assert severities(knowledge, "left-open", source) == [(3, Severity.LOW), (6, Severity.MEDIUM)]


def test_an_empty_result_for_an_expected_failure_is_quiet(knowledge: Knowledge) -> None:
    source = (
        "import requests\n"
        "def load(url):\n"
        "    try:\n"
        "        return requests.get(url, timeout=5).json()\n"
        "    except (requests.RequestException, ValueError):\n"
        "        return []\n"
    )
    assert severities(knowledge, "swallowed-failure", source) == [(5, Severity.LOW)]


def test_a_client_with_five_minutes_by_default_is_told_quietly(knowledge: Knowledge) -> None:
    source = "import aiohttp\ndef make():\n    return aiohttp.ClientSession()\n"
    assert severities(knowledge, "default-timeout", source) == [(3, Severity.LOW)]
