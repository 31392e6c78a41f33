"""Whose catalog counts in a review: the base's, over real git."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reviewer.stores.catalog_folder import member_of
from reviewer.stores.compiled import Member
from reviewer.surfaces.cli.main import main
from tests.git_builder import GitBuilder

PATTERN = """\
id = "pages-without-end"
title = "Pages that are read without end"
failure = "unbounded-size"
question = "unavailable"
state = "active"
conditions = "All pages of a listing are read."

[detector.query]
fact = "call"
method = "fetch_pages"
"""
NOISY = PATTERN.replace("pages-without-end", "every-listing").replace('"fetch_pages"', '"fetch_items"')
FOLDER = ".reviewer/catalog/patterns"
FILE = f"{FOLDER}/pages-without-end.toml"
SLIP = "def orders(client, day):\n    return list(client.fetch_pages(day))\n"
OTHER = "def items(client, day):\n    return list(client.fetch_items(day))\n"
BROUGHT = "the change brings another catalog; that of its base counts until it is merged (.reviewer/catalog)"


@pytest.fixture
def shop(builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBuilder:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("REVIEWER_CATALOG", raising=False)
    monkeypatch.chdir(builder.root)
    builder.commit({FILE: PATTERN, "shop.py": "x = 1\n"})
    return builder


def review(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["review", "--format", "json", *arguments])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def met(report: dict[str, Any]) -> list[str]:
    """The team's patterns that the findings of a report meet."""
    return sorted({one["id"] for found in report["findings"] for one in found["patterns"]})


@pytest.mark.parametrize(
    "silenced",
    [
        {FILE: None},
        {FILE: PATTERN.replace('"active"', '"retired"\npinned = true')},
        {FILE: PATTERN.replace("fetch_pages", "nothing_like_it")},
    ],
    ids=["deleted", "retired-and-pinned", "asks-for-nothing"],
)
def test_a_change_cannot_silence_the_pattern_that_it_meets(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], silenced: dict[str, str | None]
) -> None:
    shop.commit({"shop.py": SLIP, **silenced})
    report = review(capsys, "--base", "HEAD~1")
    assert met(report) == ["pages-without-end"]
    assert BROUGHT in report["coverage"]["notes"]


def test_a_change_cannot_add_a_pattern_to_its_own_review(shop: GitBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit({"shop.py": OTHER, f"{FOLDER}/every-listing.toml": NOISY})
    report = review(capsys, "--base", "HEAD~1")
    assert met(report) == []
    assert BROUGHT in report["coverage"]["notes"]
    shop.commit({"shop.py": OTHER.replace("day", "hour")})
    report = review(capsys, "--base", "HEAD~1")
    assert (met(report), report["coverage"]["notes"]) == (["every-listing"], [])


def test_a_pattern_that_the_change_breaks_costs_nothing(shop: GitBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit({"shop.py": SLIP, FILE: "id = 1\n"})
    report = review(capsys, "--base", "HEAD~1")
    assert (report["status"], met(report)) == ("complete", ["pages-without-end"])


def test_a_path_that_is_asked_for_does_not_hide_that_the_catalog_changed(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit({"shop.py": SLIP, FILE: None})
    report = review(capsys, "--base", "HEAD~1", "--path", "shop.py")
    assert (met(report), report["coverage"]["notes"]) == (["pages-without-end"], [BROUGHT])


@pytest.mark.parametrize("scope", ["--staged", "--worktree"])
def test_of_what_is_not_committed_the_last_commit_is_the_base(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], scope: str
) -> None:
    shop.write({"shop.py": SLIP, FILE: None})
    shop.git("add", "-A")
    report = review(capsys, scope)
    assert (met(report), report["coverage"]["notes"]) == (["pages-without-end"], [BROUGHT])


def test_without_a_base_the_catalog_of_the_head_counts_and_not_that_of_the_work_tree(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit({"shop.py": SLIP})
    shop.write({FILE: None})
    report = review(capsys, "--all")
    assert (met(report), report["coverage"]["notes"]) == (["pages-without-end"], [])


def test_a_patch_without_a_revision_has_the_catalog_of_the_work_tree(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop.write({"shop.py": SLIP})
    (tmp_path / "change.diff").write_text(shop.git("diff") + "\n")
    assert met(review(capsys, "--diff", str(tmp_path / "change.diff"))) == ["pages-without-end"]
    shop.commit()
    shop.commit({FILE: None})
    assert met(review(capsys, "--diff", str(tmp_path / "change.diff"))) == []
    assert met(review(capsys, "--diff", str(tmp_path / "change.diff"), "--head", "HEAD~1")) == ["pages-without-end"]


def test_a_bare_repository_has_the_catalog_of_its_commits(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop.commit({"shop.py": SLIP})
    shop.git("clone", "-q", "--bare", ".", tmp_path / "bare.git")
    report = review(capsys, "--repo", str(tmp_path / "bare.git"), "--base", "main~1", "--head", "main")
    assert met(report) == ["pages-without-end"]


def test_a_catalog_that_was_never_committed_is_told_not_to_count(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit({FILE: None})
    shop.commit({"shop.py": SLIP})
    shop.write({FILE: PATTERN})
    report = review(capsys, "--base", "HEAD~1")
    assert met(report) == []
    assert report["coverage"]["notes"] == [
        "the catalog of the work tree is in no commit yet, and does not count before it is (.reviewer/catalog)"
    ]


def test_a_catalog_named_in_the_environment_is_taken_as_it_is(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(shop.root / ".reviewer/catalog", tmp_path / "shared")
    shop.commit({FILE: None})
    shop.commit({"shop.py": SLIP})
    monkeypatch.setenv("REVIEWER_CATALOG", str(tmp_path / "shared"))
    assert met(review(capsys, "--base", "HEAD~1")) == ["pages-without-end"]


def test_a_catalog_in_the_base_that_is_a_link_is_refused_and_told(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop.commit({FILE: None})
    shutil.rmtree(shop.root / ".reviewer", ignore_errors=True)
    (shop.root / ".reviewer").mkdir()
    (shop.root / ".reviewer/catalog").symlink_to(tmp_path)
    shop.commit()
    shop.commit({"shop.py": SLIP})
    report = review(capsys, "--base", "HEAD~1")
    (missing,) = report["coverage"]["not_checked"]
    assert missing["reason"].endswith("is a link; replace it with what it leads to")


def test_the_same_catalog_in_another_commit_is_not_compiled_again(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWER_CACHE", str(tmp_path / "cache"))
    for number in range(3):
        shop.commit({"shop.py": SLIP.replace("day", f"day{number}")})
        assert met(review(capsys, "--base", "HEAD~1")) == ["pages-without-end"]
    assert len(list((tmp_path / "cache").glob("catalog-*.sqlite"))) == 2, "the team's, and the one that ships"


def test_of_a_changed_catalog_only_what_changed_is_parsed_again(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWER_CACHE", str(tmp_path / "cache"))
    shop.commit({"shop.py": SLIP})
    review(capsys, "--base", "HEAD~1")
    shop.commit({f"{FOLDER}/every-listing.toml": NOISY, "shop.py": "x = 2\n"})
    shop.commit({"shop.py": SLIP + "\n\n" + OTHER})
    parsed: list[str] = []

    def parse(file: str, data: bytes, place: str) -> Member:
        parsed.append(file)
        return member_of(file, data, place)

    monkeypatch.setattr("reviewer.stores.catalog_snapshot.member_of", parse)
    assert met(review(capsys, "--base", "HEAD~1")) == ["every-listing", "pages-without-end"]
    assert parsed == ["patterns/every-listing.toml"]


def test_a_model_is_told_what_failed_before_of_the_units_that_it_fits_and_no_others(
    shop: GitBuilder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lesson = (
        'id = "listing-2026"\ntitle = "Listing filled the memory"\nshape = "text"\nversion = 1\ndate = "2026-03-02"\n'
    )
    incidents = PATTERN.replace("[detector", 'incidents = ["listing-2026"]\n\n[detector', 1)
    shop.commit({FILE: incidents, ".reviewer/catalog/lessons/listing-2026.toml": lesson})
    shop.commit({"shop.py": f"{SLIP}\n\ndef area(rows):\n    return rows[0]\n"})
    main(["review", "--base", "HEAD~1", "--format", "json", "--model", f"files:{tmp_path / 'asked'}"])
    report = json.loads(capsys.readouterr().out)
    assert [one["why"][:40] for found in report["findings"] for one in found["patterns"]] == [
        "This happened on 2026-03-02: Listing fil"
    ]
    (asked,) = [path.read_text() for path in (tmp_path / "asked").glob("*.request.md")]
    units = asked.split("## Unit ")[1:]
    told = "\nFailed before:\n- Pages that are read without end. All pages of a listing are read."
    assert [(told in unit, '"orders"' in unit) for unit in units] == [(True, True), (False, False)]


def test_a_link_that_a_repository_brings_has_nothing_elsewhere_written(
    shop: GitBuilder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(shop.root / ".reviewer")
    document = tmp_path / "outage.md"
    document.write_text("# Payments were down\n\n## Root cause\nThe call had no time limit, and the gateway hung.\n")
    for link in (".reviewer", ".reviewer/catalog"):
        (shop.root / link).parent.mkdir(exist_ok=True)
        (shop.root / link).symlink_to(elsewhere)
        assert main(["patterns", "learn", str(document)]) == 2
        assert ".reviewer/catalog: is a link" in capsys.readouterr().err
        (shop.root / link).unlink()
    assert list(elsewhere.iterdir()) == []


def test_a_named_catalog_that_is_no_catalog_costs_its_own_word(
    shop: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "named/patterns").mkdir(parents=True)
    (tmp_path / "named/patterns/gone.toml").symlink_to(tmp_path / "nowhere")
    monkeypatch.setenv("REVIEWER_CATALOG", str(tmp_path / "named"))
    shop.commit({"shop.py": SLIP})
    report = review(capsys, "--base", "HEAD~1")
    assert report["status"] == "partial"
    assert "gone.toml: cannot be read" in report["coverage"]["not_checked"][0]["reason"]
