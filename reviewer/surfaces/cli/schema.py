"""`reviewer schema`: what programs that read reports may rely on."""

from __future__ import annotations

import json

from reviewer.surfaces.cli.terminal import emit


def command() -> int:
    """Print the JSON Schema (draft 2020-12) of a report."""
    from reviewer.domain.report import report_schema

    emit(json.dumps(report_schema(), indent=2) + "\n")
    return 0
