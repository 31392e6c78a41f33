"""Every proved patch of a project, written into a copy of it."""

from __future__ import annotations

import ast
from collections import Counter
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


def apply(repository: Path, commit: str, into: Path | None, *, listed: bool) -> None:
    """Propose for every file, and print what became of the handlers that swallow.

    Args:
        repository: with or without a work tree.
        commit: what is read.
        into: where the files go with their new lines; None for nowhere.
        listed: print the patches and what was withheld, too.
    """
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
            if withheld.kind == "handler" and withheld.swallows and withheld.reason not in _OUTSIDE:
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


def _swallows(subject: Subject, key: str) -> bool:
    return any(isinstance(spot, Spot) and spot.key == key and spot.swallows for spot in find_spots(subject, _HANDLERS))


def _parses(patch: Patch) -> bool:
    try:
        ast.parse(patch.content)
    except SyntaxError:
        return False
    return True
