"""A model chooses the words of log lines among names that are there; what cannot be written is refused, and counted."""

from __future__ import annotations

import json
import re
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
from tests.explain.test_redaction import TOKENS

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
    assert "    now: error load_failed; tells user_id, service (constant), timeout (constant)" in text
    assert "password" not in text.partition("may be told:")[2]


@pytest.mark.parametrize("token", [token for token in TOKENS.values() if token.isidentifier()])
def test_the_model_is_told_no_secret_that_a_name_holds(token: str) -> None:
    source = SOURCE.replace("def load(", f"def load_{token}(").replace("user_id", f"user_{token}")
    added, _, model = worded(lines(), source=source)
    plain = re.sub(r"[^a-z0-9]", "", token.lower())
    told = re.sub(r"[^a-z0-9]", "", model.asked[0].text.lower())
    assert plain[6:18] in added.replace("_", "")
    assert plain[6:18] not in told
    assert "now: error [removed: name]; tells " in model.asked[0].text


QUESTION = """\
file "a.py", function "load", lines 8 to 12
Source:
    8 +| def load(user_id, url, password, rows):
    9 +|     try:
   10 +|         return requests.get(url, timeout=3)
   11 +|     except Exception:
   12 +|         return None
Log lines:
- L1 at 11, first in the clause, with the traceback
    now: error load_failed; tells user_id, service (constant), timeout (constant)
    may be told: rows (its type), url (its type), user_id, service (constant), timeout (constant)

# Log lines of the file elsewhere
in clauses: 1 warning
- 21: except ValueError: … log.warning("no number") … goes on with the loop
outside of clauses: 1 info
in clauses of the files beside this one: none"""
OTHERS = """\


def parse(rows):
    for row in rows:
        try:
            log.info("a row")
            int(row)
        except ValueError:
            log.warning("no number")
            continue
"""


def test_the_question_is_this() -> None:
    _, _, model = worded(lines(), source=SOURCE + OTHERS)
    assert model.asked[0].text.partition("\n")[2] == QUESTION


def test_of_a_long_function_the_place_is_shown_with_what_is_around_it() -> None:
    head, _, tail = SOURCE.partition("    try:\n")
    long = head + "    rows += 1\n" * 500 + "    try:\n" + tail + "    rows += 2\n" * 100
    _, _, model = worded(lines(), source=long)
    text = model.asked[0].text
    assert "  511 +|     except Exception:\n  512 +|         return None\n" in text
    assert "… lines 9 to 487 are left out\n" in text
    assert "… lines 535 to 612 are left out\nLog lines:\n- L1 at 511" in text


def test_the_other_log_lines_are_those_in_the_likest_clauses() -> None:
    clause = "\n\ndef f{0}():\n    try:\n        g()\n    except {1}:\n        log.info({0})\n        {2}\n"
    plain = [clause.format(number, "OSError", "return") for number in range(10)]
    others = [clause.format(10, "Exception", "raise"), clause.format(11, "OSError", "raise")]
    _, _, model = worded(lines(), source="".join([SOURCE, *plain, *others, clause.format(12, "Exception", "return 1")]))
    _, _, shown = model.asked[0].text.partition("# Log lines of the file elsewhere\n")
    told = [row.rpartition("log.info(")[2].partition(")")[0] for row in shown.split("\n") if row.startswith("- ")]
    assert told == ["0", "1", "2", "3", "4", "5", "10", "12"]
    assert shown.startswith("in clauses: 13 info\n")


def test_secrets_of_other_log_lines_are_not_shown() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    _, _, model = worded(lines(), source=f'{SOURCE}\n\ntry:\n    f()\nexcept OSError:\n    log.info("{key}")\n')
    assert "except OSError: … log.info(" in model.asked[0].text
    assert key not in model.asked[0].text


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
    fields = [{"key": "secret", "name": "user_id"}, {"key": "name", "name": "user_id"}]
    added, wording, _ = worded(lines({"event": "fetch_failed", "level": "loud", "fields": fields}))
    assert 'log.exception("fetch_failed", extra={"name_value": user_id})' in " ".join(added.split())
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
