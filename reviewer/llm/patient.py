"""Makes models patient: waits where a provider asks for it, asks again where that helps, and then asks the next one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from reviewer.domain.model import Deadline, ModelReply, ModelRequest, Tokens
from reviewer.errors import ModelError
from reviewer.ports import LanguageModel


@dataclass(frozen=True, slots=True)
class Patience:
    """How much a model is borne with.

    Attributes:
        attempts: most requests to one model for one question.
        first_pause: seconds that the first pause takes at most; each further one twice as many.
        longest_pause: most seconds of a pause of our own choice.
        longest_wait: most seconds that a provider is waited for; if it wants more, the next model is asked.
        at_once: requests under way at the same time.
    """

    attempts: int = 4
    first_pause: float = 1.0
    longest_pause: float = 16.0
    longest_wait: float = 30.0
    at_once: int = 4


@dataclass(slots=True)
class _Rest:
    """A model that wants to be left alone, whoever asks."""

    until: float = 0.0
    because: ModelError | None = None


@dataclass(slots=True)
class _Spent:
    """What one question took so far."""

    calls: int = 0
    shares: list[tuple[str, Tokens]] = field(default_factory=list)
    refusal: ModelReply | None = None
    failure: ModelError | None = None

    @property
    def tokens(self) -> Tokens:
        """Of all that answered."""
        return sum((tokens for _, tokens in self.shares), Tokens())


class Patient:
    """A chain of models behind the face of one. One event loop may use it.

    An error that may pass is met by asking again after a pause (exponential, with full jitter, or what the provider
    wants); one that will not, a refusal, or a wait that is too long, by asking the next model. Each model gets an equal
    share of the time, so that one that hangs leaves something for the others.

    Args:
        models: the one to ask, and those to fall back to.
        deadline: when all asking has to end, whatever seconds a question is given.
        patience: how much to bear with.
        sleep: waits.
        clock: seconds, never going back.
        chance: a random number from 0 to 1.
    """

    def __init__(
        self,
        models: Sequence[LanguageModel],
        *,
        deadline: Deadline | None = None,
        patience: Patience = Patience(),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not models:
            raise ValueError("there is no model to be patient with")
        self._models = tuple(models)
        self._deadline = deadline
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._turn = asyncio.Semaphore(patience.at_once)
        self._rests = tuple(_Rest() for _ in models)
        self._calls = 0

    @property
    def name(self) -> str:
        """The models in their order, as a person names them."""
        return ", ".join(model.name for model in self._models)

    @property
    def identity(self) -> str:
        """The models in their order."""
        return ", ".join(model.identity for model in self._models)

    @property
    def calls(self) -> int:
        """Requests that were sent for all questions."""
        return self._calls

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Ask until there is an answer, nobody is left to ask, or time is up.

        A refusal is an answer where nobody is left to ask. The tokens of all that answered are counted together,
        and told apart in `shares`, since each model has its price.

        Raises:
            ModelError: there is no answer; it is the last one's reason, with the calls of all.
        """
        now = self._clock()
        end = now + max(seconds, 0)
        if self._deadline is not None:
            end = min(end, self._deadline.at)
        spent = _Spent()
        try:
            # The clock may be anybody's; this one holds whatever happens.
            async with asyncio.timeout(max(end - now, 0)):
                reply = await self._ask_each(request, end, spent)
        except (TimeoutError, ModelError) as error:
            if spent.refusal is None:
                # What went wrong before time was up says more than that it is up.
                failure = error if isinstance(error, ModelError) else spent.failure or self._too_late()
                raise _with_calls(failure, spent.calls) from error
            reply = spent.refusal
        shares = tuple(spent.shares) if len(spent.shares) > 1 else ()
        return replace(reply, calls=spent.calls, tokens=spent.tokens, shares=shares)

    async def close(self) -> None:
        """Let go of all connections."""
        for model in self._models:
            await model.close()

    async def _ask_each(self, request: ModelRequest, end: float, spent: _Spent) -> ModelReply:
        failure: ModelError | None = None
        for place, model in enumerate(self._models):
            now = self._clock()
            share = now + (end - now) / (len(self._models) - place)
            try:
                reply = await self._ask_one(model, self._rests[place], request, share, spent)
            except ModelError as error:
                failure = error
                continue
            if reply.stop != "refusal":
                return reply
            spent.refusal = spent.refusal or reply
        raise failure or self._too_late()

    async def _ask_one(
        self, model: LanguageModel, rest: _Rest, request: ModelRequest, end: float, spent: _Spent
    ) -> ModelReply:
        failure: ModelError | None = None
        for attempt in range(self._patience.attempts):
            if attempt and failure is not None and not failure.after:
                most = min(self._patience.longest_pause, self._patience.first_pause * 2.0 ** (attempt - 1))
                await self._pause(most * self._chance(), end, failure)
            async with self._free(rest, end, failure):
                left = end - self._clock()
                if left <= 0:
                    raise failure or self._too_late()
                try:
                    reply = await model.ask(request, left)
                except ModelError as error:
                    self._count(error.calls, spent)
                    failure = spent.failure = error
                except asyncio.CancelledError:
                    # It was under way when time was up, and is paid for.
                    self._count(1, spent)
                    raise
                else:
                    self._count(reply.calls, spent)
                    spent.shares.append((reply.model, reply.tokens))
                    return reply
            if not failure.again:
                break
            if failure.after is not None:
                rest.until = max(rest.until, self._clock() + failure.after)
                rest.because = failure
        raise failure or self._too_late()

    def _count(self, calls: int, spent: _Spent) -> None:
        self._calls += calls
        spent.calls += calls

    @asynccontextmanager
    async def _free(self, rest: _Rest, end: float, failure: ModelError | None) -> AsyncIterator[None]:
        """A turn, while the model does not want to be left alone; nobody sleeps in his turn."""
        while True:
            wait = rest.until - self._clock()
            if wait > 0:
                # A little more than the provider wants, lest all come back at once.
                extra = self._patience.first_pause * self._chance()
                await self._pause(wait, end, failure or rest.because, extra=extra)
            async with self._turn:
                # The provider may have asked for a pause while others had their turn.
                if rest.until <= self._clock():
                    yield
                    return

    async def _pause(self, seconds: float, end: float, failure: ModelError | None, *, extra: float = 0.0) -> None:
        """Sleep, unless it would be for nothing: then it is the next one's turn.

        Raises:
            ModelError: what there would be to wait for, as a failure that took no call.
        """
        if failure is not None and (seconds > self._patience.longest_wait or seconds + extra >= end - self._clock()):
            raise _with_calls(failure, 0) from failure
        await self._sleep(seconds + extra)

    def _too_late(self) -> ModelError:
        reason = "no answer in the time that the review has; give it more, or take a faster model"
        return ModelError(self.name, reason, again=True, calls=0)


def _with_calls(error: ModelError, calls: int) -> ModelError:
    return ModelError(error.model, error.reason, again=error.again, after=error.after, calls=calls)
