"""The one summary comment of a pull request, edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewer.domain.comment import Waived
from reviewer.domain.posting import ForgeLimits, PostingLimits
from reviewer.domain.report import FindingItem, Report
from reviewer.posting.marker import SUMMARY
from reviewer.posting.verdict import not_checked_lines, title_of
from reviewer.render.markdown import code_span, escape, shortened
from reviewer.render.safe import visible_lines
from reviewer.render.summary import footer, plural

LONGEST = 30_000
"""Characters: more is read by nobody, whatever the forge takes."""
_WAIVED = 30


def overview_body(
    report: Report,
    *,
    rest: Sequence[FindingItem],
    quiet: Sequence[FindingItem],
    in_comments: int,
    waived: Mapping[str, Waived],
    notes: Sequence[str],
    limits: PostingLimits,
    forge: ForgeLimits,
    link: str | None = None,
) -> tuple[str, tuple[str, ...]]:
    """The comment, and the ids of the findings that it names.

    Args:
        report: the review.
        rest: loud findings without a comment of their own, the worst first; named as far as there is room.
        quiet: low ones; named after them, folded away.
        in_comments: findings that comments tell.
        waived: accepted by people in comments.
        notes: what a person should know of the posting itself.
        limits: of posting.
        forge: of the forge.
        link: address of the whole report; None where there is none to open.
    """
    head = [f"### {escape(title_of(report, waived, limits))}"]
    if report.summary is not None:
        head += ["", *(f"- {escape(shortened(line, 500))}" for line in visible_lines(report.summary.text)[:8])]
    if in_comments:
        where = "a review comment" if in_comments == 1 else "review comments"
        head += ["", f"{plural(in_comments, 'finding')} explained in {where}."]
    head += not_checked_lines(report)
    tail = _tail(report, waived, notes, link)
    room = min(forge.body, LONGEST) - len("\n".join([*head, *tail])) - len(SUMMARY) - 600
    named: list[str] = []
    blocks: list[str] = []
    if rest:
        rows, room = _rows(rest, room, named)
        blocks += ["", f"**Not in a comment** ({plural(len(rest), 'finding')})", "", *rows]
    if quiet:
        rows, room = _rows(quiet, room, named)
        blocks += ["", f"<details><summary>{plural(len(quiet), 'low finding')}</summary>", "", *rows, "", "</details>"]
    return "\n".join([*head, *blocks, *tail]) + f"\n{SUMMARY}", tuple(named)


def _rows(items: Sequence[FindingItem], room: int, named: list[str]) -> tuple[list[str], int]:
    """A line for each finding as long as there is room; what does not fit is counted."""
    rows: list[str] = []
    for item in items:
        place = code_span(f"{item.path}:{item.line}"[-200:])
        said = f"{escape(shortened(item.message, 300))} ({code_span(item.rule[:100])}, `{_short(item.id)}`)"
        row = f"- **{item.severity}** {place}: {said}"
        if len(row) + 1 > room:
            break
        room -= len(row) + 1
        rows.append(row)
        named.append(item.id)
    if len(rows) < len(items):
        rows.append(f"- and {len(items) - len(rows)} more in the report")
    return rows, room


def _short(identity: str) -> str:
    """The beginning of a fingerprint, enough for a waiver."""
    return "".join(char for char in identity[:12] if char.isalnum())


def _tail(report: Report, waived: Mapping[str, Waived], notes: Sequence[str], link: str | None) -> list[str]:
    lines: list[str] = []
    if waived:
        rows = [
            f"- `{_short(one.fingerprint)}` by {code_span(one.by[:100])}: {escape(shortened(one.reason, 300))}"
            for one in list(waived.values())[:_WAIVED]
        ]
        more = [f"- and {len(waived) - _WAIVED} more"] if len(waived) > _WAIVED else []
        lines += ["", f"<details><summary>{len(waived)} waived</summary>", "", *rows, *more, "", "</details>"]
    told = [*notes, *report.coverage.notes]
    lines += [row for note in told[:10] for row in ("", f"Note: {escape(shortened(note, 500))}")]
    small = [f"Reviewed {report.head[:12]}." if report.head else "Reviewed a change without a commit."]
    small.append(f"[The whole report]({link})." if link else "`reviewer review` shows the whole report.")
    if spent := footer(report):
        small.append(escape(spent))
    small.append(
        "To accept a finding, comment `/reviewer waive <id> <reason>`, or reply to it with `/reviewer waive <reason>`."
    )
    return [*lines, "", f"<sub>{' '.join(small)}</sub>"]
