"""The report in a line a finding, for where nobody has come to read: a push that goes through."""

from __future__ import annotations

from reviewer.domain.report import FindingItem, Report
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible
from reviewer.render.summary import RANK, choose, headline

_MOST = 5
"""Findings that have a line; the rest is counted."""


def render_brief(report: Report, options: RenderOptions) -> str:
    """The verdict in one line, and under it the worst findings in lines of at most `options.width` columns.

    Nothing out of the repository reaches the terminal unescaped.
    """
    shown = choose(report, options)
    said = headline(report, shown)
    found = [item for _, items in shown.files for item in items]
    items = sorted(found, key=lambda item: (RANK[item.severity], RANK[item.confidence]))
    lines = [f"reviewer: {said.word}: {said.text}.", *(_line(item, options) for item in items[:_MOST])]
    more = len(items) + shown.cut - _MOST
    if more > 0:
        lines.append(f"  and {more} more")
    return "\n".join(lines) + "\n"


def _line(item: FindingItem, options: RenderOptions) -> str:
    """Where and what; of what is too long the first folders are left out, then the end, and never the rule."""
    from rich.cells import cell_len, set_cell_size  # noqa: PLC0415 - most pushes have nothing to tell

    more = "…" if visible("…", options.encoding) == "…" else "..."
    rule = f" [{item.rule}]"
    said = visible(f":{item.line}: {item.message}", options.encoding)
    place = visible(item.path, options.encoding)
    room = options.width - cell_len(rule) - 2
    while cell_len(place) + cell_len(said) > room and "/" in place.removeprefix(f"{more}/"):
        place = f"{more}/{place.removeprefix(f'{more}/').partition('/')[2]}"
    text = f"  {place}{said}"
    if cell_len(text) > room + 2:
        text = set_cell_size(text, max(room + 2 - cell_len(more), 1)).rstrip() + more
    return text + visible(rule, options.encoding)
