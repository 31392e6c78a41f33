"""A model proposes queries for a fix; each is tried as an induced one is, and the model is told what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewer.catalog.induce.advice import Case, Tried
from reviewer.domain.lesson import Lesson
from reviewer.domain.model import ModelRequest
from reviewer.errors import AllowanceError, ModelError, ReplyError
from reviewer.explain.exchange import Exchange
from reviewer.explain.hearing import hear
from reviewer.explain.remembered import Remembered
from reviewer.explain.reply import QueryReply
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.ports import Memory
from reviewer.query_question import values_of

_ANSWER_TOKENS = 3_000


@dataclass
class QueryProposal:
    """Asks a model for the queries of one lesson (`catalog.induce.advice.Adviser`).

    Attributes:
        use: who is asked, at what cost.
        spending: what that has cost.
        lesson: what happened.
        unanswered: why a round was not answered; empty where all were.
    """

    use: ModelUse
    spending: Spending
    lesson: Lesson
    unanswered: list[ModelError | ReplyError | AllowanceError] = field(default_factory=list)

    def propose(self, case: Case, earlier: Sequence[Sequence[Tried]]) -> Sequence[str]:
        """Queries as JSON; none where the model has none, or does not answer."""
        exchange = Exchange(self.use.model, self.spending, "query", QueryReply)
        request = exchange.request(values_of(self.lesson, case, earlier), _ANSWER_TOKENS)
        try:
            reply = hear(lambda memory: self._ask(exchange, request, memory), self.use.model, self.use.memory)
        except (AllowanceError, ModelError, ReplyError) as error:
            self.unanswered.append(error)
            return ()
        return [one.query for one in reply.queries]

    async def _ask(self, exchange: Exchange[QueryReply], request: ModelRequest, memory: Memory | None) -> QueryReply:
        remembered = Remembered(self.use.model.identity, memory, QueryReply)
        known = remembered.recall(request)
        if known is None:
            known = await exchange.ask(request)
            remembered.remember(request, *known)
        return known[1]
