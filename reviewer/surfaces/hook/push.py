"""What a push makes public: git's lines for a pre-push hook, and the ranges that they come to.

Nothing is imported here that takes time: most pushes are answered from this alone. Git is asked twice, however many
refs are pushed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewer.diff.process import run_git
from reviewer.errors import RepositoryError, UsageError

_PATIENCE = 60
"""Seconds that a git command may take; each of them reads a few objects of a repository on this machine."""
_UNNAMED = dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"))
"""Without the variables by which git names a repository, relative to where it was started; they outrank where it is
started."""
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


@dataclass(frozen=True, slots=True)
class Range:
    """The commits that one head brings.

    Attributes:
        head: id of the commit.
        bases: ids of the last commits that were public already; empty where nothing of it was. There are several where
            branches were merged; new is then what is new against each of them.
    """

    head: str
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """What a push comes to.

    Attributes:
        missing: lines whose object git does not have here; git itself never pushes such a one.
        ranges: what to review, the newest head first.
    """

    missing: tuple[Pushed, ...] = ()
    ranges: tuple[Range, ...] = ()


def repository_of_hook(environment: Mapping[str, str]) -> Path:
    """The repository whose hook runs: where git runs it, or for `git --git-dir=…` from elsewhere the one named so.

    Args:
        environment: as git sets it.
    """
    named = environment.get("GIT_DIR", "")
    return Path(named).absolute() if named and not Path(".git").exists() else Path()


def read_lines(lines: str) -> list[Pushed]:
    """The lines that git gives a pre-push hook, as git documents them in `git help hooks`.

    Raises:
        UsageError: a line is of another form.
    """
    pushed = []
    # At line ends alone: a branch may be named with characters that Python takes for line ends too.
    for number, line in enumerate(lines.removesuffix("\n").split("\n") if lines else (), start=1):
        parts = line.removesuffix("\r").rsplit(" ", 3)
        if len(parts) != 4 or not _ID.fullmatch(parts[1]) or not _ID.fullmatch(parts[3]):
            raise UsageError(f"line {number} of stdin is no line of a pre-push hook; git itself runs 'hook run'")
        pushed.append(Pushed(*parts))
    return pushed


def resolve(repo: Path, pushed: Sequence[Pushed]) -> Push:
    """What to review: for each new head the commits that no remote has.

    Public is what the pushed refs have on the remote and what any remote is known to have, however the push rewrites
    it. A head that another one contains is reviewed with that one, and one that is public already not at all.

    Args:
        repo: where git runs the hook.
        pushed: its lines.

    Raises:
        RepositoryError: git cannot tell.
    """
    named = [item for item in pushed if not _is_zero(item.head)]
    # A tag may name anything; what leads to no commit has no code to review.
    peeled = [f"{item.head}^{{commit}}" for item in named]
    kinds = _kinds(repo, [*(item.head for item in named), *peeled])
    missing = tuple(item for item in named if item.head not in kinds)
    heads = list(dict.fromkeys(kinds[name] for name in peeled if name in kinds))
    return Push(missing, tuple(_ranges(repo, pushed, heads)) if heads else ())


def _ranges(repo: Path, pushed: Sequence[Pushed], heads: Sequence[str]) -> list[Range]:
    known = dict.fromkeys(f"^{item.before}" for item in pushed if not _is_zero(item.before))
    # Newest first, each with its parents; a commit that the remote has and we have not is passed over.
    listed = _git(
        repo, "rev-list", "--parents", "--ignore-missing", "--stdin", "--not", "--remotes", stdin=[*heads, *known]
    )
    if listed is None:
        raise RepositoryError(f"git cannot list what is pushed in {repo}; try 'git fsck'")
    parents = {names[0]: names[1:] for names in (line.split(" ") for line in listed.splitlines()) if names[0]}
    inner = {parent for names in parents.values() for parent in names}
    wanted = set(heads)
    tops = [commit for commit in parents if commit in wanted and (commit not in inner)]
    return [Range(head, _bases(repo, head, parents)) for head in tops]


def changed_paths(repo: Path, part: Range) -> list[str] | None:
    """The files that a range changes, deleted ones too; None where git cannot tell."""
    if part.bases:
        listed = _git(repo, "diff-tree", "-r", "-z", "--name-only", "-M", part.bases[0], part.head)
    else:
        listed = _git(repo, "ls-tree", "-r", "-z", "--name-only", "--full-tree", part.head)
    return None if listed is None else [name for name in listed.split("\0") if name]


def holds_interpreter_line(repo: Path, head: str, paths: Sequence[str]) -> bool:
    """Whether one of some files at a commit may be a Python script: a line of it begins as its first line would."""
    literal = [f":(top,literal){path}" for path in paths]
    found = _git(repo, "grep", "-a", "-l", "-z", "-E", "^#!.*(python|pypy|uv run)", head, "--", *literal)
    return bool(found)


def commit_id(repo: Path, revision: str) -> str | None:
    """The full id of the commit that a revision names; None where there is none."""
    return _git(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def remote_addresses(repo: Path) -> list[str]:
    """Where the remotes of a repository are."""
    listed = _git(repo, "config", "--get-regexp", r"^remote\..*\.url$") or ""
    return [line.partition(" ")[2] for line in listed.splitlines()]


def git_path(repo: Path, *arguments: str) -> str | None:
    """An absolute path that `git rev-parse` tells; None where there is none."""
    return _git(repo, "rev-parse", "--path-format=absolute", *arguments)


def _bases(repo: Path, head: str, parents: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The newest public commits that a head stands on."""
    found: dict[str, None] = {}
    seen = {head}
    waiting = [head]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in parents:
                found[parent] = None
            elif parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    if len(found) < 2:
        return tuple(found)
    independent = _git(repo, "merge-base", "--independent", *found)
    return tuple((independent or "").split()) or tuple(found)[:1]


def _kinds(repo: Path, names: Iterable[str]) -> dict[str, str]:
    """Names of objects that git has here -> their ids."""
    asked = list(dict.fromkeys(names))
    if not asked:
        return {}
    told = _git(repo, "cat-file", "--batch-check=%(objectname)", stdin=asked) or ""
    found = zip(asked, told.splitlines(), strict=False)
    return {name: identity for name, identity in found if _ID.fullmatch(identity)}


def _is_zero(name: str) -> bool:
    return not name.strip("0")


def _git(repo: Path, *arguments: str, stdin: Sequence[str] = ()) -> str | None:
    """What a git command prints, without the last line end; None where it fails."""
    given = "".join(f"{line}\n" for line in stdin).encode("utf-8", "surrogateescape")
    done = run_git(arguments, repo, {} if repo == Path() else _UNNAMED, seconds=_PATIENCE, given=given)
    return done.output.decode("utf-8", "surrogateescape").removesuffix("\n") if done.status == 0 else None
