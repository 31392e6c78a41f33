"""`reviewer explain`: the four answers for one function or line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reviewer.domain.settings import Settings
from reviewer.errors import SettingsError, UsageError
from reviewer.surfaces.cli.review import (
    FINE,
    INCOMPLETE,
    ModelOption,
    NoColorOption,
    RepoOption,
    check_model,
    rule_ids,
)
from reviewer.surfaces.cli.terminal import emit, encoding, has_colour, tell, width

_JSON = "json"


def command(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="path, path:line or path::Qualified.name; paths from where you are, or from the root"
        ),
    ],
    *,
    repo: RepoOption = None,
    head: Annotated[str | None, typer.Option(help="Read it at this revision. Default: the work tree.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    model: ModelOption = None,
    no_color: NoColorOption = False,
) -> int:
    """Answer the four questions for a file, a line's function, or a named function, changed or not.

    Exit codes: 0 fine, 2 wrong usage, 3 a model was asked and has not explained all of it.
    """
    check_model(model)
    if form not in ("text", _JSON):
        raise UsageError(f"--format {form}: take text or json")
    from reviewer.answers import explain_target
    from reviewer.memory_wiring import open_memory
    from reviewer.model_wiring import use_model
    from reviewer.render.options import RenderOptions
    from reviewer.wiring import open_repository, open_sources, settings_at

    memory = open_memory()
    with open_repository(repo or Path()) as repository:
        try:
            settings = settings_at(repository, head, rule_ids())
        except SettingsError as error:
            tell(f"{error}; the defaults count instead")
            settings = Settings()
        told = explain_target(
            repository,
            target,
            head,
            folder=repository.folder,
            sources=open_sources(repository.name, head),
            memory=memory,
            model=use_model(model, settings.model, memory),
        )
    from reviewer.render.summary import answers_footer

    for note in (*told.notes, *told.failures):
        tell(note)
    code = INCOMPLETE if told.failures else FINE
    spent = told.spent
    footer = None
    if spent is not None:
        footer = answers_footer(spent.model, spent.usage, spent.explained, spent.unexplained)
    if form == _JSON:
        from reviewer.domain.report import to_json

        emit(to_json(told.answers) + "\n")
        if footer is not None:
            tell(footer)
        return code
    from reviewer.render.text import render_answers

    options = RenderOptions(width=width(), colour=has_colour(not no_color), encoding=encoding())
    emit(render_answers(told.answers, options, footer))
    return code
