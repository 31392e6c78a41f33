"""The program: its commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from reviewer import __version__
from reviewer.surfaces.cli import (
    completion,
    demo,
    doctor,
    explain,
    hook,
    init,
    keys,
    log,
    lsp,
    man,
    mcp,
    migrate,
    patterns,
    review,
    rules,
    schema,
    serve,
    waive,
    worker,
)
from reviewer.surfaces.cli.edge import INTERRUPTED, USAGE, end, guarded, prepare
from reviewer.surfaces.cli.terminal import emit, tell

app = typer.Typer(
    name="reviewer",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# What is given without an option is refused by the command, which knows the option that was meant.
app.command("review", short_help="Review a change and show the report.", context_settings={"allow_extra_args": True})(
    review.command
)
app.command("explain", short_help="Answer the four questions for a place in the code.")(explain.command)
app.command("log", short_help="Propose or write log lines that are missing.")(log.command)
app.add_typer(rules.app, name="rules")
app.add_typer(patterns.app, name="patterns")
app.add_typer(hook.app, name="hook")
app.command("waive", short_help="Accept a finding, with a reason.")(waive.command)
app.command("init", short_help="Set a repository up.")(init.command)
app.command("doctor", short_help="Say what works, and how to mend the rest.")(doctor.command)
app.command("serve", short_help="Serve reviews over HTTP.")(serve.command)
app.command("worker", short_help="Work on the reviews that were asked for over HTTP.")(worker.command)
app.command("migrate", short_help="Bring the tables of the service to this version.")(migrate.command)
app.add_typer(keys.app, name="keys")
app.command("mcp", short_help="Serve an assistant (Model Context Protocol).")(mcp.command)
app.command("lsp", short_help="Serve an editor (Language Server Protocol).")(lsp.command)
app.command("schema", short_help="Print the JSON Schema of a report or a catalog.")(schema.command)
app.command("completion", short_help="Print what a shell needs to complete commands.")(completion.command)
app.command("man", short_help="Print the manual page.")(man.command)
app.command("demo", short_help="Review a small example.")(demo.command)


def _show_version(wanted: bool) -> None:
    if wanted:
        emit(f"reviewer {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and end.")
    ] = False,
) -> None:
    """Reviews a change of Python code before it is deployed.

    It answers four questions with evidence: what does it call outside itself; what if that is slow or down; where can
    it throw; what does it assume about its input.

    Exit codes: 0 fine, 1 a finding at or above --fail-on, 2 wrong usage, 3 not complete (1 where both hold).
    """
    del version
    if context.invoked_subcommand is None:
        tell("name a command, for example 'reviewer review'; 'reviewer --help' lists them")
        raise typer.Exit(USAGE)


def run() -> None:
    """The program `reviewer`: runs one command and ends the process with its exit code."""
    prepare()
    end(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: those after the program's name.

    Returns:
        The exit code. No exception leaves this function.
    """
    if completion.VARIABLE in os.environ:
        completion.prepare()
    return guarded(lambda: _invoke(arguments), arguments)


def _invoke(arguments: Sequence[str]) -> object:
    try:
        return app(args=list(arguments), prog_name="reviewer", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)  # the command that refused it, where one was found
        tell(f"{error.format_message().rstrip('.')}; see '{context.command_path if context else 'reviewer'} --help'")
        return USAGE
    except typer.Abort:
        return INTERRUPTED
