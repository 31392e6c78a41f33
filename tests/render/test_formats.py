"""The formats for programs and pages: nothing lost, nothing broken out of."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reviewer.domain.report import Report, Summary, parse_report
from reviewer.render.markdown import LIMIT, code_block, code_span, escape
from reviewer.render.options import RenderOptions
from reviewer.render.registry import FORMATS, renderer
from tests.render.report_sample import HOSTILE, answer, everything, finding, partial, report

TEXT = st.text(st.characters() | st.sampled_from(HOSTILE))


def hostile(text: str) -> Report:
    return partial(
        findings=[finding(path=text, function=text, message=text, code=text, explanation=text, rule=text)],
        answers=[answer(path=text, function=text, calls=text, inputs=text)],
        repository=text,
        summary=Summary(text=text, by=text, findings=[]),
    )


@pytest.mark.parametrize("name", FORMATS)
@given(text=TEXT)
@settings(max_examples=25, deadline=None)
def test_every_format_takes_any_text_and_can_be_written(name: Any, text: str) -> None:
    output = renderer(name)(hostile(text), RenderOptions(verbose=True, show_quiet=True))
    output.encode()
    assert output.endswith("\n")
    assert all(line.isprintable() for line in output.split("\n"))


def test_json_gives_the_report_back() -> None:
    text = renderer("json")(everything(), RenderOptions(findings_shown=1))
    assert parse_report(text) == everything()
    assert text.isascii()


def test_a_report_from_before_there_were_summaries_is_read() -> None:
    old = json.loads(renderer("json")(report(), RenderOptions()))
    assert old.pop("summary") is None
    assert parse_report(json.dumps(old)) == report()


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_the_answers_of_tests_are_counted_and_shown_where_all_are_wanted(name: Any) -> None:
    answers = [answer(), answer(path="tests/test_client.py", function="test_it")]
    shown = renderer(name)(report(answers=answers), RenderOptions())
    assert ("test_it" in shown, "Not shown: 1 unit of tests." in shown) == (False, True)
    assert "test_it" in renderer(name)(report(answers=answers), RenderOptions(verbose=True)).replace("\\", "")


def test_html_shows_what_stands_between_backticks_as_code() -> None:
    item = finding(message="`a < b` fails", explanation="Pass `timeout=`.")
    shown = renderer("html")(report(findings=[item]), RenderOptions())
    assert "<code>a &lt; b</code> fails" in shown
    assert "Pass <code>timeout=</code>." in shown


def test_markdown_begins_with_the_verdict_and_what_was_not_checked() -> None:
    text = renderer("markdown")(partial(), RenderOptions())
    assert text.startswith("**Block, not complete**: 1 high in 2 of 3 files")
    assert "- `app/broken.py`: line 7 is no Python: unexpected indent" in text


@given(TEXT)
def test_escaped_text_makes_no_markup_in_markdown(text: str) -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(f"- {escape(text)}\n\n{escape(text)}\n")
    assert set(re.findall(r"<(/?\w+)", page)) <= {"ul", "/ul", "li", "/li", "p", "/p", "code", "/code"}
    # Nothing in inline code mentions or links.
    assert not re.search(r"[@#]\w|://", re.sub("<code>.*?</code>", "", page).replace("&lt;", "<"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("read with `get` or `a.b_c`", "read with <code>get</code> or <code>a.b_c</code>"),
        ('`if "key" not in data`', "<code>if &quot;key&quot; not in data</code>"),
        ("``a ` b`` and `", "<code>a ` b</code> and `"),
        ("one ` alone_and *", "one ` alone_and *"),
        ("`a``b`", "<code>a``b</code>"),
        ("`<b>@team</b>`", "<code>&lt;b&gt;@team&lt;/b&gt;</code>"),
        ("> no quote", "&gt; no quote"),
        ("`#1` # no heading", "<code>#1</code> # no heading"),
    ],
)
def test_what_stands_between_backticks_is_code_in_markdown(text: str, shown: str) -> None:
    assert MarkdownIt().render(escape(text)) == f"<p>{shown}</p>\n"


def test_findings_of_one_line_share_its_code_on_the_page_and_in_markdown() -> None:
    line = "x = load(url)[key]"
    both = report(findings=[finding(code=line, column=5), finding(code=line, column=15, message="other")])
    assert renderer("markdown")(both, RenderOptions()).count(line) == 1
    page = renderer("html")(both, RenderOptions())
    assert page.count("<mark>load(url)[key]</mark></code>") == 1
    assert page.count("<article>") == 1


@given(TEXT)
def test_nothing_breaks_out_of_inline_code_or_a_fence(text: str) -> None:
    page = MarkdownIt().render(f"- {code_span(text)}\n\n{code_block(text)}\n")
    tags = {"ul", "/ul", "li", "/li", "p", "/p", "code", "/code", "pre", "/pre"}
    assert set(re.findall(r"<(/?\w+)", page)) <= tags
    assert page.count("<pre>") == 1
    assert page.rstrip().endswith("</code></pre>")


def test_markdown_stays_below_its_limit_and_counts_what_it_leaves_out() -> None:
    many = report(findings=[finding(id=f"{number:020}", explanation="word " * 200) for number in range(100)])
    text = renderer("markdown")(many, RenderOptions())
    assert len(text) <= LIMIT
    assert "more findings not shown here" in text
    assert "left out here for their length" in text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(sorted(name for name, _ in attrs))))


def _tags(text: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.seen


@given(TEXT)
@settings(max_examples=50, deadline=None)
def test_no_text_adds_an_element_or_an_attribute_to_the_page(text: str) -> None:
    page = renderer("html")(hostile(text), RenderOptions())
    allowed = {
        "a",
        "h1",
        "h2",
        "h3",
        "p",
        "br",
        "code",
        "pre",
        "mark",
        "small",
        "strong",
        "span",
        "ul",
        "li",
        "dl",
        "dt",
    }
    allowed |= {"dd", "article", "details", "summary", "html", "head", "meta", "title", "style", "body"}
    for tag, attributes in _tags(page):
        assert tag in allowed
        assert set(attributes) <= {"class", "lang", "charset", "http-equiv", "content", "name"}
    assert page.count("Content-Security-Policy") == 1


def test_the_page_is_whole_and_loads_nothing() -> None:
    page = renderer("html")(everything(), RenderOptions())
    assert page.startswith("<!doctype html>")
    assert page.count("<style>") == 1
    assert not re.search(r"<(script|link|img|iframe)|\s(src|href|on\w+)=", page)
    assert "<mark>requests.get(url, headers=HEADERS)</mark>" in page
