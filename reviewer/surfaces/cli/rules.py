"""`reviewer rules`: what the reviewer looks for, and why."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.terminal import emit, encoding, is_terminal, width

if TYPE_CHECKING:
    from reviewer.detectors.rule import Rule

_JSON, _MARKDOWN = "json", "markdown"
app = typer.Typer(help="List the rules, or show one.", rich_markup_mode=None)

FormatOption = Annotated[str, typer.Option("--format", help="text or json.")]
ListFormatOption = Annotated[str, typer.Option("--format", help="text, json, or markdown: one page with all in full.")]


@app.callback(invoke_without_command=True)
def list_all(context: typer.Context, form: ListFormatOption = "text") -> int | None:
    """List all rules with severity and question; `rules show ID` tells one in full."""
    if context.invoked_subcommand is not None:
        return None
    from reviewer.detectors.registry import all_rules

    rules = all_rules()
    if form == _MARKDOWN:
        from reviewer.detectors.page import rules_page

        emit(rules_page(rules).encode(encoding(), "backslashreplace").decode(encoding()))
        return 0
    if _is_json(form, _MARKDOWN):
        emit(json.dumps([_data(rule) for rule in rules], indent=2) + "\n")
        return 0
    widest = max((len(rule.id) for rule in rules), default=0)
    lines = [f"{rule.id:<{widest}}  {rule.severity:<6}  {rule.question:<11}  {rule.title}" for rule in rules]
    emit("".join(f"{_fitting(line)}\n" for line in lines))
    return 0


@app.command("show")
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")], form: FormatOption = "text"
) -> int:
    """Show one rule: what it finds, why that matters, what to do, and where this is written."""
    from reviewer.detectors.registry import all_rules

    by_id = {rule.id: rule for rule in all_rules()}
    rule = by_id.get(rule_id)
    if rule is None:
        near = difflib.get_close_matches(rule_id, by_id, n=1)
        hint = f"did you mean {near[0]}?" if near else "'reviewer rules' lists them"
        raise UsageError(f"no rule {rule_id!r}; {hint}")
    if _is_json(form):
        emit(json.dumps(_data(rule), indent=2) + "\n")
        return 0
    emit(_page(rule))
    return 0


def _is_json(form: str, *others: str) -> bool:
    if form not in ("text", _JSON):
        raise UsageError(f"--format {form}: take {' or '.join(['text', _JSON, *others])}")
    return form == _JSON


def _data(rule: Rule) -> dict[str, str]:
    fields = ("id", "title", "question", "severity", "what", "why", "how", "source")
    return {field: str(getattr(rule, field)) for field in fields}


def _page(rule: Rule) -> str:
    import textwrap

    columns = min(width(), 100)
    parts = [
        f"{rule.id}: {rule.title}",
        f"{rule.severity} severity, answers the question of {_ASKS[rule.question.value]}",
    ]
    for label, text in (("", rule.what), ("Why: ", rule.why), ("Instead: ", rule.how), ("Source: ", rule.source)):
        if text:
            parts.append(textwrap.fill(label + text, columns, break_long_words=False, break_on_hyphens=False))
    for label, examples in (("Found in", rule.bad), ("Silent in", rule.good)):
        if examples:
            code = "\n".join(f"    {_unmarked(line)}".rstrip() for line in examples[0].strip("\n").split("\n"))
            parts.append(f"{label}:\n\n{code}")
    return "\n\n".join(parts).encode(encoding(), "backslashreplace").decode(encoding()) + "\n"


def _unmarked(line: str) -> str:
    """A line of an example, with the mark that its test reads in words that a person understands."""
    for mark, said in (("#!", "  # <- found"), ("#~", "  # <- found, low")):
        if line.endswith(mark):
            return line.removesuffix(mark).rstrip() + said
    return line


_ASKS = {
    "calls": "what it calls",
    "unavailable": "what if that is slow or down",
    "throws": "where it throws",
    "inputs": "what it assumes",
}


def _fitting(line: str) -> str:
    """A line as wide as the terminal; whole where a program reads it."""
    columns = width()
    line = line.encode(encoding(), "backslashreplace").decode(encoding())
    return line if len(line) <= columns or not is_terminal() else f"{line[: columns - 3].rstrip()}..."
