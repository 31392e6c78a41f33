"""What is proposed where people wrote a log line, beside what they wrote."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.logging_places.removal import without
from benchmarks.logging_places.revision import FILE_BYTES, read_file
from benchmarks.logging_places.statement import Statement, statements
from reviewer.code.limits import Limits
from reviewer.counsel.log_wording import Wording
from reviewer.diff.sources import RevisionSources
from reviewer.domain.fact import Call
from reviewer.domain.settings import ModelSettings
from reviewer.errors import SourceError
from reviewer.explain.spending import Allowance, Spending
from reviewer.instrument.patches import Wishes, instrument
from reviewer.instrument.places import SLOW
from reviewer.instrument.proposal import Kind, Proposal
from reviewer.instrument.subject import Subject
from reviewer.log_review import LogReader
from reviewer.model_wiring import use_model

_UNKNOWN = "the call is not known to be slow"
_LEVELS = {"warn": "warning", "exception": "error", "fatal": "critical"}
_ALLOWANCE = Allowance(tokens=50_000_000, seconds=86_400.0)
"""No bound that a few hundred questions would meet."""
_LIMITS = Limits(seconds=60.0)
"""What is given up must not depend on how busy the machine is, else a second run would ask other questions."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a proposal stands to a statement.

    Attributes:
        statement: what people wrote.
        proposal: what is proposed, in the words that count; None for nothing.
        position, level, library: whether it is as people have it.
        own: the level that the program chose before a model did.
        reason: why nothing is proposed.
    """

    statement: Statement
    proposal: Proposal | None = None
    position: bool = False
    level: bool = False
    library: bool = False
    own: str = ""
    reason: str = ""

    @property
    def own_level(self) -> bool:
        """The program's own level is as people have it."""
        return _is_level(self.own, self.statement)


def compare(mirror: Path, count: int, model: str, *, listed: bool) -> None:
    """Take statements out, propose, and print how near the proposals are.

    Args:
        mirror: folder with a folder for each project, with its repository as `repo`.
        count: how many statements; five of six in handlers.
        model: who words the proposals, as `--model` names it.
        listed: print each statement, too.
    """
    found = [one for repository in sorted(mirror.glob("*/repo")) for one in statements(repository)]
    handlers = [one for one in found if one.place == "handler"]
    calls = [one for one in found if one.place == "call"]
    share = count // 6
    wording = _wording(model)
    results = list(_each(_spread(handlers, count - share), wording))
    # Whether a call is known to be slow is told only by reading the file.
    beside = (one for one in _each(_spread(calls, 6 * share), wording) if one.reason != _UNKNOWN)
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
        if any(one.position for one in group):
            print(f"{name}: {_figures(group, worded=wording is not None)}")
    if wording is not None:
        print(_words(wording, results, listed=listed))


def _wording(model: str) -> Wording | None:
    use = use_model(model, ModelSettings(), None)
    return None if use is None else Wording(dataclasses.replace(use, allowance=_ALLOWANCE), Spending(_ALLOWANCE))


def _figures(group: Sequence[Compared], *, worded: bool) -> str:
    placed = [one for one in group if one.position]
    own = f" (in the program's words {_percent(one.own_level for one in placed)})" if worded else ""
    return (
        f"{len(group)}, in the same block {_percent(one.proposal is not None for one in group)}, "
        f"position {_percent(one.position for one in group)}; of those in place: "
        f"level {_percent(one.level for one in placed)}{own}, logger {_percent(one.library for one in placed)}"
    )


def _words(wording: Wording, results: Sequence[Compared], *, listed: bool) -> str:
    """What became of the questions."""
    asked = [one for one in results if one.proposal is not None]
    changed = [one for one in asked if one.proposal is not None and one.proposal.level != one.own]
    better = sum(one.level and not one.own_level for one in changed)
    worse = sum(one.own_level and not one.level for one in changed)
    rows = [
        f"worded by {wording.use.model.name}: {len(asked)} proposals, {len(wording.unanswered)} unanswered, "
        f"{len(wording.refused)} choices refused; {len(changed)} other levels, {better} of them as people have it, "
        f"{worse} in place of one that was"
    ]
    if listed:
        rows += [f"unanswered: {reason}" for reason in dict.fromkeys(wording.unanswered)]
        rows += [f"refused: {reason}" for reason in wording.refused]
    return "\n".join(rows)


def _each(found: Iterable[Statement], wording: Wording | None) -> Iterator[Compared]:
    """The comparisons, with one reader for the statements of one repository, which follow each other."""
    for repository, group in itertools.groupby(found, key=lambda one: one.repository):
        reader = LogReader(partial(RevisionSources, str(repository), "HEAD", FILE_BYTES), _LIMITS)
        try:
            for statement in group:
                yield _compared(statement, reader, wording)
        finally:
            reader.close()


def _ends(statement: Statement) -> bool:
    return statement.place == "handler" and not statement.reraised


def _line(one: Compared) -> str:
    statement = one.statement
    judged = (("position", one.position), ("level", one.level), ("logger", one.library))
    misses = [name for name, right in judged if not right]
    proposal = one.proposal
    told = f"{proposal.voice.expression}.{proposal.level} {proposal.event}" if proposal is not None else one.reason
    before = f" (was {one.own})" if proposal is not None and one.own != proposal.level else ""
    return (
        f"{' '.join(misses) or 'ok':15} {statement.repository.parent.name} {statement.path}:{statement.line} "
        f"[{statement.place} {statement.index}] {statement.logger}.{statement.method}: {told}{before}"
    )


def _percent(values: Iterable[bool]) -> str:
    told = list(values)
    return f"{100 * sum(told) / len(told):.1f} %"


def _spread(found: list[Statement], count: int) -> list[Statement]:
    """As many of them, evenly spread over the whole."""
    if len(found) <= count:
        return found
    return [found[index * len(found) // count] for index in range(count)]


def _compared(statement: Statement, reader: LogReader, wording: Wording | None) -> Compared:
    less, line = without(read_file(statement.repository, "HEAD", statement.path), statement)
    own: list[Proposal] = []
    try:
        subject = reader.read(statement.path, less, frozenset({line}))
        if statement.place == "call" and not _is_slow(subject, line):
            return Compared(statement, reason=_UNKNOWN)

        def reword(proposals: Sequence[Proposal]) -> Sequence[Proposal]:
            own.extend(proposals)
            return proposals if wording is None else wording.reword(subject, proposals)

        kinds: frozenset[Kind] = frozenset({statement.place})
        # The one line alone, so that nobody is asked about others with it.
        result = instrument(subject, less, Wishes(kinds, frozenset({line})), reword)
    except SourceError as error:
        return Compared(statement, reason=str(error))
    proposals = result.patch.proposals if result.patch is not None else ()
    proposal = next(iter(proposals), None)
    if proposal is None:
        return Compared(statement, reason=next((one.reason for one in result.withheld), "nothing proposed"))
    position = statement.index == 0 if statement.place == "handler" else True
    logger = statement.logger in ("", proposal.voice.expression)
    return Compared(statement, proposal, position, _is_level(proposal.level, statement), logger, own[0].level)


def _is_level(level: str, statement: Statement) -> bool:
    return _LEVELS.get(statement.method, statement.method) == _LEVELS.get(level, level)


def _is_slow(subject: Subject, line: int) -> bool:
    return any(
        isinstance(fact, Call) and fact.span.line >= line and fact.known is not None and fact.known.kind in SLOW
        for unit in subject.code.units
        for fact in unit.facts
        if fact.span.line <= line + 3
    )
