"""Clones of repositories that are reviewed by URL: bare, partial, shared by reviews, within a size.

A clone has all commits and trees of what was asked for, and of the files those that a review reads: Python, settings,
and what changed. A second review of the same repository fetches what is new. All of that is written under the lock of
the clone; a review reads it without any, for nothing that is there is ever changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from reviewer.diff.address import Address, read_address, resolve
from reviewer.diff.contents_wanted import missing_contents
from reviewer.diff.place import Place
from reviewer.diff.program import GitProgram
from reviewer.diff.remote import name_of_url
from reviewer.diff.remote_revision import Tips, read_tips
from reviewer.diff.transfer import TransferLimits, Transport, size_of, transfer
from reviewer.domain.service import GIBIBYTE, RepositoryPolicy
from reviewer.errors import RepositoryError, ReviewerError, RevisionError

_FILTER = "--filter=blob:none"
_MOST_PACKS = 1_000
"""Packs of one clone, of which a review adds two; git looks for an object in one after the other."""
_LOOKS = 2
"""Only the settings tell which file is the baseline, and they have to be fetched first."""
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")


@dataclass(frozen=True, slots=True)
class Brought:
    """A repository that is here.

    Attributes:
        folder: the clone.
        base, head: full ids of the commits that are compared.
        name: what it is called in a report.
    """

    folder: Path
    base: str
    head: str
    name: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be brought; see `Clones.bring`."""

    address: Address
    base: str | None
    head: str | None
    authorisation: str | None = field(repr=False)


class Clones:
    """The clones of one machine.

    Args:
        folder: where they are kept.
        policy: which repositories may be cloned, and what they may cost.
        lease_seconds: for which a clone that was asked for is not removed.
    """

    def __init__(self, folder: Path, policy: RepositoryPolicy, lease_seconds: float) -> None:
        self._folder = folder
        self._policy = policy
        self._lease = lease_seconds
        self._listing = TransferLimits(policy.seconds, policy.repository_bytes, GIBIBYTE)
        # What was fetched is mapped into memory, all of it perhaps.
        self._fetching = replace(self._listing, memory=policy.repository_bytes + 2 * GIBIBYTE)

    def bring(self, url: str, base: str | None, head: str | None, authorisation: str | None = None) -> Brought:
        """Have two commits of a repository here, with the files that a review of them reads.

        Where both are given as full ids and are here already, nothing is connected to.

        Args:
            url: where the repository is.
            base: a full id, branch, tag or ref; None for the default branch.
            head: the same.
            authorisation: the value of an HTTP header Authorization; kept nowhere.

        Raises:
            ForbiddenError: it may not be cloned.
            RepositoryError: it cannot be cloned, or is too large.
            RevisionError: it has no such revision.
        """
        address = read_address(url, self._policy)
        # What credentials have opened is kept apart: who has none must not find here what he could not fetch.
        name = address.url if authorisation is None else f"{address.url}\nprivate"
        key = hashlib.sha256(name.encode()).hexdigest()[:32]
        self._folder.mkdir(parents=True, exist_ok=True)
        wanted = _Wanted(address, base, head, authorisation)
        try:
            with FileLock(self._folder / f"{key}.lock", timeout=2 * self._policy.seconds):
                clone, tips = self._bring_newest(key, wanted)
        except Timeout as error:
            raise RepositoryError("another review is fetching the same repository for too long; try again") from error
        self.evict(keep=clone)
        return Brought(clone, tips.base, tips.head, name_of_url(address.url))

    def parent(self, clone: Path, commit: str) -> str | None:
        """The full id of the commit before another that is here; None for the first of all."""
        found = _open(clone).try_run("rev-parse", "--quiet", "--verify", f"{commit}^1")
        return found.output.decode("ascii", "replace").strip() if found.status == 0 else None

    def evict(self, keep: Path | None = None) -> list[Path]:
        """Remove clones, those least recently used first, until the rest is within the size.

        Args:
            keep: not this one.

        Returns:
            Those that were removed. One that somebody uses, or has asked for lately, stays.
        """
        lock = FileLock(self._folder / "eviction.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return []  # somebody else is at it
        try:
            return self._evict(keep)
        finally:
            lock.release()

    def _evict(self, keep: Path | None) -> list[Path]:
        sizes = {clone: size_of(clone) for clone in self._folder.glob("*.git")}
        total = sum(sizes.values())
        removed: list[Path] = []
        for clone in sorted(sizes, key=_last_used):
            if total <= self._policy.total_bytes:
                break
            if clone == keep or time.time() - _last_used(clone) < self._lease:
                continue
            lock = FileLock(self._folder / f"{_split(clone)[0]}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            try:
                # Renamed first: whoever dies in the middle leaves no half of a clone under its name.
                doomed = clone.rename(clone.with_name(f"{clone.stem}.{os.getpid()}.removed"))
                clone.with_suffix(".used").unlink(missing_ok=True)
                shutil.rmtree(doomed, ignore_errors=True)
            finally:
                lock.release()
            total -= sizes[clone]
            removed.append(clone)
        for rest in self._folder.glob("*.removed"):
            shutil.rmtree(rest, ignore_errors=True)
        return removed

    def _bring_newest(self, key: str, wanted: _Wanted) -> tuple[Path, Tips]:
        """Bring it into the newest clone of a repository, or into another one where that has grown too much.

        Each review adds to a clone, so that one that is used often is full some day, though what is asked for would
        fit. The full one is left to those who read it, until it is removed as one that nobody has used for long.
        """
        clones = sorted((_split(clone)[1], clone) for clone in self._folder.glob(f"{key}*.git"))
        number, newest = clones[-1] if clones else (0, self._folder / f"{key}.git")
        if sum(1 for _ in newest.glob("objects/pack/*.pack")) < _MOST_PACKS:
            try:
                return newest, self._bring_into(newest, wanted)
            except RepositoryError:
                if size_of(newest) <= self._policy.repository_bytes:
                    raise
        another = self._folder / f"{key}.{number + 1}.git"
        return another, self._bring_into(another, wanted)

    def _bring_into(self, clone: Path, wanted: _Wanted) -> Tips:
        """Bring it into a clone; one that nothing was ever brought into does not stay without it."""
        program = _open(clone)
        is_new = not _has_any(program)
        clone.with_suffix(".used").touch()
        try:
            return self._bring(program, wanted)
        except ReviewerError:
            if is_new:
                shutil.rmtree(clone, ignore_errors=True)
                clone.with_suffix(".used").unlink(missing_ok=True)
            raise

    def _bring(self, program: GitProgram, wanted: _Wanted) -> Tips:
        address, base, head = wanted.address, wanted.base, wanted.head
        known = Tips.of_full_ids(base, head)
        if known is not None and _has(program, known) and not missing_contents(program, known.base, known.head):
            return known
        transport = self._transport(address, wanted.authorisation)
        tips = known
        if tips is None:
            patterns = Tips.patterns(base, head)
            listed = transfer(program, transport, self._listing, "ls-remote", "--symref", address.url, *patterns)
            tips = read_tips(listed, base, head)
        self._fetch(program, transport, tips)
        for _ in range(_LOOKS):
            missing = missing_contents(program, tips.base, tips.head)
            if not missing:
                break
            ids = "".join(f"{one}\n" for one in missing).encode()
            fetch = (*_FETCH, _FILTER, "--stdin", address.url)
            transfer(program, _without_negotiation(transport), self._fetching, *fetch, stdin=ids)
        return tips

    def _fetch(self, program: GitProgram, transport: Transport, tips: Tips) -> None:
        new = [one for one in dict.fromkeys((tips.base, tips.head)) if not _has_commit(program, one)]
        if not new:
            return
        specs = [f"+{one}:refs/reviewed/{one}" for one in new]
        try:
            transfer(program, transport, self._fetching, *_FETCH, _FILTER, transport.url, *specs)
        except RepositoryError as error:
            if "not our ref" in str(error) or "no such remote ref" in str(error):
                raise RevisionError(new[-1], "the repository has no such commit; push it, or check the id") from error
            raise

    def _transport(self, address: Address, authorisation: str | None) -> Transport:
        configuration = resolve(address, self._policy)
        if authorisation is not None and address.scheme != "file":
            configuration[f"http.{address.url}.extraHeader"] = f"Authorization: {authorisation}"
        return Transport(address.url, address.scheme, configuration)


def _without_negotiation(transport: Transport) -> Transport:
    configuration = {**transport.configuration, "fetch.negotiationAlgorithm": "noop"}
    return Transport(transport.url, transport.scheme, configuration)


def _open(clone: Path) -> GitProgram:
    """Git in a clone, which is made where there is none."""
    if not (clone / "HEAD").is_file():
        clone.mkdir(exist_ok=True)
        maker = GitProgram(Place(clone, clone, None, clone), big_file_bytes=1 << 20)
        maker.run("init", "--quiet", "--bare", "--template=", str(clone))
        for key, value in (("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin")):
            maker.run("config", key, value)
        maker.run("config", "remote.origin.promisor", "true")
    return GitProgram(Place(clone, clone, None, clone), big_file_bytes=1 << 20)


def _has(program: GitProgram, tips: Tips) -> bool:
    return all(_has_commit(program, one) for one in (tips.base, tips.head))


def _has_commit(program: GitProgram, identity: str) -> bool:
    return program.try_run("rev-parse", "--quiet", "--verify", f"refs/reviewed/{identity}").status == 0


def _has_any(program: GitProgram) -> bool:
    """Whether anything was ever brought."""
    return bool(program.try_run("for-each-ref", "--count=1", "refs/reviewed/").output)


def _split(clone: Path) -> tuple[str, int]:
    """The repository that a clone is of, and which of its clones it is."""
    key, _, number = clone.stem.partition(".")
    return key, int(number or 0)


def _last_used(clone: Path) -> float:
    try:
        return clone.with_suffix(".used").stat().st_mtime
    except OSError:
        return 0.0
