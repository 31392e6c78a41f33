"""`reviewer review`: reviews a change and shows the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from reviewer.domain.settings import FailOn
from reviewer.errors import ReviewerError, UsageError
from reviewer.surfaces.cli.showing import Style, render_options, review, rule_ids
from reviewer.surfaces.cli.terminal import (
    check_file,
    emit,
    progress,
    read_stdin,
    write_file,
)

if TYPE_CHECKING:
    from reviewer.domain.report import Report
    from reviewer.ports import Selection
    from reviewer.wiring import Overrides, Prepared

__all__ = ["Style", "render_options", "review", "rule_ids"]

FINE, BLOCKED, INCOMPLETE = 0, 1, 3
_STDIO = "-"
_FORMATS = ("text", "json", "sarif", "markdown", "html", "github", "gitlab")
_LEVELS = get_args(FailOn)

RepoOption = Annotated[
    Path | None, typer.Option("--repo", metavar="DIR", help="The repository. Default: where you are.")
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format", metavar="NAME", help="text, json, sarif, markdown, html, github or gitlab; may be repeated."
    ),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output", metavar="FILE", help="A file instead of stdout; with several formats, one for each but the first."
    ),
]
FailOnOption = Annotated[
    str | None,
    typer.Option("--fail-on", metavar="LEVEL", help="Exit with 1 at this severity: high, medium, low or never."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="offline, anthropic:NAME, openai:NAME or files:DIR. Default: the settings'."
    ),
]
ShowQuietOption = Annotated[bool, typer.Option("--show-quiet", help="Show low findings too, not only their number.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Also show every unit and external call, and known and waived findings.")
]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="No colours, as with NO_COLOR in the environment.")]


def command(
    context: typer.Context,
    *,
    repo: RepoOption = None,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="Compare with this revision. Default: upstream, else main.")
    ] = None,
    head: Annotated[str | None, typer.Option(metavar="REV", help="Review this revision. Default: HEAD.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Review every line of the files at --head.")] = False,
    path: Annotated[
        list[str] | None, typer.Option(metavar="PATHSPEC", help="Only these (a git pathspec); may be repeated.")
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Review what is staged.")] = False,
    worktree: Annotated[bool, typer.Option("--worktree", help="Review all that is not committed.")] = False,
    diff: Annotated[
        str | None, typer.Option(metavar="FILE", help="Review a unified diff out of this file, or - for stdin.")
    ] = None,
    formats: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    fail_on: FailOnOption = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Findings in this file are known. Default: the settings'.")
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the findings of this review as known. With --all alone the file is replaced, else added to.",
        ),
    ] = None,
    show_quiet: ShowQuietOption = False,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Review a change: by default the commits that the upstream does not have.

    Exit codes: 0 fine, 1 a new finding at or above --fail-on, 2 wrong usage, 3 not complete (1 where both hold).
    """
    if context.args:
        raise UsageError(f"{context.args[0]}: a revision goes with --base or --head, a file or folder with --path")
    check_model(model)
    style = Style(show_quiet=show_quiet, verbose=verbose, colour=not no_color)
    targets = choose_targets(formats or [], output or [])
    level = check_fail_on(fail_on)
    paths = tuple(path or ())
    for file in (*(target.file for target in targets), write_baseline):
        if file is not None:
            check_file(file)

    from reviewer.wiring import Overrides

    overrides = Overrides(fail_on=level, baseline=baseline)
    with progress("reviewing") as count:
        if diff is not None:
            _refuse("--diff", {"--base": base, "--all": everything, "--staged": staged, "--worktree": worktree})
            prepared = _prepare_diff(diff, repo, head, paths, overrides)
        else:
            selection = _select(
                base=base, head=head, everything=everything, staged=staged, worktree=worktree, paths=paths
            )
            prepared = _prepare(repo or Path(), selection, overrides)
        report = review(prepared, count, model, suggest=not everything)
    show(report, targets, style, prepared)
    if write_baseline is not None:
        whole = everything and not paths and report.status == "complete"
        _write_baseline(write_baseline, report, whole=whole)
    return exit_code(report)


@dataclass(frozen=True, slots=True)
class Target:
    """A format and where it goes; None for stdout."""

    format: str
    file: Path | None


def choose_targets(formats: list[str], outputs: list[str]) -> list[Target]:
    """Join formats with outputs: outputs belong to the last formats in their order, stdout takes the one before.

    Raises:
        UsageError: an unknown format, or numbers of them that do not fit.
    """
    formats = formats or ["text"]
    for name in formats:
        if name not in _FORMATS:
            raise UsageError(f"--format {name}: no such format; take one of {', '.join(_FORMATS)}")
    spare = len(formats) - len(outputs)
    if spare < 0:
        raise UsageError(f"--output is given {len(outputs)} times for {len(formats)} format; give as many --format")
    if spare > 1:
        raise UsageError(f"{len(formats)} formats cannot share stdout; give an --output FILE for all but the first")
    files: list[Path | None] = [None] * spare
    if "" in outputs:
        raise UsageError("--output is empty; name a file, or - for stdout")
    files += [None if name == _STDIO else Path(name) for name in outputs]
    if files.count(None) > 1:
        raise UsageError("two formats cannot share stdout; give an --output FILE for all but one")
    named = [file.absolute() for file in files if file is not None and not _is_stream(file)]
    if len(set(named)) < len(named):
        raise UsageError("two formats cannot share a file; give each an --output FILE of its own")
    return [Target(name, file) for name, file in zip(formats, files, strict=True)]


def _is_stream(file: Path) -> bool:
    return file.exists() and not file.is_file()


def check_fail_on(value: str | None) -> FailOn | None:
    """The severity that blocks.

    Raises:
        UsageError: there is no such severity.
    """
    if value is not None and value not in _LEVELS:
        raise UsageError(f"--fail-on {value}: take one of {', '.join(_LEVELS)}")
    return cast("FailOn | None", value)


def show(report: Report, targets: list[Target], style: Style, prepared: Prepared) -> None:
    """Write the report to each of its targets, files first, so that whoever reads stdout finds them there.

    Raises:
        ReviewerError: one of them takes no more; the others have the report nevertheless.
    """
    from reviewer.render.registry import Format, renderer

    failed: ReviewerError | None = None
    for target in sorted(targets, key=lambda target: target.file is None):
        options = render_options(style, prepared, to_file=target.file is not None)
        text = renderer(cast("Format", target.format))(report, options)
        try:
            if target.file is not None:
                write_file(target.file, text)
            else:
                emit(text)
        except ReviewerError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def exit_code(report: Report) -> int:
    """What the process ends with: a finding that blocks counts before what was not checked."""
    if report.verdict == "block":
        return BLOCKED
    return FINE if report.status == "complete" else INCOMPLETE


def prepare(
    repo: Path | None,
    *,
    base: str | None = None,
    head: str | None = None,
    diff: str | None = None,
    everything: bool = False,
) -> Prepared:
    """What another command than `review` looks at: a diff, the changes up to a revision, or all of one.

    Raises:
        UsageError: options that do not go together.
        DiffError, RepositoryError, RevisionError, SettingsError: as `wiring.prepare_selection`.
    """
    from reviewer.wiring import Overrides

    if diff is not None:
        _refuse("--diff", {"--base": base})
        return _prepare_diff(diff, repo, head, (), Overrides())
    selection = _select(base=base, head=head, everything=everything, staged=False, worktree=False, paths=())
    return _prepare(repo or Path(), selection, Overrides())


def _prepare(repo: Path, selection: Selection, overrides: Overrides) -> Prepared:
    from reviewer.wiring import prepare_selection

    return prepare_selection(repo, selection, rule_ids(), overrides)


def _prepare_diff(
    diff: str, repo: Path | None, head: str | None, paths: tuple[str, ...], overrides: Overrides
) -> Prepared:
    from reviewer.wiring import is_repository, narrow, prepare_patch

    data = _read_diff(diff)
    # Without --repo a diff may be read anywhere; a repository that happens to be here gives the contents.
    place = repo if repo is not None or not is_repository(Path()) else Path()
    if place is None and head is not None:
        raise UsageError("--head wants a repository; name one with --repo")
    return narrow(prepare_patch(data, place, head, rule_ids(), overrides), paths)


def _read_diff(name: str) -> bytes:
    try:
        return read_stdin() if name == _STDIO else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"--diff {name}: {error.strerror}; name a readable file, or - for stdin") from error


def _select(
    *, base: str | None, head: str | None, everything: bool, staged: bool, worktree: bool, paths: tuple[str, ...]
) -> Selection:
    from reviewer.ports import Scope, Selection

    if everything:
        _refuse("--all", {"--base": base, "--staged": staged, "--worktree": worktree})
        return Selection(Scope.ALL, head=head, paths=paths)
    if staged:
        _refuse("--staged", {"--base": base, "--head": head, "--worktree": worktree})
        return Selection(Scope.STAGED, paths=paths)
    if worktree:
        _refuse("--worktree", {"--base": base, "--head": head})
        return Selection(Scope.WORKTREE, paths=paths)
    return Selection(Scope.RANGE, base=base, head=head, paths=paths)


def _refuse(option: str, others: dict[str, object]) -> None:
    for name, value in others.items():
        if value not in (None, False):
            raise UsageError(f"{option} and {name} do not go together; leave one out")


def check_model(spec: str | None) -> None:
    """Refuse what names no model, before anything is read.

    Raises:
        UsageError: it names none.
    """
    if spec is not None and spec != "offline":
        from reviewer.llm.registry import split_spec

        split_spec(spec)


def _write_baseline(file: Path, report: Report, *, whole: bool) -> None:
    from reviewer.acceptance.baseline import read_baseline, write_baseline

    keep = None
    try:
        if not whole and file.exists():
            keep = read_baseline(file.read_bytes(), file=str(file))
    except OSError as error:
        raise UsageError(f"--write-baseline {file}: {error.strerror}; name another file") from error
    write_file(file, write_baseline(report.findings, keep=keep))
