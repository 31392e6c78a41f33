"""`reviewer doctor`: what works here, and how to mend the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reviewer.render.safe import visible
from reviewer.surfaces.cli.review import FINE, RepoOption, rule_ids
from reviewer.surfaces.cli.terminal import emit, encoding

_BROKEN = 1


def command(
    *,
    repo: RepoOption = None,
    online: Annotated[
        bool,
        typer.Option("--online", help="Also see whether the providers of models answer; none is asked anything."),
    ] = False,
) -> int:
    """Say what works, and how to mend the rest. Keys are looked for and never shown.

    Exit codes: 0 where nothing is broken, 1 where something is. What is merely not there is no fault.
    """
    from reviewer.surfaces.setup.health import State, examine

    broken = False
    for found in examine(repo or Path(), rule_ids(), online=online):
        advice = f"; {found.advice}" if found.advice else ""
        emit(visible(f"{found.state:<2}  {found.part:<15}  {found.text}{advice}", encoding()) + "\n")
        broken = broken or found.state is State.BROKEN
    return _BROKEN if broken else FINE
