"""A model words the log lines of a file: it chooses among names and levels, and everything it chooses is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewer.code.source import Source
from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.fact import Unit
from reviewer.errors import AllowanceError, ModelError, ReplyError
from reviewer.explain.exchange import Exchange
from reviewer.explain.reply import LogReply
from reviewer.explain.section import section_of
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.instrument.choice import Choice, choose
from reviewer.instrument.proposal import Field, Proposal

_UNITS = 6
"""Functions that are asked about together."""
_TOKENS_A_LINE = 150
_WHERE = {
    "before": "before the statement",
    "after": "after the statement, which is timed",
    "handler-start": "first in the clause",
}


@dataclass
class Wording:
    """Words the log lines of one file after the other, and counts what became of it.

    Attributes:
        use: who is asked, at what cost.
        spending: what that has cost.
        refused: what was not taken of the answers, each with its reason.
        unanswered: why lines have the words of the program, where they should have others.
    """

    use: ModelUse
    spending: Spending
    refused: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def reword(self, source: Source, units: Sequence[Unit], proposals: Sequence[Proposal]) -> list[Proposal]:
        """The proposals of a file in the model's words, as far as these may be written.

        Args:
            source: the file.
            units: its functions.
            proposals: the lines.
        """
        return asyncio.run(self._reword(source, units, proposals))

    async def _reword(self, source: Source, units: Sequence[Unit], proposals: Sequence[Proposal]) -> list[Proposal]:
        exchange = Exchange(self.use.model, self.spending, "log", LogReply)
        named = {f"L{number}": proposal for number, proposal in enumerate(proposals, 1)}
        inside: dict[str, list[str]] = {}
        for name, proposal in named.items():
            inside.setdefault(proposal.unit, []).append(name)
        shown = [(unit, inside[unit.name]) for unit in units if unit.name in inside]
        chosen = dict(named)
        try:
            for start in range(0, len(shown), _UNITS):
                await self._ask(exchange, source, shown[start : start + _UNITS], named, chosen)
        finally:
            await self.use.model.close()
        return list(chosen.values())

    async def _ask(
        self,
        exchange: Exchange[LogReply],
        source: Source,
        shown: Sequence[tuple[Unit, list[str]]],
        named: dict[str, Proposal],
        chosen: dict[str, Proposal],
    ) -> None:
        texts = [_text(source, unit, {name: named[name] for name in names}) for unit, names in shown]
        wanted = {name for _, names in shown for name in names}
        request = exchange.request({"units": "\n\n".join(texts)}, 200 + _TOKENS_A_LINE * len(wanted))
        try:
            _, reply = await exchange.ask(request)
        except (AllowanceError, ModelError, ReplyError) as error:
            self.unanswered.append(str(error))
            return
        for line in reply.lines:
            if line.id not in wanted:
                self.refused.append(f"line {line.id[:20]!r} was not asked about")
                continue
            proposal = named[line.id]
            choice = Choice(line.event, line.level, tuple((one.key, one.name) for one in line.fields))
            chosen[line.id], refused = choose(proposal, choice, {one.key: one for one in proposal.tellable})
            self.refused.extend(refused)


def _text(source: Source, unit: Unit, proposals: dict[str, Proposal]) -> str:
    evidence = UnitEvidence(source.path, unit.name, unit.kind, unit.line, unit.end_line)
    rows = [section_of(evidence, source.lines, []).text.partition("\nKnown:")[0], "Log lines:"]
    for name, proposal in proposals.items():
        trace = ", with the traceback" if proposal.exception else ""
        rows.append(f"- {name} at {proposal.place.line}, {_WHERE[proposal.place.position]}{trace}")
        told = ", ".join(_named(one) for one in proposal.fields) or "nothing"
        rows.append(f"    now: {proposal.level} {proposal.event}; tells {told}")
        rows.append(f"    may be told: {', '.join(_named(one) for one in proposal.tellable) or 'nothing'}")
    return "\n".join(rows)


def _named(one: Field) -> str:
    form = {"name": "", "constant": " (constant)", "length": " (its length)", "type": " (its type)"}[one.form]
    return f"{one.key}{form}"
