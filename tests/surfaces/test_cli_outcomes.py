"""`reviewer patterns feedback` and `outcomes`: from what findings were worth to what the next review is quiet about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.surfaces.cli.main import main
from tests.git_builder import GitBuilder

FILE = ".reviewer/catalog/patterns/pages-without-end.toml"
PATTERN = """\
id = "pages-without-end"
title = "Pages that are read without end"
failure = "unbounded-size"
question = "unavailable"
state = "active"

[detector.query]
fact = "call"
method = "fetch_pages"
"""
SLIPS = "import requests\n\n\ndef orders(client, day):\n    return list(client.fetch_pages(day))\n\n\n" + "\n\n\n".join(
    f"def price{n}(sku):\n    answer = requests.get(sku)\n    answer.raise_for_status()\n    return answer.text"
    for n in range(3)
)
RULE, LEARNED = "no-timeout", "learned-pattern"


@pytest.fixture
def shop(builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBuilder:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("REVIEWER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("REVIEWER_CATALOG", raising=False)
    monkeypatch.chdir(builder.root)
    builder.commit({FILE: PATTERN})
    builder.commit({"shop.py": SLIPS + "\n"})
    return builder


def review(capsys: pytest.CaptureFixture[str], output: Path) -> dict[str, Any]:
    main(["review", "--base", "HEAD~1", "--format", "json", "--output", str(output)])
    capsys.readouterr()
    report: dict[str, Any] = json.loads(output.read_text())
    return report


def of_rule(report: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [one for one in report["findings"] if one["rule"] == rule]


def say(capsys: pytest.CaptureFixture[str], report: Path, findings: list[dict[str, Any]], verdict: str) -> None:
    for one in findings:
        assert main(["patterns", "feedback", str(report), one["id"], verdict]) == 0
    capsys.readouterr()


def standings(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, Any]]:
    assert main(["patterns", "outcomes", "--format", "json", *arguments]) == 0
    return {one["id"]: one for one in json.loads(capsys.readouterr().out)}


def test_three_wrong_findings_make_their_rule_quiet_in_the_next_review_until_it_is_pinned(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    findings = of_rule(review(capsys, file), RULE)
    loud = [one["severity"] for one in findings]
    assert loud == ["medium", "low", "low"], "the first speaks for all three"
    say(capsys, file, findings, "wrong")
    report = review(capsys, file)
    assert [one["severity"] for one in of_rule(report, RULE)] == ["low"] * 3
    (note,) = report["coverage"]["notes"]
    assert note.startswith("no-timeout is told quietly: in this repository 0 of 3 were right")
    standing = standings(capsys)[RULE]
    assert (standing["quiet"], standing["pinned"], standing["repositories"][0]["wrong"]) == (True, False, 3)
    shop.git("checkout", "-q", "-b", "pinned", "HEAD~1")
    shop.commit({"pyproject.toml": f'[tool.reviewer]\nrules-pinned = ["{RULE}"]\n'})
    shop.commit({"shop.py": SLIPS + "\n"})
    assert [one["severity"] for one in of_rule(review(capsys, file), RULE)] == loud
    assert standings(capsys)[RULE]["pinned"]


def test_pattern_that_is_wrong_too_often_turns_quiet_in_a_review_that_is_remembered_and_a_pin_undoes_it(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    report = review(capsys, file)
    (one,) = of_rule(report, LEARNED)
    assert one["severity"] == "medium"
    say(capsys, file, [{"id": one["id"]}], "wrong")
    for number in range(2):
        path = tmp_path / f"other{number}.json"
        path.write_text(json.dumps({**report, "findings": [{**one, "id": f"other{number}"}]}))
        say(capsys, path, [{"id": f"other{number}"}], "wrong")
    report = review(capsys, file)
    (quiet,) = of_rule(report, LEARNED)
    assert (quiet["severity"], quiet["grounds"][0][:26]) == ("low", "quiet: in this repository ")
    assert report["coverage"]["notes"][0].endswith("to undo that: reviewer patterns pin pages-without-end active")
    assert main(["patterns", "pin", "pages-without-end", "active"]) == 0
    shop.commit()
    shop.commit({"shop.py": SLIPS + "\n\n" + SLIPS.split("\n\n\n")[1].replace("orders", "others") + "\n"})
    assert {one["severity"] for one in of_rule(review(capsys, file), LEARNED)} == {"medium"}


def test_a_later_report_tells_which_findings_a_change_took_away(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    review(capsys, old)
    shop.git("tag", "earlier")
    shop.commit({"shop.py": SLIPS.replace("get(sku)", "get(sku, timeout=5)", 2) + "\n"}, "Limit two")
    main(["review", "--base", "HEAD~2", "--format", "json", "--output", str(new)])
    capsys.readouterr()
    arguments = ["--from-report", str(old), "--now", str(new)]
    first, again = standings(capsys, *arguments), standings(capsys, *arguments)
    assert (first[RULE]["right"], first[RULE]["wrong"]) == (2, 0)
    assert again == first
    assert "pages-without-end" not in first


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["outcomes", "--now", "x"], "--from-report and --now go together; give the earlier and the later report"),
        (
            ["outcomes", "--from-report", "x", "--now", "y"],
            "x: No such file or directory; name a readable file",
        ),
        (
            ["pin", RULE, "active"],
            'no-timeout is a rule; to pin it, write rules-pinned = ["no-timeout"] under [tool.reviewer] in '
            "pyproject.toml",
        ),
    ],
)
def test_what_is_asked_wrongly_ends_in_one_line(
    arguments: list[str], line: str, shop: GitBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["patterns", *arguments]) == 2
    assert capsys.readouterr() == ("", f"reviewer: {line}\n")
