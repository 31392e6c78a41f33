"""The git pre-push hook: judges only what is pushed, and never stands in the way by its own fault.

The hook itself is a shim in sh (`shim`): it calls the hook that was there before, then the very Python that installed
it. Of several refs each new head is reviewed once, from where the remote already is.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reviewer.domain.settings import FailOn
from reviewer.errors import RepositoryError, ReviewerError, UsageError
from reviewer.ports import Scope, Selection
from reviewer.surfaces.cli.review import Style, render_options, review, rule_ids
from reviewer.surfaces.cli.terminal import emit, progress, tell

NAME = "pre-push"
KEPT = "pre-push.local"
STOP_CODE = 10
"""How `hook run` tells the shim to stop the push; any other code but 0 is a failure of the reviewer itself."""

_PATIENCE = 60
"""Seconds that a git command may take; each of them reads a few objects of a repository on this machine."""

_MARK = "# reviewer pre-push hook"
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pushed:
    """One line that git gives a pre-push hook.

    Attributes:
        local: what is pushed, by name, for example "refs/heads/main" or "(delete)".
        head: id of the object that is pushed; all zeros for a deletion.
        remote: name of the ref there.
        before: id that the ref has there; all zeros where it does not exist.
    """

    local: str
    head: str
    remote: str
    before: str


def install(repo: Path, *, strict: bool = False) -> str:
    """Write the shim; a hook that is there already becomes `pre-push.local`.

    Args:
        repo: a work tree, or a bare repository.
        strict: the shim stops a push too that could not be reviewed.

    Returns:
        One line for the person.

    Raises:
        UsageError: the hooks lie outside the repository, or both names are taken.
        RepositoryError: there is no repository, or the directory cannot be written.
    """
    folder = _hooks_folder(repo)
    hook, kept = folder / NAME, folder / KEPT
    moved = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(hook) and not _is_ours(hook):
            if os.path.lexists(kept):
                raise UsageError(f"{hook} and {kept} both exist; take one away first")
            hook.rename(kept)
            moved = True
        part = folder / f".{NAME}.{os.getpid()}"
        part.write_text(shim(sys.executable, strict=strict), encoding="utf-8", errors="surrogateescape", newline="\n")
        part.chmod(0o755)
        part.replace(hook)
    except OSError as error:
        if moved and not os.path.lexists(hook):
            kept.rename(hook)
        raise RepositoryError(f"{hook} cannot be written: {error.strerror}; check the directory") from error
    first = f"; the hook that was there is called first ({kept.name})" if os.path.lexists(kept) else ""
    return f"installed {hook}{first}"


def uninstall(repo: Path) -> str:
    """Take the shim away and put back what was there before.

    Raises:
        UsageError: the hook there is not ours.
        RepositoryError: as `install`.
    """
    folder = _hooks_folder(repo)
    hook, kept = folder / NAME, folder / KEPT
    try:
        if not os.path.lexists(hook):
            return f"nothing to take away: there is no {hook}"
        if not _is_ours(hook):
            raise UsageError(f"{hook} was not written by reviewer; take it away yourself")
        if os.path.lexists(kept):
            kept.replace(hook)
            return f"put back the hook that was there before: {hook}"
        hook.unlink()
    except OSError as error:
        raise RepositoryError(f"{hook} cannot be changed: {error.strerror}; check the directory") from error
    return f"took away {hook}"


def shim(python: str, *, strict: bool) -> str:
    """The hook's text for sh.

    `-P` keeps the reviewed repository out of Python's module path, where git starts the hook: nothing in it may be
    imported.

    Args:
        python: absolute path of the interpreter that has the reviewer.
        strict: stop the push also where the reviewer cannot do its work.
    """
    strictly = " --strict" if strict else ""
    failed = 'echo "reviewer: the push is stopped because of --strict" >&2; exit 1' if strict else "exit 0"
    outcome = "is stopped (--strict)" if strict else "goes through without a review"
    return f"""#!/bin/sh
{_MARK}; 'reviewer hook uninstall' takes it away
python={shlex.quote(python)}
before="$(dirname -- "$0")/{KEPT}"
pushed="$(cat)"
give() {{ if [ -n "$pushed" ]; then printf '%s\\n' "$pushed"; fi; }}

if [ -x "$before" ]; then
  give | "$before" "$@" || exit $?
fi
if [ ! -x "$python" ]; then
  echo "reviewer: $python is gone, so the push {outcome}; 'reviewer hook install' again" >&2
  {failed}
fi
give | "$python" -P -m reviewer hook run --stop-code {STOP_CODE}{strictly} -- "$@"
code=$?
case $code in
  0) exit 0 ;;
  {STOP_CODE}) exit 1 ;;
  130) exit 130 ;;
esac
echo "reviewer: could not run (code $code), so the push {outcome}" >&2
{failed}
"""


def run(
    repo: Path,
    remote: str,
    lines: str,
    *,
    fail_on: FailOn | None = None,
    strict: bool = False,
    style: Style | None = None,
) -> bool:
    """Review what a push brings, each head once, and show what was found on stdout.

    Args:
        repo: where git runs the hook.
        remote: name of the remote, or its address where it has no name.
        lines: what git gives on stdin.
        fail_on: least severity that stops the push; None leaves it to the settings.
        strict: stop also where the review fails or is not complete.
        style: how much to show.

    Returns:
        Whether to stop the push.
    """
    stop = False
    try:
        pushed = read_lines(lines)
        for item in missing(repo, pushed):
            tell(f"{item.head[:12]} ({item.local}) is not in this repository and was not reviewed; try 'git fsck'")
            stop = stop or strict
        selections = select(repo, remote, pushed)
        for selection in selections:
            stop = _review_one(repo, selection, fail_on, strict, style or Style()) or stop
    except ReviewerError as error:
        tell(f"the push {'is stopped (--strict)' if strict else 'goes through'}, but was not reviewed: {error}")
        return strict or stop
    if stop:
        tell("the push is stopped; mend it, waive it with a reason, or go past with 'git push --no-verify'")
    return stop


def read_lines(lines: str) -> list[Pushed]:
    """The lines that git gives a pre-push hook, as git documents them in `git help hooks`.

    Raises:
        UsageError: a line is of another form.
    """
    pushed = []
    for number, line in enumerate(lines.splitlines(), start=1):
        parts = line.rsplit(" ", 3)
        if len(parts) != 4 or not _ID.fullmatch(parts[1]) or not _ID.fullmatch(parts[3]):
            raise UsageError(f"line {number} of stdin is no line of a pre-push hook; git itself runs 'hook run'")
        pushed.append(Pushed(*parts))
    return pushed


def select(repo: Path, remote: str, pushed: Sequence[Pushed]) -> list[Selection]:
    """What to review: for each new head once the lines that the remote does not have.

    From where: the ref's own place on the remote; where that is new or not known here (a forced push), the best common
    ancestor with the branches that the remote is known to have; where there is none, everything.
    """
    selections: dict[str, Selection] = {}
    for item in pushed:
        if _is_zero(item.head):
            continue
        # A tag may name anything; what leads to no commit has no code to review.
        head = _git(repo, "rev-parse", "--verify", "--quiet", f"{item.head}^{{commit}}")
        if head is not None and head not in selections and (found := _selection(repo, remote, head, item.before)):
            selections[head] = found
    return list(selections.values())


def missing(repo: Path, pushed: Sequence[Pushed]) -> list[Pushed]:
    """Those whose object git does not have here; git itself never pushes such a one."""
    return [item for item in pushed if not _is_zero(item.head) and _git(repo, "cat-file", "-e", item.head) is None]


def _selection(repo: Path, remote: str, head: str, before: str) -> Selection | None:
    """The range for one head; None where the remote has all of it already."""
    if not _is_zero(before):
        base = _git(repo, "merge-base", head, before)
        if base == head:
            return None
        if base is not None:
            return Selection(Scope.RANGE, base=base, head=head)
    known = _git(repo, "for-each-ref", "--format=%(objectname)", f"refs/remotes/{remote}/")
    if not known:
        # A push to a bare address: what any remote has counts as known.
        known = _git(repo, "for-each-ref", "--format=%(objectname)", "refs/remotes/")
    tips = list(dict.fromkeys((known or "").split()))
    base = _git(repo, "merge-base", head, *tips) if tips else None
    if base is None:
        return Selection(Scope.ALL, head=head)
    return None if base == head else Selection(Scope.RANGE, base=base, head=head)


def _review_one(repo: Path, selection: Selection, fail_on: FailOn | None, strict: bool, style: Style) -> bool:
    from reviewer.render.summary import choose, headline
    from reviewer.render.text import render_text
    from reviewer.wiring import Overrides, prepare_selection

    with progress("reviewing what is pushed") as count:
        prepared = prepare_selection(repo, selection, rule_ids(), Overrides(fail_on=fail_on))
        report = review(prepared, count)
    # A push is no place to read in, and nobody gives options to git's hook.
    options = replace(render_options(style, prepared), questions=False, advise=False)
    if report.status == "complete" and report.verdict == "pass":
        said = headline(report, choose(report, options))
        emit(f"reviewer: {said.word}: {said.text}.\n")
    else:
        emit(render_text(report, options))
    return report.verdict == "block" or (strict and report.status != "complete")


def _hooks_folder(repo: Path) -> Path:
    """Where git looks for hooks, if that lies inside the repository."""
    place = _git(repo, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    common = _git(repo, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if place is None or common is None:
        # Of why git refuses a repository, for example for its owner, the reader of repositories knows more.
        from reviewer.wiring import open_repository

        with open_repository(repo) as repository:
            repository.read([], "HEAD")
        raise RepositoryError(f"{repo} is not in a git repository; name one with --repo")
    folder = Path(place).resolve()
    root = _git(repo, "rev-parse", "--path-format=absolute", "--show-toplevel")
    inside = [Path(part).resolve() for part in (common, root) if part]
    if not any(folder.is_relative_to(part) for part in inside):
        raise UsageError(
            f"core.hooksPath leads out of the repository, to {folder}; call 'reviewer hook run' from a hook there, "
            "or unset it for this repository"
        )
    return folder


def _is_ours(hook: Path) -> bool:
    try:
        return hook.is_file() and _MARK in hook.read_text(encoding="utf-8", errors="replace")[:200]
    except OSError:
        return False


def _is_zero(name: str) -> bool:
    return not name.strip("0")


def _git(repo: Path, *arguments: str) -> str | None:
    """What a git command prints, without the last line end; None where it fails."""
    try:
        done = subprocess.run(
            ["git", "--no-pager", *arguments],
            cwd=repo,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=_PATIENCE,
        )
    except OSError as error:
        raise RepositoryError(f"git cannot be started in {repo}: {error.strerror}; check the directory") from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(f"git {arguments[0]} gave no answer in {_PATIENCE} s; try it by hand") from error
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n") if done.returncode == 0 else None
