"""What is no post-mortem is refused with one line that says what it is and what to do."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from reviewer.catalog.documents.reading import Given, read_postmortem
from reviewer.errors import PostmortemError
from tests.catalog.documents.postmortems import read_text, words

LOG = "".join(f"2024-03-05 10:{n % 60:02}:11,123 ERROR worker {n} failed: timeout after 30 s\n" for n in range(200))
NOVEL = (
    "# Chapter One\n\nThe rain had not stopped for three days when Mrs Hathaway noticed that the clock in the hall was silent."
    " Nobody had wound it, because nobody had thought of it since the funeral, and so the house had lost its pulse. She stood"
    " for a while on the stairs with one hand on the banister. Two hours later the doctor came, and it was he who found the"
    " letter. The cause of the quarrel was an old one, he said, and he would not speak of it before the children.\n\n"
) * 12
TUTORIAL = (
    "# Getting started\n\nInstall the package with pip. Create a client and send a request to the server. The response has a"
    " status and a body. You can pass a timeout, and the client retries a request when the server is busy. See the API"
    " reference for every parameter. The cache stores responses for an hour.\n\n"
) * 8


def refusal(content: bytes | str, name: str = "a.md", given: Given | None = None) -> str:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(PostmortemError) as raised:
        read_postmortem(data, name, given)
    text = str(raised.value)
    assert text.startswith(f"{name}: ")
    assert "\n" not in text
    return text.removeprefix(f"{name}: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; write down what happened, why, and what was done about it"),
        (b" \n\t\r\n", "is empty; write down what happened, why, and what was done about it"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "is a PDF; save its text as Markdown, HTML or plain text"),
        (b"PK\x03\x04\x14", "is a zipped file, such as a Word document; save its text as Markdown, HTML or plain text"),
        (b"\x1f\x8b\x08\x00", "is a compressed file; unpack it first"),
        (b"\x89PNG\r\n\x1a\n", "is a picture; write down what it says"),
        (b"text\0more", "holds NUL bytes and is no text; save it as Markdown, HTML or plain text in UTF-8"),
        ("Störung".encode("latin-1"), "is not valid UTF-8 at byte 2; save it as UTF-8"),
        (b"\xff\xfea", "is not valid UTF-16-LE at byte 0; save it as UTF-8"),
        (b"<!-- only a comment -->", "holds no text; write down what happened, why, and what was done about it"),
        (b"[a]: http://b.example", "holds no text; write down what happened, why, and what was done about it"),
        (LOG.encode(), "is a log; write down what happened in words, and quote the lines that matter"),
        (LOG.encode() * 4000, "is a log of more than 5 MiB; write down what happened in words, and quote the lines that matter"),
        (b"a" * (6 * 1024 * 1024), "has more than 5 MiB; cut out the part that tells of the incident"),
        (b"It failed. " * 30_000, "has more than 300,000 characters of text, and a post-mortem has a few thousand; cut out the part that tells of the incident"),
        (b"\n" * 20_000 + b"x", "has 20,001 lines, and a post-mortem has a few hundred; cut out the part that tells of the incident"),
        (b"# T\n\nIt broke.", "is no post-mortem: it has 2 words; write down what happened, why, and what was done about it"),
        (NOVEL.encode(), "is no post-mortem: it does not speak of software; give a document that tells what failed, why, and what was done about it"),
        (TUTORIAL.encode(), "is no post-mortem: it does not say what failed, why, what was done about it or how it was noticed; write that down"),
        (b"Ein Fluss floss durch das Tal, und am Ufer lagen die Boote der Fischer, die seit Tagen nicht mehr hinausgefahren waren, weil der Wind so kalt von den Bergen kam." * 2,
         "is not in English, and nothing says that it is a post-mortem; translate it, or name its fix in its head"),
        ("海辺の村に老人が住んでいた。毎朝、彼は網を持って浜へ出た。".encode() * 3, "is not in English, and nothing says that it is a post-mortem; translate it, or name its fix in its head"),
        (b"# Post-mortem\n\n## Summary\n\nAll uploads failed for two hours. The root cause was a full disk.", "has no title; give it a heading that says what failed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"title": ', "is no valid JSON: Expecting value: line 1 column 11 (char 10)"),
        ("[" * 100_000, "its JSON is nested too deep; give the issue, advisory or event alone"),
        ('{"a":' * 100_000, "its JSON is nested too deep; give the issue, advisory or event alone"),
        ("[1, 2]", "is JSON, and neither a GitHub issue or advisory nor a Sentry issue; give one of these at a time"),
        (
            json.dumps({"message": "Not Found"}),
            "is JSON, and neither a GitHub issue (title, body), an advisory (summary, description) nor a Sentry issue "
            "(title, culprit) or event (exception); give one of these",
        ),
    ],
)
def test_json_that_is_something_else_is_told(content: str, reason: str) -> None:
    assert refusal(content, "a.json") == reason


def test_a_page_of_too_many_elements_is_told() -> None:
    told = refusal("<!doctype html>" + "<p>" * 200_000 + "a", "a.html")
    assert told == "has more than 100,000 elements of HTML; a page has a few thousand; save its text alone"


def test_a_template_that_nobody_has_filled_in_is_refused() -> None:
    text = resources.files("reviewer.catalog.documents").joinpath("template.md").read_text(encoding="utf-8")
    assert refusal(text, "new.md").startswith("is no post-mortem: it has 0 words")


@pytest.mark.parametrize(
    "text",
    [
        "# Uploads failed\n\nAll uploads failed for an hour because the disk was full. We added a second disk.",
        "# Timeout\n\nThe call had no timeout, so the workers hung. Fixed in 1.2.3.",
        "Login outage\n\nUsers could not log in for ten minutes. The certificate had expired. It was renewed.\n",
    ],
)
def test_a_short_one_is_one_too(text: str) -> None:
    assert words(read_text(text))


def test_whoever_names_the_fix_says_what_the_document_is() -> None:
    text = "# Retry\n\nA retry in the client was wrong.\n"
    assert refusal(text).startswith("is no post-mortem")
    assert read_text(text, given=Given(fix="abc1234")).lesson.title == "Retry"


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-32-be", b"\0\0\xfe\xff")]
)
def test_a_mark_at_the_beginning_names_the_encoding(encoding: str, mark: bytes) -> None:
    text = "# Störung\n\nAll uploads failed because the disk was full."
    assert read_postmortem(mark + text.encode(encoding), "a.md").lesson.title == "Störung"


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252"])
def test_a_page_names_its_encoding(charset: str) -> None:
    page = (
        f"<html><head><meta charset='{charset}'></head><h1>Störung</h1><p>All uploads failed because the disk was full."
    )
    assert read_postmortem(page.encode("latin-1"), "a.html").lesson.title == "Störung"


@pytest.mark.parametrize("charset", ["zip", "rot13", "punycode", "idna", "unicode_escape", "x" * 30])
def test_an_encoding_that_is_none_for_text_is_not_used(charset: str) -> None:
    page = (
        f"<html><head><meta charset={charset}></head><h1>Full disk</h1><p>All uploads failed because the disk was full."
    )
    assert read_postmortem(page.encode(), "a.html").lesson.title == "Full disk"


def test_a_post_mortem_that_quotes_a_log_is_no_log() -> None:
    text = f"# Uploads failed\n\nAll uploads failed because the disk was full.\n\n```\n{LOG[:3000]}```\n"
    prose = "\n".join(f"Line {n} of the story: the disk was full and uploads failed." for n in range(80))
    assert words(read_text(text.replace("```\n", "```\n", 1) + "\n" + prose))
