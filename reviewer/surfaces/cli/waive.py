"""`reviewer waive`: accepts a finding by the comment that reviews look for, written where it belongs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import RevisionError, UsageError
from reviewer.render.safe import visible
from reviewer.surfaces.cli.review import FINE, RepoOption, review, rule_ids
from reviewer.surfaces.cli.terminal import emit, encoding, written_beside

if TYPE_CHECKING:
    from reviewer.domain.report import FindingItem
    from reviewer.ports import Selection

_MOST_LINES = 8
_SHORTEST = 6
"""Characters of an id that are enough to name a finding."""
_PLACE = re.compile(r"(?P<path>.+):(?P<line>[1-9][0-9]*)")


def command(
    target: Annotated[str, typer.Argument(metavar="ID", help="The finding's id or the beginning of it, or path:line.")],
    *,
    reason: Annotated[str, typer.Option(help="Why it is accepted; it is written down.")],
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day on which it is accepted, for example 2027-01-31.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A report in JSON that has the finding. Default: what is new here is reviewed."
        ),
    ] = None,
    repo: RepoOption = None,
) -> int:
    """Accept a finding: write '# reviewer: waive[rule] reason' above its line.

    The finding is looked for in what is not committed, and in the commits that the upstream does not have. Commit the
    comment; the next review and the next push know it.
    """
    from reviewer.acceptance.waiver import waived_as
    from reviewer.acceptance.waiver_comment import write_waiver
    from reviewer.wiring import open_repository

    day = _day(until)
    with open_repository(repo or Path()) as repository:
        root = Path(repository.name)
        folder = repository.folder
    known = _known(report, repo or Path())
    found = list({item.id: item for item in _matching(known, target, folder)}.values())
    if not found and (lines := _lines_with_findings(known, target, folder)):
        raise UsageError(
            f"no finding at {target}; in that file they stand at {', '.join(map(str, lines[:_MOST_LINES]))}"
        )
    if not found:
        where = f"in {report}" if report is not None else "in what is new here; a report has more: --report FILE"
        raise UsageError(f"no finding {target!r} {where}")
    if len(found) > 1:
        named = ", ".join(f"{item.id[:12]} ({item.rule}, {item.path}:{item.line})" for item in found[:5])
        raise UsageError(f"{target!r} fits several findings; name one: {named}")
    item = found[0]
    rule = waived_as(item.rule, [met.id for met in item.patterns])
    if item.status == "waived":
        emit(visible(f"{item.path}:{item.line}: {rule} is waived already", encoding()) + "\n")
        return FINE
    file = _inside(root, item.path)
    try:
        data = file.read_bytes()
        line = _line_now(data, item)
        text = write_waiver(data, line, rule, reason, day)
        with written_beside(file, text, file.stat().st_mode & 0o777):
            pass  # nothing there that must not be lost
    except OSError as error:
        raise UsageError(f"{item.path} cannot be changed: {error.strerror}; check its permissions") from error
    emit(visible(f"{item.path}:{line}: waived {rule}; commit it", encoding()) + "\n")
    return FINE


def _known(report: Path | None, repo: Path) -> list[FindingItem]:
    """The findings among which the person names one."""
    from reviewer.domain.report import parse_report
    from reviewer.ports import Scope, Selection
    from reviewer.wiring import Overrides, prepare_selection

    if report is not None:
        try:
            return list(parse_report(report.read_bytes()).findings)
        except OSError as error:
            raise UsageError(f"--report {report}: {error.strerror}; name a readable file") from error
        except ValueError as error:
            raise UsageError(f"--report {report}: no report in JSON; write one with --format json") from error
    items: list[FindingItem] = []
    selections: list[Selection] = [Selection(Scope.WORKTREE), Selection(Scope.RANGE)]
    for selection in selections:
        try:
            prepared = prepare_selection(repo, selection, rule_ids(), Overrides())
        except RevisionError:  # no commit yet, or none to compare with
            continue
        items += review(prepared).findings
    return items


def _matching(items: Sequence[FindingItem], target: str, folder: str) -> list[FindingItem]:
    place = _PLACE.fullmatch(target)
    if place is not None:
        return [item for item in _in_file(items, place["path"], folder) if item.line == int(place["line"])]
    if len(target) < _SHORTEST:
        raise UsageError(f"{target!r} is no finding's id; give {_SHORTEST} characters of it, or path:line")
    return [item for item in items if item.id.startswith(target)]


def _lines_with_findings(items: Sequence[FindingItem], target: str, folder: str) -> list[int]:
    """Where the findings of the file stand whose line a person has missed; none where an id was given."""
    place = _PLACE.fullmatch(target)
    return sorted({item.line for item in _in_file(items, place["path"], folder)}) if place is not None else []


def _in_file(items: Sequence[FindingItem], path: str, folder: str) -> list[FindingItem]:
    """The findings of a file as the person sees it: from where they are, or from the root as reports name it."""
    given = path.removeprefix("./")
    paths = {given, f"{folder}/{given}" if folder else given}
    return [item for item in items if item.path in paths]


def _line_now(data: bytes, item: FindingItem) -> int:
    """The finding's line in the file as it is now: the nearest one of the same text."""
    wanted = item.code.split("\n")[0].strip()
    lines = [line.strip() for line in data.decode("utf-8", "replace").split("\n")]
    same = [number for number, line in enumerate(lines, start=1) if line == wanted]
    if not wanted:
        return item.line
    if not same:
        raise UsageError(f"{item.path} has changed since, and {wanted[:60]!r} is not in it; review it again")
    return min(same, key=lambda number: abs(number - item.line))


def _inside(root: Path, path: str) -> Path:
    """A file of the work tree; a report may come from anywhere, and name anything."""
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        raise UsageError(f"{path} is no file of this work tree; run it where the finding is")
    return file


def _day(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--until {text}: no date; write it as 2027-01-31") from error
