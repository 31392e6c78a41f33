"""Names of the failures that a model may point at; `explain.failure` says what each is and what the tree must show."""

from __future__ import annotations

from typing import Literal, get_args

FailureName = Literal[
    "unhandled-exception",
    "waits-forever",
    "blocks-event-loop",
    "value-missing",
    "empty-collection",
    "key-missing",
    "wrong-type",
    "malformed-text",
    "text-encoding",
    "handler-too-narrow",
    "failure-hidden",
    "error-path-fails",
    "not-awaited",
    "cancellation",
    "not-released",
    "half-done",
    "shared-state",
    "failure-by-value",
    "retry",
    "unbound-name",
    "never-ends",
    "platform",
    "wrong-assumption",
]

SUSPECTED = "suspected-"
"""How the rule of a finding begins that a model pointed at."""

SUSPICIONS: tuple[str, ...] = tuple(SUSPECTED + name for name in get_args(FailureName))
"""The rules of such findings, for waivers and settings."""

LEARNED = "learned-pattern"
"""The rule of a finding that no rule made: a pattern of the catalog found the place."""
