"""`reviewer man`: the manual page, made of the texts that --help shows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from reviewer import __version__
from reviewer.surfaces.cli.terminal import emit

_HEAD = f""".TH REVIEWER 1 "" "reviewer {__version__}" "User Commands"
.SH NAME
reviewer \\- reviews a change of Python code before it is deployed
.SH SYNOPSIS
.B reviewer
.I COMMAND
[\\fIOPTIONS\\fR]
.SH DESCRIPTION
"""
_TAIL = """.SH ENVIRONMENT
.TP
.B REVIEWER_CACHE
Directory for what is remembered between reviews; "off" for none.
.TP
.B REVIEWER_CATALOG
The catalog of the team, a folder or a URL.
.TP
.B ANTHROPIC_API_KEY, OPENAI_API_KEY
Keys of the models that are named by --model or in the settings.
.TP
.B NO_COLOR
No colours.
.TP
.B REVIEWER_DEBUG
1 shows where a fault of the program itself arose.
.SH FILES
.TP
.I pyproject.toml
Settings, under [tool.reviewer].
.TP
.I .reviewer/
Baseline and catalog of a repository.
.SH EXIT STATUS
0 fine; 1 a finding at or above \\-\\-fail\\-on; 2 wrong usage or unreadable input; 3 not complete; 130 interrupted.
"""


def command() -> int:
    """Print the manual page, for 'reviewer man > ~/.local/share/man/man1/reviewer.1' or 'reviewer man | man -l -'."""
    import typer

    from reviewer.surfaces.cli.main import app

    root = typer.main.get_command(app)
    body = [_HEAD, _prose(root.help or ""), ".SH COMMANDS\n"]
    for name, entry in _commands(root, ""):
        body += [f".SS reviewer {_plain(name)}{_arguments(entry)}\n", _prose(entry.help or ""), *_options(entry)]
    emit("".join([*body, _TAIL]))
    return 0


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Every command with its whole name; groups that do something of their own too."""
    for name, entry in group.commands.items():
        full = f"{before}{name}"
        if not hasattr(entry, "commands"):
            yield full, entry
            continue
        if entry.invoke_without_command:
            yield full, entry
        yield from _commands(entry, f"{full} ")


def _arguments(entry: Any) -> str:
    names = [one.metavar or one.name.upper() for one in entry.params if one.param_type_name == "argument"]
    return "".join(f" {_plain(name)}" for name in names)


def _options(entry: Any) -> Iterator[str]:
    for one in entry.params:
        if getattr(one, "hidden", False) or not (help_text := getattr(one, "help", None)):
            continue
        names = ", ".join(one.opts) if one.param_type_name == "option" else (one.metavar or one.name.upper())
        value = "" if getattr(one, "is_flag", True) else f" {one.metavar or one.name.upper()}"
        yield f".TP\n.B {_plain(names + value)}\n{_plain(help_text)}\n"


def _prose(text: str) -> str:
    return "\n.PP\n".join(_plain(part.replace("\n", " ")) for part in inspect.cleandoc(text).split("\n\n")) + "\n"


def _plain(text: str) -> str:
    """Text as roff shows it: a backslash and a hyphen as they are, no line that begins like a request, ASCII alone."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
