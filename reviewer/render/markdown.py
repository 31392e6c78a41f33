"""The report as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from reviewer.domain.report import Answer, FindingItem, Report
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible, visible_lines
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
    plural,
    rows,
    seen_before,
    things,
)

LIMIT = 60_000
"""Characters of a whole report: a comment on GitHub takes 65,536."""

_MARKUP = re.compile(r"[\\`*_\[\]|~$]")
_LINE_START = re.compile(r"^(?:([-+=>#/])|(\d+)([.)]))")
"""What means something only where a line begins; a slash begins a command on GitLab."""

_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
"""Inline code as CommonMark reads it: closed by as many backticks as have opened it."""
_REFERENCE = re.compile(r"[@#](?=\\?\w)|[!%](?=\d)|\bGH-(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
_CODE_LINES = 8


def render_markdown(report: Report, options: RenderOptions) -> str:
    """The report in at most `LIMIT` characters; what is cut for that is counted.

    Text out of the repository is escaped: it makes no markup, mentions nobody, and cannot leave its fence.
    """
    for findings, answers in ((options.findings_shown, True), (options.findings_shown, False), (20, False), (5, False)):
        text = _render(report, options, min(findings, options.findings_shown), answers=answers)
        if len(text) <= LIMIT:
            return text
    return _render(report, options, 0, answers=False)[:LIMIT]


def _render(report: Report, options: RenderOptions, findings: int, *, answers: bool) -> str:
    shown = choose(report, RenderOptions(findings_shown=findings, show_quiet=options.show_quiet))
    said = headline(report, shown)
    blocks = [f"**{said.word}**: {escape(said.text)}."]
    if summary := report.summary:
        sentences = [f"- {escape(line)}" for line in visible_lines(summary.text)]
        blocks.append("\n".join([f"**In short**, in the words of {escape(summary.by)}", "", *sentences]))
    if report.coverage.not_checked:
        rows = [f"- {code_span(item.path)}: {escape(item.reason)}" for item in report.coverage.not_checked[:50]]
        rows += _more(len(report.coverage.not_checked) - 50, "part")
        blocks.append("\n".join(["**Not checked**", "", *rows]))
    for path, items in shown.files:
        blocks.append(f"### {code_span(path)}")
        blocks += [_group(group) for group in by_line(items)]
    blocks += _more(shown.cut, "finding")
    if answers:
        blocks += _answers(report.answers, verbose=options.verbose)
    elif report.answers:
        blocks.append(
            f"The four questions of {plural(len(report.answers), 'unit')} are left out here for their length."
        )
    blocks += _accepted(shown)
    blocks += [f"Note: {escape(note)}" for note in report.coverage.notes[:20]]
    if told := footer(report):
        blocks.append(escape(told))
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """One line of text that Markdown shows as it is; what stands between backticks is shown as code."""
    parts = [code_span(part) if is_code else _plain(part) for part, is_code in code_parts(visible(text.strip()))]
    # What begins a line means something only there, and code never does.
    shown = "".join(parts)
    return _LINE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", shown)


def code_parts(text: str) -> Iterator[tuple[str, bool]]:
    """A text in parts, each with whether it stands between backticks and is meant as code."""
    end = 0
    for span in _SPAN.finditer(text):
        yield text[end : span.start()], False
        yield span[2].strip(" ") or span[2], True
        end = span.end()
    yield text[end:], False


def shortened(text: str, most: int) -> str:
    """At most so many characters, ended between two words and with "…" where something is left out."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    word = kept.rfind(" ", max(0, most - 40))
    return (kept[:word] if word > 0 else kept).rstrip("`\\ ") + "…"


def _plain(text: str) -> str:
    text = html.escape(_MARKUP.sub(r"\\\g<0>", text), quote=False)
    # Mentions, references and bare links are found by their shape; an invisible space breaks it.
    return _REFERENCE.sub(lambda match: f"{match[0]}&#8203;", text)


def code_span(text: str) -> str:
    """Text as inline code, with a fence of more backticks than it holds."""
    text = visible(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest or text != text.strip() or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def code_block(text: str, language: str = "python") -> str:
    """Lines of code in a fence that nothing in them can close."""
    lines = [visible(line.expandtabs(4)) for line in text.rstrip().split("\n")]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + language, *lines, fence])


def _group(items: Sequence[FindingItem]) -> str:
    """The findings of one line, under its code."""
    first = items[0]
    place = f"Line {first.line}" + (f" in {code_span(first.function)}" if first.function != "<module>" else "")
    code = next((item.code for item in items if item.code.strip()), "")
    lines = code.split("\n")[:_CODE_LINES]
    return "\n\n".join([place, *([code_block("\n".join(lines))] if code else []), *map(_finding, items)])


def _finding(item: FindingItem) -> str:
    mark = f", {SUSPICION}" if is_suspicion(item) else ""
    parts = [f"**{item.severity.upper()}** {escape(item.message)} ({code_span(item.rule)}{mark})"]
    parts += [escape(line) for line in visible_lines(added(item)) if line]
    evidence = [f"- {code_span(f'{at.path}:{at.line}')}: {escape(at.note)}" for at in item.evidence]
    evidence += [
        f"- seen before: {escape(seen.title)} ({escape(seen.id)}): {escape(seen.why)}" for seen in seen_before(item)
    ]
    if said := item.judgement:
        # Each by itself: a backtick of one must not make code with that of the other.
        reason = f": {escape(said.reason)}" if said.reason else ""
        evidence.append(f"- {escape(said.by)}: {said.verdict}{reason}")
    if evidence:
        parts.append("\n".join(evidence))
    if item.suggestion:
        parts += [f"{offer(item.suggestion)}:", code_block(item.suggestion.patch, "diff")]
    return "\n\n".join(parts)


def _answers(answers: list[Answer], *, verbose: bool) -> list[str]:
    told, blank = answered(answers)
    units = [item for item in told if verbose or not is_test(item.path)]
    if not units:
        return []
    parts = [f"<details><summary>The four questions for {plural(len(units), 'unit')}</summary>"]
    for item in units:
        words = f", in the words of {escape(item.by)}" if item.by else ""
        parts.append(f"{code_span(item.function)} at {code_span(f'{item.path}:{item.line}')}{words}")
        parts.append("\n".join(f"- *{question}*: {_answer(text)}" for _, question, text in rows(item)))
    parts += [left] if (left := not_shown(len(told) - len(units), len(blank))) else []
    return [*parts, "</details>"]


def _answer(text: str) -> str:
    return "<br>".join(escape(line) for line in things(visible_lines(text))) or "nothing found"


def _accepted(shown: Shown) -> list[str]:
    rows = [
        f"- {code_span(f'{item.path}:{item.line}')} {code_span(item.rule)}: {escape(item.waiver.reason)}"
        + (f" (until {escape(item.waiver.until)})" if item.waiver.until else "")
        for item in shown.waived[:50]
        if item.waiver
    ]
    return ["\n".join(["<details><summary>Waived</summary>", "", *rows, "", "</details>"])] if rows else []


def _more(number: int, noun: str) -> list[str]:
    return [f"{plural(number, f'more {noun}')} not shown here; the JSON report has all."] if number > 0 else []
