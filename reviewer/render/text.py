"""The report for a terminal, or for a plain file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reviewer.domain.report import Answer, ExternalCall, FindingItem, Report
from reviewer.render.excerpt import Excerpt, excerpts
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible, visible_lines
from reviewer.render.summary import (
    QUESTIONS,
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
    most_telling,
    not_shown,
    offer,
    opinion,
    plural,
    rows,
    seen_before,
    things,
)

_STYLES = {"high": "bold red", "medium": "bold yellow", "low": "bold cyan"}
_TONES = {"good": "bold green", "warn": "bold yellow", "bad": "bold red"}
_LABEL = 17
"""Columns of a question before its answer."""
_WIDEST = 120
"""Prose wider than this is hard to read, however wide the terminal is."""
_NARROWEST = 40
_MOST_UNITS = 20
"""Units whose answers are shown; the rest is counted."""


def render_text(report: Report, options: RenderOptions) -> str:
    """The report in lines of at most `options.width` columns (paths and places may be longer).

    Nothing out of the repository reaches the terminal unescaped, and no markup in it is interpreted.
    """
    return _Page(options).render(report)


def render_answers(answers: Sequence[Answer], options: RenderOptions, footer: str | None = None) -> str:
    """The four answers alone, as `render_text` shows them.

    Args:
        answers: they.
        options: how to show them.
        footer: what they cost, for the end.
    """
    return _Page(options).render_answers(answers, footer)


class _Page:
    """A text that grows line by line, wrapped and coloured."""

    def __init__(self, options: RenderOptions) -> None:
        self._options = options
        self._width = max(_NARROWEST, min(options.width, _WIDEST))
        unicode = visible("│…·", options.encoding) == "│…·"
        self._bar, self._more, self._dot = ("│", "…", "·") if unicode else ("|", "...", "-")
        self._explained: set[str] = set()
        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=self._width,
            force_terminal=options.colour,
            force_jupyter=False,
            color_system="standard" if options.colour else None,
            no_color=not options.colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            soft_wrap=True,
        )

    def render(self, report: Report) -> str:
        shown = choose(report, self._options)
        self._summary(report)
        if self._options.questions:
            self._answers(report, shown)
        for path, items in shown.files:
            self._heading(path)
            for group in by_line(items):
                self._group(group)
        if shown.cut:
            self._more_than_shown(shown.cut, "finding", "--format json has them all")
            self._line()
        if self._options.verbose:
            self._accepted(shown)
            self._calls(report)
        self._not_checked(report)
        self._notes(report)
        self._verdict(report, shown)
        return self._written()

    def render_answers(self, answers: Sequence[Answer], footer: str | None) -> str:
        for answer in answers:
            self._unit(answer, [(question, getattr(answer, field)) for field, question in QUESTIONS])
        if footer:
            self._prose(footer, style="dim")
        return self._written()

    def _written(self) -> str:
        return "\n".join(line.rstrip() for line in self._file.getvalue().split("\n"))

    def _summary(self, report: Report) -> None:
        if report.summary is None:
            return
        head = self._text("In short", "bold underline")
        head.append(f"  in the words of {self._clean(report.summary.by)}", "dim")
        self._line(head)
        self._line()
        for sentence in visible_lines(report.summary.text, self._options.encoding):
            self._wrapped(self._text(sentence), "  - ", "    ")
        self._line()

    def _group(self, items: Sequence[FindingItem]) -> None:
        """The findings of one line, under its code."""
        number = str(items[0].line)
        room = self._width - len(number) - 6
        for excerpt in excerpts(items, room, self._more, self._options.encoding):
            if excerpt.text:
                self._code(number, excerpt)
            else:
                self._line(self._text(f"  line {number}", "bold"))
            told: set[str] = set()
            for item in excerpt.items:
                self._finding(item, told)

    def _code(self, number: str, excerpt: Excerpt) -> None:
        line = self._text(f"  {number} {self._bar} ", "dim")
        line.append(excerpt.text, "bold")
        self._line(line)
        for row in excerpt.rows:
            under = self._text(f"  {' ' * len(number)} {self._bar} ", "dim")
            end = 0
            for mark in row:
                under.append(" " * cell_len(excerpt.text[end : mark.start]))
                under.append("^" * max(1, cell_len(excerpt.text[mark.start : mark.stop])), _STYLES[mark.severity])
                end = mark.stop
            self._line(under)

    def _finding(self, item: FindingItem, told: set[str]) -> None:
        """One finding, without the evidence that others of its line have told."""
        title = self._text(item.severity.upper(), _STYLES[item.severity])
        title.append(f" {self._clean(item.message)}", "bold")
        self._wrapped(title, "  ", "  ")
        where = [f"{item.rule}", f"in {item.function}"] if item.function != "<module>" else [item.rule]
        if item.confidence != "high":
            where.append(f"{item.confidence} confidence")
        if is_suspicion(item):
            where.append(SUSPICION)
        self._prose(f" {self._dot} ".join(where), "  ", style="dim")
        explanation = added(item)
        if explanation and explanation in self._explained:
            self._prose("What happens and what to do: as above.", "  ", style="dim")
        else:
            self._explained.add(explanation)
            for line in visible_lines(explanation, self._options.encoding):
                self._prose(line, "  ")
        for text in self._evidence(item):
            if text not in told:
                told.add(text)
                self._prose(text, "  ", "    ")
        if self._options.verbose and item.grounds:
            self._prose(f"{item.severity} by a score of {item.score}: {'; '.join(item.grounds)}", "  ", "    ", "dim")
        if item.suggestion:
            self._prose(f"{offer(item.suggestion)}:", "  ")
            for line in item.suggestion.patch.rstrip("\n").split("\n"):
                self._line(self._text(f"    {self._clean(line.expandtabs(4))}"))
        self._line()

    @staticmethod
    def _evidence(item: FindingItem) -> Iterator[str]:
        for evidence in item.evidence:
            place = f"line {evidence.line}" if evidence.path == item.path else f"{evidence.path}:{evidence.line}"
            yield f"- {place}: {evidence.note}"
        for pattern in seen_before(item):
            yield f"- seen before: {pattern.title} ({pattern.id}): {pattern.why}"
        if said := item.judgement:
            yield f"- {opinion(said)}"

    def _answers(self, report: Report, shown: Shown) -> None:
        if not report.answers:
            return
        self._line(self._text("The four questions", "bold underline"))
        self._line()
        told, blank = answered(report.answers)
        tests = [answer for answer in told if is_test(answer.path)]
        told = [answer for answer in told if not is_test(answer.path)]
        units = [*told, *tests] if self._options.verbose else most_telling(told, shown, _MOST_UNITS)
        for answer in units:
            self._unit(answer, [(question, text) for _, question, text in rows(answer)])
        if self._options.verbose:
            for answer in blank:
                self._prose(f"Nothing to tell of {answer.function} ({answer.path}:{answer.line}).", "", "  ")
        else:
            self._counted(len(told) - len(units), len(tests), len(blank))
        if blank or len(units) < len(told) + len(tests):
            self._line()

    def _counted(self, left: int, tests: int, blank: int) -> None:
        """How many units are not shown, and which these are."""
        if told := not_shown(tests, blank, left):
            self._prose(f"{told}{' --verbose shows them all.' if self._options.advise else ''}")

    def _more_than_shown(self, number: int, noun: str, advice: str) -> None:
        self._prose(f"{plural(number, f'more {noun}')} not shown here{f'; {advice}' if self._options.advise else ''}.")

    def _unit(self, answer: Answer, answers: Sequence[tuple[str, str]]) -> None:
        head = self._text(self._clean(answer.function), "bold")
        head.append(f"  {self._clean(answer.path)}:{answer.line}", "dim")
        if answer.by:
            head.append(f"  in the words of {self._clean(answer.by)}", "dim")
        self._line(head)
        for question, text in answers:
            given = visible_lines(text, self._options.encoding) or ["nothing found"]
            for index, line in enumerate(things(given)):
                label = f"  {question if index == 0 else '':<{_LABEL}}"
                self._wrapped(self._text(line), label, " " * (len(label) + 2), "cyan")
        self._line()

    def _accepted(self, shown: Shown) -> None:
        if not shown.known and not shown.waived:
            return
        self._line(self._text("Accepted before", "bold underline"))
        for item in (*shown.waived, *shown.known):
            self._prose(f"{item.status}: {item.path}:{item.line}: {item.rule}: {item.message}", "  ", "    ")
            if item.waiver:
                until = f" until {item.waiver.until}" if item.waiver.until else ""
                self._prose(f"because: {item.waiver.reason}{until} ({item.waiver.source})", "    ")
        self._line()

    def _calls(self, report: Report) -> None:
        if not report.calls:
            return
        self._line(self._text("External calls", "bold underline"))
        for call in report.calls:
            self._prose(f"{call.path}:{call.line}: {_describe(call)}", "  ", "    ")
        self._line()

    def _not_checked(self, report: Report) -> None:
        missing = report.coverage.not_checked
        if not missing:
            return
        self._line(self._text("NOT CHECKED", "bold red"))
        for item in missing:
            self._prose(f"{item.path}: {item.reason}", "  ", "    ")
        self._line()

    def _notes(self, report: Report) -> None:
        for note in report.coverage.notes:
            self._prose(f"Note: {note}", "", "  ")
        if self._options.verbose:
            for item in report.coverage.files_skipped:
                self._prose(f"Nothing to review in {item.path}: {item.reason}", "", "  ")
        if report.coverage.notes or (self._options.verbose and report.coverage.files_skipped):
            self._line()

    def _verdict(self, report: Report, shown: Shown) -> None:
        if told := footer(report):
            self._prose(told, style="dim")
        said = headline(report, shown)
        text = self._text(f"{said.word}:", _TONES[said.tone])
        text.append(f" {said.text}.")
        if shown.quiet and self._options.advise:
            text.append(" --show-quiet shows the low ones.")
        self._wrapped(text, "", "  ")

    def _heading(self, path: str) -> None:
        self._line(self._text(self._clean(path), "bold underline"))
        self._line()

    def _prose(self, text: str, first: str = "", rest: str | None = None, style: str = "") -> None:
        self._wrapped(self._text(self._clean(text), style), first, first if rest is None else rest)

    def _wrapped(self, text: Text, first: str, rest: str, first_style: str = "") -> None:
        """Write a text in as many lines as it needs, the later ones with their own indentation."""
        for index, part in enumerate(text.wrap(self._console, self._width - max(len(first), len(rest)))):
            part.rstrip()
            self._line(Text.assemble((first, first_style) if index == 0 else rest, part))

    def _line(self, text: Text | None = None) -> None:
        self._console.print(text if text is not None else "", soft_wrap=True)

    def _text(self, text: str, style: str = "") -> Text:
        # The style belongs to this piece alone, and not to what is appended later.
        return Text(end="").append(text, style)

    def _clean(self, text: str) -> str:
        return visible(text, self._options.encoding)


def _describe(call: ExternalCall) -> str:
    wait = {"none": "no timeout", "unknown": "timeout unknown"}.get(call.timeout)
    if wait is None:
        wait = f"timeout {call.timeout_seconds:g} s" if call.timeout_seconds is not None else "timeout"
        wait += " by default" if call.timeout == "library-default" else ""
    handled = f"failure handled by {call.handled_by}" if call.handled_by else "failure handled by nobody"
    return f"{call.callee} ({call.service or call.kind}), {wait}, {handled}"
