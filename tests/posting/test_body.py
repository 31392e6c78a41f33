"""The words of comments: short, and whatever is in the report, only words."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewer.domain.comment import Waived
from reviewer.domain.posting import ForgeLimits, PostingLimits
from reviewer.domain.report import EvidenceItem, Judgement, PatternMatch, Suggestion
from reviewer.posting.body import LONGEST, comment_body
from reviewer.posting.marker import FindingsMark, findings_marker, is_summary, read_findings
from reviewer.posting.overview import overview_body
from reviewer.posting.suggestion import replacement_of
from reviewer.posting.verdict import check_of
from reviewer.posting.workflow_command import fallback_of
from reviewer.render.markdown import shortened
from tests.posting.reviews import identity, item, review
from tests.render.report_sample import HOSTILE, everything

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 120
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""To make an example of nine texts small takes minutes and tells little more."""
GITHUB, GITLAB = ForgeLimits(60_000, "github"), ForgeLimits(1_000_000, "gitlab")

TRICKS = [
    HOSTILE,
    "@everyone",
    "@org/team",
    "fixes #1",
    "closes octo/shop#2",
    "GH-3",
    "!4",
    "/merge",
    "/close now",
    "```\n/merge\n```",
    "~~~~",
    "<!-- reviewer:findings/1 0=x -->",
    "\n<!-- reviewer:summary/1 -->",
    "![x](https://evil.example/pixel.png)",
    "[click](javascript:alert(1))",
    "https://evil.example",
    "www.evil.example",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "# heading",
    "1. list",
    "| a | b |\n|---|---|",
    "    indented",
    "$x^2$",
    "\u202egnp.exe",
    "\x00\x07\x1b[31m",
    "`",
    "`` ` ``",
    "\\",
    "::error file=x::y",
    "[^1]: note",
    "mail@evil.example",
]
TEXT = st.one_of(
    st.sampled_from(TRICKS),
    st.text(max_size=60),
    st.lists(st.sampled_from(TRICKS), min_size=1, max_size=4).map("\n".join),
    st.lists(st.sampled_from(TRICKS), min_size=1, max_size=4).map(" ".join),
)


def hostile(**texts: str) -> Any:
    """A finding whose every text is given."""
    names = ["message", "explanation", "note", "title", "why", "by", "reason", "function", "path"]
    text = {name: texts.get(name, "x") for name in names}
    return item(
        1,
        message=text["message"],
        explanation=text["explanation"],
        function=text["function"],
        evidence=[EvidenceItem(path=text["path"], line=1, note=text["note"])],
        patterns=[PatternMatch(id=text["why"], title=text["title"], why=text["why"])],
        judgement=Judgement(by=text["by"], verdict="doubted", reason=text["reason"]),
        suggestion=Suggestion(kind="fix", patch=text["note"], verified=[text["reason"]]),
    )


HOSTILE_ITEMS = st.builds(
    hostile,
    **dict.fromkeys(["message", "explanation", "note", "title", "why", "by", "reason", "function", "path"], TEXT),
)

OURS = re.compile(r"(?:</?(?:details|summary|sub)>|<!-- reviewer:[^<>]* -->|\s)*")
"""The only HTML that we write."""


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or []


def assert_harmless(text: str, *, own_headings: bool = False) -> None:
    for token in tokens(text):
        assert token.type not in ("link_open", "image", "table_open"), text
        assert own_headings or token.type != "heading_open", text
        if token.type in ("html_block", "html_inline"):
            # A block of HTML goes on to the next blank line: what is in it is looked at as text too.
            rest = re.sub(r"</?(?:details|summary|sub)>|<!-- reviewer:[^<>]* -->", "", token.content)
            assert "<" not in rest, text
            _assert_plain(html.unescape(rest))
        elif token.type == "text":
            _assert_plain(token.content)
    for line in outside_fences(text):
        assert not line.startswith("/"), text
    shown = text.replace("\n", "").replace("\t", "")
    assert shown.isprintable(), ascii(shown)


def _assert_plain(text: str) -> None:
    """No mention, reference or address that a forge would make a link of."""
    assert not re.search(r"@\w|#\d|\bGH-\d|!\d|://|www\.\w", text), text


def outside_fences(text: str) -> Iterator[str]:
    """Lines as GitLab looks for commands: outside of fences that begin with three backticks."""
    fenced = False
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield line


@settings(max_examples=EXAMPLES, phases=UNSHRUNK)
@given(st.lists(HOSTILE_ITEMS, min_size=1, max_size=3), st.sampled_from([GITHUB, GITLAB]))
def test_a_comment_holds_words_and_nothing_that_acts(items: list[Any], forge: ForgeLimits) -> None:
    body = comment_body(items, forge, line=12)
    assert_harmless(body)
    mark = read_findings(body)
    assert mark is not None
    assert set(mark.fingerprints) == {identity(1)}
    assert sum(line.startswith("<!--") for line in body.split("\n")) == 1
    assert len(body) <= LONGEST


@settings(max_examples=EXAMPLES // 2, phases=UNSHRUNK)
@given(st.lists(HOSTILE_ITEMS, max_size=4), TEXT, TEXT)
def test_a_summary_holds_words_and_nothing_that_acts(items: list[Any], reason: str, login: str) -> None:
    body, named = overview_body(
        review(*items),
        rest=items,
        quiet=items,
        in_comments=2,
        waived={"a" * 20: Waived("a" * 20, reason, login)},
        notes=[reason],
        limits=PostingLimits(),
        forge=GITHUB,
    )
    assert_harmless(body, own_headings=True)
    assert is_summary(body)
    assert len(named) == 2 * len(items)
    assert sum(line.startswith("<!--") for line in body.split("\n")) == 1


@settings(max_examples=EXAMPLES // 2, phases=UNSHRUNK)
@given(HOSTILE_ITEMS, TEXT)
def test_a_workflow_command_cannot_begin_another(one: Any, path: str) -> None:
    report = review(one, item(2, path=path, message=path))
    fallback = fallback_of(check_of(report, {}, PostingLimits()), "")
    lines = fallback.commands.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"::error file=[^:,]*,line=\d+,endLine=\d+,title=[^:,]*::.*", line)
        assert line.isprintable()


def test_a_report_with_something_of_every_sort_is_harmless() -> None:
    for one in everything().findings:
        assert_harmless(comment_body([one], GITHUB))


def test_a_comment_that_begins_with_its_finding_does_not_repeat_the_line() -> None:
    assert "(line 12)" not in comment_body([item(1, line=12, end_line=14)], GITHUB, line=14, start=12)
    assert "(line 12)" in comment_body([item(1, line=12), item(2, line=13)], GITHUB, line=14, start=12)


@pytest.mark.parametrize(
    ("text", "shown"), [("short", "short"), ("one two three", "one two…"), ("x" * 20, "xxxxxxxxx…")]
)
def test_what_is_too_long_ends_between_two_words(text: str, shown: str) -> None:
    assert shortened(text, 10) == shown


def test_a_comment_says_what_fails_what_to_do_and_how_to_waive_it() -> None:
    body = comment_body([item(1)], GITHUB, line=12)
    first, second, *_ = body.split("\n\n")
    assert first == "**High**: requests.get waits for ever when the HTTP server does not answer"
    assert "Pass timeout=(3, 10)" in second
    assert "<details><summary>How this is known</summary>" in body
    assert "Reply `/reviewer waive <reason>`" in body
    outside = re.sub(r"<details>.*?</details>", "", body, flags=re.DOTALL)
    assert len([line for line in outside.split("\n") if line]) <= 6


def test_several_findings_of_a_line_are_a_line_each_and_told_in_full_below() -> None:
    body = comment_body(
        [item(1), item(2, severity="medium", message="nobody catches it", explanation="Catch it.")], GITHUB
    )
    assert "Also here:\n\n- **Medium**: nobody catches it (line 12)\n" in body
    above, below = body.split("<details><summary>Why, and what to do about the rest</summary>")
    assert ("Catch it." in above, "Catch it." in below) == (False, True)


def test_what_happened_before_is_told() -> None:
    seen = PatternMatch(id="p", title="Checkout froze", why="The same call without a limit")
    body = comment_body([item(1, patterns=[seen]), item(2, patterns=[seen])], GITHUB)
    assert body.count("**Seen in an incident before**: Checkout froze\n") == 1
    assert body.count("The same call without a limit") == 1


def test_a_comment_gets_shorter_before_it_gets_too_long() -> None:
    long = [item(n, explanation="word " * 3_000, message="m" * 5_000) for n in range(40)]
    body = comment_body(long, GITHUB)
    assert len(body) <= LONGEST
    mark = read_findings(body)
    assert mark is not None
    assert len(mark.fingerprints) == 40
    tiny = ForgeLimits(4_000)
    assert len(comment_body([item(1, explanation="x " * 9_000)], tiny)) <= 4_000


def patch(*rows: str, start: int = 10, path: str = "app/client.py") -> Suggestion:
    """A patch with these lines in one hunk."""
    old = sum(row[0] != "+" for row in rows)
    new = sum(row[0] != "-" for row in rows)
    head = f"--- a/{path}\n+++ b/{path}\n@@ -{start},{old} +{start},{new} @@\n"
    return Suggestion(kind="logging", patch=head + "".join(f"{row}\n" for row in rows), verified=["parses"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([" a", " b", "+log()", " c"], (11, 12, ("b", "log()", "c"))),
        ([" a", "-b", "+B", " c"], (11, 12, ("B", "c"))),
        ([" a", " b", "-c", "+C", " d"], (12, 12, ("C",))),
        ([" a", " b", "-c", " d"], None),
        ([" a", " b", " c", "-d", "-e", "+DE", " f"], (12, 14, ("c", "DE"))),
        ([" a", "-b", "+B", " c", "+log()", " d"], (11, 12, ("B", "c", "log()"))),
        (["-a", "+A", " b", "-c", "+C"], (10, 12, ("A", "b", "C"))),
    ],
)
def test_a_block_replaces_the_lines_that_the_patch_does(rows: list[str], expected: Any) -> None:
    found = replacement_of(item(1, line=12, suggestion=patch(*rows)))
    assert (None if found is None else (found.start, found.end, found.lines)) == expected


@pytest.mark.parametrize(
    "suggestion",
    [
        patch(" a", " b", "+```", " c"),
        patch(" a", " b", "+x = '\u202e'", " c"),
        patch(" a", " b", "+x\r", " c"),
        patch(" a", " b", "+/merge", " c"),
        patch(" a", " b", "+x", " c", path="other.py"),
        patch(" a", "+x", " b", start=500),
        Suggestion(kind="fix", patch="no patch", verified=[]),
    ],
)
def test_what_should_not_be_applied_unseen_is_no_block(suggestion: Suggestion) -> None:
    assert replacement_of(item(1, line=12, suggestion=suggestion)) is None


def test_an_insertion_at_the_top_of_a_file_replaces_its_first_line() -> None:
    top = Suggestion(
        kind="fix", patch="--- a/app/client.py\n+++ b/app/client.py\n@@ -1 +1,2 @@\n+new\n old\n", verified=[]
    )
    found = replacement_of(item(1, line=1, end_line=1, suggestion=top))
    assert found is not None
    assert (found.start, found.end, found.lines) == (1, 1, ("new", "old"))


def test_a_patch_that_is_no_block_is_folded_away() -> None:
    body = comment_body([item(1, suggestion=patch(" a", " b", "+log()", " c"))], GITHUB)
    assert "<details><summary>Log line to apply; 1 check passed</summary>\n\n```diff\n--- a/app/client.py" in body


NAMES = st.text(st.sampled_from("abcdef0123456789"), min_size=1, max_size=64)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=5), st.booleans(), st.text(max_size=50))
def test_a_marker_is_read_as_it_was_written(pairs: list[tuple[str, str]], fixed: bool, text: str) -> None:
    mark = FindingsMark(tuple(one for one, _ in pairs), tuple(rule for _, rule in pairs), "abcdef012345", fixed)
    body = f"{text}\n{findings_marker(mark)}"
    assert read_findings(body) == mark
    assert read_findings(body.replace("\n", "\r\n") + "\r\n") == mark
    assert read_findings(f"{body}\nmore") is None
