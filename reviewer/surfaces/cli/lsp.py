"""`reviewer lsp`: a language server on stdio, for any editor that speaks the protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from reviewer.domain.distribution import install_extra
from reviewer.errors import UsageError
from reviewer.surfaces.cli.review import FINE, ShowQuietOption


def command(
    show_quiet: ShowQuietOption = False,
    stdio: Annotated[
        bool, typer.Option("--stdio", hidden=True, help="As editors call it; there is no other way.")
    ] = True,
) -> int:
    """Serve an editor: findings while typing, the four answers under the pointer, fixes to pick.

    What has changed since the last commit is reviewed, and nothing of the project is executed.
    """
    del stdio
    try:
        from reviewer.surfaces.lsp.server import build_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(f"the language server wants the package pygls: {install_extra('lsp')}") from error
    build_server(quiet=show_quiet).start_io()
    return FINE
