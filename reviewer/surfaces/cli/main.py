"""The program: its commands, and the one place where errors become exit codes.

Exit codes: 0 fine; 1 the review found something at or above --fail-on; 2 wrong usage or unreadable input; 3 the review
could not be completed. Where both 1 and 3 hold it is 1: a finding that blocks stays one, whatever else was not checked,
and the report says so anyway. Ctrl-C ends with 130.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from reviewer import __version__
from reviewer.domain.deadline import AGAINST_THE_CLOCK
from reviewer.errors import ReviewerError
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
from reviewer.surfaces.cli.terminal import emit, tell

INTERRUPTED = 130
INCOMPLETE = 3
USAGE = 2
_HOOKS = (["run"], ["pre-commit"])
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

app = typer.Typer(
    name="reviewer",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("review", short_help="Review a change and show the report.")(review.command)
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
app.command("schema", short_help="Print the JSON Schema of a report.")(schema.command)
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
    # Syntax trees are many small objects without cycles; looking for cycles among them took a tenth of a push.
    gc.set_threshold(100_000, 50, 100)
    code = main(sys.argv[1:])
    # The interpreter would look through all of them once more before it ends.
    gc.freeze()
    if any(thread.name == AGAINST_THE_CLOCK for thread in threading.enumerate()):
        # It would wait for a parser that answers nobody any more.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: those after the program's name.

    Returns:
        The exit code. No exception leaves this function: a person gets one line, and a traceback only with
        REVIEWER_DEBUG=1 in the environment.
    """
    if completion.VARIABLE in os.environ:
        completion.prepare()
    try:
        code = app(args=list(arguments), prog_name="reviewer", standalone_mode=False)
    except ReviewerError as error:
        tell(str(error))
        return error.exit_code
    except typer.TyperException as error:
        tell(f"{error.format_message().rstrip('.')}; see 'reviewer --help'")
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _own_fault(error, arguments)
        tell(f"{error.strerror}; free the disk")
        return INCOMPLETE
    except Exception as error:  # noqa: BLE001 (the one boundary: whatever is left is a fault of this program)
        return _own_fault(error, arguments)
    if code == INTERRUPTED:
        tell("interrupted; nothing was written")
    return code if isinstance(code, int) else 0


def _own_fault(error: Exception, arguments: Sequence[str]) -> int:
    if os.environ.get("REVIEWER_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at is not None else ""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    tell(f"this is a bug in reviewer{place}: {reason[:200]}; REVIEWER_DEBUG=1 shows where, please report it")
    # Whoever calls a hook without the shim would take a fault for a verdict. The shim tells them apart by --stop-code.
    if arguments[:1] == ["hook"] and arguments[1:2] in _HOOKS and not {"--strict", "--stop-code"} & set(arguments):
        tell("so it goes through without a review")
        return 0
    return INCOMPLETE
