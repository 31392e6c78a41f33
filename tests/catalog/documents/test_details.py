"""Title, day, organisation, source and fix: what a document says of itself, and where it contradicts itself."""

from __future__ import annotations

import pytest

from reviewer.catalog.documents.day import day_of, read_days
from reviewer.catalog.documents.fix_reference import fixes_of, reference_of
from reviewer.catalog.documents.front_matter import split_front_matter
from reviewer.catalog.documents.identity import identify, organisation_of, source_of, title_of
from reviewer.catalog.documents.passage import passages_of
from reviewer.catalog.documents.reader import read_document
from reviewer.domain.lesson import FixReference
from reviewer.errors import PostmortemError

SHA = "0123456789abcdef0123456789abcdef01234567"


def day(text: str, name: str = "a.md") -> tuple[str, str]:
    dated = day_of(read_document(text.encode(), name))
    return dated.day, dated.note


def title(text: str, name: str = "a.md") -> str:
    return title_of(read_document(text.encode(), name))


def fixes(text: str) -> tuple[FixReference | None, tuple[FixReference, ...], str]:
    document = read_document(text.encode(), "a.md")
    found = fixes_of(document, passages_of(document))
    return found.fix, found.candidates, found.note


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024-03-05T10:00Z", ["2024-03-05"]),
        ("2024/3/5", ["2024-03-05"]),
        ("5 March 2024, 5th of Mar. 2024", ["2024-03-05", "2024-03-05"]),
        ("March 5th, 2024 and Sept 1 2023", ["2024-03-05", "2023-09-01"]),
        ("05.03.2024", ["2024-03-05"]),
        ("25/03/2024 03/25/2024 05/05/2024", ["2024-03-25", "2024-03-25", "2024-05-05"]),
        ("03/04/2024", []),
        ("2024-02-30, 2024-13-01, 1066-10-14, 12024-01-01, v1.2.2024-01", []),
        ("March 2024, 5 March", []),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: list[str]) -> None:
    assert [str(found) for found in read_days(text, [])] == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Date: 2024-03-05\n\nPublished: 2024-03-20", "2024-03-05"),
        ("## Date\n\n2024-03-05", "2024-03-05"),
        ("|Start time|2024-03-05 10:00|\n|-|-|\n|Published|2024-04-01|", "2024-03-05"),
        ("---\ndate: 2024-03-20\n---\nOn 5 March 2024 the site was down.", "2024-03-05"),
        ("---\ndate: 2024-03-20\nincident_date: 2024-03-05\n---\nx", "2024-03-05"),
        ("---\ndate: 2024-03-05\nfix: abc1234\n---\nOn 4 March 2024 the site was down.", "2024-03-05"),
        ("---\ndate: 2024-03-20\n---\nThe flag was introduced on 2019-01-01. It failed.", "2024-03-20"),
        ("# Outage of 5 March 2024\n\nIt was down.", "2024-03-05"),
        ("# T\n\n## Timeline (2024-03-05, UTC)\n\n- 10:00 down", "2024-03-05"),
        ("Date: 2024-03-05\n\nDate: 2024-03-06", "2024-03-05"),
    ],
)
def test_the_day_is_that_of_the_incident(text: str, expected: str) -> None:
    assert day(text) == (expected, "")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Date: 2024-03-05\n\nIncident date: 2023-01-01", "its dates contradict each other (2023-01-01 and 2024-03-05); the day is left unknown"),
        ("---\ndate: 2023-01-01\n---\nOn 5 March 2024 the site was down.", "it is dated 2023-01-01, and speaks of 2024-03-05; the day is left unknown"),
        ("Date: 03/04/2024", "03/04/2024 can be read in two ways; write the date as YYYY-MM-DD"),
        ("No day at all.", ""),
    ],
)  # fmt: skip
def test_a_day_that_is_not_sure_is_left_unknown(text: str, note: str) -> None:
    assert day(text) == ("", note)


def test_the_day_of_publication_is_taken_for_want_of_another_and_said_to_be_it() -> None:
    assert day("Published: 2024-03-20") == (
        "2024-03-20",
        "the day is that of its publication; that of the incident is not said",
    )


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("# Post-mortem: The queue was full\n", "a.md", "The queue was full"),
        ("# The queue was full (incident #12)\n", "a.md", "The queue was full"),
        ("# PM-0007: The queue was full\n", "a.md", "The queue was full"),
        ("# Post-mortem\n\n## Summary\n", "a.md", ""),
        ("---\ntitle: The queue was full\n---\n# Post-mortem\n", "a.md", "The queue was full"),
        ("The queue was full\n\nIt was.", "a.txt", "The queue was full"),
        ("<html><head><title>The queue was full | Acme Blog</title></head><p>x</p>", "a.html", "The queue was full"),
        ("<html><head><title>Blog</title></head><h1>The queue was full</h1>", "a.html", "The queue was full"),
        ("# \x1b[31mThe queue\u202e was\u200b full\n", "a.md", "The queue was full"),
        (f"# {'very ' * 60}full\n", "a.md", f"{'very ' * 30}very…"),
    ],
)
def test_the_title_says_what_happened(text: str, name: str, expected: str) -> None:
    assert title(text, name) == expected


def test_the_organisation_and_the_source_stand_behind_their_labels() -> None:
    document = read_document(b"Organisation: Acme Ltd\n\nSource: https://acme.example/p (archived)\n", "a.md")
    assert organisation_of(document) == "Acme Ltd"
    assert source_of(document, "docs/a.md") == "https://acme.example/p"


@pytest.mark.parametrize("source", ["javascript:alert(1)", "file:///etc/passwd", "https://a.example/<b>", ""])
def test_a_source_that_is_no_address_gives_way_to_the_given_one(source: str) -> None:
    document = read_document(f"---\nsource: '{source}'\n---\ntext".encode(), "a.md")
    assert source_of(document, "docs/a.md") == "docs/a.md"


def test_a_corrected_document_keeps_its_id() -> None:
    first = read_document(b"# The queue was full\n\nOne.", "a.md")
    second = read_document(b"# The queue was full\n\nTwo.", "b.md")
    assert identify(first, "The queue was full", "Acme") == identify(second, "The queue was full", "Acme")
    assert identify(first, "The queue was full", "Acme") == "acme-the-queue-was-full"
    assert identify(first, "The queue was full", "") == "the-queue-was-full"


def test_titles_that_shorten_to_the_same_words_have_ids_of_their_own() -> None:
    document = read_document(b"x", "a.md")
    ids = {identify(document, f"{'long ' * 40}{end}", "") for end in "ab"} | {
        identify(document, name, "") for name in ("障害", "事故")
    }
    assert len(ids) == 4
    assert all(len(name) <= 80 and name.isascii() for name in ids)


def test_a_person_may_give_the_id() -> None:
    assert identify(read_document(b"---\nid: PM 7\n---\nx", "a.md"), "x", "y") == "pm-7"


@pytest.mark.parametrize(
    "sentence",
    [
        f"Fixed in https://github.com/a/b/commit/{SHA}.",
        f"[The patch](https://github.com/a/b/commit/{SHA}) sets a limit.",
        f"Fixed in https://github.com/a/b/pull/12/commits/{SHA}",
        f"The fix is a/b@{SHA}.",
        f"## Resolution\n\nSince [this](https://github.com/a/b/commit/{SHA}) it is bounded.",
        f"---\nrepo: a/b\n---\nIt was fixed in {SHA}.",
        f"---\nfix: https://github.com/a/b/commit/{SHA}\n---\nx",
        f"---\nfix: {SHA}\nrepo: a/b\n---\nx",
        f"It was introduced in https://github.com/a/b/commit/abcdef1.\n\nFixed in {SHA[:12]}, see https://github.com/a/b/commit/{SHA}.",
    ],
)
def test_a_commit_that_is_said_to_mend_it_is_the_fix(sentence: str) -> None:
    assert fixes(sentence)[0] == FixReference("a/b", SHA)


def test_a_commit_of_another_host_has_its_address() -> None:
    assert fixes(f"Fixed in https://gitlab.com/g/s/p/-/commit/{SHA}.")[0] == FixReference(
        "https://gitlab.com/g/s/p", SHA
    )


def test_a_hash_without_a_repository_is_a_fix_whose_repository_is_not_known() -> None:
    assert fixes("Fixed in 1a2b3c4d5e.")[0] == FixReference("", "1a2b3c4d5e")


@pytest.mark.parametrize(
    "sentence",
    [
        f"It was introduced in https://github.com/a/b/commit/{SHA}.",
        f"I bisected it to {SHA}, which broke the fix.",
        f"See https://github.com/a/b/commit/{SHA}.",
        "Fixed in https://github.com/a/b/pull/12 (#12).",
        "Fixed at 1234567 by the deadbeef team in 2024.",
    ],
)
def test_what_is_no_commit_or_does_not_mend_is_no_fix(sentence: str) -> None:
    assert fixes(sentence) == (None, (), "")


def test_between_several_commits_nothing_decides() -> None:
    fix, candidates, note = fixes(
        "Fixed in https://github.com/a/b/commit/abcdef1 and https://github.com/a/b/commit/abcdef2."
    )
    assert fix is None
    assert candidates == (FixReference("a/b", "abcdef1"), FixReference("a/b", "abcdef2"))
    assert note == "it names 2 commits that may be the fix (abcdef1, abcdef2); name it with --fix"


@pytest.mark.parametrize("text", ["--upload-pack=x", "a b", "", "$(x)", "a;b"])
def test_a_revision_is_never_an_option_or_a_command(text: str) -> None:
    assert reference_of(text, "a/b") is None


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: T\norganization: O\ndate: 2024-01-02\nlabels: [a, b]\nother: {x: 1}\n---\nrest",
        "---\n# comment\nTitle: T\nOrg: O\nDate: 2024-01-02\ntags: a, b\n...\nrest",
        '+++\ntitle = "T"\ncompany = "O"\ndate = 2024-01-02\ntags = ["a", "b"]\nn = 1\n+++\nrest',
    ],
)
def test_front_matter_is_read_in_both_forms(head: str) -> None:
    details, rest = split_front_matter(head, "a.md")
    assert (details.title, details.organisation, details.date, details.tags) == ("T", "O", "2024-01-02", ("a", "b"))
    assert rest.strip() == "rest"


@pytest.mark.parametrize("text", ["---\n\nA rule.\n\n---\n", "---\nonly one rule", "text\n---\ntitle: T\n---\n", ""])
def test_a_rule_across_the_page_is_no_front_matter(text: str) -> None:
    assert split_front_matter(text, "a.md")[1] == text


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("---\ntitle: [\n---\nx", "its front matter cannot be read: expected the node content"),
        (
            "---\na: &x [1]\nb: *x\n---\nx",
            "its front matter cannot be read: an alias (*name) in it; write the value out",
        ),
        ("---\na: " + "[" * 101 + "\n---\nx", "its front matter is nested too deep; write `name: value` lines"),
        ("---\na: " + "b" * 20_000 + "\n---\nx", "its front matter has 20,004 characters; keep it below 16,384"),
        ("+++\ntitle = \n+++\nx", "its front matter cannot be read: Invalid value"),
    ],
)
def test_front_matter_that_cannot_be_read_is_told(head: str, reason: str) -> None:
    with pytest.raises(PostmortemError) as raised:
        split_front_matter(head, "a.md")
    assert str(raised.value).startswith(f"a.md: {reason}")


def test_front_matter_constructs_nothing() -> None:
    details, _ = split_front_matter(
        "---\ntitle: !!python/object/apply:os.system [ls]\norg: !!python/name:os.system x\n---\n", "a.md"
    )
    assert (details.title, details.organisation) == ("", "x")
