"""The report as one self-contained page without scripts."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from reviewer.domain.report import FindingItem, Report
from reviewer.render.excerpt import span_of
from reviewer.render.markdown import code_parts
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible, visible_code, visible_lines
from reviewer.render.summary import (
    SUSPICION,
    Shown,
    added,
    answered,
    by_line,
    choose,
    footer,
    headline,
    is_suspicion,
    is_test,
    not_shown,
    offer,
    opinion,
    plural,
    rows,
    seen_before,
    things,
)

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--high:#c62828;--medium:#a86400;--low:#00758f;--good:#2e7d32}
@media(prefers-color-scheme:dark){:root{--high:#ff8a80;--medium:#ffcc66;--low:#80deea;--good:#a5d6a7}}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow-x:auto;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.3rem;overflow-wrap:normal}
article{border-left:3px solid var(--line);padding-left:1rem;margin:1.5rem 0}
mark{background:none;color:inherit;text-decoration:underline wavy 1px}
.high{color:var(--high)}.medium,.warn{color:var(--medium)}.low{color:var(--low)}.good{color:var(--good)}
.bad,.missing{color:var(--high)}dt{font-weight:600}dd{margin:0 0 .4rem 1rem}
small{opacity:.75;font-weight:400}h3{font-size:1.05rem}
"""


def render_html(report: Report, options: RenderOptions) -> str:
    """A whole page; every text in it is escaped, and its policy allows neither scripts nor anything from elsewhere."""
    shown = choose(report, options)
    said = headline(report, shown)
    title = f"Review of {_text(report.repository)}" if report.repository else "Review"
    body = [f"<h1>{title}</h1>", f'<p><strong class="{said.tone}">{said.word}</strong>: {_text(said.text)}.</p>']
    if report.summary:
        words = f"<small>in the words of {_text(report.summary.by)}</small>"
        sentences = "".join(f"<li>{_text(line)}</li>" for line in visible_lines(report.summary.text))
        body.append(f"<h2>In short {words}</h2><ul>{sentences}</ul>")
    body += _range(report)
    if report.coverage.not_checked:
        rows = (f"<li><code>{_text(at.path)}</code>: {_text(at.reason)}</li>" for at in report.coverage.not_checked)
        body.append(f'<h2 class="missing">Not checked</h2><ul>{"".join(rows)}</ul>')
    for path, items in shown.files:
        body.append(f"<h2><code>{_text(path)}</code></h2>")
        body += [_group(group) for group in by_line(items)]
    if shown.cut:
        body.append(f"<p>{plural(shown.cut, 'more finding')} not shown here; the JSON report has all.</p>")
    body += _answers(report, verbose=options.verbose)
    body += _calls(report)
    body += _accepted(shown)
    body += [f"<p>Note: {_text(note)}</p>" for note in report.coverage.notes]
    if told := footer(report):
        body.append(f"<p><small>{_text(told)}</small></p>")
    body.append(
        f"<p><small>{_text(report.tool.name)} {_text(report.tool.version)}, {_text(report.created_at)}</small></p>"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return html.escape(visible(text), quote=True)


def _prose(text: str) -> str:
    """One line of words, what stands between backticks as code."""
    return "".join(
        f"<code>{_text(part)}</code>" if is_code else _text(part) for part, is_code in code_parts(visible(text))
    )


def _paragraphs(text: str) -> str:
    return "<br>".join(map(_prose, visible_lines(text)))


def _things(text: str) -> str:
    return _broken(things(visible_lines(text)))


def _broken(lines: Iterable[str]) -> str:
    return "<br>".join(html.escape(line, quote=True) for line in lines)


def _range(report: Report) -> list[str]:
    if not report.head:
        return []
    base = f"<code>{_text(report.base[:12])}</code> to " if report.base else ""
    return [f"<p><small>{base}<code>{_text(report.head[:12])}</code></small></p>"]


def _group(items: Sequence[FindingItem]) -> str:
    """The findings of one line, under its code."""
    parts = []
    if known := [item for item in items if item.code.strip()]:
        shown, places = "", set[tuple[int, int]]()
        for item in known:
            shown, start, stop = visible_code(*span_of(item))
            places.add((start, stop))
        parts.append(f"<pre><code>{_marked(shown, sorted(places))}</code></pre>")
    return f"<article>{''.join([*parts, *map(_finding, items)])}</article>"


def _marked(shown: str, places: Sequence[tuple[int, int]]) -> str:
    """A line with its stretches marked; a stretch inside another belongs to that one."""
    parts, end = [], 0
    for start, stop in places:
        if max(start, end) < stop:
            begin = max(start, end)
            parts.append(f"{html.escape(shown[end:begin])}<mark>{html.escape(shown[begin:stop])}</mark>")
            end = stop
    return "".join(parts) + html.escape(shown[end:])


def _finding(item: FindingItem) -> str:
    where = f"<code>{_text(item.rule)}</code>, line {item.line} in <code>{_text(item.function)}</code>"
    parts = [f'<h3><span class="{item.severity}">{item.severity.upper()}</span> {_prose(item.message)}</h3>']
    mark = f", {_text(SUSPICION)}" if is_suspicion(item) else ""
    parts.append(f"<p><small>{where}, {item.confidence} confidence{mark}</small></p>")
    if explanation := added(item):
        parts.append(f"<p>{_paragraphs(explanation)}</p>")
    rows = [f"<li><code>{_text(at.path)}:{at.line}</code>: {_prose(at.note)}</li>" for at in item.evidence]
    rows += [f"<li>seen before: {_text(at.title)} ({_text(at.id)}): {_text(at.why)}</li>" for at in seen_before(item)]
    if said := item.judgement:
        rows.append(f"<li>{_text(opinion(said))}</li>")
    if rows:
        parts.append(f"<ul>{''.join(rows)}</ul>")
    if item.suggestion:
        lines = "\n".join(_text(line.expandtabs(4)) for line in item.suggestion.patch.rstrip().split("\n"))
        parts.append(f"<p>{offer(item.suggestion)}:</p><pre><code>{lines}</code></pre>")
    return "".join(parts)


def _answers(report: Report, *, verbose: bool) -> list[str]:
    told, blank = answered(report.answers)
    if not report.answers:
        return []
    parts = ["<h2>The four questions</h2>"]
    units = [answer for answer in told if verbose or not is_test(answer.path)]
    for answer in units:
        given = "".join(f"<dt>{question}</dt><dd>{_things(text)}</dd>" for _, question, text in rows(answer))
        words = f", in the words of {_text(answer.by)}" if answer.by else ""
        place = f"<code>{_text(answer.function)}</code> <small>{_text(answer.path)}:{answer.line}{words}</small>"
        parts.append(f"<h3>{place}</h3><dl>{given}</dl>")
    if left := not_shown(len(told) - len(units), len(blank)):
        parts.append(f"<p>{left}</p>")
    return parts


def _calls(report: Report) -> list[str]:
    if not report.calls:
        return []
    rows = "".join(
        f"<li><code>{_text(call.path)}:{call.line}</code> <code>{_text(call.callee)}</code> "
        f"({_text(call.service or call.kind)}), timeout {_text(_timeout(call.timeout, call.timeout_seconds))}, "
        f"failure handled by {_text(call.handled_by or 'nobody')}</li>"
        for call in report.calls
    )
    summary = plural(len(report.calls), "external call")
    return [f"<details><summary>{summary}</summary><ul>{rows}</ul></details>"]


def _timeout(source: str, seconds: float | None) -> str:
    return f"{source} ({seconds:g} s)" if seconds is not None else source


def _accepted(shown: Shown) -> list[str]:
    items = (*shown.waived, *shown.known)
    if not items:
        return []
    rows = "".join(
        f"<li>{item.status}: <code>{_text(item.path)}:{item.line}</code> {_text(item.rule)}: {_text(item.message)}"
        + (f"; because: {_text(item.waiver.reason)}" if item.waiver else "")
        + "</li>"
        for item in items
    )
    return [f"<details><summary>{plural(len(items), 'finding')} accepted before</summary><ul>{rows}</ul></details>"]
