"""Commands of Click and Typer.

In the standalone mode that is the default, a ClickException is told on stderr with its exit code (1; 2 for a
UsageError), Exit ends with the code it carries, and Abort, KeyboardInterrupt and EOFError end with "Aborted!" and 1.
Everything else is a traceback and 1. Typer does the same with its own Exit, Abort and BadParameter; a release of Typer
that brings its own copy of Click does not know the exceptions of an installed Click.

Source: https://click.palletsprojects.com/en/stable/exceptions/, https://typer.tiangolo.com/tutorial/terminating/;
click/core.py BaseCommand.main
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import Decorator

_DECORATORS = frozenset({"click.command", "click.group", "click.decorators.command", "click.decorators.group"})
_OWNERS = frozenset({"typer.Typer", "typer.main.Typer", "click.Group", "click.core.Group", "flask.Flask.cli"})
_TRACEBACK = Ending("a traceback and exit status 1", "ends")


def _told(words: str) -> Ending:
    return Ending(words, "ends", intended=True)


_CLICK = (
    (
        Clause(("click.exceptions.UsageError", "click.UsageError"), _told("a usage error on stderr and exit status 2")),
        Clause(
            ("click.exceptions.ClickException", "click.ClickException"),
            _told("its message on stderr and exit status 1"),
        ),
        Clause(("click.exceptions.Exit", "click.Exit", "typer.Exit"), _told("the exit status that it carries")),
        Clause(
            ("click.exceptions.Abort", "click.Abort", "typer.Abort", "KeyboardInterrupt", "EOFError"),
            _told('"Aborted!" on stderr and exit status 1'),
        ),
        Clause(("typer.BadParameter",), _told("a usage error on stderr and exit status 2")),
        Clause(("SystemExit",), _told("the exit status that it carries")),
    ),
)
_BY_RELEASE = _told("its message, or a traceback by releases with a Click of their own, and a failing exit status")
_TYPER = (
    (
        Clause(("click.exceptions.ClickException", "click.ClickException", "click.exceptions.UsageError"), _BY_RELEASE),
        *_CLICK[0][2:],
    ),
)

EXAMPLES = (
    Example(
        """
import click

@click.group()
def cli():
    pass

@cli.command("deploy")
def deploy_all():
    run()
""",
        "deploy_all",
        "command",
        "command deploy",
        {
            "ValueError": ("a traceback and exit status 1", "ends"),
            "click.exceptions.BadParameter": ("a usage error on stderr and exit status 2", "ends"),
            "click.exceptions.FileError": ("its message on stderr and exit status 1", "ends"),
            "KeyboardInterrupt": ('"Aborted!" on stderr and exit status 1', "ends"),
        },
    ),
    Example(
        """
import typer

app = typer.Typer()

@app.command()
def sync_orders():
    run()
""",
        "sync_orders",
        "command",
        "command sync-orders",
        {
            "typer.Exit": ("the exit status that it carries", "ends"),
            "OSError": ("a traceback and exit status 1", "ends"),
        },
    ),
    Example(
        """
import typer

def main():
    run()

if __name__ == "__main__":
    typer.run(main)
""",
        "main",
        "command",
        "command main",
        {"OSError": ("a traceback and exit status 1", "ends")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The command that a function is."""
    file = candidate.file
    for decorator in candidate.decorators:
        if not _is_command(decorator, file):
            continue
        typer = decorator.owner.startswith("typer") or (file.imports("typer") and not file.imports("click"))
        name = decorator.arguments.text("name", 0) or _dashed(candidate.method)
        yield Boundary(
            "command",
            "Typer" if typer else "Click",
            f"command {name}",
            decorator.line,
            _TRACEBACK,
            _TYPER if typer else _CLICK,
        )
        return
    for handed in candidate.handed:
        if handed.site.callee in ("typer.run", "typer.main.run") and handed.for_parameter("function", 0):
            name = f"command {_dashed(candidate.method)}"
            yield Boundary("command", "Typer", name, handed.site.line, _TRACEBACK, _TYPER)


def _is_command(decorator: Decorator, file: Registrations) -> bool:
    if decorator.symbol in _DECORATORS:
        return True
    if decorator.method not in ("command", "group", "callback") or "." not in decorator.written:
        return False
    if decorator.owner in _OWNERS or decorator.written.endswith(".cli.command"):
        return True
    if decorator.owner.startswith("."):  # a group that is a function of this file
        return any(_is_command(above, file) for above in file.decorators(decorator.owner[1:]))
    return file.imports("click", "typer")


def _dashed(name: str) -> str:
    return name.replace("_", "-")
