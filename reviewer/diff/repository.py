"""A git repository as a source of changes: nothing in it is executed, nothing in it is written.

A review starts at most five git processes: one that finds the repository, one that tells branch and upstream, one that
finds the merge base, one that compares, and one that gives all contents.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reviewer.diff.common_lines import new_against_both
from reviewer.diff.comparison import Comparer, Comparison
from reviewer.diff.objects import GitObject, ObjectReader
from reviewer.diff.path import decode, encode, is_safe
from reviewer.diff.place import locate
from reviewer.diff.program import GitProgram
from reviewer.diff.revision import Revisions
from reviewer.diff.sample import sample_python
from reviewer.diff.worktree import read_file
from reviewer.domain.change import Change, FileChange
from reviewer.errors import UsageError
from reviewer.ports import INDEX, Scope, Selection

if TYPE_CHECKING:
    from reviewer.domain.fix import Authorship, Fix

_GLOB = re.compile(r"[*?\[\\]")
_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitRepository:
    """A repository on this machine. Not for several threads at once; close it, or use it in a `with`.

    Args:
        directory: a work tree, a directory in one, a linked work tree, or a bare repository. Pathspecs are relative to
            it.
        file_bytes: a file of more bytes is not read, and reported as not checked.

    Raises:
        RepositoryError: there is no repository, or no git.
    """

    def __init__(self, directory: Path | str, *, file_bytes: int = 1024 * 1024) -> None:
        self._place = locate(Path(directory))
        self._limit = file_bytes
        self._program = GitProgram(self._place, big_file_bytes=file_bytes)
        self._objects = ObjectReader(self._program, file_bytes)
        self._revisions = Revisions(self._program, self._objects)
        self._commits: dict[str, str] = {}  # a full id means the same for ever
        self._comparer = Comparer(self._program, self._objects, file_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The root of the work tree, or the bare repository."""
        return str(self._place.work_tree or self._place.git_dir)

    @property
    def folder(self) -> str:
        """The directory that was given, from the root of the work tree, '/' between its parts; "" for the root."""
        root, start = self._place.work_tree, self._place.start
        if root is None or not start.is_relative_to(root):
            return ""
        inside = start.relative_to(root).as_posix()
        return "" if inside == "." else inside

    def close(self) -> None:
        """End git's process; a later call would start another."""
        self._objects.close()

    def select(self, selection: Selection) -> Change:
        """The change that the selection names, with the contents of its Python files.

        What `base` is when none is given, `Revisions.range` tells. Python is what ends in .py or .pyw, and a file
        without any ending whose first line says so. A file that becomes Python by being renamed or copied counts as a
        whole.

        Raises:
            RevisionError: a revision is unknown here, or its history is not (shallow clone).
            RepositoryError: git failed, does not trust the repository, or there is no work tree to compare.
            UsageError: a pathspec that git does not understand.
        """
        _check_pathspecs(selection.paths)
        match selection.scope:
            case Scope.RANGE:
                return self._select_range(selection)
            case Scope.ALL:
                return self._select_all(selection)
            case Scope.STAGED | Scope.WORKTREE:
                return self._select_uncommitted(selection)

    def read(self, paths: Sequence[str], revision: str | None) -> dict[str, bytes]:
        """Contents of those of the paths that exist at the revision, without running filters.

        Symbolic links are followed inside the repository. Files larger than the limit and files that cannot be read
        are left out.

        Args:
            paths: relative to the root of the repository.
            revision: None for the work tree, ":" for the index.

        Raises:
            RevisionError: the revision is unknown here.
            RepositoryError: git failed, or there is no work tree.
        """
        safe = [path for path in dict.fromkeys(paths) if is_safe(path)]
        if revision is None:
            root = self._place.require_work_tree()
            read = ((path, read_file(root, path, self._limit)) for path in safe)
            return {path: content.data for path, content in read if content is not None and content.data is not None}
        prefix = b"" if revision == INDEX else self._commit_id(revision).encode()
        names = [prefix + b":" + encode(path) for path in safe]
        contents: dict[str, bytes] = {}
        for path, answer in zip(safe, self._objects.read(names), strict=True):
            found = self._read_listed(path, prefix) if "\n" in path else answer
            if found is not None and found.kind == "blob" and found.data is not None:
                contents[path] = found.data
        return contents

    def mentioning(self, word: str, folders: Sequence[str], revision: str | None) -> list[str]:
        """Python files in some folders whose text holds a word.

        Args:
            word: letters, digits and underscores.
            folders: from the root, "" for the root itself; files directly in them, or in a folder directly in them.
            revision: None for the work tree, `INDEX` for the index.

        Raises:
            RevisionError: the revision is unknown here.
            RepositoryError: git failed, or there is no work tree.
        """
        places = [_GLOB.sub(r"[\g<0>]", folder) for folder in folders if not folder or is_safe(folder)]
        specs = [f":(top,glob){place}/{tail}".replace(")/", ")") for place in places for tail in ("*.py", "*/*.py")]
        if not specs or not word.isidentifier():
            return []
        if revision is None:
            self._place.require_work_tree()
            where: list[str] = []
        else:
            where = ["--cached"] if revision == INDEX else [self._commit_id(revision)]
        options = ("--files-with-matches", "-z", "--word-regexp", "--fixed-strings", "-I", "--full-name")
        cached = where if where == ["--cached"] else []
        commit = [] if cached else where
        found = self._program.try_run("grep", *options, *cached, "-e", word, *commit, "--", *specs)
        names = [decode(name) for name in found.output.split(b"\0") if name]
        return sorted(name.partition(":")[2] if commit else name for name in names)

    def object_id(self, path: str, revision: str) -> str | None:
        """Id of a file or folder at a revision, which changes with its contents; None where there is none.

        Raises:
            RevisionError: the revision is unknown here.
            RepositoryError: git failed.
        """
        found = self._objects.read([self._commit_id(revision).encode() + b":" + encode(path)])[0]
        return found.id if found is not None else None

    def listed(self, folder: str, revision: str) -> dict[str, str]:
        """Everything in and below a folder at a revision that is no folder itself: path from there -> "MODE ID".

        A folder that is a link holds one entry, named "".

        Raises:
            RevisionError: the revision is unknown here.
            RepositoryError: git failed.
        """
        commit = self._commit_id(revision)
        listed = self._program.run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, folder)
        found: dict[str, str] = {}
        for entry in listed.split(b"\0")[:-1]:
            head, _, name = entry.partition(b"\t")
            mode, _, identity = decode(head).split(" ")
            found[decode(name).removeprefix(folder).lstrip("/")] = f"{mode} {identity}"
        return found

    def blob(self, identity: str) -> bytes | None:
        """The contents of a blob; None where there is none, or it is larger than the limit.

        Raises:
            RepositoryError: git failed.
        """
        found = self._objects.read([identity.encode()])[0]
        return found.data if found is not None and found.kind == "blob" else None

    def fix(self, commit: str) -> Fix:
        """A mending commit with its Python files before and after, as `ports.FixSource` says.

        Raises:
            FixError: it cannot be read as a fix.
            RepositoryError: git failed.
        """
        from reviewer.diff.fix import FixReader  # noqa: PLC0415 - a review needs none

        return FixReader(self._program, self._objects, self._revisions, self._comparer).read(commit)

    def authors(self, fix: Fix) -> tuple[Authorship, ...]:
        """Who wrote the lines that a fix replaced, as `ports.FixSource` says."""
        from reviewer.diff.authors import AuthorReader  # noqa: PLC0415 - a review needs none

        return AuthorReader(self._program, self._objects).read(fix)

    def sample(self, commit: str, lines: int, left_out: Collection[str] = ()) -> dict[str, bytes]:
        """Python files of a commit, tests left out, in an order that only their paths decide.

        Args:
            commit: any revision.
            lines: with so many lines there are enough.
            left_out: paths that are not wanted.

        Raises:
            RevisionError: the revision is unknown here.
            RepositoryError: git failed.
        """
        return sample_python(self._program, self._objects, self._commit_id(commit), lines, left_out)

    def _commit_id(self, revision: str) -> str:
        if _FULL_ID.fullmatch(revision):
            if revision not in self._commits:
                self._commits[revision] = self._revisions.commit(revision).id
            return self._commits[revision]
        return self._revisions.commit(revision).id

    def _select_range(self, selection: Selection) -> Change:
        compared = self._revisions.range(selection.base, selection.head)
        base = compared.base or compared.head.empty_tree
        if base == compared.head.id:
            return self._change(selection, compared.base, compared.head.id, [], compared.notes)
        files = self._comparer.compare(Comparison(("diff-tree", "-r"), (base, compared.head.id)), selection.paths)
        for other in selection.besides:
            comparison = Comparison(("diff-tree", "-r"), (self._commit_id(other), compared.head.id))
            files = new_against_both(files, self._comparer.compare(comparison, selection.paths))
        return self._change(selection, compared.base, compared.head.id, files, compared.notes)

    def _select_all(self, selection: Selection) -> Change:
        head = self._revisions.commit(selection.head or "HEAD")
        # Compared with nothing rather than listed: only comparisons understand every pathspec.
        everything = Comparison(("diff-tree", "-r"), (head.empty_tree, head.id))
        return self._change(selection, None, head.id, self._comparer.list_whole(everything, selection.paths))

    def _select_uncommitted(self, selection: Selection) -> Change:
        self._place.require_work_tree()
        if selection.base is not None or selection.head is not None:
            raise UsageError("what is not committed has no --base and no --head; leave them out")
        head = self._revisions.find("HEAD")
        base = head.id if head is not None else self._empty_tree()
        command = ("diff-index", "--ita-invisible-in-index")
        if selection.scope is Scope.STAGED:
            files = self._comparer.compare(Comparison((*command, "--cached"), (base,)), selection.paths)
        else:
            comparison = Comparison(command, (base,), self._comparer.without_filters())
            files = self._comparer.compare(comparison, selection.paths)
            known = {file.path for file in files}
            files += [file for file in self._comparer.list_untracked(selection.paths) if file.path not in known]
        return self._change(selection, head.id if head is not None else None, None, files)

    def _change(
        self,
        selection: Selection,
        base: str | None,
        head: str | None,
        files: list[FileChange],
        notes: tuple[str, ...] = (),
    ) -> Change:
        if selection.paths and not files and not notes:
            notes = (f"no changed file matches {' '.join(selection.paths)}; check --path",)
        return Change(self.name, base, head, tuple(sorted(files, key=lambda file: file.path)), notes)

    def _read_listed(self, path: str, prefix: bytes) -> GitObject | None:
        """Read a file whose name holds a line feed, which the reader of objects takes no names with."""
        if not prefix:
            return None
        listed = self._program.run("--literal-pathspecs", "ls-tree", "-z", "--full-tree", decode(prefix), path)
        mode, _, rest = listed.partition(b" ")
        return self._objects.read([rest.split(b" ")[1].partition(b"\t")[0]])[0] if mode.startswith(b"100") else None

    def _empty_tree(self) -> str:
        """Id of the tree without files, where no commit tells the length of hashes: the hash of no input."""
        return decode(self._program.run("hash-object", "-t", "tree", "--stdin").strip())


def _check_pathspecs(paths: tuple[str, ...]) -> None:
    for path in paths:
        if not path or "\0" in path or encode(path).decode("utf-8", "surrogateescape") != path:
            raise UsageError(f"{path!r} is no pathspec; check --path")
