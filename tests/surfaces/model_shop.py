"""A repository whose change calls outside, and a model on loopback that answers about it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from tests.explain.scripted_model import answers, opinion, reply, summary
from tests.git_builder import GitBuilder
from tests.llm.scripted_server import Recorded

FETCH = """\
def fetch(url, rows):
    try:
        answer = requests.get(url)
    except OSError:
        return None
    first = rows.newest
    return answer.json()["id"], first
"""
SEND = """\
def send(url, body):
    return requests.post(url, json=body, timeout=5).json()["sent"]
"""
APP = f"import requests\n\n\n{FETCH}\n\n{SEND}"
SETTINGS = """\
[tool.reviewer.model]
seconds = {seconds}
fallbacks = {fallbacks}
summary = {summary}
[tool.reviewer.model.prices]
"anthropic:scripted" = {{ input = 10.0, output = 100.0, cached = 1.0 }}
"openai:scripted" = {{ input = 10.0, output = 100.0, cached = 1.0 }}
"""


def shop_at(
    root: Path, *, seconds: float = 20, fallbacks: Sequence[str] = (), app: str = APP, summary: bool = False
) -> GitBuilder:
    """A repository on a branch whose one commit adds `app.py`; the settings are those of its base."""
    builder = GitBuilder(root)
    settings = SETTINGS.format(
        seconds=seconds, fallbacks=json.dumps(list(fallbacks)), summary="true" if summary else "false"
    )
    builder.commit({"pyproject.toml": settings})
    builder.git("checkout", "-q", "-b", "change")
    builder.commit({"app.py": app})
    return builder


def question(request: Recorded) -> str:
    """What the model was asked, whichever interface it was asked through."""
    body = request.json
    text = body["input"] if "input" in body else body["messages"][-1]["content"]
    assert isinstance(text, str)
    return text


def findings_in(text: str) -> list[tuple[str, int, str]]:
    """Name, line and rule of each finding that a question shows."""
    shown = re.findall(r"^- ([0-9a-f]{12}) at (\d+) \[([a-z-]+),", text, re.MULTILINE)
    return [(name, int(line), rule) for name, line, rule in shown]


def units_in(text: str) -> list[str]:
    """The names of the units that a question shows."""
    return re.findall(r"^## Unit (\w+)$", text, re.MULTILINE)


def functions_in(text: str) -> list[str]:
    """The functions that a question is about."""
    return re.findall(r'^file "[^"]*", [a-z ]+ "([^"]+)", lines', text, re.MULTILINE)


def good(request: Recorded) -> str:
    """An answer to all that was asked."""
    text = question(request)
    return reply(
        [opinion(name, "confirmed", line, reason="No `timeout` is given.") for name, line, _ in findings_in(text)],
        [
            answers(unit, calls="It calls `requests`.", throws="It throws what `requests` raises.")
            for unit in units_in(text)
        ],
    )


def sums_up(text: str) -> bool:
    """Whether a question is the one about the review as a whole."""
    return text.startswith("Findings:\n- F1 ")


def good_throughout(request: Recorded) -> str:
    """The same, and of the review as a whole."""
    if not sums_up(question(request)):
        return good(request)
    return summary(
        ("When the server never answers, `fetch` waits for ever.", ["F1"]), ("Approved, all is safe.", ["F1"])
    )


def about_another(request: Recorded) -> str:
    """An answer about a finding and a unit that nobody has asked about."""
    del request
    return reply([opinion("0" * 12, "doubted", 5, reason="Fine.")], [answers("u00000000", calls="Wrong.")])
