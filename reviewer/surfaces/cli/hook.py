"""`reviewer hook`: the git pre-push hook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from reviewer.render.safe import visible
from reviewer.surfaces.cli.review import (
    BLOCKED,
    FINE,
    FailOnOption,
    ModelOption,
    NoColorOption,
    RepoOption,
    ShowQuietOption,
    Style,
    check_fail_on,
    check_model,
)
from reviewer.surfaces.cli.terminal import emit, encoding, read_stdin

app = typer.Typer(help="Review what is pushed, before it is pushed.", rich_markup_mode=None)

StrictOption = Annotated[
    bool, typer.Option("--strict", help="Also stop a push that could not be reviewed, or not completely.")
]
SecondsOption = Annotated[
    float | None,
    typer.Option("--seconds", metavar="N", min=0.0, help="What a push may wait for. Default: the settings'."),
]


@app.command("install")
def install(repo: RepoOption = None, strict: StrictOption = False) -> int:
    """Install the pre-push hook; one that is there already is kept and called first."""
    from reviewer.surfaces.hook.installation import install as write

    emit(visible(write(repo or Path(), strict=strict), encoding()) + "\n")
    return 0


@app.command("uninstall")
def uninstall(repo: RepoOption = None) -> int:
    """Take the pre-push hook away and put back the one that was there before."""
    from reviewer.surfaces.hook.installation import uninstall as remove

    emit(visible(remove(repo or Path()), encoding()) + "\n")
    return 0


@app.command("run")
def run(
    remote: Annotated[str, typer.Argument(metavar="REMOTE", help="Name of the remote, as git gives it.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Its address, as git gives it.")] = "",
    *,
    repo: RepoOption = None,
    fail_on: FailOnOption = None,
    strict: StrictOption = False,
    seconds: SecondsOption = None,
    model: ModelOption = None,
    stop_code: Annotated[int, typer.Option(hidden=True, help="Exit code that stops the push.")] = 1,
    show_quiet: ShowQuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Review what a push brings; git's lines about it are read from stdin (see 'git help hooks').

    It takes at most 5 seconds, 20 with a model; what is not ready then is told. A finding stops the push that is new,
    at or above --fail-on, and not of low confidence.
    """
    del remote, url
    from reviewer.surfaces.hook.push import repository_of_hook
    from reviewer.surfaces.hook.running import Wish
    from reviewer.surfaces.hook.running import run as review_push

    check_model(model)
    lines = read_stdin().decode("utf-8", "surrogateescape")
    style = Style(show_quiet=show_quiet, colour=not no_color)
    wish = Wish(check_fail_on(fail_on), strict, style, seconds, model)
    return stop_code if review_push(repo or repository_of_hook(os.environ), lines, wish) else 0


@app.command("pre-commit")
def pre_commit(
    *,
    repo: RepoOption = None,
    fail_on: FailOnOption = None,
    strict: StrictOption = False,
    seconds: SecondsOption = None,
    model: ModelOption = None,
    show_quiet: ShowQuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """For the pre-commit framework: what is pushed in its stage pre-push, else what is staged."""
    from reviewer.surfaces.hook.framework import run_for_framework
    from reviewer.surfaces.hook.push import repository_of_hook
    from reviewer.surfaces.hook.running import Wish

    check_model(model)
    style = Style(show_quiet=show_quiet, colour=not no_color)
    wish = Wish(check_fail_on(fail_on), strict, style, seconds, model)
    return BLOCKED if run_for_framework(repo or repository_of_hook(os.environ), os.environ, wish) else FINE
