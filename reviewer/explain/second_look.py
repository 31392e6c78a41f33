"""Whatever a model points at is looked at once more, by somebody who did not point: most of it is not worth a change.

Whoever looks for failures finds some in any code, after its fix too. Asked as the maintainer who gets the report, the
same model closes most of what is left in code that was mended, and little of what was to be mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from reviewer.domain.model import ModelRequest
from reviewer.explain.check import Pointed
from reviewer.explain.claim import Claims
from reviewer.explain.exchange import Exchange
from reviewer.explain.inquiry import Inquiry
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import DoubtReply, SuspicionReply
from reviewer.explain.section import Section
from reviewer.explain.spending import Spending
from reviewer.ports import LanguageModel, Memory

_TOKENS_A_SUSPICION = 150


@dataclass(frozen=True, slots=True)
class Look:
    """What becomes of a suspicion.

    Attributes:
        verdict: as the maintainer would have it.
        line: the line that decides it; None where none was named that was shown.
        reason: why; "" where that could not be kept.
        by: who says so.
    """

    verdict: Literal["fix", "later", "close"]
    line: int | None
    reason: str
    by: str


@dataclass(frozen=True)
class Looks:
    """What came of looking again.

    Attributes:
        found: section id and place in its list of suspicions -> what becomes of it.
        failures: section id -> why it was not looked at again, where a call failed.
        passed_over: the same where nothing failed.
        waiting: questions lie where they may still be answered.
    """

    found: Mapping[tuple[str, int], Look] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)
    waiting: bool = False


class SecondLook:
    """Asks about the suspicions of one review.

    Args:
        model: who is asked.
        spending: what may be spent.
        memory: earlier answers; None for none.
    """

    def __init__(self, model: LanguageModel, spending: Spending, memory: Memory | None = None) -> None:
        self._remembered = Remembered(model.identity, memory, DoubtReply)
        self._exchange = Exchange(model, spending, "doubt", DoubtReply)

    async def look(self, suspected: Sequence[tuple[Section, Sequence[Pointed]]]) -> Looks:
        """What becomes of the suspicions of some units.

        Args:
            suspected: units with what was pointed at in them, in order.
        """
        pointed = {section.id: found for section, found in suspected}
        request = partial(self._request, pointed=pointed)
        inquiry = Inquiry(self._exchange, self._remembered, request, _own)
        outcome = await inquiry.ask([section for section, _ in suspected])
        found: dict[tuple[str, int], Look] = {}
        for section, _ in suspected:
            if section.id in outcome.replies:
                found.update(_looks(section, *outcome.replies[section.id]))
        return Looks(found, outcome.failures, outcome.passed_over, outcome.waiting)

    def _request(self, group: Sequence[Section], pointed: Mapping[str, Sequence[Pointed]]) -> ModelRequest:
        texts = [_text(section, pointed[section.id]) for section in group]
        count = sum(len(pointed[section.id]) for section in group)
        return self._exchange.request({"units": "\n\n".join(texts)}, 200 + _TOKENS_A_SUSPICION * count)


def _own(section: Section, reply: DoubtReply) -> DoubtReply:
    return DoubtReply(suspicions=[item for item in reply.suspicions if item.id.startswith(f"{section.id}-")])


def _text(section: Section, pointed: Sequence[Pointed]) -> str:
    rows = [section.text.partition("\nFindings:\n")[0], "Suspicions:"]
    for number, one in enumerate(pointed, 1):
        said = " ".join(part for part in one.scenario if part)
        rows.append(f"- {section.id}-{number} at {one.line} [{one.failure.id}] {said}")
    return "\n".join(rows)


def _looks(section: Section, name: str, reply: DoubtReply) -> dict[tuple[str, int], Look]:
    claims = Claims(section)
    found: dict[tuple[str, int], Look] = {}
    for item in reply.suspicions:
        place, _, number = item.id.rpartition("-")
        if place == section.id and number.isascii() and number.isdigit() and len(number) < 4:
            found.setdefault((section.id, int(number) - 1), _look(item, section, claims, name))
    return found


def _look(item: SuspicionReply, section: Section, claims: Claims, name: str) -> Look:
    line = item.line if item.line in section.shown else None
    reason, _ = claims.said(item.reason)
    if not reason and item.verdict != "fix":
        reason, _ = claims.said(item.against)
    # What is closed without a reason that was shown is left for people.
    closed = item.verdict == "close" and (line is None or not reason)
    return Look("later" if closed else item.verdict, line, reason, name)
