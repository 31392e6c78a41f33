"""Asks a model to explain the units of a change, and holds what it says against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.domain.model import ModelRequest
from reviewer.explain.check import Answered, check_reply, strangers
from reviewer.explain.exchange import Exchange
from reviewer.explain.failure import FAILURES
from reviewer.explain.inquiry import Inquiry
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import ExplainReply
from reviewer.explain.section import Section
from reviewer.explain.spending import Spending
from reviewer.ports import LanguageModel, Memory

_ANSWER_TOKENS = 1200
"""Most tokens of an answer for one unit without findings."""
_TOKENS_A_FINDING = 350


@dataclass(frozen=True)
class Explained:
    """What a model said of the units that it was asked about.

    Attributes:
        units: section id -> what is left of the answer.
        dropped: parts of answers that were dropped, each with its reason.
        failures: section id -> why it is not explained, where a call failed.
        passed_over: section id -> why it was not asked about, where nothing failed.
        by: section id -> who has answered.
        waiting: questions lie where they may still be answered.
    """

    units: Mapping[str, Answered] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, str] = field(default_factory=dict)
    waiting: bool = False


class Conversation:
    """One review's questions to one model.

    Args:
        model: who is asked.
        spending: what may be spent.
        memory: earlier answers; None for none.
    """

    def __init__(self, model: LanguageModel, spending: Spending, memory: Memory | None = None) -> None:
        self._exchange = Exchange(model, spending, "explain", ExplainReply)
        remembered = Remembered(model.identity, memory, ExplainReply)
        self._inquiry = Inquiry(self._exchange, remembered, self._request, _own)

    async def explain(self, sections: Sequence[Section]) -> Explained:
        """Explain units; the most important first, for those at the end may find the allowance used up."""
        outcome = await self._inquiry.ask(sections)
        by = {name: who for name, (who, _) in outcome.replies.items()}
        units = {s.id: check_reply(outcome.replies[s.id][1], s) for s in sections if s.id in outcome.replies}
        left_out = {name: f"the answer of {by[name]} leaves it out" for name, one in units.items() if not one.answers}
        dropped = [part for reply, group in outcome.asked for part in strangers(reply, group)]
        dropped += [part for answered in units.values() for part in answered.dropped]
        return Explained(units, tuple(dropped), outcome.failures | left_out, outcome.passed_over, by, outcome.waiting)

    def _request(self, group: Sequence[Section]) -> ModelRequest:
        failures = "\n".join(f"  - {failure.id}: {failure.says}" for failure in FAILURES)
        units = "\n\n".join(section.question for section in group)
        findings = sum(len(section.findings) for section in group)
        tokens = _ANSWER_TOKENS * len(group) + _TOKENS_A_FINDING * findings
        return self._exchange.request({"failures": failures, "units": units}, tokens)


def _own(section: Section, reply: ExplainReply) -> ExplainReply | None:
    units = [item for item in reply.units if item.id == section.id]
    if not units:
        return None
    return ExplainReply(
        findings=[item for item in reply.findings if item.id in section.findings],
        units=units,
        missed=[item for item in reply.missed if item.unit == section.id],
    )
