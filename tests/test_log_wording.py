"""A model chooses the words of log lines among names that are there; what cannot be written is refused, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.model import ModelRequest
from reviewer.errors import ModelError
from reviewer.explain.spending import Allowance, Spending
from reviewer.explain.stage import ModelUse
from reviewer.instrument.patches import Wishes
from reviewer.log_review import log_change
from reviewer.log_wording import Wording
from tests.explain.scripted_model import Script, ScriptedModel

SOURCE = """\
import logging

import requests

log = logging.getLogger(__name__)


def load(user_id, url, password, rows):
    try:
        return requests.get(url, timeout=3)
    except Exception:
        return None
"""


def lines(*chosen: dict[str, object]) -> str:
    return json.dumps(
        {"lines": [{"id": "L1", "level": "error", "event": "load_failed", "fields": [], **one} for one in chosen]}
    )


def worded(
    *script: Script, allowance: Allowance | None = None, source: str = SOURCE
) -> tuple[str, Wording, ScriptedModel]:
    """The added lines, what became of the words, and the model."""
    model = ScriptedModel(script)
    use = ModelUse(model, allowance=allowance or Allowance())
    wording = Wording(use, Spending(use.allowance))
    file = FileChange("a.py", ChangeKind.ADDED, content=source.encode(), whole=True)
    report = log_change(Change(None, None, None, (file,)), Wishes(frozenset({"handler"})), wording=wording)
    (patch,) = report.patches
    added = [row[1:] for row in patch.diff.split("\n") if row.startswith("+") and not row.startswith("+++")]
    return "\n".join(added), wording, model


@pytest.fixture(name="plain")
def _plain() -> str:
    return worded("no JSON at all")[0]


def test_the_lines_are_called_what_the_model_says() -> None:
    chosen = lines({"event": "fetch_user_failed", "level": "warning", "fields": [{"key": "user", "name": "user_id"}]})
    added, wording, _ = worded(chosen)
    assert 'log.warning( "fetch_user_failed", extra={"user": user_id}, exc_info=True, )' in " ".join(added.split())
    assert (wording.refused, wording.unanswered) == ([], [])


def test_the_model_is_told_what_is_there_and_what_may_be_told() -> None:
    _, _, model = worded(lines())
    text = model.asked[0].text
    assert "- L1 at 11, first in the clause, with the traceback\n" in text
    assert "    now: error load_failed; tells user_id, url," in text
    assert "password" not in text.partition("may be told:")[2]


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"event": "Load failed!"}, "is no event name"),
        ({"event": "x" * 200}, "is no event name"),
        ({"event": 'a"); import os; os.system("x'}, "is no event name"),
        ({"level": "fatal"}, "'fatal' is no level"),
        ({"fields": [{"key": "p", "name": "password"}]}, "'password' cannot be told there"),
        ({"fields": [{"key": "x", "name": "os.environ"}]}, "'os.environ' cannot be told there"),
        ({"fields": [{"key": "a b", "name": "user_id"}]}, "'a b' is no name for a field"),
        ({"fields": [{"key": "password", "name": "user_id"}]}, "'password' is no name for a field"),
        ({"id": "L9"}, "line 'L9' was not asked about"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_own_words_stand(
    chosen: dict[str, object], why: str, plain: str
) -> None:
    added, wording, _ = worded(lines(chosen))
    assert added == plain
    assert any(why in reason for reason in wording.refused), wording.refused


def test_what_is_left_of_a_choice_is_taken() -> None:
    fields = [{"key": "secret", "name": "user_id"}, {"key": "name", "name": "url"}]
    added, wording, _ = worded(lines({"event": "fetch_failed", "level": "loud", "fields": fields}))
    assert 'log.exception("fetch_failed", extra={"name_value": url})' in " ".join(added.split())
    assert len(wording.refused) == 2


def failing(_: ModelRequest) -> str:
    raise ModelError("scripted:test", "it is down")


@pytest.mark.parametrize(
    ("script", "allowance", "why"),
    [
        (["nothing", "again nothing"], Allowance(), "two answers cannot be used"),
        ([failing], Allowance(), "it is down"),
        ([lines()], Allowance(tokens=1), "the 1 tokens of a review would not do"),
    ],
)
def test_without_an_answer_the_own_words_stand(
    script: Sequence[str | Callable[[ModelRequest], str]], allowance: Allowance, why: str, plain: str
) -> None:
    added, wording, _ = worded(*script, allowance=allowance)
    assert added == plain
    assert why in wording.unanswered[0]
