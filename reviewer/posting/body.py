"""The words of one comment: what fails and when, what to do, and, folded away, how that is known.

All text of the report may be hostile; it is escaped line by line (`render.markdown.escape`), so that it makes no
markup, mentions nobody, closes no issue, gives a forge no command and cannot end a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.domain.posting import ForgeLimits
from reviewer.domain.report import FindingItem, Suggestion
from reviewer.posting.marker import FindingsMark, findings_marker
from reviewer.posting.suggestion import Replacement
from reviewer.render.markdown import code_block, code_span, escape
from reviewer.render.safe import visible_lines
from reviewer.render.summary import SUSPICION, added, is_suspicion

LONGEST = 20_000
"""Characters of a comment: more is read by nobody, whatever the forge takes."""

_TEXT = 1_500
"""Characters of one text out of the report."""
_HOW_TO_WAIVE = "<sub>Not a problem here? Answer `/reviewer waive` and why, and it will not be said again.</sub>"
_PLACES = 12
"""Places of the evidence."""
_PATCH_LINES = 80
"""Lines of a patch that is only shown."""
_PATCH_LINE = (" ", "+", "-", "@@", "\\ ", "diff ", "index ")
"""How the lines of a patch begin; none of them looks like the end of a block or a command to any forge."""


def comment_body(
    items: Sequence[FindingItem],
    limits: ForgeLimits,
    replacements: Sequence[Replacement | None] = (),
    line: int | None = None,
) -> str:
    """A comment on the findings of one place.

    Args:
        items: one finding or several.
        limits: of the forge.
        replacements: for each finding the block to offer; empty or None where its patch is only shown.
        line: last line of the comment, from which GitLab counts the lines of a block; None on a file as a whole.

    Returns:
        Markdown with the marker, at most as long as the forge and a reader take.
    """
    marker = findings_marker(FindingsMark(tuple(i.id for i in items), tuple(i.rule for i in items)))
    blocks = list(replacements) or [None] * len(items)
    most = min(limits.body, LONGEST) - len(marker) - 2
    for detail in (3, 2, 1):
        parts = [
            "\n\n".join(_finding(item, block, limits, line, detail=detail))
            for item, block in zip(items, blocks, strict=True)
        ]
        text = "\n\n---\n\n".join(parts) + "\n\n" + _HOW_TO_WAIVE
        if len(text) <= most:
            return f"{text}\n{marker}"
    rows = [f"- **{item.severity.capitalize()}** {code_span(item.rule)} in line {item.line}" for item in items]
    text = "\n".join(rows)
    return f"{text if len(text) <= most else f'{len(items)} findings; the report has them.'}\n{marker}"


def _finding(
    item: FindingItem, block: Replacement | None, limits: ForgeLimits, line: int | None, *, detail: int
) -> Iterator[str]:
    """The paragraphs of one finding; the less detail, the shorter."""
    text = _TEXT if detail > 1 else _TEXT // 5
    where = f" (line {item.line})" if line != item.line else ""
    yield f"**{item.severity.capitalize()}**: {escape(_cut(item.message, text))}{where}"
    explained = [escape(_cut(row, text)) for row in visible_lines(added(item))[:10] if row]
    if explained:
        yield "\n\n".join(explained)
    for seen in item.patterns[:3]:
        yield f"**This happened before**: {escape(_cut(seen.title, 300))}. {escape(_cut(seen.why, 300))}"
    if item.judgement is not None and item.judgement.verdict != "confirmed":
        reason = f": {escape(_cut(item.judgement.reason, text))}" if item.judgement.reason else ""
        yield f"{escape(_cut(item.judgement.by, 100))} {_JUDGED[item.judgement.verdict]}{reason}"
    if item.suggestion is not None and detail > 2:
        yield from _patch(item.suggestion, block, limits)
    if item.evidence and detail > 1:
        yield _evidence(item)
    yield f"<sub>{_small_print(item)}</sub>"


_JUDGED = {"doubted": "doubts it", "unsure": "is not sure"}


def _patch(suggestion: Suggestion, block: Replacement | None, limits: ForgeLimits) -> Iterator[str]:
    checked = ", ".join(escape(name) for name in suggestion.verified[:10])
    what = "Log line" if suggestion.kind == "logging" else "Fix"
    proved = f" (checked: {checked})" if checked else ""
    if block is not None and limits.suggestion is not None:
        head = "suggestion"
        if limits.suggestion == "gitlab":
            head = f"suggestion:-{block.end - block.start}+0"
        yield f"{what} to apply{proved}:"
        yield "\n".join([f"```{head}", *block.lines, "```"])
        return
    lines = suggestion.patch.rstrip("\n").split("\n")
    if len(lines) <= _PATCH_LINES and all(line.startswith(_PATCH_LINE) for line in lines):
        shown = code_block("\n".join(_cut(row, 300) for row in lines), "diff")
        inside = [f"Checked: {checked}", shown] if checked else [shown]
        # Where a tag begins a line, Markdown is not read before the next blank one.
        yield "\n\n".join([f"<details><summary>{what} to apply</summary>", *inside, "</details>"])


def _evidence(item: FindingItem) -> str:
    rows = [
        f"- {code_span(_cut(f'{at.path}:{at.line}', 200))}: {escape(_cut(at.note, 300))}"
        for at in item.evidence[:_PLACES]
    ]
    more = len(item.evidence) - len(rows)
    rows += [f"- and {more} more in the report"] if more > 0 else []
    places = "1 place" if len(item.evidence) == 1 else f"{len(item.evidence)} places"
    return "\n".join([f"<details><summary>How this is known ({places})</summary>", "", *rows, "", "</details>"])


def _small_print(item: FindingItem) -> str:
    parts = [code_span(_cut(item.rule, 100))]
    if item.function != "<module>":
        parts.append(f"in {code_span(_cut(item.function, 100))}")
    if is_suspicion(item):
        parts.append(SUSPICION)
    elif item.confidence != "high":
        parts.append(f"{item.confidence} confidence")
    return " · ".join(parts)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip("`\\ ") + "…"
