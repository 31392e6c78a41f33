"""What a model wrote is text and inline code to every reader, whatever it wrote."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reviewer.explain.plain_text import plain
from tests.explain.injections import INJECTIONS, Injection

DOCS = "https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for"
HARMLESS = {"text", "code_inline", "softbreak", "text_special"}
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tokens(text: str) -> tuple[list[str], list[str]]:
    """Kinds of the blocks, and of what is in them, as a reader of Markdown sees the text."""
    blocks = MARKDOWN.parse(text)
    inner = [child for block in blocks for child in block.children or []]
    return [block.type for block in blocks], [child.type for child in inner if child.type != "text" or child.content]


def cleaned(text: str, limit: int = 5000) -> str:
    """Clean and hold what must hold for every text."""
    result = plain(text, limit=limit, links=[DOCS])
    blocks, inner = tokens(result)
    assert blocks in ([], ["paragraph_open", "inline", "paragraph_close"]), (result, blocks)
    assert set(inner) <= HARMLESS, (result, inner)
    assert len(result) <= limit
    assert result == " ".join(result.split())
    assert result.isprintable()
    assert unicodedata.is_normalized("NFC", result)
    outside = re.sub(r"`[^`]*`", " ", result.replace(DOCS, ""))
    assert "@" not in re.sub(r"@(?=\s|$)", "", outside)
    assert not re.search(r"#[0-9]|\bGH-[0-9]|://|\bwww\.", outside, re.IGNORECASE)
    assert "://" not in result.replace(DOCS, "")
    assert plain(result, limit=limit, links=[DOCS]) == result
    return result


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The call `requests.get(url)` has no timeout.", "The call `requests.get(url)` has no timeout."),
        ("# Title\n\n- one\n- two\n\n> three\n\n1. four", "Title one two three four"),
        ("Before\n```python\nx = 1\n```\nafter", "Before x = 1 after"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("above\n\n---\n\nbelow\n=====\n", "above below"),
        ("A title\n-------\ntext", "A title text"),
        ("**bold**, *soft*, __under__ and ~~gone~~", "bold, soft, `__under__` and gone"),
        ("calls __init__ and self._run()", "calls `__init__` and `self._run`()"),
        ("foo_bar and a_b_c stay", "foo_bar and a_b_c stay"),
        ("if x < 3 and y > 4: a[0] = b[1]", "if x < 3 and y > 4: a[0] = b[1]"),
        ("-1 is returned", "-1 is returned"),
        ("cafe\u0301", "caf\u00e9"),
        ("ask @octocat or @org/team", "ask octocat or org/team"),
        ("mail bob@example.org", "mail bob at example.org"),
        ("@dataclass(frozen=True)", "dataclass(frozen=True)"),
        ("this fixes #12 and GH-7, see o/r#3", "this see number 12 and number 7, see number 3"),
        ("closes o/r#12", "see number 12"),
        ("fixes 3 bugs", "fixes 3 bugs"),
        ("[click](https://evil.example/x?q=1) here", "click here"),
        ("![pixel](https://evil.example/p.png?d=1)", "pixel"),
        ("[a][1] b\n\n[1]: https://evil.example", "a b"),
        ("see https://evil.example/a?b=c, now", "see (link), now"),
        ("see <https://evil.example>", "see <(link)>"),
        ("see www.evil.example", "see (link)"),
        ("javascript:alert(1) data:text/html,x", "(link) (link)"),
        (f"see {DOCS}.", f"see {DOCS}."),
        (f"see [the docs]({DOCS})", f"see the docs ({DOCS})"),
        (f"see {DOCS}/more", "see (link)"),
        ("`curl https://evil.example/a`", "`curl (link)`"),
        ("a <b>bold</b> <!-- hidden --> word", "a bold word"),
        ("a <script>alert(1)</script> b <img src=x onerror=y>", "a b"),
        ("&lt;img src=x&gt; &#60;b&#62; &amp;lt;i&amp;gt; AT&T", "AT&T"),
        ("\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07here\x1b]8;;\x07", "red here"),
        ("\u202eabc\u202c \u200bzero\u2060 \U000e0041tag \ufeff half\ud800", "abc zero tag half"),
        ("one\u2028two\u2029three\x85four\rfive\x0csix", "one two three four five six"),
        ("it `is open", "it 'is open"),
        ("`` a ` b ``", "'' a ' b ''"),
        ("", ""),
        ("***", ""),
    ],
)
def test_what_is_kept(written: str, shown: str) -> None:
    assert cleaned(written) == shown


@pytest.mark.parametrize("limit", [0, 1, 2, 5, 12, 13, 14, 20])
def test_cut_at_a_word(limit: int) -> None:
    text = "Nothing waits `for it` to end"
    short = cleaned(text, limit)
    assert short == "" if limit == 0 else short.endswith("…")
    assert short.count("`") % 2 == 0
    assert text.startswith(short.rstrip("…"))


def test_what_fits_is_not_cut() -> None:
    assert plain("just fits", limit=9) == "just fits"


def test_a_link_that_is_not_known_exactly_goes() -> None:
    assert plain("http://a.example/b", limit=99, links=["http://a.example/"]) == "(link)"
    assert plain("http://a.example/b", limit=99, links=["http://a.example/b"]) == "http://a.example/b"
    assert plain("javascript:alert(1)", limit=99, links=["javascript:alert(1)"]) == "(link)"


PIECES = st.sampled_from(
    [
        *(
            "`",
            "``",
            "```",
            "~~~",
            "*",
            "**",
            "_",
            "__",
            "~~",
            "#",
            "# ",
            "- ",
            "+ ",
            "1. ",
            "1) ",
            "> ",
            "|",
            "|-|",
            "---",
            "===",
        ),
        *(
            "[",
            "]",
            "(",
            ")",
            "](",
            "][",
            "]:",
            "![",
            "<",
            ">",
            "</",
            "<!--",
            "-->",
            "<a href=x>",
            "<b",
            "<?",
            "<![CDATA[",
            "&",
            "&lt;",
        ),
        *(
            "&#60;",
            "&amp;",
            ";",
            "\\",
            "\n",
            "\n\n",
            "    ",
            "\t",
            " ",
            "@",
            "@x",
            "GH-1",
            "#1",
            "a/b#2",
            "fixes ",
            "http://",
            "https://e.x/a",
        ),
        *(
            "www.",
            "x",
            "word",
            "__init__",
            "a.b",
            "\x00",
            "\x1b[1m",
            "\u202e",
            "\u200b",
            "\u0301",
            "e",
            "\ud800",
            "\u2028",
            "javascript:",
            "0",
        ),
        *(
            DOCS,
            ".",
            ",",
            ":",
            "!",
            "$",
            "\u3164",
            "\xa0",
            "é",
            "=",
            "{",
            "}",
            '"',
            "'",
            "[x]: http://e.x",
            "<script>",
            "_x",
            "x_",
            "…",
        ),
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join), st.integers(0, 60))
def test_any_markup_becomes_text(text: str, limit: int) -> None:
    cleaned(text)
    cleaned(text, limit)


@given(st.text(max_size=200), st.integers(0, 60))
def test_any_text_becomes_text(text: str, limit: int) -> None:
    cleaned(text, limit)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "[",
            "](",
            "[a](",
            "![",
            "<",
            "<a ",
            "<script ",
            "<script>",
            "<!--",
            "&lt;",
            "*",
            "_",
            "`",
            "``` ",
            "~",
            "-",
            "- ",
            "|",
            "> ",
            ">|",
            "1. ",
        ),
        *(
            "#",
            "@",
            "a@",
            "#1",
            "GH-1 ",
            "fixes ",
            "http://",
            "a.",
            "_a.",
            "\\",
            "\n",
            "\n|",
            "[](",
            "[](a(",
            "\x1b[",
            "\x1b]",
            "é",
            "\u0301",
            ":a",
            "__",
        ),
    ],
)
def test_time_grows_with_the_text_alone(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    plain(text, limit=500)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("attempt", INJECTIONS, ids=lambda attempt: attempt.id)
def test_an_injection_that_a_model_repeats_is_text(attempt: Injection) -> None:
    cleaned(attempt.text)
    cleaned(attempt.text, 40)
