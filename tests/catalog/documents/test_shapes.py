"""Every shape of a document becomes plain text with positions: headings, paragraphs, items, cells, code, links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.catalog.documents.document import Document
from reviewer.catalog.documents.reader import read_document

FOLDER = Path(__file__).parents[3] / "fixtures" / "postmortems"


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def from_text(text: str, name: str = "a.md") -> Document:
    return read_document(text.encode(), name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A *b* `c`\n\ntext", [("heading", "A b c"), ("paragraph", "text")]),
        ("one\ntwo  \nthree", [("paragraph", "one\ntwo\nthree")]),
        ("**Root cause**\n\nIt was.", [("heading", "Root cause"), ("paragraph", "It was.")]),
        ("**Root** cause\n", [("paragraph", "Root cause")]),
        ("*Describe the incident*\n\nIt was.", [("note", "Describe the incident"), ("paragraph", "It was.")]),
        ("- a\n- b\n\n  c\n  - d", [("item", "a"), ("item", "b"), ("item", "c"), ("item", "d")]),
        ("|a|b|\n|-|-|\n|c|*d*|\n||e|", [("table-head", "a | b"), ("row", "c | d"), ("row", "e")]),
        ("```py\nx = 1\n\ny\n```\n\n    z", [("code", "x = 1\n\ny"), ("code", "z")]),
        ("> quoted &amp; ~~gone~~", [("paragraph", "quoted & gone")]),
        ("a<br>b <b>c</b> <!-- d -->\n\n<details><summary>e</summary>\n\nf\n\n</details>", [("paragraph", "a\nb c"), ("paragraph", "e"), ("paragraph", "f")]),
        ("![picture](a.png) [words](http://b.example)", [("paragraph", "picture words")]),
    ],
)  # fmt: skip
def test_markdown_loses_its_marks_and_keeps_its_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(from_text(text)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h2>A <b>b</b></h2><p>c\n d<br>e</p>f", [("heading", "A b"), ("paragraph", "c d\ne"), ("paragraph", "f")]),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", [("item", "a"), ("item", "b"), ("item", "c")]),
        ("<table><tr><th>a<th>b<tr><td><p>c</p><td>d</table>", [("table-head", "a | b"), ("row", "c | d")]),
        ("<dl><dt>Cause<dd>A leak</dl>", [("row", "Cause | A leak")]),
        ("<pre>a\n  b</pre>", [("code", "a\n  b")]),
        ("<table><tr><td>menu<h2>Cause</h2>A leak</table>", [("row", "menu"), ("heading", "Cause"), ("paragraph", "A leak")]),
        ("<script>a</script><style>b</style><nav>c</nav><p hidden>d</p><p style='display: none'>e<p>f", [("paragraph", "f")]),
        ("<svg><text>a</text></svg><template>b</template><button>c</button>d", [("paragraph", "d")]),
    ],
)  # fmt: skip
def test_a_page_loses_what_nobody_reads(body: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(from_text(f"<!doctype html><html><body>{body}</body></html>", "a.html")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What happened\n=============\n\nIt failed.", [("heading", "What happened"), ("paragraph", "It failed.")]),
        ("ROOT CAUSE\nA leak.\n", [("heading", "ROOT CAUSE"), ("paragraph", "A leak.")]),
        ("x y.\n\nRoot cause:\n\n  A leak.", [("paragraph", "x y."), ("heading", "Root cause:"), ("paragraph", "A leak.")]),
        ("x y.\n\n2. Detection\n\nAn alert.", [("paragraph", "x y."), ("heading", "2. Detection"), ("paragraph", "An alert.")]),
        ("x y.\n\nh2. Cause\nA leak", [("paragraph", "x y."), ("heading", "Cause"), ("paragraph", "A leak")]),
        ("The title of it\n\nIt failed.", [("heading", "The title of it"), ("paragraph", "It failed.")]),
        ("x y.\n- a\n  b\n- c", [("paragraph", "x y."), ("item", "a\nb"), ("item", "c")]),
        ("x y.\n\n    code()\n    more()", [("paragraph", "x y."), ("code", "    code()\n    more()")]),
        (":Date: 2024-01-02\n", [("paragraph", "Date: 2024-01-02")]),
    ],
)  # fmt: skip
def test_plain_text_has_its_headings_too(text: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(from_text(text, "a.txt")) == expected


def test_links_and_code_are_marked_where_they_stand() -> None:
    document = from_text("See [the *fix*](https://a.example/b) in `x.y()`.")
    marks = [(mark.kind, document.text[mark.start : mark.end], mark.target) for mark in document.marks]
    assert marks == [
        ("link", "the", "https://a.example/b"),
        ("link", "fix", "https://a.example/b"),
        ("code", "x.y()", ""),
    ]


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        ("a.md", "no marks", "markdown"),
        ("a", "# Title\n\ntext", "markdown"),
        ("a", "plain words\n\nmore", "text"),
        ("a.rst", "Title\n=====\n", "text"),
        ("a", "<!DOCTYPE html><p>a", "html"),
        ("a.txt", "<html><body>a", "html"),
        ("a.json", json.dumps({"title": "a", "body": "b"}), "github-issue"),
        ("a", json.dumps({"summary": "a", "description": "b", "severity": "low"}), "github-advisory"),
        ("a", json.dumps({"title": "a", "culprit": "b"}), "sentry"),
        ("a", json.dumps({"exception": {"values": [{"type": "KeyError", "value": "'a'"}]}}), "sentry"),
        ("a.md", "{not json} but text", "markdown"),
    ],
)
def test_the_shape_is_told_by_what_is_there(name: str, text: str, shape: str) -> None:
    assert from_text(text, name).shape == shape


def test_an_issue_is_read_as_every_program_gives_it() -> None:
    body = "The pool leaks."
    rest = {
        "title": "A leak",
        "body": body,
        "html_url": "https://github.com/a/b/issues/1",
        "created_at": "2025-01-02T03:04:05Z",
    }
    command = {
        "title": "A leak",
        "body": body,
        "url": "https://github.com/a/b/issues/1",
        "createdAt": "2025-01-02T03:04:05Z",
    }
    hook = {"action": "closed", "issue": rest, "repository": {"full_name": "a/b"}}
    read = [from_text(json.dumps(value)) for value in (rest, command, hook, [rest])]
    assert {(document.text, document.details) for document in read} == {(read[0].text, read[0].details)}
    assert (read[0].details.repository, read[0].details.organisation) == ("a/b", "a")


def test_the_comments_of_an_issue_are_read_wherever_they_stand() -> None:
    issue = {"title": "A leak", "body": "b", "html_url": "https://github.com/a/b/issues/1"}
    comments = [{"body": "The cause is known."}, {"body": None}, 3]
    for value in ({**issue, "comments": comments}, {"issue": issue, "comments": comments}):
        assert blocks(from_text(json.dumps(value)))[-2:] == [
            ("heading", "Comment"),
            ("paragraph", "The cause is known."),
        ]


def test_a_merged_pull_request_names_its_own_commit() -> None:
    pull = {"title": "Close it", "body": "b", "html_url": "https://github.com/a/b/pull/2", "merge_commit_sha": "a" * 40}
    assert from_text(json.dumps({**pull, "merged_at": None})).details.fix == ""
    assert from_text(json.dumps({**pull, "merged_at": "2025-01-02T03:04:05Z"})).details.fix == "a" * 40


def test_an_advisory_names_its_weaknesses_packages_and_references() -> None:
    document = read_document(
        json.dumps(
            {
                "ghsa_id": "GHSA-aaaa-bbbb-cccc",
                "summary": "It never ends",
                "description": "The loop never ends.",
                "cwes": [{"cwe_id": "CWE-835", "name": "Infinite Loop"}],
                "vulnerabilities": [
                    {
                        "package": {"name": "p"},
                        "vulnerable_version_range": "< 2",
                        "first_patched_version": {"identifier": "2.0"},
                    }
                ],
                "references": [
                    "https://github.com/a/b/commit/abcdef1",
                    {"type": "FIX", "url": "https://github.com/a/b/commit/abcdef2"},
                ],
            }
        ).encode(),
        "a.json",
    )
    assert blocks(document)[2:] == [
        ("heading", "Weaknesses"),
        ("item", "CWE-835 Infinite Loop"),
        ("heading", "Affected packages"),
        ("item", "p < 2, mended in 2.0"),
        ("heading", "References"),
        ("item", "https://github.com/a/b/commit/abcdef1"),
        ("item", "Fix https://github.com/a/b/commit/abcdef2"),
    ]


def test_a_sentry_event_is_read_by_itself() -> None:
    frames = [{"filename": "a.py", "lineno": 3, "function": "f", "context_line": "    x['a']"}, {"module": "b"}, 7]
    event = {
        "event_id": "1",
        "timestamp": "2025-01-02T03:04:05Z",
        "exception": {"values": [{"type": "KeyError", "value": "'a'", "stacktrace": {"frames": frames}}]},
    }
    document = from_text(json.dumps(event))
    assert blocks(document) == [
        ("heading", "KeyError: 'a'"),
        ("paragraph", "KeyError: 'a'"),
        ("code", 'File "a.py", line 3, in f\n  x[\'a\']\nFile "b", line ?, in ?'),
    ]
    assert document.details.incident == "2025-01-02T03:04:05Z"


@pytest.mark.parametrize("value", [None, 3, True, "", [], {}, [{}], {"values": None}, "x" * 100])
@pytest.mark.parametrize(
    "name", ["github_issue_with_comments.json", "repository_advisory.json", "osv_advisory.json", "sentry.json"]
)
def test_a_field_may_hold_anything(name: str, value: object) -> None:
    whole = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    paths = list(_paths(whole))
    assert len(paths) > 5
    for path in paths:
        changed = json.loads(json.dumps(whole))
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        try:
            assert read_document(json.dumps(changed).encode(), name).text
        except Exception as error:  # noqa: BLE001 - only its own error may come
            assert type(error).__name__ == "PostmortemError", (path, error)


def _paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, part in inner:
        found += _paths(part, (*path, key))
    return found
