"""A review for a workflow of GitHub Actions that may not comment: annotations by commands, and a job summary."""

from __future__ import annotations

from reviewer.domain.check import Check
from reviewer.domain.posting import Fallback
from reviewer.render.github import commands_of


def fallback_of(check: Check, summary: str) -> Fallback:
    """The review as annotations and summary.

    Args:
        check: the verdict with its annotations.
        summary: Markdown of the summary comment.
    """
    return Fallback(commands="".join(f"{line}\n" for line in commands_of(check.annotations)), summary=summary)
