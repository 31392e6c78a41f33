"""Asks one prompt about many units: in groups, at once, within the allowance, and never twice the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from reviewer.domain.model import ModelRequest
from reviewer.errors import AllowanceError, ModelError, ReplyError, UnansweredError
from reviewer.explain.exchange import Exchange
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import Reply
from reviewer.explain.section import Section

_GROUP_CHARACTERS = 20_000
"""Characters of the units that are asked about together."""
_GROUP_UNITS = 6.0
"""Units that are asked about together."""
_PARTIAL = 0.5
"""What a unit that changed in part counts among them: there is less of it to judge."""
_AT_ONCE = 4
"""Questions that wait for their answers at the same time."""


@dataclass
class Outcome(Generic[Reply]):
    """What came of asking.

    Attributes:
        replies: section id -> who has answered, and what; that may be about other units too.
        asked: the answers that were not remembered, with the units that they were given for.
        failures: section id -> why there is no answer, where a call failed.
        passed_over: section id -> why it was not asked about, where nothing failed.
        waiting: questions lie where they may still be answered.
    """

    replies: dict[str, tuple[str, Reply]] = field(default_factory=dict)
    asked: list[tuple[Reply, Sequence[Section]]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)
    waiting: bool = False


@dataclass(frozen=True)
class Inquiry(Generic[Reply]):
    """How units are asked about.

    Attributes:
        exchange: asks.
        remembered: earlier answers.
        request: the question about some units.
        own: what of an answer is about a unit; None where it leaves the unit out, and is not to be remembered.
    """

    exchange: Exchange[Reply]
    remembered: Remembered[Reply]
    request: Callable[[Sequence[Section]], ModelRequest]
    own: Callable[[Section, Reply], Reply | None]

    async def ask(self, sections: Sequence[Section]) -> Outcome[Reply]:
        """Ask about units; the most important first, for those at the end may find the allowance used up."""
        outcome: Outcome[Reply] = Outcome()
        pending = []
        for section in sections:
            known = self.remembered.recall(self.request([section]))
            if known is None:
                pending.append(section)
            else:
                outcome.replies[section.id] = known
        gate = asyncio.Semaphore(_AT_ONCE)
        groups = _groups(pending)
        ended = await asyncio.gather(*(self._ask(group, gate, outcome) for group in groups), return_exceptions=True)
        for group, error in zip(groups, ended, strict=True):
            if error is not None:
                outcome.failures.update({section.id: told_of(error) for section in group})
        return outcome

    async def _ask(self, group: Sequence[Section], gate: asyncio.Semaphore, outcome: Outcome[Reply]) -> None:
        async with gate:
            try:
                name, reply = await self.exchange.ask(self.request(group))
            except (UnansweredError, AllowanceError) as error:
                outcome.passed_over.update({section.id: str(error) for section in group})
                outcome.waiting = outcome.waiting or isinstance(error, UnansweredError)
                return
            except (ModelError, ReplyError) as error:
                outcome.failures.update({section.id: str(error) for section in group})
                return
        outcome.asked.append((reply, group))
        for section in group:
            outcome.replies[section.id] = name, reply
            own = self.own(section, reply)
            if own is not None:
                self.remembered.remember(self.request([section]), name, own)


def told_of(error: BaseException) -> str:
    """A fault of the reviewer's own, for a report. Its text may hold anything, a key included, and is left out."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at is not None else ""
    return f"asking failed with {type(error).__name__}{place}; this is a bug in reviewer, please report it"


def _groups(sections: Sequence[Section]) -> list[list[Section]]:
    """Units that are asked about together, so that the instructions are sent for several at once."""
    groups: list[list[Section]] = []
    size, units = 0, 0.0
    for section in sections:
        more = _PARTIAL if section.evidence.partial else 1.0
        if not groups or units + more > _GROUP_UNITS or size + len(section.question) > _GROUP_CHARACTERS:
            groups.append([])
            size, units = 0, 0.0
        groups[-1].append(section)
        size += len(section.question)
        units += more
    return groups
