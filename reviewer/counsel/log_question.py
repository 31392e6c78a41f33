"""What a model is shown of the log lines of a file: the functions, what may be told there, how loud the file is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.fact import Unit
from reviewer.explain.secrets.redaction import redact
from reviewer.explain.section import MOST_LINES, printable, section_of
from reviewer.instrument.example import Clause, Example, clause_of, examples, levels_beside
from reviewer.instrument.proposal import Field, Proposal
from reviewer.instrument.subject import Subject

_NEAR = 20
"""Lines shown on both sides of a log line in a function that is too long to be shown whole."""
_IN_CLAUSES, _OUTSIDE = 8, 4
"""Log lines of the file that are shown."""
_NAME = re.compile(r"[^\W\d]\w*")
_PART = 8
"""Letters and digits that an event must share with a name to be made of it."""
_WHERE = {
    "before": "before the statement",
    "after": "after the statement, which is timed",
    "handler-start": "first in the clause",
}


class LogQuestion:
    """Puts questions about the log lines of one file.

    Args:
        subject: the file.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def values(self, shown: Sequence[tuple[Unit, Mapping[str, Proposal]]]) -> dict[str, str]:
        """What the placeholders of the prompt stand for.

        Args:
            shown: functions, each with its log lines by the names that they have in the question.
        """
        proposals = [proposal for _, named in shown for proposal in named.values()]
        return {
            "units": "\n\n".join(self._unit(unit, named) for unit, named in shown),
            "examples": redact("\n".join(self._others([unit for unit, _ in shown], proposals))).text,
        }

    def _unit(self, unit: Unit, named: Mapping[str, Proposal]) -> str:
        source = self._subject.source
        near: tuple[int, ...] | None = None
        if not _is_whole(unit):
            lines = {proposal.place.line for proposal in named.values()}
            inside = range(unit.line, unit.end_line + 1)
            near = tuple(line for line in inside if any(abs(line - place) <= _NEAR for place in lines))
        evidence = UnitEvidence(source.path, unit.name, unit.kind, unit.line, unit.end_line, near)
        rows = [section_of(evidence, source.lines, []).text.partition("\nKnown:")[0], "Log lines:"]
        text = "\n".join(source.lines[unit.line - 1 : unit.end_line])
        secret = [name for name in {*_NAME.findall(text), *unit.name.split(".")} if redact(name).removed]
        for name, proposal in named.items():
            trace = ", with the traceback" if proposal.exception else ""
            rows.append(f"- {name} at {proposal.place.line}, {_WHERE[proposal.place.position]}{trace}")
            told = ", ".join(_named(one) for one in proposal.fields) or "nothing"
            event = "[removed: name]" if _is_made_of(proposal.event, secret) else proposal.event
            rows.append(f"    now: {proposal.level} {event}; tells {told}")
            rows.append(f"    may be told: {', '.join(_named(one) for one in proposal.tellable) or 'nothing'}")
        return "\n".join(rows)

    def _others(self, units: Sequence[Unit], proposals: Sequence[Proposal]) -> list[str]:
        """How loud the authors are out of sight, and log lines in places that are like those asked about."""
        in_sight = [range(unit.line, unit.end_line + 1) for unit in units if _is_whole(unit)]
        there = self._subject.once(examples, self._subject.tree)
        others = [one for one in there if not any(one.line in lines for lines in in_sight)]
        inside = [one for one in others if one.clause is not None]
        outside = [one for one in others if one.clause is None]
        handlers = [one for one in proposals if one.kind == "handler"]
        calls = [one for one in proposals if one.kind != "handler"]
        return [
            f"in clauses: {_counted(Counter(one.level for one in inside))}",
            *self._likest(inside, handlers, _IN_CLAUSES),
            f"outside of clauses: {_counted(Counter(one.level for one in outside))}",
            *self._likest(outside, calls, _OUTSIDE),
            f"in clauses of the files beside this one: {_counted(self._beside)}",
        ]

    def _likest(self, found: Sequence[Example], proposals: Sequence[Proposal], most: int) -> list[str]:
        if not proposals:
            return []
        likest = sorted(found, key=lambda one: min(self._distance(one, proposal) for proposal in proposals))[:most]
        return [self._example(one) for one in sorted(likest, key=lambda one: one.line)]

    def _distance(self, example: Example, proposal: Proposal) -> tuple[bool, bool, int]:
        apart = abs(example.line - proposal.place.line)
        clause = self._clause(proposal)
        if clause is None or example.clause is None:
            return False, False, apart
        return example.clause.types.isdisjoint(clause.types), example.clause.ending != clause.ending, apart

    def _clause(self, proposal: Proposal) -> Clause | None:
        node = self._subject.clauses.get(proposal.place.line) if proposal.kind == "handler" else None
        return clause_of(node) if node is not None else None

    def _example(self, example: Example) -> str:
        lines = self._subject.source.lines
        code = printable(" ".join(line.strip() for line in lines[example.line - 1 : example.end_line]))
        if example.clause is None:
            return f"- {example.line}: {code}"
        head = printable(lines[example.clause.line - 1].strip())
        return f"- {example.line}: {head} … {code} … {example.clause.ending}"

    @cached_property
    def _beside(self) -> Counter[str]:
        return levels_beside(self._subject)


def _is_whole(unit: Unit) -> bool:
    return unit.end_line - unit.line < MOST_LINES


def _is_made_of(event: str, names: Sequence[str]) -> bool:
    """Whether an event repeats a part of some names, whose words it writes apart and in lower case."""
    run = event.replace("_", "")
    letters = (re.sub(r"[^a-z0-9]", "", name.lower()) for name in names)
    return any(part[at : at + _PART] in run for part in letters for at in range(max(1, len(part) - _PART + 1)))


def _named(one: Field) -> str:
    form = {"name": "", "constant": " (constant)", "length": " (its length)", "type": " (its type)"}[one.form]
    return f"{one.key}{form}"


def _counted(levels: Counter[str]) -> str:
    return ", ".join(f"{count} {level}" for level, count in levels.most_common()) or "none"
