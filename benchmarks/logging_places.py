"""How many places of real projects get a log line, and how near the lines are to what people wrote.

usage: python -m benchmarks.logging_places apply --repo DIR [--commit REV] [--into DIR] [--list]
       python -m benchmarks.logging_places compare --mirror DIR [--statements N] [--list]

`apply` proposes for every file of a project (DIR is a bare repository, or one with a work tree) and writes every
proved patch into a copy. Told are the handlers in functions that end an error and write no line, how many of them got
one, why the others did not, and whether every patched file parses. Test code is left out: it gets no log lines.

`compare` takes log statements that the authors of projects wrote out of the code, one at a time, proposes for what is
left, and holds the proposal against the statement. The position is right when the proposal stands where the statement
stood, in its block and between the same neighbours (first in an `except` clause counts as one place, whatever stood
before it there in the way of other log lines); the level when it has the same name, `exception` counting as `error`;
the library when the line speaks through the same logger. Levels and libraries are told of those in place.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reviewer.diff.sources import RevisionSources
from reviewer.errors import SourceError
from reviewer.instrument.patches import instrument
from reviewer.instrument.proposal import Kind, Patch
from reviewer.instrument.subject import Subject
from reviewer.log_review import LogReader

FILE_BYTES = 1_000_000
HANDLERS: frozenset[Kind] = frozenset({"handler"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the measurements and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.logging_places")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("apply")
    one.add_argument("--repo", type=Path, required=True)
    one.add_argument("--commit", default="HEAD")
    one.add_argument("--into", type=Path)
    one.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    _apply(given.repo, given.commit, given.into, listed=given.list)


# -- apply -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of the handlers of one file that end an error without a line.

    Attributes:
        swallowing: how many there are in functions.
        got: how many got a line.
    """

    swallowing: int
    got: int


def _apply(repository: Path, commit: str, into: Path | None, *, listed: bool) -> None:
    if into is not None:
        unpack(repository, commit, into)
    reader = LogReader(partial(RevisionSources, str(repository), commit, FILE_BYTES))
    swallowing = got = files = lines = broken = unread = 0
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for path, content in python_files(repository, commit):
        files += 1
        try:
            subject = reader.read(path, content)
            result = instrument(subject, content)
        except SourceError as error:
            unread += 1
            print(f"not read: {path}: {error}")
            continue
        for withheld in result.withheld:
            if withheld.kind == "handler" and withheld.swallows and withheld.reason not in OUTSIDE:
                swallowing += 1
                reasons[withheld.reason] += 1
                if listed:
                    print(f"withheld: {path}:{withheld.line}: {withheld.reason}")
            elif not withheld.swallows and withheld.reason.startswith("not proved"):
                reasons[f"{withheld.kind}: {withheld.reason}"] += 1
                if listed:
                    print(f"withheld: {path}:{withheld.line}: {withheld.reason}")
        if result.patch is None:
            continue
        done = sum(1 for proposal in result.patch.proposals if _swallows(subject, proposal.key))
        swallowing, got = swallowing + done, got + done
        kinds.update(proposal.kind for proposal in result.patch.proposals)
        lines += len(result.patch.proposals)
        broken += not _parses(result.patch)
        if listed:
            print(result.patch.diff)
        if into is not None:
            into.joinpath(*path.split("/")).write_bytes(result.patch.content)
    reader.close()
    share = 100 * got / swallowing if swallowing else 100.0
    print(f"{repository}: {files} files, {unread} not read, {lines} lines added {dict(kinds)}, {broken} do not parse")
    print(f"  handlers that swallow: {swallowing}, with a line: {got} ({share:.1f} %)")
    for reason, count in reasons.most_common():
        print(f"  {count:4} {reason}")


OUTSIDE = frozenset(
    {"is test code", "runs at import time", "is somebody else's code", "is a build script", "is generated code"}
)
"""Reasons of places that are no functions of the project's own product."""


def _swallows(subject: Subject, key: str) -> bool:
    from reviewer.instrument.places import Spot, find_spots  # noqa: PLC0415

    return any(isinstance(spot, Spot) and spot.key == key and spot.swallows for spot in find_spots(subject, HANDLERS))


def _parses(patch: Patch) -> bool:
    try:
        ast.parse(patch.content)
    except SyntaxError:
        return False
    return True


def python_files(repository: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    """The Python files of a commit with their contents."""
    listing = _git(repository, "ls-tree", "-r", "-z", "--name-only", commit).split(b"\0")
    for name in listing:
        if name.endswith(b".py"):
            path = name.decode("utf-8", "surrogateescape")
            content = _git(repository, "cat-file", "blob", f"{commit}:{path}")
            if len(content) <= FILE_BYTES:
                yield path, content


def unpack(repository: Path, commit: str, folder: Path) -> None:
    """Write the files of a commit into a directory."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = _git(repository, "archive", "--format=tar", commit)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout


if __name__ == "__main__":
    main()
