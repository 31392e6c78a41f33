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
import io
import itertools
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from reviewer.diff.sources import RevisionSources
from reviewer.domain.fact import Call
from reviewer.errors import SourceError
from reviewer.instrument.dialect import LogCall, log_call
from reviewer.instrument.patches import Wishes, instrument
from reviewer.instrument.places import SLOW, Spot, find_spots
from reviewer.instrument.proposal import Kind, Patch, Proposal
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
    two = commands.add_parser("compare")
    two.add_argument("--mirror", type=Path, required=True)
    two.add_argument("--statements", type=int, default=300)
    two.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    if given.command == "apply":
        _apply(given.repo, given.commit, given.into, listed=given.list)
    else:
        _compare(given.mirror, given.statements, listed=given.list)


# -- apply -----------------------------------------------------------------------------------------------------------


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
    return any(isinstance(spot, Spot) and spot.key == key and spot.swallows for spot in find_spots(subject, HANDLERS))


def _parses(patch: Patch) -> bool:
    try:
        ast.parse(patch.content)
    except SyntaxError:
        return False
    return True


def python_files(repository: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    """The Python files of a commit with their contents; those that a partial clone does not have are left out."""
    listing = _git(repository, "ls-tree", "-r", "-z", "--name-only", commit).split(b"\0")
    names = [name for name in listing if name.endswith(b".py") and b"\n" not in name]
    wanted = b"".join(b"%s:%s\n" % (commit.encode(), name) for name in names)
    stream = io.BytesIO(_git(repository, "cat-file", "--batch", given=wanted))
    for name in names:
        header = stream.readline().split()
        if header[-1] == b"missing":
            continue
        content = stream.read(int(header[-1]))
        stream.read(1)
        if header[-2] == b"blob" and len(content) <= FILE_BYTES:
            yield name.decode("utf-8", "surrogateescape"), content


def unpack(repository: Path, commit: str, folder: Path) -> None:
    """Write the files of a commit into a directory."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = _git(repository, "archive", "--format=tar", commit)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def _git(repository: Path, *arguments: str, given: bytes | None = None) -> bytes:
    environment = os.environ | {"GIT_NO_LAZY_FETCH": "1"}
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True, input=given, env=environment).stdout


# -- compare ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """A log statement that somebody wrote.

    Attributes:
        repository: where.
        path: the file.
        place: what it stands in or beside: a clause, or a call.
        line: of the clause, or of the statement with the call.
        taken: first and last line of the statements that are taken out.
        index: how many other statements stand before it in its clause; for a call, 0 before and 1 behind it.
        method: what was called.
        logger: the logger as written.
        reraised: the clause raises the error again.
    """

    repository: Path
    path: str
    place: Literal["handler", "call"]
    line: int
    taken: tuple[tuple[int, int], ...]
    index: int
    method: str
    logger: str
    reraised: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """How a proposal stands to a statement."""

    statement: Statement
    proposal: Proposal | None
    block: bool
    position: bool
    level: bool
    library: bool
    reason: str = ""


def _compare(mirror: Path, count: int, *, listed: bool) -> None:
    found: list[Statement] = []
    for repository in sorted(mirror.glob("*/repo")):
        found.extend(_statements(repository))
    handlers = [one for one in found if one.place == "handler"]
    calls = [one for one in found if one.place == "call"]
    share = count // 6
    results = list(_each(_spread(handlers, count - share)))
    # Whether a call is known to be slow is told only by reading the file.
    beside = (one for one in _each(_spread(calls, 6 * share)) if one.reason != _UNKNOWN)
    results += itertools.islice(beside, share)
    print(f"{len(handlers)} log statements in handlers, {len(calls)} beside calls; {len(results)} taken out")
    if listed:
        for one in results:
            print(_line(one))
    for name, group in (
        ("all", results),
        ("handlers", [one for one in results if one.statement.place == "handler"]),
        ("handlers that raise it again", [one for one in results if one.statement.reraised]),
        ("handlers that end or translate", [one for one in results if _ends(one.statement)]),
        ("calls", [one for one in results if one.statement.place == "call"]),
    ):
        placed = [one for one in group if one.position]
        if group and placed:
            print(
                f"{name}: {len(group)}, in the same block {_percent(one.block for one in group)}, "
                f"position {_percent(one.position for one in group)}; of those in place: "
                f"level {_percent(one.level for one in placed)}, logger {_percent(one.library for one in placed)}"
            )


def _each(statements: Iterable[Statement]) -> Iterator[Compared]:
    """The comparisons, with one reader for the statements of one repository, which follow each other."""
    for repository, group in itertools.groupby(statements, key=lambda one: one.repository):
        reader = LogReader(partial(RevisionSources, str(repository), "HEAD", FILE_BYTES))
        try:
            for statement in group:
                yield _compared(statement, reader)
        finally:
            reader.close()


def _ends(statement: Statement) -> bool:
    return statement.place == "handler" and not statement.reraised


def _line(one: Compared) -> str:
    statement = one.statement
    misses = [name for name, right in (("position", one.position), ("level", one.level)) if not right]
    told = f"{one.proposal.level} {one.proposal.event}" if one.proposal is not None else one.reason
    return (
        f"{' '.join(misses) or 'ok':15} {statement.repository.parent.name} {statement.path}:{statement.line} "
        f"[{statement.place} {statement.index}] {statement.logger}.{statement.method}: {told}"
    )


def _percent(values: Iterable[bool]) -> str:
    told = list(values)
    return f"{100 * sum(told) / len(told):.1f} %"


def _spread(found: list[Statement], count: int) -> list[Statement]:
    """As many of them, evenly spread over the whole."""
    if len(found) <= count:
        return found
    return [found[index * len(found) // count] for index in range(count)]


def _statements(repository: Path) -> Iterator[Statement]:
    logging = [
        (path, content)
        for path, content in python_files(repository, "HEAD")
        if _LOGGING.search(content) and not _NO_PRODUCT.search(f"/{path}")
    ]
    for path, content in logging[:: max(1, len(logging) // _FILES)]:
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            continue
        yield from _in_handlers(repository, path, tree)
        yield from _beside_calls(repository, path, tree)


def _in_handlers(repository: Path, path: str, tree: ast.Module) -> Iterator[Statement]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(inner) for function in functions for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and id(node) in inside:
            logs = [(at, call) for at, one in enumerate(node.body) if (call := _logged(one)) is not None]
            elsewhere = any(
                log_call(inner) is not None for one in node.body if _logged(one) is None for inner in ast.walk(one)
            )
            if not logs or elsewhere or logs[0][1].method == "log" or node.body[0].lineno == node.lineno:
                continue
            taken = tuple((node.body[at].lineno, node.body[at].end_lineno or 0) for at, _ in logs)
            reraised = any(isinstance(one, ast.Raise) and one.exc is None for one in node.body)
            first, call = logs[0]
            yield Statement(repository, path, "handler", node.lineno, taken, first, call.method, call.logger, reraised)


def _logged(statement: ast.stmt) -> LogCall | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return log_call(value.value if isinstance(value, ast.Await) else value) if value is not None else None


def _beside_calls(repository: Path, path: str, tree: ast.Module) -> Iterator[Statement]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if isinstance(body, list) and not isinstance(node, ast.ExceptHandler):
                    yield from _beside(repository, path, body)


def _beside(repository: Path, path: str, body: list[ast.stmt]) -> Iterator[Statement]:
    for at, statement in enumerate(body):
        call = _logged(statement)
        if call is None or call.method in ("log", "exception", "error", "critical"):
            continue
        taken = ((statement.lineno, statement.end_lineno or 0),)
        for side, other in ((0, at + 1), (1, at - 1)):
            if 0 <= other < len(body) and _asks(body[other]):
                near = [_logged(body[index]) for index in (other - 1, other + 1) if 0 <= index < len(body)]
                if sum(one is not None for one in near) == 1:
                    line = body[other].lineno
                    yield Statement(repository, path, "call", line, taken, side, call.method, call.logger, False)
                    break


def _asks(statement: ast.stmt) -> bool:
    simple = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return)
    return simple and _ASKING.search(ast.unparse(statement)) is not None


def _compared(statement: Statement, reader: LogReader) -> Compared:
    content = _git(statement.repository, "cat-file", "blob", f"HEAD:{statement.path}")
    less, line = _without(content, statement)
    try:
        subject = reader.read(statement.path, less, frozenset({line}))
        kinds: frozenset[Kind] = frozenset({statement.place})
        result = instrument(subject, less, Wishes(kinds))
        if statement.place == "call" and not _is_slow(subject, line):
            return Compared(statement, None, False, False, False, False, _UNKNOWN)
    except SourceError as error:
        return Compared(statement, None, False, False, False, False, str(error))
    proposals = result.patch.proposals if result.patch is not None else ()
    proposal = next((one for one in proposals if one.place.line == line), None)
    if proposal is None:
        why = next((one.reason for one in result.withheld if one.line == line), "nothing proposed")
        return Compared(statement, None, False, False, False, False, why)
    position = statement.index == 0 if statement.place == "handler" else True
    logger = statement.logger in ("", proposal.voice.expression)
    level = _LEVELS.get(statement.method, statement.method) == _LEVELS.get(proposal.level, proposal.level)
    return Compared(statement, proposal, True, position, level, logger)


def _is_slow(subject: Subject, line: int) -> bool:
    return any(
        isinstance(fact, Call) and fact.span.line >= line and fact.known is not None and fact.known.kind in SLOW
        for unit in subject.code.units
        for fact in unit.facts
        if fact.span.line <= line + 3
    )


def _without(content: bytes, statement: Statement) -> tuple[bytes, int]:
    """The file without the statements, and where the clause or call now is."""
    lines = content.split(b"\n")
    line = statement.line
    gone = sorted(statement.taken, reverse=True)
    for first, last in gone:
        indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
        whole = ast.parse(content)
        alone = any(
            all((one.lineno, one.end_lineno) in statement.taken for one in body)
            for node in ast.walk(whole)
            for body in (getattr(node, "body", None), getattr(node, "orelse", None), getattr(node, "finalbody", None))
            if isinstance(body, list) and any(isinstance(one, ast.stmt) and one.lineno == first for one in body)
        )
        lines[first - 1 : last] = [indent + b"pass"] if alone and (first, last) == gone[0] else []
        if last < statement.line:
            line -= last - first + 1
    return b"\n".join(lines), line


_FILES = 60
"""Files of one project that are looked at, evenly spread."""
_LOGGING = re.compile(rb"\blog(?:ger|ging)?\.\w+\(", re.IGNORECASE)
_NO_PRODUCT = re.compile(r"/test|/docs/|/examples?/|/conftest|vendor")
_UNKNOWN = "the call is not known to be slow"
_ASKING = re.compile(r"requests\.|httpx\.|subprocess\.|session\.|client\.|\.execute\(|boto|urlopen|conn")
_LEVELS = {"warn": "warning", "exception": "error", "fatal": "critical"}


if __name__ == "__main__":
    main()
