"""The formats by name; each is imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Literal, cast, get_args

from reviewer.domain.report import Report
from reviewer.render.options import RenderOptions

Format = Literal["text", "json", "sarif", "markdown", "html", "github", "gitlab"]
FORMATS: tuple[Format, ...] = get_args(Format)

Renderer = Callable[[Report, RenderOptions], str]
"""A pure function: the report and how to show it give the whole text, its last line ended."""


def renderer(name: Format) -> Renderer:
    """The function of a format: `render_<name>` in the module of that name."""
    module = importlib.import_module(f"reviewer.render.{name}")
    return cast("Renderer", getattr(module, f"render_{name}"))
