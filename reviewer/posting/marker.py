"""The hidden last line of everything we post, by which it is known again.

It is an HTML comment, which forges do not show. It counts only as the very last line and only in what we wrote
ourselves, so that neither quoted code nor somebody else's copy passes for ours. The number is the version of its form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FINDINGS = re.compile(
    r"\n<!-- reviewer:findings/1 (said|fixed)@([0-9a-f]*)((?: [0-9a-zA-Z_.-]+=[0-9a-zA-Z_./:-]+)+) -->\s*\Z"
)
_SUMMARY = re.compile(r"\n<!-- reviewer:summary/1 -->\s*\Z")
_REVIEW = re.compile(r"\n<!-- reviewer:review/1 ([0-9a-f]{40,64}) -->\s*\Z")
_UNSAFE = re.compile(r"[^0-9a-zA-Z_./:-]")

HEAD = 12
"""Characters of a commit's id."""
SUMMARY = "\n<!-- reviewer:summary/1 -->"


@dataclass(frozen=True, slots=True)
class FindingsMark:
    """What the marker of a comment says.

    Attributes:
        fingerprints: ids of its findings.
        rules: their rules, in the same order.
        head: beginning of the id of the commit for which it was written; empty where that is not known.
        fixed: the findings are gone.
    """

    fingerprints: tuple[str, ...]
    rules: tuple[str, ...]
    head: str = ""
    fixed: bool = False


def findings_marker(mark: FindingsMark) -> str:
    """The last line of a comment on findings, with the line end before it."""
    pairs = " ".join(
        f"{_clean(identity)}={_clean(rule)}" for identity, rule in zip(mark.fingerprints, mark.rules, strict=True)
    )
    return f"\n<!-- reviewer:findings/1 {'fixed' if mark.fixed else 'said'}@{mark.head[:HEAD]} {pairs} -->"


def read_findings(body: str) -> FindingsMark | None:
    """The marker of a comment on findings; None where there is none."""
    match = _FINDINGS.search(_lines(body))
    if match is None:
        return None
    pairs = [pair.split("=", 1) for pair in match[3].split()]
    return FindingsMark(
        tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs), head=match[2], fixed=match[1] == "fixed"
    )


def without_marker(body: str) -> str:
    """A comment's text without its last line."""
    return _FINDINGS.sub("", _lines(body))


def is_summary(body: str) -> bool:
    """Whether it is the summary of a pull request."""
    return _SUMMARY.search(_lines(body)) is not None


def review_marker(head: str) -> str:
    """The last line of a review, with the line end before it."""
    return f"\n<!-- reviewer:review/1 {head} -->"


def read_review(body: str) -> str | None:
    """The head that a review was made for; None where it is none of ours."""
    match = _REVIEW.search(_lines(body))
    return match[1] if match else None


def _lines(body: str) -> str:
    """Forges give line ends back as they like."""
    return body.replace("\r\n", "\n")


def _clean(word: str) -> str:
    return _UNSAFE.sub("_", word)[:120] or "_"
