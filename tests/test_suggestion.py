"""A finding at a handler that keeps an error to itself comes with a log line that is proved."""

from __future__ import annotations

import pytest

from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.report import Report
from reviewer.domain.settings import Settings
from reviewer.review import review_change
from tests.git_builder import GitBuilder

SWALLOWS = """\
import logging

import requests

log = logging.getLogger(__name__)


def load(user_id):
    try:
        return requests.get(f"https://api.example/{user_id}", timeout=3)
    except Exception:
        return None
"""


def review(source: str, *, suggest: bool = True) -> Report:
    file = FileChange("a.py", ChangeKind.ADDED, content=source.encode(), whole=True)
    return review_change(Change(None, None, None, (file,)), Settings(), suggest=suggest)


def test_a_swallowed_failure_comes_with_its_log_line(builder: GitBuilder) -> None:
    (item,) = [item for item in review(SWALLOWS).findings if item.rule == "swallowed-failure"]
    assert item.suggestion is not None
    assert {"parses", "reverts", "names", "no-secrets", "applies"} <= set(item.suggestion.verified)
    builder.commit({"a.py": SWALLOWS})
    builder.git("apply", "-", stdin=item.suggestion.patch.encode())
    patched = (builder.root / "a.py").read_text(encoding="utf-8")
    assert [item.rule for item in review(patched).findings if item.rule == "swallowed-failure"] == []


@pytest.mark.parametrize(
    "source",
    [
        SWALLOWS.replace("        return None", "        log.exception('failed')\n        return None"),
        "def add(a, b):\n    return a + b\n",
        "",
    ],
)
def test_where_nothing_is_kept_silent_nothing_is_offered(source: str) -> None:
    assert [item for item in review(source).findings if item.suggestion is not None] == []


def test_nothing_is_offered_where_nobody_asked_for_it() -> None:
    assert [item for item in review(SWALLOWS, suggest=False).findings if item.suggestion is not None] == []
