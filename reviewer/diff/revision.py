"""From the revisions a person names, or leaves out, to the two commits that a review compares."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.diff.objects import ObjectReader
from reviewer.diff.path import decode, encode
from reviewer.diff.program import GitProgram
from reviewer.errors import RepositoryError, RevisionError

DEEPEN = "the clone is shallow; fetch more history with 'git fetch --unshallow' or 'git fetch --deepen=50'"
"""What to do where history is missing."""
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""The tree without files, by the length of the repository's hashes. Git knows it without storing it."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its full id and those of its parents."""

    id: str
    parents: tuple[str, ...]

    @property
    def empty_tree(self) -> str:
        """Id of the tree without files, in this commit's sort of hash."""
        return _EMPTY_TREES[len(self.id)]


@dataclass(frozen=True, slots=True)
class Range:
    """Two commits to compare.

    Attributes:
        base: the commit compared with; None when `head` is the first and is compared with the empty tree.
        head: the commit reviewed.
        notes: what a person should know of how `base` was found.
    """

    base: str | None
    head: Commit
    notes: tuple[str, ...] = ()


class Revisions:
    """Looks revisions up.

    Args:
        program: git.
        objects: where commits are read.
    """

    def __init__(self, program: GitProgram, objects: ObjectReader) -> None:
        self._program = program
        self._objects = objects

    def commit(self, revision: str) -> Commit:
        """The commit that a revision names.

        Raises:
            RevisionError: it looks like an option, or names no commit here.
        """
        commit = self.find(revision)
        if commit is None and ".." in revision:
            raise RevisionError(revision, "this is a range and no commit; give its ends with --base and --head")
        if commit is None and revision == "HEAD" and self._is_unborn():
            raise RevisionError(revision, "there is no commit here yet; --staged and --worktree need none")
        if commit is None:
            reason = "git knows no such commit here; check the name"
            raise RevisionError(
                revision, f"{reason}, or {DEEPEN}" if self._program.place.is_shallow else f"{reason} or 'git fetch' it"
            )
        return commit

    def find(self, revision: str) -> Commit | None:
        """Like `commit`, with None for a revision that is not here."""
        if not revision or revision.startswith("-"):
            raise RevisionError(revision, "a revision is not empty and does not begin with '-'; check the option")
        if any(character in revision for character in "\n\0"):
            raise RevisionError(revision, "a revision has no line feed and no NUL in it; check the option")
        try:
            found = self._objects.read([encode(revision) + b"^{commit}"])[0]
        except RepositoryError as error:
            if str(error).startswith("git failed ("):
                # cat-file ends where a revision's own grammar fails, as in a branch's missing upstream.
                reason = str(error).removeprefix("git failed (").partition("); ")[0]
                raise RevisionError(revision, f"{reason}; check the name") from error
            raise
        if found is None or found.data is None or found.kind != "commit":
            return None
        lines = found.data.partition(b"\n\n")[0].split(b"\n")
        return Commit(found.id, tuple(decode(line[7:]) for line in lines if line.startswith(b"parent ")))

    def _is_unborn(self) -> bool:
        """Whether the current branch has no commit yet; one that it has may be missing in a damaged repository."""
        return self._program.try_run("rev-parse", "--verify", "--quiet", "HEAD").status != 0

    def range(self, base: str | None, head: str | None) -> Range:
        """The commits to compare: merge-base(base, head) and head.

        Without `base` it is the upstream of the branch `head`, else the default branch of origin (origin/HEAD,
        origin/main, origin/master), else the local main or master, or in a bare repository its HEAD; `head` itself is
        never its own base. Where there is none of these, and so no notion of what is new, it is the parent of `head`:
        the last commit alone is reviewed, and a note says so.

        Raises:
            RevisionError: a revision is unknown, or the two have no history in common.
        """
        head_commit = self.commit(head or "HEAD")
        if base is not None:
            merge_base = self._merge_base(base, self.commit(base), head_commit)
            return Range(merge_base, head_commit, _nothing_new(base, merge_base, head, head_commit))
        name, base_commit = self._default_base(head or "HEAD")
        if base_commit is None:
            return self._last_commit(head or "HEAD", head_commit)
        merge_base = self._merge_base(name, base_commit, head_commit)
        return Range(merge_base, head_commit, _nothing_new(name, merge_base, head, head_commit))

    def _default_base(self, head: str) -> tuple[str, Commit | None]:
        place = self._program.place
        # Prints the branch that head names, and its upstream on a second line; fails after the first where there is
        # none. Any name that begins with '-' was refused before.
        outcome = self._program.try_run("rev-parse", "--symbolic-full-name", head, f"{head}@{{upstream}}")
        names = decode(outcome.output).split("\n")
        branch = names[0]
        candidates = [names[1]] if outcome.status == 0 and len(names) > 2 else []
        candidates += [f"refs/remotes/origin/{name}" for name in ("HEAD", "main", "master")]
        if branch not in {"refs/heads/main", "refs/heads/master"}:
            if place.work_tree is None and head != "HEAD":
                candidates.append("HEAD")
            candidates += ["refs/heads/main", "refs/heads/master"]
        for candidate in candidates:
            commit = self.find(candidate) if candidate and candidate != branch else None
            if commit is not None:
                return candidate, commit
        return "", None

    def _last_commit(self, name: str, head: Commit) -> Range:
        if not head.parents:
            return Range(None, head)
        parent = self.find(head.parents[0])
        if parent is None:
            reason = DEEPEN if self._program.place.is_shallow else "fetch it with 'git fetch'"
            raise RevisionError(f"{name}^", f"the commit before {name} is not here: {reason}")
        note = f"no upstream and no default branch to compare with: only the last commit of {name} was reviewed; "
        return Range(parent.id, head, (f"{note}name another --base for more",))

    def _merge_base(self, name: str, base: Commit, head: Commit) -> str:
        outcome = self._program.try_run("merge-base", base.id, head.id)
        if outcome.status == 0:
            return decode(outcome.output).split("\n")[0]
        if outcome.status != 1:
            raise self._program.error(outcome.complaint)
        reason = f"it has no commit in common with {head.id[:12]}"
        advice = DEEPEN if self._program.place.is_shallow else "name a --base that it grew from"
        raise RevisionError(_short(name), f"{reason}; {advice}")


def _nothing_new(name: str, merge_base: str, head: str | None, commit: Commit) -> tuple[str, ...]:
    if merge_base != commit.id:
        return ()
    return (f"nothing is new: {_short(name)} already has every commit of {head or 'HEAD'}; name another --base",)


def _short(name: str) -> str:
    return name.removeprefix("refs/remotes/").removeprefix("refs/heads/")
