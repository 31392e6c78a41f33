"""The report as programs read it: the public JSON."""

from __future__ import annotations

from reviewer.domain.report import Report, to_json
from reviewer.render.options import RenderOptions


def render_json(report: Report, options: RenderOptions) -> str:
    """The whole report, nothing left out whatever the options say.

    The text is ASCII: it survives every stream and encoding, nothing in it can act on a terminal, and a file name that
    is no UTF-8 (kept as surrogates, PEP 383) comes through as a lone surrogate escape.
    """
    del options
    return to_json(report) + "\n"
