"""Which assistant wrote a commit."""

from __future__ import annotations

import pytest

from reviewer.catalog.assistant import assistant_of, assistant_of_lines
from reviewer.domain.fix import Authorship

PERSON = "Ann Lee <ann@example.org>"


@pytest.mark.parametrize(
    ("author", "message", "name"),
    [
        (PERSON, "Add retry\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n", "claude"),
        (PERSON, "Add retry\n\nGenerated with [Claude Code](https://claude.ai/code)\n", "claude"),
        ("Ann Lee (aider) <ann@example.org>", "Add retry", "aider"),
        ("copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>", "Add retry", "copilot"),
        (PERSON, "Add retry\n\nCo-authored-by: Cursor Agent <cursoragent@cursor.com>", "cursor"),
        (PERSON, "Add retry\n\nCo-authored-by: openhands <openhands@all-hands.dev>", "openhands"),
        (PERSON, "Add retry\n\nCo-authored-by: codex <codex@example.org>", "codex"),
    ],
)
def test_author_and_trailers_name_the_assistant(author: str, message: str, name: str) -> None:
    assert assistant_of(author, message) == name


@pytest.mark.parametrize(
    "message",
    [
        "Add the Claude adapter",
        "Move the cursor to the end of the line",
        "Ask Copilot less\n\nIt was Co-Authored by nobody.",
        "Add retry\n\nCo-authored-by: Bo Ek <bo@example.org>",
        "",
    ],
)
def test_message_that_speaks_of_an_assistant_was_not_written_by_it(message: str) -> None:
    assert assistant_of(PERSON, message) == ""


def test_assistant_of_lines_is_that_of_most_of_them() -> None:
    claude = Authorship(PERSON, "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>", 7)
    assert assistant_of_lines([claude, Authorship(PERSON, "x", 3)]) == "claude"
    assert assistant_of_lines([claude, Authorship(PERSON, "x", 7)]) == ""
    assert assistant_of_lines([]) == ""
