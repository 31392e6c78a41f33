"""What a review may spend on models, and what it has spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reviewer.domain.model import ModelReply, ModelRequest, Price, Tokens, cost_of

_CHARACTERS = 3.3
"""Characters of source in one token, at the least that common tokenizers reach on code."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Bounds on what one review may spend.

    Attributes:
        tokens: of questions and answers together.
        usd: money; None for no bound. Where the price of a model is not known, only tokens and time bound it.
        seconds: time for all answers.
        prices: model -> what it costs.
    """

    tokens: int = 200_000
    usd: float | None = None
    seconds: float = 120.0
    prices: Mapping[str, Price] = field(default_factory=dict)


class Spending:
    """Counts what is spent, and refuses what would go beyond the allowance.

    Args:
        allowance: the bounds.
        clock: seconds that only grow.
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance = allowance
        self._clock = clock
        self._until = clock() + allowance.seconds
        self._reserved = 0
        self.tokens = Tokens()
        self.calls = 0
        self.cost: float | None = 0.0

    @property
    def seconds_left(self) -> float:
        """Time that is left; never less than 0."""
        return max(0.0, self._until - self._clock())

    def reserve(self, request: ModelRequest) -> str | None:
        """Set tokens aside for a question and its answer.

        Returns:
            None where there are enough; else what is used up, in words.
        """
        wanted = estimate(request)
        if self.seconds_left <= 0:
            return f"the {self._allowance.seconds:g} s for answers are over"
        if self.tokens.input + self.tokens.output + self._reserved + wanted > self._allowance.tokens:
            return f"the {self._allowance.tokens:,} tokens of a review would not do"
        if self._allowance.usd is not None and self.cost is not None and self.cost >= self._allowance.usd:
            return f"the {self._allowance.usd:g} USD of a review are spent"
        self._reserved += wanted
        return None

    def settle(self, request: ModelRequest, reply: ModelReply | None, calls: int = 0) -> None:
        """Count what a question took, in place of what was set aside for it."""
        self._reserved -= estimate(request)
        if reply is None:
            self.calls += calls
            return
        self.calls += reply.calls
        self.tokens += reply.tokens
        if not reply.calls and reply.tokens == Tokens():
            return  # nobody was asked: the answer lay there
        cost = cost_of(reply.tokens, self._allowance.prices.get(reply.model))
        self.cost = None if cost is None or self.cost is None else self.cost + cost


def estimate(request: ModelRequest) -> int:
    """Tokens that a question and its answer may take, rather too many than too few."""
    return int((len(request.system) + len(request.text)) / _CHARACTERS) + request.answer_tokens // 2
