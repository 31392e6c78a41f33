"""The report as GitLab's code quality report, which a merge request shows beside its lines.

Source: docs.gitlab.com, "Code Quality", "Code Quality report format".
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from reviewer.domain.report import Level, Report
from reviewer.render.options import RenderOptions
from reviewer.render.safe import visible
from reviewer.render.summary import choose

_LEVELS: Mapping[Level, str] = {"high": "critical", "medium": "major", "low": "minor"}


def render_gitlab(report: Report, options: RenderOptions) -> str:
    """The findings that are shown, as a JSON list."""
    rows = [
        {
            "description": visible(item.message),
            "check_name": item.rule,
            "fingerprint": item.id,
            "severity": _LEVELS[item.severity],
            "location": {"path": item.path, "lines": {"begin": max(1, item.line)}},
        }
        for _, items in choose(report, options).files
        for item in items
    ]
    return json.dumps(rows, indent=2) + "\n"
