"""Joins the parts for one review: repository, change, settings and what is accepted already.

Whose settings count: those of the **base** commit, wherever there is one, since the head is what is reviewed and must
not silence its own review; a note tells when the head's differ. Without a base (`--all`, a first commit, a patch file)
those of the head count, else those of the work tree. The baseline named in the settings is read from the same place, as
is the repository's catalog (`catalog_wiring`); a baseline given by hand (`--baseline FILE`) is read from the disk.

Settings or a baseline that cannot be understood do not stop a review, which may be that of the change that mends them:
the defaults count instead, and the file is told as not checked.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.domain.change import Change, FileChange
from reviewer.domain.path_pattern import matches_any
from reviewer.domain.settings import FailOn, Limits, Settings
from reviewer.errors import ReviewerError, SettingsError, UsageError
from reviewer.ports import INDEX, OpenSources, Repository, Scope, Selection

if TYPE_CHECKING:
    from reviewer.diff.repository import GitRepository

SETTINGS_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the pipeline needs for one review.

    Attributes:
        change: what is reviewed; files outside `include` or inside `exclude` are marked as skipped.
        settings: whose settings count, with what was given by hand laid over them.
        baseline: fingerprints of the findings that were there before.
        sources: opens the files around the change, as they are after it; None where there are none.
        authority: the revision whose settings, baseline and catalog count; None for the work tree.
    """

    change: Change
    settings: Settings
    baseline: frozenset[str] = frozenset()
    sources: OpenSources | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a person gave by hand for one review; None leaves it to the settings.

    Attributes:
        fail_on: the least severity that blocks.
        baseline: a baseline file on the disk.
    """

    fail_on: FailOn | None = None
    baseline: Path | None = None


def open_repository(path: Path | str, *, file_bytes: int = Limits().file_bytes) -> GitRepository:
    """The git repository that holds a directory; close it after use, or use it in a `with`.

    Args:
        path: a work tree, a directory in one, a linked work tree, or a bare repository.
        file_bytes: size above which a file is not read.

    Raises:
        RepositoryError: there is none, or git cannot be started.
    """
    from reviewer.diff.repository import GitRepository  # noqa: PLC0415 (starts GitPython)

    return GitRepository(path, file_bytes=file_bytes)


def prepare_selection(
    path: Path | str, selection: Selection, rules: Collection[str], overrides: Overrides | None = None
) -> Prepared:
    """What a selection in a repository comes to.

    Args:
        path: the repository.
        selection: what to review in it.
        rules: all rule ids.
        overrides: what was given by hand.

    Raises:
        RepositoryError, RevisionError: the repository or a revision cannot be had.
        SettingsError, UsageError: the baseline given by hand cannot be understood or read.
    """
    with open_repository(path) as repository:
        change = repository.select(selection)
        prepared = prepare_change(change, repository, rules, overrides)
    limit = prepared.settings.limits.file_bytes
    if limit != Limits().file_bytes:
        # The limit stands in the settings, and whose settings count is known only after the base is: look again.
        with open_repository(path, file_bytes=limit) as repository:
            prepared = prepare_change(repository.select(selection), repository, rules, overrides)
    revision = INDEX if selection.scope is Scope.STAGED else prepared.change.head
    return _with_sources(prepared, path, revision)


def prepare_patch(
    data: bytes, path: Path | str | None, head: str | None, rules: Collection[str], overrides: Overrides | None = None
) -> Prepared:
    """What a unified diff comes to.

    Args:
        data: the diff.
        path: the repository that has the contents after the change; None for nowhere.
        head: the revision that has them; None for the work tree.
        rules: all rule ids.
        overrides: what was given by hand.

    Raises:
        DiffError: it is no unified diff.
        RepositoryError, RevisionError, SettingsError, UsageError: as `prepare_selection`.
    """
    from reviewer.diff.contents import change_from_patch  # noqa: PLC0415 (only --diff needs it)

    if path is None:
        return prepare_change(change_from_patch(data, None), None, rules, overrides)
    with open_repository(path) as repository:
        change = change_from_patch(data, repository, head)
        prepared = prepare_change(change, repository, rules, overrides, fallback=head)
    return _with_sources(prepared, path, head)


def prepare_change(
    change: Change,
    repository: Repository | None,
    rules: Collection[str],
    overrides: Overrides | None = None,
    fallback: str | None = None,
) -> Prepared:
    """Settings and baseline for a change that is already at hand.

    Args:
        change: what is reviewed.
        repository: where settings are read; None for the defaults.
        rules: all rule ids.
        overrides: what was given by hand.
        fallback: revision for settings where the change names neither base nor head; None for the work tree.
    """
    given = overrides or Overrides()
    failures: list[tuple[str, str]] = []
    try:
        settings = load_settings(repository, change, rules, fallback)
    except SettingsError as error:
        settings = Settings()
        failures.append((SETTINGS_FILE, f"{_without(SETTINGS_FILE, error)}; the defaults count instead"))
    notes = [] if repository is None else _brought(repository, change, settings, rules, broken=bool(failures))
    try:
        known = load_baseline(repository, change, settings, given.baseline, fallback)
    except SettingsError as error:
        if given.baseline is not None:
            raise
        known = frozenset()
        failures.append((settings.baseline, f"{_without(settings.baseline, error)}; no finding counts as known"))
    change = dataclasses.replace(change, notes=(*change.notes, *notes), failures=(*change.failures, *failures))
    if given.fail_on is not None:
        settings = dataclasses.replace(settings, fail_on=given.fail_on)
    files = tuple(_kept(file, settings) for file in change.files)
    change = dataclasses.replace(change, files=files)
    return Prepared(change, settings, known, authority=_authority(change, fallback))


def open_sources(path: Path | str, revision: str | None, file_bytes: int = Limits().file_bytes) -> OpenSources:
    """What opens the files of a repository as they are at a revision.

    Args:
        path: the repository.
        revision: None for the work tree, `INDEX` for the index.
        file_bytes: a file of more bytes is not read.
    """
    from reviewer.diff.sources import RevisionSources  # noqa: PLC0415 (start-up)

    return partial(RevisionSources, str(path), revision, file_bytes)


def _with_sources(prepared: Prepared, path: Path | str, revision: str | None) -> Prepared:
    opened = open_sources(path, revision, prepared.settings.limits.file_bytes)
    return dataclasses.replace(prepared, sources=opened)


def load_settings(
    repository: Repository | None, change: Change, rules: Collection[str], fallback: str | None = None
) -> Settings:
    """The settings that count for a change, by the order at the top of this module.

    Raises:
        SettingsError: the file cannot be understood; the message names it and its revision.
    """
    if repository is None:
        return Settings()
    revision = _authority(change, fallback)
    data = _content(repository, SETTINGS_FILE, revision)
    return Settings() if data is None else _read(data, revision, rules)


def settings_at(repository: Repository, revision: str | None, rules: Collection[str]) -> Settings:
    """The settings of a repository as they are at a revision; None for the work tree.

    Raises:
        SettingsError: the file cannot be understood.
    """
    return load_settings(repository, Change(repository.name, None, None, ()), rules, revision)


def load_baseline(
    repository: Repository | None,
    change: Change,
    settings: Settings,
    file: Path | None = None,
    fallback: str | None = None,
) -> frozenset[str]:
    """Fingerprints of the findings that were there before; none where the settings' baseline does not exist.

    Raises:
        SettingsError: the baseline cannot be understood.
        UsageError: the file given by hand cannot be read.
    """
    from reviewer.acceptance.baseline import read_baseline  # noqa: PLC0415 (start-up)

    if file is not None:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise UsageError(f"--baseline {file}: {error.strerror}; write one with --write-baseline") from error
        return frozenset(read_baseline(data, file=str(file)))
    if repository is None:
        return frozenset()
    revision = _authority(change, fallback)
    found = _content(repository, settings.baseline, revision)
    return frozenset() if found is None else frozenset(read_baseline(found, file=_name(settings.baseline, revision)))


def _authority(change: Change, fallback: str | None) -> str | None:
    return change.base or change.head or fallback


def _content(repository: Repository, path: str, revision: str | None) -> bytes | None:
    """A file's contents; None where it does not exist.

    Raises:
        SettingsError: it stands in the work tree and is not given.
    """
    data = repository.read([path], revision).get(path)
    # The repository leaves out what it cannot read; defaults instead of settings would pass for what is set.
    if data is None and revision is None and os.path.lexists(Path(repository.name, path)):
        raise SettingsError(f"{path}: it cannot be read; check its permissions, its size, and where it leads")
    return data


def _without(path: str, error: SettingsError) -> str:
    """What is wrong with a file, for a place that names it already."""
    return str(error).removeprefix(path).lstrip(": ")


def _name(path: str, revision: str | None) -> str:
    return path if revision is None else f"{path} at {revision[:12]}"


def _read(data: bytes, revision: str | None, rules: Collection[str]) -> Settings:
    from reviewer.acceptance.settings import read_settings  # noqa: PLC0415 (start-up)

    return read_settings(data, file=_name(SETTINGS_FILE, revision), rules=rules)


def _brought(
    repository: Repository, change: Change, settings: Settings, rules: Collection[str], *, broken: bool
) -> list[str]:
    """Notes where the change itself brings other settings than those that count for it, or breaks them."""
    changed = {file.path for file in change.files}
    notes = []
    if change.base is not None and SETTINGS_FILE in changed:
        try:
            data = repository.read([SETTINGS_FILE], change.head).get(SETTINGS_FILE)
            brought = Settings() if data is None else _read(data, change.head, rules)
        except SettingsError as error:
            notes.append(f"the change breaks the settings: {error}")
        else:
            if not broken and dataclasses.replace(brought, source=settings.source) != settings:
                notes.append(
                    f"the change brings other settings; those of its base count until it is merged ({SETTINGS_FILE})"
                )
    if change.base is not None and settings.baseline in changed:
        from reviewer.acceptance.baseline import read_baseline  # noqa: PLC0415 (start-up)

        try:
            data = repository.read([settings.baseline], change.head).get(settings.baseline)
            if data is not None:
                read_baseline(data, file=_name(settings.baseline, change.head))
        except SettingsError as error:
            notes.append(f"the change breaks the baseline: {error}")
    return notes


def _kept(file: FileChange, settings: Settings) -> FileChange:
    if file.skipped is not None or settings.covers(file.path):
        return file
    return dataclasses.replace(file, skipped="left out by the settings", failed=None)


def is_repository(path: Path | str) -> bool:
    """Whether a directory lies in a git repository that can be read."""
    try:
        open_repository(path).close()
    except ReviewerError:
        return False
    return True


def narrow(prepared: Prepared, paths: Sequence[str]) -> Prepared:
    """Only the files of a patch that some paths name; git does this itself for a selection.

    Args:
        prepared: a patch.
        paths: files, directories or patterns as in `.gitignore`; none for all.

    Raises:
        UsageError: a path uses git's pathspec magic, which only a repository understands.
    """
    for path in paths:
        if path.startswith(":"):
            raise UsageError(f"--path {path}: with --diff a path is plain, without git's magic; leave out the ':'")
    patterns = [f"/{path.removeprefix('./').strip('/')}" for path in paths]
    if not patterns:
        return prepared
    files = tuple(file for file in prepared.change.files if matches_any(patterns, file.path))
    return dataclasses.replace(prepared, change=dataclasses.replace(prepared.change, files=files))
