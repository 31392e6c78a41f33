"""A model words the log lines of a file: it chooses among names and levels, and everything it chooses is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.counsel.log_question import LogQuestion
from reviewer.errors import AllowanceError, ModelError, ReplyError
from reviewer.explain.exchange import Exchange
from reviewer.explain.reply import LogReply
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.instrument.choice import Choice, choose
from reviewer.instrument.proposal import Proposal
from reviewer.instrument.subject import Subject

_UNITS = 6
"""Functions that are asked about together."""
_TOKENS_A_LINE = 150


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

    def reword(self, subject: Subject, proposals: Sequence[Proposal]) -> list[Proposal]:
        """The proposals of a file in the model's words, as far as these may be written.

        Args:
            subject: the file.
            proposals: the lines.
        """
        return asyncio.run(self._reword(subject, proposals))

    async def _reword(self, subject: Subject, proposals: Sequence[Proposal]) -> list[Proposal]:
        exchange = Exchange(self.use.model, self.spending, "log", LogReply)
        question = LogQuestion(subject)
        chosen = {f"L{number}": proposal for number, proposal in enumerate(proposals, 1)}
        inside: dict[str, dict[str, Proposal]] = {}
        for name, proposal in chosen.items():
            inside.setdefault(proposal.unit, {})[name] = proposal
        shown = [(unit, inside[unit.name]) for unit in subject.code.units if unit.name in inside]
        try:
            for start in range(0, len(shown), _UNITS):
                some = shown[start : start + _UNITS]
                asked = {name: proposal for _, named in some for name, proposal in named.items()}
                chosen |= await self._ask(exchange, question.values(some), asked)
        finally:
            await self.use.model.close()
        return list(chosen.values())

    async def _ask(
        self, exchange: Exchange[LogReply], values: Mapping[str, str], asked: Mapping[str, Proposal]
    ) -> dict[str, Proposal]:
        """The lines that were asked about, as far as they were answered."""
        try:
            _, reply = await exchange.ask(exchange.request(values, 200 + _TOKENS_A_LINE * len(asked)))
        except (AllowanceError, ModelError, ReplyError) as error:
            self.unanswered.append(str(error))
            return {}
        chosen = {}
        for line in reply.lines:
            if line.id not in asked:
                self.refused.append(f"line {line.id[:20]!r} was not asked about")
                continue
            proposal = asked[line.id]
            choice = Choice(line.event, line.level, tuple((one.key, one.name) for one in line.fields))
            chosen[line.id], refused = choose(proposal, choice, {one.key: one for one in proposal.tellable})
            self.refused.extend(refused)
        return chosen
