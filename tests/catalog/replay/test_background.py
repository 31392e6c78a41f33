from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.catalog.query.language import read_detector
from reviewer.catalog.replay import background as limits
from reviewer.catalog.replay.background import Background, Tally
from reviewer.catalog.replay.installed import installed_files
from reviewer.catalog.replay.reading import read_definitions
from reviewer.domain.detector import Detector
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

ROOT = Path(__file__).parents[3]
AROUND = Surroundings(Knowledge())
GET = read_detector({"query": {"callee": "requests.get"}}, "test")
ANY_CALL = read_detector({"query": {"fact": "call"}}, "test")

CALLS = "import requests\n\n\ndef a(url):\n    return requests.get(url)\n\n\ndef b(url):\n    return url.strip()\n"
ALIASED = "from requests import get as take\n\n\ndef a(url):\n    return take(url)\n"
BROKEN = "def get(:\n"


def count(detector: Detector, *texts: str, parsed: int = 1000) -> Tally:
    files = [(f"m{number}.py", text.encode()) for number, text in enumerate(texts)]
    return Background(lambda: files, AROUND, parsed).count(detector)


def test_hits_are_counted_over_all_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count(GET, CALLS, "x = 1\n" * 91) == Tally(1, 100, ("m0.py:5",))
    assert count(GET, CALLS, "x = 1\n" * 91).rate == 1.0


def test_a_name_given_at_the_top_of_a_file_is_known_below() -> None:
    assert count(GET, ALIASED).places == ("m0.py:5",)


def test_files_that_cannot_match_are_not_parsed() -> None:
    assert count(GET, BROKEN.replace("get", "x"), CALLS) == Tally(1, 10, ("m1.py:5",))


def test_a_file_that_is_no_python_holds_nothing() -> None:
    assert count(GET, BROKEN, CALLS) == Tally(1, 10, ("m1.py:5",))


def test_only_definitions_that_can_match_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[int]] = []

    def watched(path: str, content: bytes, lines: set[int], around: Surroundings) -> object:
        asked.append(set(lines))
        return read_definitions(path, content, lines, around)

    monkeypatch.setattr(limits, "read_definitions", watched)
    files = [("m.py", CALLS.encode())]
    background = Background(lambda: files, AROUND)
    assert background.count(GET).hits == 1
    assert asked == [{4, 5}]
    assert background.count(GET).hits == 1  # and kept
    assert background.count(ANY_CALL).hits == 2
    assert asked == [{4, 5}, {1, 8, 9}]


def test_a_detector_without_words_sees_as_much_as_may_be_parsed() -> None:
    assert count(ANY_CALL, CALLS, CALLS, CALLS, parsed=8) == Tally(4, 18, ("m0.py:5", "m0.py:9", "m1.py:5"))


def test_rules_are_held_against_it_too() -> None:
    assert count(Detector("rule", rule="no-timeout"), CALLS).places == ("m0.py:5",)


def test_nothing_looked_at_has_no_rate() -> None:
    assert Tally().rate == 0.0


def test_installed_files_are_the_same_each_time_and_no_tests() -> None:
    found = installed_files(4_000)
    assert found == installed_files(4_000)
    names = [name for name, _ in found]
    lines = sum(content.count(b"\n") for _, content in found)
    assert 4_000 <= lines < 12_000
    assert not [name for name in names if "test" in name.split("/") or name.endswith("conftest.py")]
    assert any(name.startswith(("anyio/", "git/", "httpx2/", "pydantic/", "rich/", "typer/")) for name in names)
    standard = {name.partition("/")[0].removesuffix(".py") for name in names} & sys.stdlib_module_names
    assert standard
    assert not [name for name in names if name.startswith("/")]


def test_libraries_are_not_imported() -> None:
    program = (
        "import sys; from reviewer.catalog.replay.installed import installed_files; installed_files(99);"
        "print(sorted({'anyio', 'git', 'httpx2', 'rich', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
