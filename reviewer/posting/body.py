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
from reviewer.render.markdown import code_block, code_span, escape, shortened
from reviewer.render.safe import visible_lines
from reviewer.render.summary import SUSPICION, added, is_suspicion, offer, seen_before

LONGEST = 20_000
"""Characters of a comment: more is read by nobody, whatever the forge takes."""

_TEXT = 1_500
"""Characters of one text out of the report."""
_PLACES = 12
"""Places of the evidence of one finding."""
_PATTERNS = 3
"""Patterns that a comment names."""
_HOW_TO_WAIVE = "Not a problem here? Reply `/reviewer waive <reason>`, and it will not be reported again."
_PATCH_LINES = 80
"""Lines of a patch that is only shown."""
_PATCH_LINE = (" ", "+", "-", "@@", "\\ ", "diff ", "index ")
"""How the lines of a patch begin; none of them looks like the end of a block or a command to any forge."""
_JUDGED = {"doubted": "doubts it", "unsure": "is not sure"}


def comment_body(
    items: Sequence[FindingItem],
    limits: ForgeLimits,
    replacements: Sequence[Replacement | None] = (),
    line: int | None = None,
    head: str = "",
    *,
    start: int | None = None,
) -> str:
    """A comment on the findings of one place: the first in full, the others in a line each with the rest folded away.

    Args:
        items: one finding or several, the worst first.
        limits: of the forge.
        replacements: for each finding the block to offer; empty or None where its patch is only shown.
        line: last line of the comment; None on a file as a whole. A finding of another line says so.
        head: full id of the reviewed commit.
        start: first line of the comment where it stands on several.

    Returns:
        Markdown with the marker, at most as long as the forge and a reader take.
    """
    if start is not None and {item.line for item in items} == {start}:
        line = start  # the comment begins with the finding: to repeat its line would say nothing
    marker = findings_marker(FindingsMark(tuple(i.id for i in items), tuple(i.rule for i in items), head))
    blocks = list(replacements) or [None] * len(items)
    most = min(limits.body, LONGEST) - len(marker) - 2
    for text in (_TEXT, _TEXT // 5):
        shown = "\n\n".join(_paragraphs(items, blocks, limits, line, text=text))
        if len(shown) <= most:
            return f"{shown}\n{marker}"
    rows = [f"- **{item.severity.capitalize()}** {code_span(item.rule)} in line {item.line}" for item in items]
    shown = "\n".join(rows)
    return f"{shown if len(shown) <= most else f'{len(items)} findings; the report has them.'}\n{marker}"


def _paragraphs(
    items: Sequence[FindingItem],
    blocks: Sequence[Replacement | None],
    limits: ForgeLimits,
    line: int | None,
    *,
    text: int,
) -> Iterator[str]:
    """What a reader sees from top to bottom; the less text, the shorter each part and no patch."""
    first, others = items[0], items[1:]
    yield _headline(first, line, text)
    yield from _explanation(first, text)
    yield from _judgement(first, text)
    if others:
        yield "\n".join(["Also here:", "", *(f"- {_headline(item, line, text)}{_suspected(item)}" for item in others)])
    yield from _before(items)
    for item, block in zip(items, blocks, strict=True):
        if item.suggestion is not None and text == _TEXT:
            yield from _patch(item.suggestion, block, limits)
    yield from _folded(first, others, text)
    yield f"<sub>{_small_print(first)} · {_HOW_TO_WAIVE}</sub>"


def _headline(item: FindingItem, line: int | None, text: int) -> str:
    where = f" (line {item.line})" if line != item.line else ""
    return f"**{item.severity.capitalize()}**: {escape(shortened(item.message, text))}{where}"


def _suspected(item: FindingItem) -> str:
    return f" ({SUSPICION})" if is_suspicion(item) else ""


def _explanation(item: FindingItem, text: int) -> Iterator[str]:
    yield from (escape(shortened(row, text)) for row in visible_lines(added(item))[:10] if row)


def _judgement(item: FindingItem, text: int) -> Iterator[str]:
    """A model's doubt, and not its consent: that would only be more words."""
    said = item.judgement
    if said is not None and said.verdict != "confirmed":
        reason = f": {escape(shortened(said.reason, text))}" if said.reason else ""
        yield f"{escape(shortened(said.by, 100))} {_JUDGED[said.verdict]}{reason}"


def _before(items: Sequence[FindingItem]) -> Iterator[str]:
    """The patterns that the place meets, each once; what they rest on is folded away."""
    titles = {seen.id: escape(shortened(seen.title, 200)) for item in items for seen in seen_before(item)}
    if titles:
        yield f"**Seen in an incident before**: {'; '.join(list(titles.values())[:_PATTERNS])}"


def _patch(suggestion: Suggestion, block: Replacement | None, limits: ForgeLimits) -> Iterator[str]:
    what = offer(suggestion)
    if block is not None and limits.suggestion is not None:
        head = "suggestion"
        if limits.suggestion == "gitlab":
            # Counted from the line of the comment, which is the last that the block replaces.
            head = f"suggestion:-{block.end - block.start}+0"
        yield f"{what}:"
        yield "\n".join([f"```{head}", *block.lines, "```"])
        return
    lines = suggestion.patch.rstrip("\n").split("\n")
    if len(lines) <= _PATCH_LINES and all(line.startswith(_PATCH_LINE) for line in lines):
        shown = code_block("\n".join(shortened(row, 300) for row in lines), "diff")
        # Where a tag begins a line, Markdown is not read before the next blank one.
        yield f"<details><summary>{what}</summary>\n\n{shown}\n\n</details>"


def _folded(first: FindingItem, others: Sequence[FindingItem], text: int) -> Iterator[str]:
    """What few readers open: the other findings' explanations, evidence, and what the patterns rest on."""
    parts = list(_evidence(first))
    for item in others:
        told = [*_explanation(item, text), *_judgement(item, text), *_evidence(item)]
        if told:
            parts += [f"**{code_span(shortened(item.rule, 100))}**", *told]
    patterns = {seen.id: seen for item in (first, *others) for seen in seen_before(item)}
    rows = [
        f"- {escape(shortened(seen.title, 200))}: {escape(shortened(seen.why, text // 3))}"
        for seen in list(patterns.values())[:_PATTERNS]
    ]
    if rows:
        parts += ["**Incidents**", "\n".join(rows)]
    if parts:
        title = "Why, and what to do about the rest" if others else "How this is known"
        yield "\n\n".join([f"<details><summary>{title}</summary>", *parts, "</details>"])


def _evidence(item: FindingItem) -> Iterator[str]:
    rows = [
        f"- {code_span(shortened(f'{at.path}:{at.line}', 200))}: {escape(shortened(at.note, 300))}"
        for at in item.evidence[:_PLACES]
    ]
    more = len(item.evidence) - len(rows)
    rows += [f"- and {more} more in the report"] if more > 0 else []
    if rows:
        yield "\n".join(rows)


def _small_print(item: FindingItem) -> str:
    parts = [code_span(shortened(item.rule, 100))]
    if item.function != "<module>":
        parts.append(f"in {code_span(shortened(item.function, 100))}")
    if is_suspicion(item):
        parts.append(SUSPICION)
    elif item.confidence != "high":
        parts.append(f"{item.confidence} confidence")
    return " · ".join(parts)
