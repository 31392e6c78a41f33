"""Compares two states of a repository with one git command, and reads the contents of what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reviewer.diff.draft import Draft, draft_untracked, draft_whole, read_drafts, read_uncommitted_paths, whole_hunk
from reviewer.diff.language import NUL_BYTES, Language, is_script, judge_name
from reviewer.diff.objects import GitObject, ObjectReader
from reviewer.diff.path import decode
from reviewer.diff.program import GitProgram
from reviewer.diff.worktree import FileContent, read_file, too_large
from reviewer.domain.change import ChangeKind, FileChange

_LISTING = (
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
_LINES = ("-p", "-U0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "-M", "-C", "-l1000")
_FILTER = re.compile(r"(filter\..*)\.[^.]*", re.DOTALL | re.IGNORECASE)
_CLOSED_DIRECTORY = re.compile(r"^warning: could not open directory '(.*?)/?': ", re.MULTILINE)
_PATHS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare.

    Attributes:
        command: "diff-tree" or "diff-index", with what it needs beyond the options that all comparisons have.
        trees: the states, as that command takes them.
        configuration: settings for git, such as those that switch filters off.
    """

    command: tuple[str, ...]
    trees: tuple[str, ...]
    configuration: Mapping[str, str] = field(default_factory=dict)


class Comparer:
    """Makes files with contents out of comparisons.

    Args:
        program: git.
        objects: where contents are read.
        limit: a file of more bytes is not read.
    """

    def __init__(self, program: GitProgram, objects: ObjectReader, limit: int) -> None:
        self._program = program
        self._objects = objects
        self._limit = limit

    def compare(self, comparison: Comparison, paths: tuple[str, ...]) -> list[FileChange]:
        """The files that differ, with their hunks and contents, narrowed to pathspecs."""
        outcome = self._program.try_run(
            *_arguments(comparison, _LINES), "--", *paths, configuration=comparison.configuration
        )
        if outcome.status == 0:
            return self._fill(read_drafts(outcome.output), comparison)
        if "cannot hash " not in outcome.complaint:
            raise self._program.error(outcome.complaint)
        unreadable = self._unreadable(comparison, paths)
        rest = (*(paths or (":/",)), *(f":(top,exclude,literal){file.path}" for file in unreadable))
        return [*self._fill(read_drafts(self._run(comparison, _LINES, rest)), comparison), *unreadable]

    def list_whole(self, comparison: Comparison, paths: tuple[str, ...]) -> list[FileChange]:
        """The files that differ, with contents and every line counted as changed."""
        drafts = read_drafts(self._run(comparison, ("--no-renames",), paths))
        return self._fill([draft_whole(draft) for draft in drafts], comparison)

    def list_untracked(self, paths: tuple[str, ...]) -> list[FileChange]:
        """The files of the work tree that git neither knows nor ignores, and directories it could not look into."""
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
        return self._fill([*map(draft_untracked, names), *map(Draft, closed)], None)

    def without_filters(self) -> dict[str, str]:
        """Settings that switch off every filter that configuration defines; git would run them on files of the tree."""
        outcome = self._program.try_run("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        if outcome.status not in {0, 1}:
            raise self._program.error(outcome.complaint)
        settings: dict[str, str] = {}
        for key in decode(outcome.output).split("\0"):
            match = _FILTER.fullmatch(key)
            if match is not None:
                settings |= {f"{match[1]}.{program}": "" for program in ("clean", "smudge", "process")}
                settings[f"{match[1]}.required"] = "false"
        return settings

    def _run(self, comparison: Comparison, options: tuple[str, ...], paths: tuple[str, ...]) -> bytes:
        arguments = _arguments(comparison, options)
        return self._program.run(*arguments, "--", *paths, configuration=comparison.configuration)

    def _unreadable(self, comparison: Comparison, paths: tuple[str, ...]) -> list[FileChange]:
        """Those files of the work tree that cannot be opened; one of them makes git give up the whole comparison."""
        found: list[FileChange] = []
        for path in read_uncommitted_paths(self._run(comparison, ("--no-renames",), paths)):
            content = read_file(self._work_tree(), path, 0)
            if content is None or content.data is not None or content.too_large:
                continue
            wanted = judge_name(path) in {Language.PYTHON, Language.UNKNOWN}
            change = FileChange(path=path, kind=ChangeKind.MODIFIED)
            found.append(replace(change, failed=content.reason) if wanted else replace(change, skipped="not Python"))
        return found

    def _fill(self, drafts: list[Draft], comparison: Comparison | None) -> list[FileChange]:
        """Read the contents that the drafts want, all through one process."""
        ids = dict.fromkeys(id for draft in drafts if draft.wanted for id in (draft.new_id, draft.old_id) if id)
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
            if draft.hidden and draft.old_id and change.content is not None:
                hidden.append(change)
            elif draft.hidden and change.content is not None:
                files.append(replace(change, hunks=whole_hunk(change.content)))
            else:
                files.append(change)
        return files if comparison is None else files + self._uncover(hidden, comparison)

    def _content(self, found: GitObject | None) -> FileContent:
        if found is None or found.kind != "blob":
            return FileContent(None, "its contents are missing from the repository; fetch them with 'git fetch'")
        return too_large(found.size, self._limit) if found.data is None else FileContent(found.data)

    def _work_content(self, draft: Draft) -> FileContent:
        content = read_file(self._work_tree(), draft.change.path, self._limit)
        return content or FileContent(None, "it is gone, or no regular file; review again")

    def _work_tree(self) -> Path:
        return self._program.place.require_work_tree()

    def _uncover(self, hidden: list[FileChange], comparison: Comparison) -> list[FileChange]:
        """Get the lines of text files that attributes declare binary, so that nothing hides from review that way."""
        uncovered: list[FileChange] = []
        for start in range(0, len(hidden), _PATHS_AT_ONCE):
            some = hidden[start : start + _PATHS_AT_ONCE]
            names = dict.fromkeys(path for file in some for path in (file.old_path or file.path, file.path))
            pathspecs = tuple(f":(top,literal){name}" for name in names)
            drafts = read_drafts(self._run(comparison, ("--text", *_LINES), pathspecs))
            shown = {draft.change.path: draft.change for draft in drafts}
            for file in some:
                found = shown.get(file.path)
                # Among fewer files git may pair a renamed file with another one; then the hunks are not those wanted.
                same = found is not None and found.old_path == file.old_path
                uncovered.append(replace(file, hunks=found.hunks) if found and same else replace(file, whole=True))
        return uncovered


def _arguments(comparison: Comparison, options: tuple[str, ...]) -> tuple[str, ...]:
    return (*comparison.command, *_LISTING, *options, *comparison.trees)


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
