"""Every proved patch of a project, written into a copy of it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.logging_places.revision import FILE_BYTES, python_files, unpack
from reviewer.diff.sources import RevisionSources
from reviewer.errors import SourceError
from reviewer.instrument.patches import instrument
from reviewer.instrument.places import Spot, find_spots
from reviewer.instrument.proposal import Kind, Patch
from reviewer.instrument.subject import Subject
from reviewer.log_review import LogReader

_HANDLERS: frozenset[Kind] = frozenset({"handler"})
_OUTSIDE = frozenset(
    {"is test code", "runs at import time", "is somebody else's code", "is a build script", "is generated code"}
)
"""Reasons of places that are no functions of the project's own product."""


@dataclass
class Application:
    """What came of the files of a project.

    Attributes:
        patches: one for each file that gets lines.
        files: how many were looked at.
        unread: path and reason of those that could not be read.
        broken: paths of the patched files that do not parse.
        kinds: how many lines of each kind.
        swallowing: handlers that swallow, in functions of the product.
        told: how many of them get a line.
        reasons: why the others do not, and what else could not be proved.
        withheld: the same, with path and line.
    """

    patches: list[Patch] = field(default_factory=list)
    files: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    swallowing: int = 0
    told: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    withheld: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The figures in words."""
        share = 100 * self.told / self.swallowing if self.swallowing else 100.0
        yield (
            f"{self.files} files, {len(self.unread)} not read, {self.kinds.total()} lines added {dict(self.kinds)}, "
            f"{len(self.broken)} do not parse"
        )
        yield f"  handlers that swallow: {self.swallowing}, with a line: {self.told} ({share:.1f} %)"
        for reason, count in self.reasons.most_common():
            yield f"  {count:4} {reason}"


def propose_all(repository: Path, commit: str) -> Application:
    """Propose for every file of a project, and see what becomes of the handlers that swallow.

    Args:
        repository: with or without a work tree.
        commit: what is read.
    """
    reader = LogReader(partial(RevisionSources, str(repository), commit, FILE_BYTES))
    done = Application()
    try:
        for path, content in python_files(repository, commit):
            done.files += 1
            try:
                _propose(reader, path, content, done)
            except SourceError as error:
                done.unread.append((path, str(error)))
    finally:
        reader.close()
    return done


def apply(repository: Path, commit: str, into: Path | None, *, listed: bool) -> None:
    """Propose for every file, and print what became of the handlers that swallow.

    Args:
        repository: with or without a work tree.
        commit: what is read.
        into: where the files go with their new lines; None for nowhere.
        listed: print the patches and what was withheld, too.
    """
    done = propose_all(repository, commit)
    if into is not None:
        unpack(repository, commit, into)
        write_all(done, into)
    for path, reason in done.unread:
        print(f"not read: {path}: {reason}")
    if listed:
        print("\n".join([*done.withheld, *(patch.diff for patch in done.patches)]))
    print("\n".join([f"{repository}: {next(done.lines())}", *list(done.lines())[1:]]))


def write_all(done: Application, folder: Path) -> None:
    """Write the patched files over those of a folder."""
    for patch in done.patches:
        folder.joinpath(*patch.path.split("/")).write_bytes(patch.content)


def _propose(reader: LogReader, path: str, content: bytes, done: Application) -> None:
    subject = reader.read(path, content)
    result = instrument(subject, content)
    for withheld in result.withheld:
        if withheld.kind == "handler" and withheld.swallows and withheld.reason not in _OUTSIDE:
            done.swallowing += 1
            done.reasons[withheld.reason] += 1
        elif not withheld.swallows and withheld.reason.startswith("not proved"):
            done.reasons[f"{withheld.kind}: {withheld.reason}"] += 1
        else:
            continue
        done.withheld.append(f"withheld: {path}:{withheld.line}: {withheld.reason}")
    if result.patch is None:
        return
    told = sum(1 for proposal in result.patch.proposals if _swallows(subject, proposal.key))
    done.swallowing, done.told = done.swallowing + told, done.told + told
    done.kinds.update(proposal.kind for proposal in result.patch.proposals)
    done.patches.append(result.patch)
    if not _parses(result.patch):
        done.broken.append(path)


def _swallows(subject: Subject, key: str) -> bool:
    return any(isinstance(spot, Spot) and spot.key == key and spot.swallows for spot in find_spots(subject, _HANDLERS))


def _parses(patch: Patch) -> bool:
    try:
        ast.parse(patch.content)
    except SyntaxError:
        return False
    return True
