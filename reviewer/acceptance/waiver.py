"""Findings accepted in the code itself: `# reviewer: waive[rule, other-rule] reason until 2027-01-31`.

The comment stands on the finding's line, or in a block of comment-only lines directly above it. The reason is required;
`until` is optional, and its day is the last on which the waiver holds. Of what learned patterns find,
`waive[learned-pattern:ID]` accepts one, and no other that is learned later. An expired or malformed waiver waives
nothing and is told. Only real comments count: the same words inside a string are a string.
"""

from __future__ import annotations

import datetime
import io
import re
import tokenize
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.domain.finding import Finding
from reviewer.domain.report import WaiverItem
from reviewer.domain.suspicion import LEARNED

_MARK = re.compile(r"#\s*reviewer:\s*(?P<rest>.*)")
_WAIVE = re.compile(r"waive\s*\[(?P<rules>[^\[\]]*)\]\s*(?P<reason>.*)")
_UNTIL = re.compile(r"(?:^|\s)until\s+(?P<day>\S+)$")
_NEXT_COMMENT = re.compile(r"\s#")
_FORM = "write `# reviewer: waive[rule] reason until 2027-01-31`"


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted finding.

    Attributes:
        line: line of the comment, from 1.
        rules: ids of the rules it accepts.
        reason: why.
        until: the last day on which it holds; None for ever.
    """

    line: int
    rules: frozenset[str]
    reason: str
    until: datetime.date | None = None

    def item(self, path: str) -> WaiverItem:
        """The waiver as the report publishes it, with the file it stands in."""
        return WaiverItem(
            reason=self.reason, until=self.until.isoformat() if self.until else None, source=f"{path}:{self.line}"
        )


@dataclass(frozen=True, slots=True)
class Waivers:
    """What the waivers of one file come to.

    Attributes:
        accepted: fingerprint -> the waiver that accepts it.
        notes: what a person should know: waivers beside a finding that are expired or malformed, and new ones that
            waive nothing.
    """

    accepted: Mapping[str, Waiver] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def find_waivers(
    path: str,
    lines: Sequence[str],
    findings: Mapping[str, Finding],
    *,
    today: datetime.date,
    rules: Collection[str] | None = None,
    asked: Collection[str] = (),
    changed: Collection[int] | None = (),
) -> Waivers:
    """Match the waivers of one file with its findings.

    Args:
        path: the file, for the notes.
        lines: its lines, without line ends.
        findings: fingerprint -> finding, those of this file.
        today: the day on which a waiver must still hold.
        rules: all rule ids there are, so that a misspelt one is told; None where they are not known.
        asked: ids of the rules whose silence means that there is nothing to waive.
        changed: lines all of whose findings are given; None for every line.
    """
    if not (findings or asked) or not any("reviewer:" in line for line in lines):
        return Waivers()
    comments = _comments(lines)
    accepted: dict[str, Waiver] = {}
    notes: dict[str, None] = {}
    used: set[int] = set()
    for identity, finding in findings.items():
        for line in _places(finding.line, lines, comments):
            mark = _MARK.search(comments.get(line, ""))
            if mark is None:
                continue
            waiver, complaint = _read(line, mark["rest"], rules)
            if waiver is not None and not _accepts(waiver, finding):
                continue
            used.add(line)
            if waiver is not None and waiver.until is not None and waiver.until < today:
                complaint = f"the waiver of {finding.rule} expired on {waiver.until}; mend the code or renew the waiver"
            if complaint:
                notes[f"{path}:{line}: {complaint}"] = None
            elif waiver is not None:
                accepted.setdefault(identity, waiver)
    for line in comments:
        if line not in used and _guards_changed(line, lines, comments, changed):
            mark = _MARK.search(comments[line])
            waiver = _read(line, mark["rest"], rules)[0] if mark is not None else None
            if waiver is not None and waiver.rules.issubset(asked):
                names = f"the waiver of {', '.join(sorted(waiver.rules))}"
                notes[f"{path}:{line}: {names} waives nothing: there is no such finding on its line; take it away"] = (
                    None
                )
    return Waivers(accepted, tuple(notes))


def waives(lines: Sequence[str], line: int, rule: str) -> bool:
    """Whether a comment of a file accepts what a rule finds on a line, whatever its last day.

    Args:
        lines: the file's lines, without line ends.
        line: of the finding, from 1.
        rule: the rule's id, or as `waived_as` gives it.
    """
    comments = _comments(lines)
    names = frozenset(rule.split(", "))
    for place in _places(line, lines, comments):
        mark = _MARK.search(comments.get(place, ""))
        waiver = _read(place, mark["rest"], None)[0] if mark is not None else None
        if waiver is not None and names <= waiver.rules:
            return True
    return False


def waived_as(rule: str, patterns: Sequence[str]) -> str:
    """What the waiver of a finding names: its rule; where learned patterns alone made it, each of them.

    Args:
        rule: the finding's.
        patterns: ids of the patterns that it meets.
    """
    return ", ".join(f"{LEARNED}:{name}" for name in patterns) if rule == LEARNED and patterns else rule


def _accepts(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is for a finding: for its rule, or for every pattern that made it."""
    names = waived_as(finding.rule, [met.id for met in finding.patterns]).split(", ")
    return finding.rule in waiver.rules or waiver.rules.issuperset(names)


def complaint_of(comment: str) -> str:
    """What is wrong with a comment that is to be a waiver; "" for nothing.

    Args:
        comment: the whole comment.
    """
    mark = _MARK.search(comment)
    return _read(0, mark["rest"], None)[1] if mark is not None else f"no waiver; {_FORM}"


def _guards_changed(
    line: int, lines: Sequence[str], comments: Mapping[int, str], changed: Collection[int] | None
) -> bool:
    """Whether a comment and the line that it speaks for, its own or the first one below that is code, are changed."""
    if changed is None:
        return True
    guarded = line
    while guarded in comments and lines[guarded - 1].lstrip().startswith("#"):
        guarded += 1
    return line in changed and guarded in changed


def _comments(lines: Sequence[str]) -> dict[int, str]:
    """Comments by line, from 1; where the text cannot be read as Python, those before that place."""
    comments: dict[int, str] = {}
    text = "\n".join(lines) + "\n"
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            if token.type == tokenize.COMMENT:
                comments[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        # A file that breaks off is told by whoever parses it; its readable waivers still hold.
        return comments
    return comments


def _places(line: int, lines: Sequence[str], comments: Mapping[int, str]) -> list[int]:
    """The finding's line and the comment-only lines directly above it, nearest first."""
    places = [line]
    above = line - 1
    while above >= 1 and above in comments and lines[above - 1].lstrip().startswith("#"):
        places.append(above)
        above -= 1
    return places


def _read(line: int, text: str, rules: Collection[str] | None) -> tuple[Waiver | None, str]:
    """A waiver, or what is wrong with it."""
    text = _NEXT_COMMENT.split(text, maxsplit=1)[0].strip()
    found = _WAIVE.fullmatch(text)
    if found is None:
        return None, f"not understood: {text[:60]!r}; {_FORM}"
    ids = frozenset(part for part in (piece.strip() for piece in found["rules"].split(",")) if part)
    if not ids:
        return None, f"the waiver names no rule; {_FORM}"
    learned = {name for name in ids if name.startswith(f"{LEARNED}:")}
    if rules is not None and (unknown := sorted(ids - learned - set(rules))):
        return None, f"the waiver names an unknown rule {unknown[0]!r}; all of them: reviewer rules"
    reason, until = found["reason"].strip(), None
    if day := _UNTIL.search(reason):
        reason = reason[: day.start()].strip()
        try:
            until = datetime.date.fromisoformat(day["day"].rstrip("."))
        except ValueError:
            return None, f"the waiver's last day {day['day'][:30]!r} is no date; {_FORM}"
    if not reason:
        return None, f"the waiver gives no reason; {_FORM}"
    return Waiver(line, ids, reason, until), ""
