"""What people write to the reviewer in comments: `/reviewer waive reason`, `/reviewer review`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from reviewer.domain.event import Command

REASON = 500
"""Characters of a reason that are kept."""

_COMMAND = re.compile(r"\s*/reviewer[ \t]+waive\b[ \t]*(?P<rest>[^\r\n]*)", re.IGNORECASE)
_ANY = re.compile(r"\s*/reviewer[ \t]+(?P<command>waive|review)\b", re.IGNORECASE)
_IDENTITY = re.compile(r"(?P<id>[0-9a-f]{8,64})(?:[ \t]+|$)(?P<reason>.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WaiveCommand:
    """A wish to accept a finding.

    Attributes:
        finding: beginning of its id, eight characters at least; None in a thread, which says itself what it is about.
        reason: why; empty where none was given.
    """

    finding: str | None
    reason: str


def command_of(body: str) -> Command | None:
    """Which command a comment begins with; None where it begins with none."""
    match = _ANY.match(body)
    return cast("Command", match["command"].lower()) if match else None


def read_command(body: str, *, in_thread: bool) -> WaiveCommand | None:
    """The command that a comment begins with; None where it begins with none.

    Args:
        body: the comment; only its first line counts, so that a quoted command is none.
        in_thread: whether it answers a comment of ours.
    """
    match = _COMMAND.match(body)
    if match is None:
        return None
    rest = match["rest"].strip()
    named = None if in_thread else _IDENTITY.match(rest)
    if named is None:
        return WaiveCommand(None, rest[:REASON])
    return WaiveCommand(named["id"].lower(), named["reason"].strip()[:REASON])
