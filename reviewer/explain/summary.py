"""A model sums a review up in a few sentences; each of them is held against the findings that it names.

Who reads a report begins there. So a sentence is kept only where it rests on rows that were shown, names nothing that
these do not, and clears nothing; what is dropped is counted.
"""

from __future__ import annotations

import asyncio
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from reviewer.domain.report import FindingItem, NotChecked, Summary
from reviewer.errors import AllowanceError, ReviewerError, UnansweredError
from reviewer.explain.claim import MOST, Claims
from reviewer.explain.clearance import clears, has_strange_letters
from reviewer.explain.exchange import Exchange
from reviewer.explain.hearing import hear
from reviewer.explain.inquiry import told_of
from reviewer.explain.overview import Overview, Part, overview_of
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import SentenceReply, SummaryReply
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.ports import LanguageModel, Memory

MOST_SENTENCES = 5
"""Sentences that are taken from one answer."""
_ANSWER_TOKENS = 1200
"""Most tokens of an answer, with what a model thinks before it writes; the sentences themselves take a tenth."""
_CHANGE = "."
"""What is not checked where it is no file: the change as a whole."""
_FREE = frozenset(keyword.kwlist)
_QUOTED = re.compile(r"`([^`]*)`")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TYPE = re.compile(r"\b\w*[^\W\d_A-Z][A-Z]\w*|\b\w+(?:Error|Exception|Warning|Group|Timeout)\b")
"""Words that can only be the name of a class."""
_NAME = re.compile(r"(?:\w+\.)*\w{1,40}(?::\d{1,9})?|line \d{1,9}", re.ASCII)
"""What of a dropped sentence may be repeated to say why."""
_REMOVED = "(link)"
"""What stands in a plain text where an address was."""
_MOST_PLACES = 3
"""Places that are told with a sentence."""
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""A path that no reader of text takes for more."""
_PLACE = re.compile(r"([^\s`:'\"(]++):(\d+)")


@dataclass(frozen=True)
class Summarised:
    """What came of summing a review up.

    Attributes:
        summary: the sentences; None where there are none.
        not_checked: that a call failed.
        notes: what a person should know.
    """

    summary: Summary | None = None
    not_checked: list[NotChecked] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def summarise(
    findings: Sequence[FindingItem], missing: Sequence[NotChecked], units: int, use: ModelUse, spending: Spending
) -> Summarised:
    """Have a model sum a review up, if there is something to say and the allowance permits.

    Args:
        findings: those of the review, with what a model said of them.
        missing: parts that were not checked.
        units: how many were reviewed.
        use: who is asked.
        spending: what may be spent, and what the review has spent already.

    Returns:
        What came of it. Whatever fails costs the summary, is told, and costs nothing else.
    """
    try:
        overview = overview_of(findings, missing, units) if use.summary else None
        if overview is None:
            return Summarised()
        return hear(partial(_summarised, overview, use.model, spending), use.model, use.memory)
    except Exception as error:  # noqa: BLE001 - a summary is an extra: its crash must not cost the review
        return _without(error)


async def _summarised(
    overview: Overview, model: LanguageModel, spending: Spending, memory: Memory | None
) -> Summarised:
    exchange = Exchange(model, spending, "summary", SummaryReply)
    remembered = Remembered(model.identity, memory, SummaryReply)
    request = exchange.request({"review": overview.text}, _ANSWER_TOKENS)
    answered = remembered.recall(request)
    if answered is None:
        (given,) = await asyncio.gather(exchange.ask(request), return_exceptions=True)
        if isinstance(given, BaseException):
            return _without(given)
        answered = given
        remembered.remember(request, *answered)
    by, reply = answered
    summary, dropped = check_summary(reply, overview, by)
    return Summarised(summary, notes=_notes(reply, dropped))


def _without(error: BaseException) -> Summarised:
    """Why there is no summary: what may not be asked, or still waits for its answer, is no failure."""
    if isinstance(error, AllowanceError | UnansweredError):
        return Summarised(notes=[f"the review is not summed up: {error}"])
    reason = str(error) if isinstance(error, ReviewerError) else told_of(error)
    return Summarised(not_checked=[NotChecked(path=_CHANGE, reason=f"not summed up: {reason}")])


def _notes(reply: SummaryReply, dropped: Sequence[str]) -> list[str]:
    if not reply.sentences:
        return ["the model's summary has no sentence"]
    if not dropped:
        return []
    count = f"{len(dropped)} of {len(reply.sentences)}"
    return [f"{count} sentences of the model's summary were dropped, for example: {dropped[0]}"]


def check_summary(reply: SummaryReply, overview: Overview, by: str) -> tuple[Summary | None, list[str]]:
    """What of an answer may be shown, and why the rest is dropped.

    Args:
        reply: the answer.
        overview: what was shown.
        by: who has answered.
    """
    kept: dict[str, Sequence[str]] = {}
    dropped = []
    for sentence in reply.sentences[:MOST_SENTENCES]:
        said, fault = _said(sentence, overview)
        if fault is not None:
            dropped.append(fault)
        else:
            kept.setdefault(said, sentence.about)
    dropped += ["more sentences than are taken"] * len(reply.sentences[MOST_SENTENCES:])
    names = dict.fromkeys(name for about in kept.values() for name in about if name in overview.findings)
    if kept and overview.gravest.isdisjoint(names):
        return None, [*dropped, *["it leaves out the gravest of the findings"] * len(kept)]
    if not kept:
        return None, dropped
    return Summary(text="\n".join(kept), by=by, findings=[overview.findings[name].id for name in names]), dropped


def _said(sentence: SentenceReply, overview: Overview) -> tuple[str, str | None]:
    """A sentence as it may be shown, and what is wrong with it where it may not."""
    if not sentence.about or any(name not in overview.rows for name in sentence.about):
        return "", "it rests on nothing that was shown"
    if len(sentence.text) > MOST:
        return "", f"{len(sentence.text):,} characters in one sentence"
    part = overview.part(dict.fromkeys(sentence.about))
    said, fault = Claims(part, _FREE).said(sentence.text)
    fault = fault or _unfounded(said, part, overview)
    if fault is not None:
        return "", f"it speaks of {f'{fault!r}, which' if _NAME.fullmatch(fault) else 'what'} was not shown"
    if _REMOVED in said:
        return "", "it holds an address"
    if not _WORD.search(said):
        return "", "it says nothing"
    if clears(said) or has_strange_letters(_QUOTED.sub(" ", said)):
        return "", "it judges the change as a whole, or may do so in letters of another script"
    return _placed(said, part), None


def _placed(said: str, part: Part) -> str:
    """A whole sentence, and where that is, unless it says so itself."""
    told = [f"{path}:{line}" for path, line in dict.fromkeys(part.places) if _PLAIN_PATH.fullmatch(path)]
    if told and not _PLACE.search(said):
        return f"{said.rstrip('.')} ({', '.join(told[:_MOST_PLACES])})."
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def _unfounded(said: str, part: Part, overview: Overview) -> str | None:
    """What of a sentence is in none of its rows: a name in any form, a number, a place. More strict than of a unit,
    whose source is at hand: nobody sees the rows."""
    known = {*_WORD.findall(part.text), *_FREE}
    words = [word for code in _QUOTED.findall(said) for word in _WORD.findall(code)]
    for word in (*words, *_TYPE.findall(said)):
        if word not in known:
            return str(word)
    for name in overview.rows:
        if re.search(rf"\b{name}\b", said) and name not in known:
            return name
    for path, number in _PLACE.findall(said):
        if not part.has_place(path, int(number[:9])):
            return f"{path}:{number}"
    numbers = frozenset(_NUMBER.findall(part.text))
    return next((number for number in _NUMBER.findall(said) if number not in numbers), None)
