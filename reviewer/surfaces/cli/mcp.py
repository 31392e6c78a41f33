"""`reviewer mcp`: a Model Context Protocol server on stdio, for the assistant that writes the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reviewer.domain.distribution import install_extra
from reviewer.errors import UsageError
from reviewer.surfaces.cli.patterns.shared import CatalogOption
from reviewer.surfaces.cli.review import FINE, ModelOption, RepoOption, check_model


def command(
    *,
    repo: RepoOption = None,
    model: ModelOption = "offline",
    catalog: CatalogOption = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer no tool that writes to the catalog.")] = False,
) -> int:
    """Serve reviews, explanations, patterns and log lines to an assistant, on stdin and stdout.

    Register it where the assistant lists its servers, with the command 'reviewer mcp' and the repository as its
    directory. It reads that repository alone and executes nothing of it.
    """
    check_model(model)
    from reviewer.surfaces.mcp.desk import Desk

    try:
        from reviewer.surfaces.mcp.server import build_server

        server = build_server(Desk(repo or Path(), model, catalog, learns=not read_only))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "mcp":
            raise
        raise UsageError(f"the MCP server wants the package mcp: {install_extra('mcp')}") from error
    server.run("stdio")
    return FINE
