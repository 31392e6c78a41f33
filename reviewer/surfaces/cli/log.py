"""`reviewer log`: proposes the logging patch for a place or a change, and writes it where that is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from reviewer.domain.settings import Settings
from reviewer.errors import SettingsError, UsageError
from reviewer.surfaces.cli.review import FINE, INCOMPLETE, ModelOption, RepoOption, check_model, rule_ids
from reviewer.surfaces.cli.terminal import emit, emit_bytes, encoding, is_terminal, progress, tell, written_beside

if TYPE_CHECKING:
    from reviewer.counsel.log_wording import Wording
    from reviewer.diff.repository import GitRepository
    from reviewer.instrument.patches import Wishes
    from reviewer.instrument.proposal import Kind, Library, Patch
    from reviewer.log_review import LogReport
    from reviewer.ports import Selection

_KINDS = ("handler", "call", "boundary")
_LIBRARIES = ("logging", "structlog", "loguru")
_JSON = "json"
_REASONS_SHOWN = 8


def command(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[TARGET]", help="path, path:line or path::Qualified.name; none for a change."),
    ] = None,
    *,
    repo: RepoOption = None,
    base: Annotated[str | None, typer.Option(metavar="REV", help="The change since this revision.")] = None,
    head: Annotated[str | None, typer.Option(metavar="REV", help="Read the files at this revision.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every file at --head.")] = False,
    path: Annotated[
        list[str] | None, typer.Option(metavar="PATHSPEC", help="Only these (a git pathspec); may be repeated.")
    ] = None,
    worktree: Annotated[bool, typer.Option("--worktree", help="What is not committed.")] = False,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="handler, call or boundary; may be repeated. Default: all three."),
    ] = None,
    library: Annotated[
        str,
        typer.Option(metavar="NAME", help="logging, structlog or loguru, for a project in which nothing logs yet."),
    ] = "logging",
    model: ModelOption = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the patch into the work tree.")] = False,
    form: Annotated[str, typer.Option("--format", help="diff or json.")] = "diff",
) -> int:
    """Propose log lines where an error is swallowed, a slow service is called, or a framework enters.

    Each patch is proved: it parses, taking it out gives back the file, its fields have values and are no secrets, and
    git applies it. What cannot be proved is withheld. Exit codes: 0 fine, 2 wrong usage, 3 a part was not read.
    """
    if form not in ("diff", _JSON):
        raise UsageError(f"--format {form}: take diff or json")
    wishes = _wishes(kind or [], library)
    check_model(model)
    if target is not None:
        for option, value in (("--base", base), ("--all", everything), ("--worktree", worktree), ("--path", path)):
            if value:
                raise UsageError(f"TARGET and {option} do not go together; leave one out")

    from reviewer.wiring import open_repository

    with open_repository(repo or Path()) as repository:
        wording = _wording(repository, head, model)
        if target is not None:
            report = _of_target(repository, repo or Path(), target, head, wishes, wording=wording)
        else:
            selection = _selection(base, head, tuple(path or ()), everything=everything, worktree=worktree)
            from reviewer.log_review import log_change
            from reviewer.wiring import prepare_selection

            with progress("looking") as count:
                prepared = prepare_selection(repo or Path(), selection, rule_ids())
                report = log_change(prepared.change, wishes, sources=prepared.sources, progress=count, wording=wording)
        if apply:
            _apply(repository, report)
    if form == _JSON:
        emit(_as_json(report))
    elif is_terminal():
        emit("".join(_shown(patch) for patch in report.patches))
    else:
        emit_bytes(b"".join(patch.data for patch in report.patches))  # as they are, for `git apply`
    _summarise(report, applied=apply)
    if wording is not None:
        _tell_wording(wording)
    return INCOMPLETE if report.not_checked else FINE


def _wishes(kinds: list[str], library: str) -> Wishes:
    from reviewer.instrument.patches import Wishes

    for name in kinds:
        if name not in _KINDS:
            raise UsageError(f"--kind {name}: take one of {', '.join(_KINDS)}")
    if library not in _LIBRARIES:
        raise UsageError(f"--library {library}: take one of {', '.join(_LIBRARIES)}")
    chosen = frozenset(cast("list[Kind]", kinds or list(_KINDS)))
    return Wishes(chosen, library=cast("Library", library))


def _selection(
    base: str | None, head: str | None, paths: tuple[str, ...], *, everything: bool, worktree: bool
) -> Selection:
    from reviewer.ports import Scope, Selection

    if everything and (base or worktree):
        raise UsageError("--all goes with neither --base nor --worktree; leave one out")
    if worktree and (base or head):
        raise UsageError("--worktree goes with neither --base nor --head; leave one out")
    if everything:
        return Selection(Scope.ALL, head=head, paths=paths)
    if worktree:
        return Selection(Scope.WORKTREE, paths=paths)
    return Selection(Scope.RANGE, base=base, head=head, paths=paths)


def _wording(repository: GitRepository, head: str | None, model: str | None) -> Wording | None:
    from reviewer.model_wiring import use_model
    from reviewer.wiring import settings_at

    try:
        settings = settings_at(repository, head, rule_ids())
    except SettingsError as error:
        tell(f"{error}; the defaults count instead")
        settings = Settings()
    use = use_model(model, settings.model, None)
    if use is None:
        return None
    from reviewer.counsel.log_wording import Wording
    from reviewer.explain.spending import Spending

    return Wording(use, Spending(use.allowance))


def _of_target(
    repository: GitRepository, repo: Path, target: str, head: str | None, wishes: Wishes, *, wording: Wording | None
) -> LogReport:
    from reviewer.log_review import log_target
    from reviewer.wiring import open_sources

    return log_target(
        repository,
        target,
        head,
        wishes,
        folder=repository.folder,
        sources=open_sources(str(repo), head),
        wording=wording,
    )


def _tell_wording(wording: Wording) -> None:
    """What the words cost, and what was not taken of them."""
    spent = wording.spending
    cost = "cost unknown" if spent.cost is None else f"{spent.cost:.4f} USD"
    tell(
        f"worded by {wording.use.model.name}: {spent.calls} calls, {spent.tokens.input} + {spent.tokens.output} "
        f"tokens, {cost}"
    )
    for reason in dict.fromkeys(wording.unanswered):
        tell(f"the program's own words stand, since {reason}")
    if wording.refused:
        tell(f"{len(wording.refused)} choices were refused, for example: {wording.refused[0]}")


def _apply(repository: GitRepository, report: LogReport) -> None:
    """Write all patches into the work tree, or none where a file is not as it was read.

    Raises:
        UsageError: a file has other contents than those that the patch was made for, or cannot be written.
    """
    root = Path(repository.name).resolve()
    todo: list[tuple[Path, Patch]] = []
    for patch in report.patches:
        there = repository.read([patch.path], None).get(patch.path)
        file = root.joinpath(*patch.path.split("/")).resolve()
        if there is None or not file.is_relative_to(root) or not file.is_file():
            raise UsageError(f"{patch.path}: is no file of the work tree; --apply wants one")
        if there != report.contents[patch.path]:
            raise UsageError(f"{patch.path}: the work tree has other contents than were read; nothing was written")
        todo.append((file, patch))
    for file, patch in todo:
        _write(file, report.contents[patch.path], patch.content)


def _write(file: Path, before: bytes, after: bytes) -> None:
    """Write a whole file or nothing, if it still holds what was read."""
    try:
        with written_beside(file, after, file.stat().st_mode & 0o7777):
            if file.read_bytes() != before:
                raise UsageError(f"{file} has changed meanwhile; it was left alone, run it again")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}; check its permissions") from error


def _shown(patch: Patch) -> str:
    from reviewer.render.safe import visible

    lines = patch.diff.removesuffix("\n").replace("\r\n", "\n").expandtabs(4).split("\n")
    return "".join(f"{visible(line, encoding())}\n" for line in lines)


def _as_json(report: LogReport) -> str:
    import json

    return (
        json.dumps(
            {
                "patches": [
                    {
                        "path": patch.path,
                        "patch": patch.diff,
                        "verified": list(patch.verified),
                        "lines": [
                            {
                                "kind": one.kind,
                                "function": one.unit,
                                "line": one.place.line,
                                "position": one.place.position,
                                "level": one.level,
                                "event": one.event,
                                "fields": [field.key for field in one.fields],
                            }
                            for one in patch.proposals
                        ],
                    }
                    for patch in report.patches
                ],
                "withheld": [
                    {"path": path, "line": one.line, "function": one.unit, "kind": one.kind, "reason": one.reason}
                    for path, one in report.withheld
                ],
                "not_checked": [{"path": path, "reason": reason} for path, reason in report.not_checked],
            },
            indent=2,
        )
        + "\n"
    )


def _summarise(report: LogReport, *, applied: bool) -> None:
    from reviewer.log_review import by_reason

    lines = sum(len(patch.proposals) for patch in report.patches)
    verb = "written" if applied else "proposed"
    tell(
        f"{_count(lines, 'log line')} {verb} in {_count(len(report.patches), 'file')}, "
        f"{_count(len(report.withheld), 'place')} withheld"
    )
    for reason, number in list(by_reason(report))[:_REASONS_SHOWN]:
        tell(f"withheld {number}: {reason}")
    for path, reason in report.not_checked:
        tell(f"not read: {path}: {reason}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
