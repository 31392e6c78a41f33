"""Asks a model about the units of a change: in groups, at once, within the allowance, and never twice the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.domain.model import ModelRequest
from reviewer.errors import AllowanceError, ModelError, ReplyError, UnansweredError
from reviewer.explain.check import Answered, check_reply, strangers
from reviewer.explain.exchange import Exchange
from reviewer.explain.failure import FAILURES
from reviewer.explain.reply import ExplainReply, parse_reply
from reviewer.explain.section import Section
from reviewer.explain.spending import Spending
from reviewer.ports import LanguageModel, Memory

_GROUP_CHARACTERS = 20_000
"""Characters of the units that are asked about together."""
_GROUP_UNITS = 6.0
"""Units that are asked about together."""
_PARTIAL = 0.5
"""What a unit that changed in part counts among them: there is less of it to judge."""
_AT_ONCE = 4
"""Questions that wait for their answers at the same time."""
_ANSWER_TOKENS = 1200
"""Most tokens of an answer for one unit without findings."""
_TOKENS_A_FINDING = 350
_KIND = "explain"


@dataclass(frozen=True)
class Explained:
    """What a model said of the units that it was asked about.

    Attributes:
        units: section id -> what is left of the answer.
        dropped: parts of answers that were dropped, each with its reason.
        failures: section id -> why it is not explained, where a call failed.
        passed_over: section id -> why it was not asked about, where nothing failed.
        by: section id -> who has answered.
    """

    units: Mapping[str, Answered] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, str] = field(default_factory=dict)


class Conversation:
    """One review's questions to one model.

    Args:
        model: who is asked.
        spending: what may be spent.
        memory: earlier answers; None for none.
    """

    def __init__(self, model: LanguageModel, spending: Spending, memory: Memory | None = None) -> None:
        self._model = model
        self._memory = memory
        self._exchange = Exchange(model, spending, "explain", ExplainReply)

    async def explain(self, sections: Sequence[Section]) -> Explained:
        """Explain units; the most important first, for those at the end may find the allowance used up."""
        units: dict[str, Answered] = {}
        by: dict[str, str] = {}
        pending = []
        for section in sections:
            known = self._recall(section)
            if known is None:
                pending.append(section)
            else:
                by[section.id], reply = known
                units[section.id] = check_reply(reply, section)
        dropped: list[str] = []
        failures: dict[str, str] = {}
        passed_over: dict[str, str] = {}
        gate = asyncio.Semaphore(_AT_ONCE)

        async def ask(group: Sequence[Section]) -> None:
            async with gate:
                try:
                    name, reply = await self._exchange.ask(self._request(group))
                except (UnansweredError, AllowanceError) as error:
                    passed_over.update({section.id: str(error) for section in group})
                    return
                except (ModelError, ReplyError) as error:
                    failures.update({section.id: str(error) for section in group})
                    return
            dropped.extend(strangers(reply, group))
            for section in group:
                by[section.id], units[section.id] = name, check_reply(reply, section)
                if units[section.id].answers is None:
                    failures[section.id] = f"the answer of {name} leaves it out"
                else:
                    self._remember(section, name, reply)

        groups = groups_of(pending)
        outcomes = await asyncio.gather(*(ask(group) for group in groups), return_exceptions=True)
        for group, outcome in zip(groups, outcomes, strict=True):
            if outcome is not None:
                failures.update({section.id: told_of(outcome) for section in group})
        for answered in units.values():
            dropped.extend(answered.dropped)
        return Explained(units, tuple(dropped), failures, passed_over, by)

    def _request(self, group: Sequence[Section]) -> ModelRequest:
        failures = "\n".join(f"  - {failure.id}: {failure.says}" for failure in FAILURES)
        units = "\n\n".join(section.text for section in group)
        findings = sum(len(section.findings) for section in group)
        tokens = _ANSWER_TOKENS * len(group) + _TOKENS_A_FINDING * findings
        return self._exchange.request({"failures": failures, "units": units}, tokens)

    def _key(self, section: Section) -> str:
        """Who is asked, and all of what: the words of the prompt, its version, the form of the answer, and the unit."""
        return f"{self._model.name}:{self._request([section]).digest}"

    def _recall(self, section: Section) -> tuple[str, ExplainReply] | None:
        data = self._memory.recall(_KIND, self._key(section)) if self._memory is not None else None
        if data is None:
            return None
        name, _, text = data.decode("utf-8", "replace").partition("\n")
        try:
            return name, parse_reply(ExplainReply, text)
        except ReplyError:  # damaged: asked again
            return None

    def _remember(self, section: Section, name: str, reply: ExplainReply) -> None:
        if self._memory is None:
            return
        own = ExplainReply(
            findings=[item for item in reply.findings if item.id in section.findings],
            units=[item for item in reply.units if item.id == section.id],
            missed=[item for item in reply.missed if item.unit == section.id],
        )
        self._memory.remember(_KIND, self._key(section), f"{name}\n{json.dumps(own.model_dump())}".encode())


def told_of(error: BaseException) -> str:
    """A fault of the reviewer's own, for a report. Its text may hold anything, a key included, and is left out."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at is not None else ""
    return f"asking failed with {type(error).__name__}{place}; this is a bug in reviewer, please report it"


def groups_of(sections: Sequence[Section]) -> list[list[Section]]:
    """Units that are asked about together, so that the instructions are sent for several at once."""
    groups: list[list[Section]] = []
    size, units = 0, 0.0
    for section in sections:
        more = _PARTIAL if section.evidence.partial else 1.0
        if not groups or units + more > _GROUP_UNITS or size + len(section.text) > _GROUP_CHARACTERS:
            groups.append([])
            size, units = 0, 0.0
        groups[-1].append(section)
        size += len(section.text)
        units += more
    return groups
