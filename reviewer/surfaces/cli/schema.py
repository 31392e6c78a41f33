"""`reviewer schema`: what programs that read reports, or an exported catalog, may rely on."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from reviewer.surfaces.cli.terminal import emit


def command(
    document: Annotated[Literal["report", "catalog"], typer.Argument(help="What the schema is of.")] = "report",
) -> int:
    """Print the JSON Schema (draft 2020-12) of a report, or of an exported catalog."""
    if document == "report":
        from reviewer.domain.report import report_schema

        schema = report_schema()
    else:
        from reviewer.catalog.form.exchange import catalog_schema

        schema = catalog_schema()
    emit(json.dumps(schema, indent=2) + "\n")
    return 0
