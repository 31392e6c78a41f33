"""What a review may spend on models, and what it has spent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reviewer.domain.model import ModelReply, ModelRequest, Price, Tokens, cost_of
from reviewer.domain.report import Usage

_BYTES = 3.3
"""Bytes of source in one token, at the least that common tokenizers reach on code."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Bounds on what one review may spend.

    Attributes:
        tokens: of questions and answers together.
        usd: money; None for no bound. What models take whose price is not known, only tokens and time bound.
        seconds: time for all answers.
        prices: model that may answer -> what it costs.
    """

    tokens: int = 200_000
    usd: float | None = None
    seconds: float = 120.0
    prices: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Most:
    """What one question may take."""

    tokens: int
    usd: float


class Spending:
    """Counts what is spent, and refuses what would go beyond the allowance.

    Each question counts with the most that it may take until it is known what it took, so that those under way
    together stay within the bounds. Only what cannot be known beforehand goes beyond them: that a model refuses and
    another one is asked; and what a failed call took is told by no provider.

    Args:
        allowance: the bounds.
        clock: seconds that only grow.
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance = allowance
        self._clock = clock
        self._until = clock() + allowance.seconds
        self._under_way: list[_Most] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._usd = 0.0
        self.tokens = Tokens()
        self.calls = 0
        self.cost: float | None = 0.0

    @property
    def seconds_left(self) -> float:
        """Time that is left; never less than 0."""
        return max(0.0, self._until - self._clock())

    @property
    def usage(self) -> Usage:
        """What is spent so far, for a report; how long it took is not told."""
        return Usage(
            model_calls=self.calls,
            input_tokens=self.tokens.input,
            output_tokens=self.tokens.output,
            cached_tokens=self.tokens.cached,
            cost_usd=self.cost,
            elapsed_ms={},
        )

    async def reserve(self, request: ModelRequest) -> str | None:
        """Set aside what a question and its answer may take; wait where others have to end first.

        Returns:
            None where there is enough; else what is used up, in words.
        """
        most = self._most(request)
        while True:
            reason = self._lacking(most, [])
            if reason is not None:
                return reason
            if self._lacking(most, self._under_way) is None:
                self._under_way.append(most)
                return None
            settled = asyncio.get_running_loop().create_future()
            self._waiting.append(settled)
            await settled

    def settle(self, request: ModelRequest, reply: ModelReply | None, calls: int = 0) -> None:
        """Count what a question took, in place of what was set aside for it."""
        self._under_way.remove(self._most(request))
        self._count(reply, calls)
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)

    def _count(self, reply: ModelReply | None, calls: int) -> None:
        if reply is None:
            self.calls += calls
            return
        self.calls += reply.calls
        self.tokens += reply.tokens
        if not reply.calls and reply.tokens == Tokens():
            return  # nobody was asked: the answer lay there
        for model, tokens in reply.shares or ((reply.model, reply.tokens),):
            cost = cost_of(tokens, self._allowance.prices.get(model))
            self._usd += cost or 0.0
            self.cost = None if cost is None or self.cost is None else self.cost + cost

    def _lacking(self, most: _Most, others: list[_Most]) -> str | None:
        """What is used up, in words, where others take the most that they may."""
        bounds = self._allowance
        if self.seconds_left <= 0:
            return f"the {bounds.seconds:g} s for answers are over"
        spent = self.tokens.input + self.tokens.output + sum(other.tokens for other in others)
        if spent + most.tokens > bounds.tokens:
            return f"the {bounds.tokens:,} tokens of a review would not do"
        if bounds.usd is not None and self._usd + sum(other.usd for other in others) + most.usd > bounds.usd:
            return f"the {bounds.usd:g} USD of a review would not do"
        return None

    def _most(self, request: ModelRequest) -> _Most:
        """What a question may take, answered by the dearest of those that may answer it."""
        asked, answered = estimate(request), request.answer_tokens
        ways = (Tokens(asked, answered), Tokens(asked, answered, written=asked))
        costs = [cost_of(way, price) or 0.0 for price in self._allowance.prices.values() for way in ways]
        return _Most(asked + answered, max(costs, default=0.0))


def estimate(request: ModelRequest) -> int:
    """Tokens that a question may take, the form of its answer included; rather too many than too few."""
    parts = (request.system, request.text, json.dumps(request.schema))
    return int(sum(len(part.encode("utf-8", "surrogatepass")) for part in parts) / _BYTES) + 1
