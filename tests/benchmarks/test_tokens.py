"""The comparison of tokens counts all that a model is sent, for both sides alike."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.tokens import Bench, Measured, Read, spoken, table, thinned
from tests.git_builder import GitBuilder

BEFORE = "import requests\n\n\ndef price(key):\n    return 1\n"
AFTER = 'import requests\n\n\ndef price(key):\n    return requests.get(f"https://prices/{key}", timeout=3)\n'
AGENT = f"""#!{sys.executable}
import json, os, sys, urllib.request
diff = sys.stdin.read()
for content in ["one two", diff] if sys.argv[-1] == "improve" else [diff]:
    body = json.dumps({{"messages": [{{"role": "system", "content": "be kind"}}, {{"role": "user", "content": content}}]}})
    request = urllib.request.Request(
        os.environ["OPENAI__API_BASE"] + "/chat/completions", body.encode(), {{"content-type": "application/json"}}
    )
    assert b"code_suggestions" in urllib.request.urlopen(request).read()
"""


def words(text: str) -> int:
    """Tokens, for a test."""
    return len(text.split())


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror with one repository."""
    return tmp_path / "mirror"


def commits(mirror: Path) -> tuple[str, str]:
    """A commit that calls a service, and one that writes words only."""
    builder = GitBuilder(mirror / "ada+shop" / "repo")
    builder.commit({"shop.py": BEFORE})
    risky = builder.commit({"shop.py": AFTER, "README.md": "words that nobody counts\n"})
    harmless = builder.commit({"other.py": "LIMIT = 3\n"})
    return risky, harmless


def test_both_sides_are_counted_by_one_server(mirror: Path, tmp_path: Path) -> None:
    risky, harmless = commits(mirror)
    agent = tmp_path / "agent"
    agent.write_text(AGENT)
    agent.chmod(0o755)
    bench = Bench(mirror, words, agent, tmp_path)
    measured = bench.measure("ada/shop", risky)
    assert measured.lines == 2
    assert measured.ours.calls == 2
    assert measured.ours.tokens > words(AFTER)
    assert measured.ours.schema > 0
    assert measured.review is not None
    assert measured.improve == Read(2, measured.review.tokens + 4)
    assert bench.measure("ada/shop", harmless).ours == Read()


def test_a_program_that_asks_nothing_is_no_result(mirror: Path, tmp_path: Path) -> None:
    risky, _ = commits(mirror)
    with pytest.raises(SystemExit, match="review asked nothing"):
        Bench(mirror, words, Path(os.path.realpath("/bin/true")), tmp_path).measure("ada/shop", risky)


def test_the_text_of_all_messages_counts_and_the_form_of_the_answer_by_itself() -> None:
    form = {"type": "json_schema"}
    chat = {"messages": [{"content": "a"}, {"content": [{"type": "text", "text": "b"}]}], "response_format": form}
    assert spoken(chat) == (["a", "b"], form)
    assert spoken({"instructions": "a", "input": "b", "text": {"format": form}}) == (["a", "b"], form)
    assert spoken({"input": [{"role": "user", "content": "b"}]}) == (["", "b"], None)


def test_the_sums_are_compared() -> None:
    rows = [
        Measured("ada/shop", "0123456789", 7, Read(1, 100, 20), Read(1, 200), Read(2, 300)),
        Measured("ada/shop", "1123456789", 1, Read(), Read(1, 50), Read(2, 70)),
    ]
    said = table(rows)
    assert "| ada/shop 01234567 | 7 | 1 | 100 | 20 | 200 | 300 |" in said
    assert "ours: 1 calls, 100 tokens, with the schema 120; 1 of 2 changes without a question" in said
    assert "to /review: 0.40 (0.48 with the schema); to /review + /improve: 0.16 (0.19 with the schema)" in said
    assert thinned(range(46), 20) == [46 * index // 20 for index in range(20)]
    assert thinned([1], 20) == [1]
