"""`reviewer init`: settings, hook, CI and what assistants are told, in one go; nothing is overwritten unasked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from reviewer.errors import RepositoryError, ReviewerError, UsageError
from reviewer.render.safe import visible
from reviewer.surfaces.cli.review import FINE, RepoOption
from reviewer.surfaces.cli.terminal import emit, encoding, tell, write_file

if TYPE_CHECKING:
    from reviewer.surfaces.setup.plan import Ci, Step

_CI = ("auto", "github", "gitlab", "none")


def command(
    *,
    repo: RepoOption = None,
    ci: Annotated[str, typer.Option("--ci", metavar="NAME", help="auto, github, gitlab or none.")] = "auto",
    hook: Annotated[bool, typer.Option("--hook/--no-hook", help="Install the pre-push hook.")] = True,
    catalog: Annotated[str | None, typer.Option("--catalog", metavar="PLACE", help="The team's catalog.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite without asking.")] = False,
) -> int:
    """Set a repository up: settings in pyproject.toml, the pre-push hook, a CI file, a block in AGENTS.md.

    What is there already stays; where a file would be overwritten you are asked first.
    """
    from reviewer.domain.distribution import is_reachable, recorded_origin, requirement
    from reviewer.surfaces.hook.push import git_path, remote_addresses
    from reviewer.surfaces.setup.plan import CI_FILES, guess_ci, plan

    if ci not in _CI:
        raise UsageError(f"--ci {ci}: take one of {', '.join(_CI)}")
    place = repo or Path()
    top = git_path(place, "--show-toplevel")
    if top is None:
        raise RepositoryError(f"{place} is in no work tree of git; 'git init' makes one")
    root = Path(top)
    chosen = guess_ci(root, remote_addresses(root)) if ci == "auto" else cast("Ci", ci)
    package = requirement(recorded_origin())
    for step in plan(root, catalog, chosen, package):
        _take(step, root, dry_run=dry_run, yes=yes)
    if chosen != "none" and not is_reachable(package):
        tell(f"CI installs {package} from its package index; where that has none, correct it in {CI_FILES[chosen]}")
    if hook:
        _install(root, dry_run=dry_run)
    if not dry_run:
        _say("commit these files; 'reviewer doctor' says what works")
    return FINE


def _take(step: Step, root: Path, *, dry_run: bool, yes: bool) -> None:
    if step.is_done:
        _say(f"{step.path}: is as it should be")
        return
    what = "write" if step.before is None else "overwrite" if step.replaces else "add to"
    if dry_run:
        _say(f"{step.path}: would {what} it ({step.why})")
        _show(step)
        return
    if step.replaces and not yes:
        if _is_asked():
            _show(step)
        if not _agreed(f"{step.path} is there and differs. Overwrite it?"):
            tell(f"{step.path} stays as it is; --yes overwrites it")
            return
    file = root / step.path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file.parent} cannot be made: {error.strerror}; check its permissions") from error
    write_file(file, step.after)
    _say(f"{step.path}: {'written' if step.before is None else 'changed'} ({step.why})")


def _install(root: Path, *, dry_run: bool) -> None:
    """The hook; where it cannot be had, the rest still is, and the reason is told."""
    from reviewer.surfaces.hook.installation import find_place, install

    try:
        if dry_run:
            done = find_place(root).is_installed
            _say(f"pre-push hook: {'is installed' if done else 'would install it'}")
        else:
            _say(install(root))
    except ReviewerError as error:
        tell(str(error))


def _is_asked() -> bool:
    """Whether a person is at the terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def _agreed(question: str) -> bool:
    """Whether a person at the terminal says yes; nobody there is no."""
    return _is_asked() and typer.confirm(question, default=False)


def _show(step: Step) -> None:
    emit("".join(f"  {visible(line, encoding())}\n" for line in step.difference().splitlines()))


def _say(line: str) -> None:
    emit(visible(line, encoding()) + "\n")
