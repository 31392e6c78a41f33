"""Which assistant wrote a commit, as its author and its trailers say. That they say nothing proves nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from reviewer.domain.fix import Authorship

_TRAILER = re.compile(r"^[ \t]*(co-authored-by|generated-by|assisted-by|signed-off-by)[ \t]*:[ \t]*(.+)$", re.I | re.M)
_GENERATED = re.compile(r"generated with \[?([\w .-]{2,40})", re.IGNORECASE)
_LAST_LINES = 40
"""Trailers stand at the end of a message; a commit may quote others before."""

_NAMES = (
    ("claude", re.compile(r"\bclaude\b|noreply@anthropic\.com", re.IGNORECASE)),
    ("codex", re.compile(r"\bcodex\b|chatgpt|noreply@openai\.com", re.IGNORECASE)),
    ("copilot", re.compile(r"\bcopilot\b|copilot(-swe-agent)?\[bot\]", re.IGNORECASE)),
    ("cursor", re.compile(r"\bcursor( ?agent)?\b|cursoragent@cursor\.com", re.IGNORECASE)),
    ("aider", re.compile(r"\baider\b|aider@aider\.chat|\(aider\)", re.IGNORECASE)),
    ("openhands", re.compile(r"\bopen-?hands\b|openhands@all-hands\.dev", re.IGNORECASE)),
    ("devin", re.compile(r"\bdevin-ai|devin-ai-integration\[bot\]|\bdevin ai\b", re.IGNORECASE)),
    ("jules", re.compile(r"google-labs-jules", re.IGNORECASE)),
    ("gemini", re.compile(r"\bgemini(-cli)?\b|gemini-code-assist", re.IGNORECASE)),
    ("windsurf", re.compile(r"\bwindsurf\b|\bcodeium\b", re.IGNORECASE)),
    ("amp", re.compile(r"\bamp@ampcode\.com|\bsourcegraph amp\b", re.IGNORECASE)),
    ("gptme", re.compile(r"\bgptme\b", re.IGNORECASE)),
)


def assistant_of(author: str, message: str) -> str:
    """The assistant that a commit names; "" where it names none, which is not to say that there was none.

    Args:
        author: name and address.
        message: the commit's message. Only its trailers count, and the line that some assistants add; a message that
            merely speaks of an assistant was not written by it.
    """
    for text in (author, *_signed(message)):
        for name, pattern in _NAMES:
            if pattern.search(text):
                return name
    return ""


def assistant_of_lines(authors: Iterable[Authorship]) -> str:
    """The assistant that wrote most of some lines; "" where for most of them none is named.

    Args:
        authors: the commits that wrote them.
    """
    lines: Counter[str] = Counter()
    for one in authors:
        lines[assistant_of(one.author, one.message)] += one.lines
    if not lines:
        return ""
    name, most = max(lines.items(), key=lambda item: (item[1], item[0]))
    return name if 2 * most > lines.total() else ""


def _signed(message: str) -> list[str]:
    end = "\n".join(message.splitlines()[-_LAST_LINES:])
    return [value for _, value in _TRAILER.findall(end)] + _GENERATED.findall(end)
