"""A git repository as a source of changes: nothing in it is executed, nothing in it is written.

A review starts at most four git processes: one that tells branch and upstream, one that finds the merge base, one that
compares, and one that gives all contents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from reviewer.diff.draft import Draft, draft_untracked, draft_whole, read_drafts, read_uncommitted_paths, whole_hunk
from reviewer.diff.language import NUL_BYTES, Language, is_script, judge_name
from reviewer.diff.objects import GitObject, ObjectReader
from reviewer.diff.path import decode, encode, is_safe
from reviewer.diff.place import locate
from reviewer.diff.program import GitProgram, Outcome
from reviewer.diff.revision import Revisions
from reviewer.diff.worktree import FileContent, read_file, too_large
from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.errors import RepositoryError, UsageError
from reviewer.ports import Scope, Selection

INDEX = ":"
"""The revision that `GitRepository.read` takes for the index."""

_COMPARE = (
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=dirty",  # to look whether a submodule is dirty, git would run in it with its configuration
    "--submodule=short",
)
_PATCH = ("-p", "-U0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "-M", "-C", "-l1000")
_FILTER = re.compile(r"(filter\..*)\.[^.]*", re.DOTALL | re.IGNORECASE)
_CLOSED_DIRECTORY = re.compile(r"^warning: could not open directory '(.*?)/?': ", re.MULTILINE)
_TEXT_PATHS = 200


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
            root = self._work_tree()
            read = ((path, read_file(root, path, self._limit)) for path in safe)
            return {path: content.data for path, content in read if content is not None and content.data is not None}
        prefix = b"" if revision == INDEX else self._revisions.commit(revision).id.encode()
        names = [prefix + b":" + encode(path) for path in safe]
        contents: dict[str, bytes] = {}
        for path, answer in zip(safe, self._objects.read(names), strict=True):
            found = self._read_listed(path, prefix) if "\n" in path else answer
            if found is not None and found.kind == "blob" and found.data is not None:
                contents[path] = found.data
        return contents

    def _select_range(self, selection: Selection) -> Change:
        compared = self._revisions.range(selection.base, selection.head)
        base = compared.base or compared.head.empty_tree
        if base == compared.head.id:
            return Change(self.name, compared.base, compared.head.id, (), compared.notes)
        command = ["diff-tree", "-r", *_COMPARE, "{patch}", base, compared.head.id]
        files = self._compare(command, selection.paths, {})
        return Change(self.name, compared.base, compared.head.id, files, compared.notes)

    def _select_all(self, selection: Selection) -> Change:
        head = self._revisions.commit(selection.head or "HEAD")
        output = self._program.run(
            "diff-tree", "-r", *_COMPARE, "--no-renames", head.empty_tree, head.id, "--", *selection.paths
        )
        drafts = [draft_whole(draft) for draft in read_drafts(output)]
        return Change(self.name, None, head.id, _sorted(self._fill(drafts, [], {})))

    def _select_uncommitted(self, selection: Selection) -> Change:
        self._work_tree()
        if selection.base is not None or selection.head is not None:
            raise UsageError("what is not committed has no --base and no --head; leave them out")
        head = self._revisions.find("HEAD")
        staged = selection.scope is Scope.STAGED
        base = head.id if head is not None else self._empty_tree()
        cached = ["--cached"] if staged else []
        command = ["diff-index", *_COMPARE, "--ita-invisible-in-index", "{patch}", *cached, base]
        files = self._compare(command, selection.paths, {} if staged else self._without_filters())
        if not staged:
            known = {file.path for file in files}
            drafts = [draft for draft in self._untracked(selection.paths) if draft.change.path not in known]
            files = _sorted([*files, *self._fill(drafts, [], {})])
        return Change(self.name, head.id if head is not None else None, None, files)

    def _compare(
        self, command: list[str], paths: tuple[str, ...], configuration: dict[str, str]
    ) -> tuple[FileChange, ...]:
        """Run a comparison; "{patch}" in the command stands for the options that ask for lines."""
        at = command.index("{patch}")
        listing = [*command[:at], "--no-renames", *command[at + 1 :]]
        command = [*command[:at], *_PATCH, *command[at + 1 :]]
        outcome = self._program.try_run(*command, "--", *paths, configuration=configuration)
        unreadable: list[FileChange] = []
        if outcome.status != 0:
            if "cannot hash " not in outcome.complaint:
                raise self._program.error(outcome.complaint)
            unreadable = self._unreadable(self._program.run(*listing, "--", *paths, configuration=configuration))
            paths = (*(paths or (":/",)), *(f":(top,exclude,literal){file.path}" for file in unreadable))
            outcome = Outcome(0, self._program.run(*command, "--", *paths, configuration=configuration), "")
        files = self._fill(read_drafts(outcome.output), command, configuration)
        return _sorted([*files, *unreadable])

    def _unreadable(self, listing: bytes) -> list[FileChange]:
        """Those files of the work tree that cannot be opened; one of them makes git give up the whole comparison."""
        found: list[FileChange] = []
        for path in read_uncommitted_paths(listing):
            content = read_file(self._work_tree(), path, 0)
            if content is not None and content.data is None and not content.too_large:
                kind = ChangeKind.MODIFIED
                if judge_name(path) in {Language.PYTHON, Language.UNKNOWN}:
                    found.append(FileChange(path=path, kind=kind, failed=content.reason))
                else:
                    found.append(FileChange(path=path, kind=kind, skipped="not Python"))
        return found

    def _fill(self, drafts: list[Draft], command: list[str], configuration: dict[str, str]) -> list[FileChange]:
        """Read the contents that the drafts want, all through one process."""
        wanted = [draft for draft in drafts if draft.wanted]
        ids = dict.fromkeys(id for draft in wanted for id in (draft.new_id, draft.old_id) if id)
        objects = dict(zip(ids, self._objects.read([id.encode() for id in ids]), strict=True))
        files: list[FileChange] = []
        hidden: list[FileChange] = []
        for draft in drafts:
            if not draft.wanted:
                files.append(draft.change)
                continue
            content = self._content(objects.get(draft.new_id)) if draft.new_id else self._work_content(draft)
            old = objects.get(draft.old_id)
            change = _filled(draft, content, old.data if old is not None else None)
            if draft.hidden and change.content is not None and not change.hunks:
                if draft.old_id:
                    hidden.append(change)
                    continue
                change = replace(change, hunks=whole_hunk(change.content))
            files.append(change)
        return files + self._uncover(hidden, command, configuration)

    def _content(self, found: GitObject | None) -> FileContent:
        if found is None or found.kind != "blob":
            return FileContent(None, "its contents are missing from the repository; fetch them with 'git fetch'")
        if found.data is None:
            return too_large(found.size, self._limit)
        return FileContent(found.data)

    def _work_content(self, draft: Draft) -> FileContent:
        content = read_file(self._work_tree(), draft.change.path, self._limit)
        return content or FileContent(None, "it is gone, or no regular file; review again")

    def _uncover(self, hidden: list[FileChange], command: list[str], configuration: dict[str, str]) -> list[FileChange]:
        """Get the lines of text files that attributes declare binary, so that nothing hides from review that way."""
        uncovered: list[FileChange] = []
        for start in range(0, len(hidden), _TEXT_PATHS):
            some = hidden[start : start + _TEXT_PATHS]
            names = dict.fromkeys(path for file in some for path in (file.old_path or file.path, file.path))
            pathspecs = [f":(top,literal){name}" for name in names]
            output = self._program.run(
                command[0], "--text", *command[1:], "--", *pathspecs, configuration=configuration
            )
            shown = {draft.change.path: draft.change for draft in read_drafts(output)}
            for file in some:
                found = shown.get(file.path)
                if found is not None and found.old_path == file.old_path:
                    uncovered.append(replace(file, hunks=found.hunks))
                else:
                    uncovered.append(replace(file, whole=True))
        return uncovered

    def _untracked(self, paths: tuple[str, ...]) -> list[Draft]:
        outcome = self._program.try_run(
            "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", *(paths or (":/",))
        )
        if outcome.status != 0:
            raise self._program.error(outcome.complaint)
        # What ends in '/' is a repository of its own.
        names = [decode(path) for path in outcome.output.split(b"\0") if path and not path.endswith(b"/")]
        closed = [
            FileChange(path=name, kind=ChangeKind.ADDED, failed="the directory cannot be read; check its permissions")
            for name in _CLOSED_DIRECTORY.findall(outcome.complaint)
        ]
        return [*map(draft_untracked, names), *map(Draft, closed)]

    def _without_filters(self) -> dict[str, str]:
        """Settings that switch off every filter that configuration defines, for git would run them on changed files."""
        outcome = self._program.try_run("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        if outcome.status not in {0, 1}:
            raise self._program.error(outcome.complaint)
        settings: dict[str, str] = {}
        for key in decode(outcome.output).split("\0"):
            match = _FILTER.fullmatch(key)
            if match is not None:
                settings |= {f"{match[1]}.clean": "", f"{match[1]}.smudge": "", f"{match[1]}.process": ""}
                settings[f"{match[1]}.required"] = "false"
        return settings

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

    def _work_tree(self) -> Path:
        if self._place.work_tree is None:
            raise RepositoryError(f"{self.name} has no work tree; review commits with --base and --head")
        return self._place.work_tree


def _filled(draft: Draft, content: FileContent, old: bytes | None) -> FileChange:
    change = draft.change
    if content.data is None:
        if draft.script and content.too_large:
            return replace(change, whole=False, skipped="not Python")
        return replace(change, failed=content.reason)
    if draft.script and not is_script(content.data):
        return replace(change, whole=False, skipped="binary" if b"\0" in content.data else "not Python")
    if b"\0" in content.data:
        return replace(change, failed=NUL_BYTES)
    return replace(change, content=content.data, old_content=old if change.kind is not ChangeKind.ADDED else None)


def _sorted(files: list[FileChange]) -> tuple[FileChange, ...]:
    return tuple(sorted(files, key=lambda file: file.path))


def _check_pathspecs(paths: tuple[str, ...]) -> None:
    for path in paths:
        if not path or "\0" in path or encode(path).decode("utf-8", "surrogateescape") != path:
            raise UsageError(f"{path!r} is no pathspec; check --path")
