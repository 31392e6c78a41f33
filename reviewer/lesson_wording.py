"""A model words what a post-mortem says; it has to quote, and what it quotes has to stand in the document."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewer.catalog.documents.excerpt import excerpt_of
from reviewer.catalog.documents.extraction import MOST_WORDS
from reviewer.catalog.documents.quotation import Quotations
from reviewer.catalog.documents.reading import Reading
from reviewer.catalog.documents.subject import Guess
from reviewer.domain.lesson import Quote, Statement, Topic
from reviewer.domain.model import ModelRequest
from reviewer.domain.pattern import FAILURES
from reviewer.errors import AllowanceError, ModelError, ReplyError, ReviewerError
from reviewer.explain.exchange import Exchange
from reviewer.explain.hearing import hear
from reviewer.explain.plain_text import plain
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import LessonReply, StatementReply
from reviewer.explain.secrets.redaction import redact
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.ports import Memory

_AT_ONCE = 4
_ANSWER_TOKENS = 2_500
_MOST_QUOTES = 4
_LEAST_QUOTED = 12
"""Characters of a passage that can show anything."""
_LONGEST = 5 * MOST_WORDS
"""Characters of a statement that are read; whoever was asked for two sentences and writes more strays."""
_NAMELIKE = re.compile(r"`([^`]{1,200})`|\b([^\W\d]\w*_\w+|[^\W\d]\w*(?:\.[^\W\d]\w+)+|[^\W\d]\w*(?=\(\)))")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SHORT = frozenset({"e.g", "i.e"})


@dataclass
class LessonWording:
    """Words the statements of lessons, and counts what became of the answers.

    Attributes:
        use: who is asked, at what cost.
        spending: what that has cost.
        dropped: what was not taken of the answers, each with document and reason.
        unanswered: documents that have the words of the program alone, each with the reason.
        errors: why they have, one for each.
        notes: what was not shown to the model.
    """

    use: ModelUse
    spending: Spending
    dropped: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    errors: list[ReviewerError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def reword(self, readings: Sequence[Reading]) -> list[Reading]:
        """The readings in the model's words, as far as the documents bear them out.

        A topic of which the model says nothing that holds keeps the document's own words. Title, day, organisation,
        source and fix are never the model's to say.

        Args:
            readings: what was read without a model.
        """
        return hear(lambda memory: self._reword(readings, memory), self.use.model, self.use.memory)

    async def _reword(self, readings: Sequence[Reading], memory: Memory | None) -> list[Reading]:
        exchange = Exchange(self.use.model, self.spending, "lesson", LessonReply)
        remembered = Remembered(self.use.model.identity, memory, LessonReply)
        gate = asyncio.Semaphore(_AT_ONCE)
        return list(await asyncio.gather(*(self._one(exchange, remembered, gate, reading) for reading in readings)))

    async def _one(
        self,
        exchange: Exchange[LessonReply],
        remembered: Remembered[LessonReply],
        gate: asyncio.Semaphore,
        reading: Reading,
    ) -> Reading:
        name = reading.document.name
        request = self._request(exchange, reading)
        known = remembered.recall(request)
        if known is None:
            try:
                async with gate:
                    known = await exchange.ask(request)
            except (AllowanceError, ModelError, ReplyError) as error:
                self.unanswered.append(f"{name}: {error}")
                self.errors.append(error)
                return reading
            remembered.remember(request, *known)
        by, reply = known
        checked = _Checked(reading, by)
        reworded = checked.reading(reply)
        self.dropped.extend(f"{name}: {reason}" for reason in checked.dropped)
        return reworded

    def _request(self, exchange: Exchange[LessonReply], reading: Reading) -> ModelRequest:
        document = reading.document
        excerpt = excerpt_of(document)
        if excerpt.left_out:
            self.notes.append(f"{document.name}: {excerpt.left_out:,} characters of it were not shown to the model")
        rows = [f"{number:>4} | {text}" for number, text in excerpt.rows]
        redacted = redact("\n".join(rows))
        if redacted.removed:
            self.notes.append(f"{document.name}: {len(redacted.removed)} secrets in it were not shown to the model")
        failures = ", ".join(f'"{failure}"' for failure in FAILURES if failure != "other")
        left_out = f"{excerpt.left_out} characters of it left out" if excerpt.left_out else "whole"
        title = json.dumps(redact(reading.lesson.title).text, ensure_ascii=False)
        values = {"failures": failures, "title": title, "left_out": left_out, "document": redacted.text}
        return exchange.request(values, _ANSWER_TOKENS)


class _Checked:
    """An answer held against its document."""

    def __init__(self, reading: Reading, by: str) -> None:
        self._reading = reading
        self._by = by
        self._document = reading.document
        self._quotations = Quotations(reading.document)
        self.dropped: list[str] = []

    def reading(self, reply: LessonReply) -> Reading:
        """The reading with what holds of the answer."""
        lesson = self._reading.lesson
        statements = dict(lesson.statements)
        statements.update(self._statements(reply.statements))
        failure = self._failure(reply)
        former = self._reading.failure
        tags = {tag for tag in lesson.tags if former is None or tag != former.failure}
        if failure is not None:
            tags.add(failure.failure)
        lesson = replace(lesson, statements=statements, tags=tuple(sorted(tags)))
        return replace(self._reading, lesson=lesson, failure=failure)

    def _statements(self, replies: Sequence[StatementReply]) -> Iterator[tuple[Topic, Statement]]:
        taken: set[Topic] = set()
        for reply in replies:
            if reply.topic in taken:
                self.dropped.append(f"{reply.topic} is answered twice")
                continue
            quotes = tuple(self._quotes(reply))
            words = self._words(reply)
            if quotes and words:
                taken.add(reply.topic)
                yield reply.topic, Statement(words, quotes, self._by)

    def _quotes(self, reply: StatementReply) -> Iterator[Quote]:
        found = [quote for text in reply.quotes[:_MOST_QUOTES] if (quote := self._quote(text)) is not None]
        missing = len(reply.quotes) - len(found)
        if missing:
            kept = "" if found else "; the statement is dropped"
            self.dropped.append(f"{reply.topic}: {missing} of {len(reply.quotes)} quotes are not in the document{kept}")
        elif not found:
            self.dropped.append(f"{reply.topic}: it quotes nothing; the statement is dropped")
        yield from dict.fromkeys(found)

    def _quote(self, text: str) -> Quote | None:
        quote = self._quotations.find(text[:_LONGEST])
        return quote if quote is not None and len(quote.text) >= min(_LEAST_QUOTED, len(self._document.text)) else None

    def _words(self, reply: StatementReply) -> str:
        if len(reply.words) > _LONGEST:
            self.dropped.append(f"{reply.topic}: it has {len(reply.words):,} characters; the statement is dropped")
            return ""
        words = plain(reply.words, limit=MOST_WORDS)
        stranger = self._stranger(reply.words) or self._stranger(words)
        if stranger is not None:
            self.dropped.append(f"{reply.topic}: it speaks of {stranger[:40]!a}, which is not in the document")
            return ""
        if not words:
            self.dropped.append(f"{reply.topic}: it has no words; the statement is dropped")
        return words

    def _stranger(self, words: str) -> str | None:
        """A name or number that the document does not have."""
        text = self._document.text
        for found in _NAMELIKE.finditer(words):
            name = found[1] or found[2]
            if name not in text and name not in _SHORT:
                return name
        return next((number for number in _NUMBER.findall(words) if number not in text), None)

    def _failure(self, reply: LessonReply) -> Guess | None:
        if not reply.failure:
            return self._reading.failure
        quote = self._quote(reply.failure_quote)
        if reply.failure not in FAILURES:
            self.dropped.append(f"{reply.failure[:40]!a} is no class of failure")
        elif quote is None:
            self.dropped.append(f"failure {reply.failure}: its quote is not in the document")
        else:
            return Guess(reply.failure, quote)
        return self._reading.failure
