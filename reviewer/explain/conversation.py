"""Asks a model about the units of a change: in groups, at once, within the allowance, and never twice the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewer.domain.model import ModelRequest
from reviewer.errors import ModelError, ReplyError, UnansweredError
from reviewer.explain.check import Answered, check_reply, strangers
from reviewer.explain.failure import FAILURES
from reviewer.explain.prompt import Prompt, load_prompt
from reviewer.explain.reply import ExplainReply, parse_reply, schema_of
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
    """

    units: Mapping[str, Answered] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)


class Conversation:
    """One review's questions to one model.

    Args:
        model: who is asked.
        spending: what may be spent.
        memory: earlier answers; None for none.
    """

    def __init__(self, model: LanguageModel, spending: Spending, memory: Memory | None = None) -> None:
        self._model = model
        self._spending = spending
        self._memory = memory
        self._prompt: Prompt = load_prompt("explain")
        self._schema = schema_of(ExplainReply)

    async def explain(self, sections: Sequence[Section]) -> Explained:
        """Explain units; the most important first, for those at the end may find the allowance used up."""
        units: dict[str, Answered] = {}
        pending = []
        for section in sections:
            known = self._recall(section)
            if known is None:
                pending.append(section)
            else:
                units[section.id] = check_reply(known, section)
        dropped: list[str] = []
        failures: dict[str, str] = {}
        passed_over: dict[str, str] = {}
        gate = asyncio.Semaphore(_AT_ONCE)

        async def ask(group: Sequence[Section]) -> None:
            async with gate:
                reason = self._spending.reserve(self._request(group))
                if reason is not None:
                    passed_over.update({section.id: reason for section in group})
                    return
                try:
                    reply = await self._ask(group)
                except (ModelError, ReplyError) as error:
                    told = passed_over if isinstance(error, UnansweredError) else failures
                    told.update({section.id: str(error) for section in group})
                    return
            dropped.extend(strangers(reply, group))
            for section in group:
                units[section.id] = check_reply(reply, section)
                self._remember(section, reply)

        await asyncio.gather(*(ask(group) for group in _groups(pending)))
        for answered in units.values():
            dropped.extend(answered.dropped)
        return Explained(units, tuple(dropped), failures, passed_over)

    async def _ask(self, group: Sequence[Section]) -> ExplainReply:
        """The answer for a group; it may be mended once.

        Raises:
            ModelError, ReplyError: there is none that can be used.
        """
        request = self._request(group)
        text, stop = await self._exchange(request)
        try:
            return parse_reply(ExplainReply, text)
        except ReplyError as error:
            if stop == "refusal":
                raise ReplyError("the model declines to answer") from error
            again = replace(request, text=f"{request.text}\n\n{_complaint(error, stop)}")
            reason = self._spending.reserve(again)
            if reason is not None:
                raise ReplyError(f"the answer cannot be used ({error}), and {reason}") from error
        text, _ = await self._exchange(again)
        try:
            return parse_reply(ExplainReply, text)
        except ReplyError as error:
            raise ReplyError(f"two answers cannot be used: {error}") from error

    async def _exchange(self, request: ModelRequest) -> tuple[str, str]:
        try:
            reply = await self._model.ask(request, self._spending.seconds_left)
        except ModelError as error:
            self._spending.settle(request, None, error.calls)
            raise
        self._spending.settle(request, reply)
        return reply.text, reply.stop

    def _request(self, group: Sequence[Section]) -> ModelRequest:
        failures = "\n".join(f"  - {failure.id}: {failure.says}" for failure in FAILURES)
        units = "\n\n".join(section.text for section in group)
        system, text = self._prompt.render({"failures": failures, "units": units})
        findings = sum(len(section.findings) for section in group)
        tokens = _ANSWER_TOKENS * len(group) + _TOKENS_A_FINDING * findings
        return ModelRequest(self._prompt.id, self._prompt.version, system, text, self._schema, tokens)

    def _key(self, section: Section) -> str:
        return f"{self._model.name}:{self._prompt.id}:{self._prompt.version}:{section.id}"

    def _recall(self, section: Section) -> ExplainReply | None:
        data = self._memory.recall(_KIND, self._key(section)) if self._memory is not None else None
        if data is None:
            return None
        try:
            return parse_reply(ExplainReply, data.decode("utf-8", "replace"))
        except ReplyError:  # damaged: asked again
            return None

    def _remember(self, section: Section, reply: ExplainReply) -> None:
        if self._memory is None:
            return
        own = ExplainReply(
            findings=[item for item in reply.findings if item.id in section.findings],
            units=[item for item in reply.units if item.id == section.id],
            missed=[item for item in reply.missed if item.unit == section.id],
        )
        self._memory.remember(_KIND, self._key(section), json.dumps(own.model_dump()).encode())


def _complaint(error: ReplyError, stop: str) -> str:
    why = "it was cut off; answer more briefly" if stop == "length" else str(error)
    return f"An earlier answer to this could not be used: {why}. Answer with JSON of the given schema only."


def _groups(sections: Sequence[Section]) -> list[list[Section]]:
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
