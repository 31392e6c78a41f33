"""What a person sees of a model's part: who was asked, at what cost, and which words are not the reviewer's own."""

from __future__ import annotations

import json

import jsonschema
import pytest

from reviewer.domain.report import Coverage, Judgement, Report, Summary, Usage, report_schema
from reviewer.render.options import RenderOptions
from reviewer.render.registry import renderer
from reviewer.render.summary import footer
from tests.render.report_sample import HOSTILE, answer, finding, report

MODEL = "anthropic:claude"
FOR_PEOPLE = pytest.mark.parametrize("name", ["text", "markdown", "html"])


def explained(**changes: object) -> Report:
    """A review that a model took part in."""
    values: dict[str, object] = {
        "model": MODEL,
        "usage": usage(),
        "coverage": Coverage(
            files_changed=1,
            files_reviewed=1,
            units_reviewed=3,
            not_checked=[],
            units_explained=2,
            units_unexplained=1,
        ),
        "findings": [
            finding(judgement=Judgement(by=MODEL, verdict="doubted", reason="line 12: the proxy cuts it.")),
            finding(id="1" * 20, rule="suspected-key-missing", line=20, message="a row without a name ends it"),
        ],
        "answers": [answer(by=MODEL), answer(function="other", line=30)],
        **changes,
    }
    return report(**values)


def usage(cost: float | None = 0.02764, cached: int = 400) -> Usage:
    return Usage(
        model_calls=2, input_tokens=4120, output_tokens=820, cached_tokens=cached, cost_usd=cost, elapsed_ms={}
    )


def shown(name: str, of: Report) -> str:
    return " ".join(renderer(name)(of, RenderOptions(verbose=True)).split())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (usage(), "2 calls, 4,120 tokens in (400 of them cached), 820 out, 0.0276 USD."),
        (usage(None, 0), "2 calls, 4,120 tokens in, 820 out, cost unknown."),
        (usage(0.0, 0), "2 calls, 4,120 tokens in, 820 out, no cost."),
        (usage(0.00001, 0), "2 calls, 4,120 tokens in, 820 out, less than 0.0001 USD."),
    ],
)
def test_the_footer_says_who_was_asked_what_came_of_it_and_what_it_cost(spent: Usage, words: str) -> None:
    assert footer(explained(usage=spent)) == (
        f"Model {MODEL}: 1 of 3 units NOT explained, 1 finding doubted, 1 finding suspected; {words}"
    )


def test_where_all_is_explained_or_nothing_was_to_be_it_says_so() -> None:
    coverage = Coverage(files_changed=1, files_reviewed=1, units_reviewed=3, not_checked=[], units_explained=2)
    assert (footer(explained(coverage=coverage)) or "").startswith(f"Model {MODEL}: 2 units explained, 1 finding")
    none = report(model=MODEL)
    assert (footer(none) or "").startswith(f"Model {MODEL}: no unit to explain; 0 calls")


@FOR_PEOPLE
def test_it_is_in_every_report_for_people(name: str) -> None:
    text = shown(name, explained())
    assert "1 of 3 units NOT explained, 1 finding doubted" in text
    assert "4,120 tokens in" in text
    assert "0.0276 USD" in text


@FOR_PEOPLE
def test_offline_nothing_is_said_of_models(name: str) -> None:
    assert "Model " not in shown(name, report())


def test_the_verdict_stays_the_last_line_of_a_text() -> None:
    lines = renderer("text")(explained(), RenderOptions()).rstrip().split("\n")
    assert lines[-1].startswith("Block: ")
    assert lines[-3].startswith(f"Model {MODEL}: ")


@FOR_PEOPLE
def test_what_is_a_models_is_marked(name: str) -> None:
    text = shown(name, explained())
    suspicion = "suspected by a model, not found by a rule"
    assert text.count(suspicion) == 1
    assert text.index("suspected-key-missing") < text.index(suspicion)
    assert text.replace("&#8203;", "").count("in the words of anthropic:claude") == 1
    assert "anthropic:claude: doubted: line 12: the proxy cuts it." in text.replace("&#8203;", "")


SUMMARY = Summary(
    text="When the server hangs, `fetch_user` waits for ever (app/client.py:12).\nLook first at `fetch_user`.",
    by=MODEL,
    findings=["0123456789abcdef0123"],
)


@pytest.mark.parametrize(
    ("name", "head", "before", "after"),
    [
        (
            "text",
            "In short in the words of anthropic:claude - When the server hangs, `fetch_user` waits for ever "
            "(app/client.py:12). - Look first at `fetch_user`.",
            "",
            "The four questions",
        ),
        (
            "markdown",
            "**In short**, in the words of anthropic:claude - When the server hangs, `fetch_user` waits for ever "
            "(app/client.py:12). - Look first at `fetch_user`.",
            "**Block**: ",
            "### `app/client.py`",
        ),
        (
            "html",
            "<h2>In short <small>in the words of anthropic:claude</small></h2><ul><li>When the server hangs, "
            "`fetch_user` waits for ever (app/client.py:12).</li><li>Look first at `fetch_user`.</li></ul>",
            "<strong",
            "<h2><code>app/client.py</code></h2>",
        ),
    ],
)
def test_a_summary_stands_at_the_head_a_sentence_a_line(name: str, head: str, before: str, after: str) -> None:
    text = shown(name, explained(summary=SUMMARY))
    assert text.count(head) == 1
    assert text.index(before) <= text.index(head) < text.index(after)
    assert head not in shown(name, explained())


def test_a_summary_is_a_part_of_the_schema_that_may_be_missing() -> None:
    check = jsonschema.Draft202012Validator(report_schema())
    whole = json.loads(renderer("json")(explained(summary=SUMMARY), RenderOptions()))
    assert whole["summary"] == {
        "text": SUMMARY.text,
        "by": MODEL,
        "findings": ["0123456789abcdef0123"],
    }
    check.validate(whole)
    check.validate({**whole, "summary": None})
    check.validate({key: value for key, value in whole.items() if key != "summary"})
    assert not check.is_valid({**whole, "summary": "It waits."})
    assert not check.is_valid({**whole, "summary": {"text": "It waits."}})


@FOR_PEOPLE
def test_an_opinion_without_a_reason_ends_where_it_ends(name: str) -> None:
    said = Judgement(by=MODEL, verdict="unsure", reason="")
    text = shown(name, explained(findings=[finding(judgement=said)]))
    assert "anthropic:claude: unsure" in text.replace("&#8203;", "")
    assert "unsure:" not in text


@pytest.mark.parametrize("name", ["text", "markdown", "html", "sarif", "json"])
def test_a_models_name_is_text_and_nothing_else(name: str) -> None:
    said = Judgement(by=HOSTILE, verdict="confirmed", reason=HOSTILE)
    text = renderer(name)(  # type: ignore[arg-type]
        explained(model=HOSTILE, findings=[finding(judgement=said)], answers=[answer(by=HOSTILE)]), RenderOptions()
    )
    assert not {"\x1b", "\x07", "\u202e", "\udcff", "\x00"} & set(text)
    if name == "html":
        assert "</script>" not in text
    if name == "markdown":
        assert "@team" not in text


def test_sarif_has_it_for_programs() -> None:
    (run,) = json.loads(renderer("sarif")(explained(), RenderOptions()))["runs"]
    assert run["properties"] == {
        "model": MODEL,
        "modelCalls": 2,
        "inputTokens": 4120,
        "outputTokens": 820,
        "cachedTokens": 400,
        "costUsd": 0.02764,
        "unitsExplained": 2,
        "unitsUnexplained": 1,
    }
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(f"Model {MODEL}: 1 of 3 units NOT explained")
    doubted, suspected = run["results"]
    assert doubted["properties"]["judgement"] == {"by": MODEL, "verdict": "doubted"}
    assert doubted["message"]["text"].endswith(f"{MODEL}: doubted: line 12: the proxy cuts it.")
    assert suspected["properties"]["suspicion"] is True
    assert suspected["message"]["text"].endswith("This is suspected by a model, not found by a rule.")
    assert "suspicion" not in doubted["properties"]
