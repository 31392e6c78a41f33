"""A team's catalog as a folder of readable files in its repository, reviewed like code.

    patterns/<id>.toml, lessons/<id>.toml
    .gitignore, .lock, .journal        the last two only for and during writes

A write of several files is whole or not at all: they are written down in one journal first, whose appearance is the
moment of the write, and then laid out; the next writer after a kill lays the rest out. Two writers wait for each other.
Readers wait for nobody and change nothing: they read what the journal holds in the place of the files, and one that met
a write in its middle reads again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.catalog.form.lesson import read_lesson, write_lesson
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.catalog.form.table import check_id, shown
from reviewer.domain.catalog import Catalog, Outcome
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern
from reviewer.errors import CatalogChangedError, CatalogError
from reviewer.stores.compiled import Compiled, Member, Signature
from reviewer.stores.outcome_file import OutcomeFile
from reviewer.stores.plain_file import VanishedError, read_plain, settle, write_whole

if TYPE_CHECKING:
    from reviewer.ports import CatalogIndex

_FOLDERS = ("patterns", "lessons")
_PATIENCE = 30.0
"""Seconds to wait for another writer."""
_TRIES = 50
_FEW = 20
"""Files that are made to outlast a loss of power one by one; of more, the whole system is asked once."""
_MOST_JOURNAL = 256 * 1024 * 1024
"""Bytes of a journal; a merge writes a whole catalog at once."""
_IGNORED = "# made while the catalog is written\n.lock\n.journal*\n*.tmp\n"


class FolderCatalog:
    """A catalog in a folder. Not for several threads at once.

    Args:
        folder: where it is; made at the first write.
        outcomes: file that outcomes are appended to.
        cache: folder for the compiled form; None for memory alone.
        version: of the reviewer; another one compiles anew.
    """

    def __init__(self, folder: Path, outcomes: Path, cache: Path | None = None, version: str = "") -> None:
        self._folder = folder
        self._outcomes = OutcomeFile(outcomes)
        self._compiled = Compiled(_compiled_file(folder, cache, version))
        self._known: dict[str, Signature] = {}
        self._journalled: Mapping[str, str] = {}

    @property
    def complaint(self) -> str | None:
        """What a person should know of its state; None where all is well."""
        return self._compiled.complaint or self._outcomes.complaint

    def load(self) -> Catalog:
        """Everything.

        Raises:
            CatalogError: a file in it cannot be understood; the error names it, the field and the reason.
        """
        self._known = self._refresh()
        return self._compiled.catalog()

    def index(self) -> CatalogIndex:
        """What finds its members.

        Raises:
            CatalogError: as `load`.
        """
        self._refresh()
        return self._compiled.finder()

    def put(self, patterns: Sequence[Pattern] = (), lessons: Sequence[Lesson] = ()) -> None:
        """Keep patterns and lessons, in the place of those with the same id; all of them or none.

        Raises:
            CatalogError: it cannot be written, or another process changed one of them since it was loaded here.
        """
        files = {
            **{f"patterns/{pattern.id}.toml": text_of(pattern) for pattern in patterns},
            **{f"lessons/{lesson.id}.toml": text_of(lesson) for lesson in lessons},
        }
        if not files:
            return
        try:
            with self._lock():
                self._recover()
                self._refuse_lost(files)
                self._write(files)
                written = self._scan({})
        except OSError as error:
            raise CatalogError(
                str(self._folder), f"cannot be written ({error.strerror}); check its permissions and the disk"
            ) from error
        self._known.update({file: written[file] for file in files if file in written})

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of findings. The same outcome twice is one."""
        self._outcomes.add(outcomes)

    def outcomes(self) -> Sequence[Outcome]:
        """All outcomes, the oldest first."""
        return self._outcomes.read()

    def close(self) -> None:
        """Let go of what is held open."""
        self._compiled.close()

    def _refresh(self) -> dict[str, Signature]:
        """Bring the compiled form up to date; the files that it was made of.

        Nothing in the folder is changed: what a journal holds is read in the place of the files that it stands for.
        """
        for _ in range(_TRIES):
            files = self._listed()
            try:
                self._compiled.refresh(files, self._read)
            except (CatalogError, VanishedError):
                if self._listed() == files:
                    raise
                continue  # a writer was at it
            if not self._compiled.has_read or self._listed() == files:
                return files
            time.sleep(0.01)
        raise CatalogError(str(self._folder), "is being written all the time; try again later")

    def _listed(self) -> dict[str, Signature]:
        """As `_scan`, what a journal holds included, which is kept for `_read`."""
        try:
            self._journalled = self._read_journal()
            return self._scan(self._journalled)
        except OSError as error:
            raise CatalogError(
                str(self._folder), f"cannot be read ({error.strerror}); check its permissions, and that it is a folder"
            ) from error

    def _scan(self, journalled: Mapping[str, str]) -> dict[str, Signature]:
        """Every file of the catalog, with what changes when it does."""
        files: dict[str, Signature] = {}
        for folder in _FOLDERS:
            self._refuse_link(self._folder / folder)
            with contextlib.suppress(FileNotFoundError), os.scandir(self._folder / folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".toml") and not entry.name.startswith("."):
                        status = entry.stat(follow_symlinks=False)
                        files[f"{folder}/{entry.name}"] = f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
        return files | {file: _signature(text.encode()) for file, text in journalled.items()}

    def _read(self, file: str) -> Member:
        place = str(self._folder / file) if file.isprintable() else shown(file)
        text = self._journalled.get(file)
        return member_of(file, read_plain(self._folder / file, place) if text is None else text.encode(), place)

    @property
    def _journal(self) -> Path:
        return self._folder / ".journal"

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        from filelock import FileLock, Timeout  # noqa: PLC0415 (only writing needs it)

        try:
            for folder in _FOLDERS:
                self._refuse_link(self._folder / folder)
                (self._folder / folder).mkdir(parents=True, exist_ok=True)
            self._refuse_link(self._folder / ".lock")
            with FileLock(self._folder / ".lock", timeout=_PATIENCE):
                if not os.path.lexists(self._folder / ".gitignore"):
                    write_whole(self._folder / ".gitignore", _IGNORED.encode())
                yield
        except Timeout as error:
            raise CatalogError(
                str(self._folder), f"another process has been writing it for {_PATIENCE:g} s; try again later"
            ) from error

    def _refuse_link(self, path: Path) -> None:
        """Refuse what a repository brings to have something elsewhere read or written."""
        if path.is_symlink():
            raise CatalogError(str(path), "is a link; replace it with what it leads to")

    def _refuse_lost(self, files: Mapping[str, str]) -> None:
        """Refuse to write over what another process wrote since it was loaded here."""
        now = self._scan({})
        for file in files:
            known = self._known.get(file)
            if known is None or now.get(file) in (None, known):
                continue
            content = read_plain(self._folder / file, str(self._folder / file))
            if known != _signature(content) and content != files[file].encode():
                raise CatalogChangedError(
                    str(self._folder / file), "was changed by somebody else in the meantime; load it again"
                )

    def _write(self, files: Mapping[str, str]) -> None:
        """Write some files, all or none; under the lock."""
        write_whole(self._journal, json.dumps(files).encode())
        settle(self._folder)
        self._lay_out(files)

    def _recover(self) -> None:
        """Finish a write that was cut off; under the lock."""
        files = self._read_journal()
        if files:
            self._lay_out(files)

    def _read_journal(self) -> dict[str, str]:
        """File -> text of a write that is not laid out yet; nothing where there is none."""
        self._refuse_link(self._journal)
        try:
            data = read_plain(self._journal, str(self._journal), _MOST_JOURNAL)
        except VanishedError:
            return {}
        try:
            files: dict[str, str] = json.loads(data)
            parts = [(file.split("/"), text) for file, text in files.items()]
        except (ValueError, AttributeError, RecursionError) as error:
            raise CatalogError(str(self._journal), "cannot be understood; look at it, and delete it") from error
        for names, text in parts:
            if len(names) != 2 or names[0] not in _FOLDERS or not names[1].endswith(".toml") or not _is_text(text):
                raise CatalogError(str(self._journal), "names files outside of the catalog; look at it, and delete it")
        return files

    def _lay_out(self, files: Mapping[str, str]) -> None:
        together = len(files) > _FEW and hasattr(os, "sync")
        for file, text in files.items():
            write_whole(self._folder / file, text.encode("utf-8"), settled=together)
        if together:
            os.sync()
        for folder in _FOLDERS:
            settle(self._folder / folder)
        self._journal.unlink()


def _signature(content: bytes) -> Signature:
    return hashlib.sha256(content).hexdigest()


def _is_text(value: object) -> bool:
    """A text that a file can hold."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _compiled_file(folder: Path, cache: Path | None, version: str) -> Path | None:
    if cache is None:
        return None
    place = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    return cache / f"catalog-{place}-{version}.sqlite"


def is_member(file: str) -> bool:
    """Whether a file of a catalog, named from its folder, is one of its members."""
    folder, _, name = file.partition("/")
    return folder in _FOLDERS and "/" not in name and name.endswith(".toml") and not name.startswith(".")


def member_of(file: str, data: bytes, place: str) -> Member:
    """The pattern or lesson that a file of a catalog holds.

    Args:
        file: from the catalog's folder, "patterns/ID.toml" or "lessons/ID.toml".
        data: its contents.
        place: what to call it in an error.

    Raises:
        CatalogError: it holds none, or one of another name.
    """
    folder, _, name = file.partition("/")
    stem = check_id(name.removesuffix(".toml"), place)
    table = _parse(data, place)
    member = read_pattern(table, place) if folder == "patterns" else read_lesson(table, place)
    if member.id != stem:
        raise CatalogError(place, f"its id is {member.id!r}; name the file {member.id}.toml, or change the id")
    return member


def text_of(member: Member) -> str:
    """The text of a member's file."""
    import tomli_w  # noqa: PLC0415 (only writing needs it)

    table = write_pattern(member) if isinstance(member, Pattern) else write_lesson(member)
    # Its multi-line strings would turn the line ends of other systems into plain ones.
    return tomli_w.dumps(table, multiline_strings=not any("\r" in text for text in _texts(table)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _parse(data: bytes, place: str) -> dict[str, object]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(place, f"byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except RecursionError as error:
        raise CatalogError(place, "nested too deeply; flatten it") from error
    except ValueError as error:
        raise CatalogError(place, f"no valid TOML: {error}; correct it there") from error
