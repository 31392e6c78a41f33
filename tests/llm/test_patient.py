"""Waiting, asking again, falling back: against a clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from reviewer.domain.model import Deadline, ModelReply, ModelRequest, Tokens
from reviewer.errors import ModelError
from reviewer.llm.patient import Patience, Patient
from tests.llm.asking import PROVIDERS, REQUEST, OpenAt, anthropic_at, ask, failure, run, warm_up
from tests.llm.scripted_server import Answer, Failure, Hang, ScriptedServer


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@dataclass
class Clock:
    """Time as a test wants it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Scripted:
    """A model that does as it is told, and the last of it again and again; a number means that so many seconds pass."""

    clock: Clock
    script: Sequence[ModelReply | ModelError | float]
    name: str = "first"
    asked: list[float] = field(default_factory=list)
    given: list[float] = field(default_factory=list)
    closed: bool = False

    @property
    def identity(self) -> str:
        return self.name

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        self.asked.append(self.clock.now)
        self.given.append(seconds)
        step = self.script[min(len(self.asked), len(self.script)) - 1]
        await asyncio.sleep(0)
        if isinstance(step, float):
            self.clock.now += min(step, seconds)
            raise ModelError(self.name, "no answer in time", again=True)
        if isinstance(step, ModelError):
            raise step
        return step

    async def close(self) -> None:
        self.closed = True


GOOD = ModelReply("{}", "first", Tokens(10, 2))
REFUSAL = ModelReply("no", "first", Tokens(5, 1), "refusal")
PASSING = ModelError("first", "HTTP 500", again=True)
LASTING = ModelError("first", "HTTP 401", again=False)


def busy(seconds: float) -> ModelError:
    return ModelError("first", "HTTP 429", again=True, after=seconds)


def patient(clock: Clock, *models: Scripted, chance: float = 1.0, **more: object) -> Patient:
    deadline, patience = more.get("deadline"), more.get("patience", Patience())
    assert deadline is None or isinstance(deadline, Deadline)
    assert isinstance(patience, Patience)
    return Patient(models, deadline=deadline, patience=patience, sleep=clock.sleep, clock=clock, chance=lambda: chance)


def test_an_answer_at_once_is_handed_on() -> None:
    clock = Clock()
    assert ask(patient(clock, Scripted(clock, [GOOD]))) == GOOD
    assert clock.slept == []


def test_what_may_pass_is_asked_again_after_longer_and_longer_pauses() -> None:
    clock = Clock()
    reply = ask(patient(clock, Scripted(clock, [PASSING, PASSING, PASSING, GOOD])), seconds=100)
    assert (reply.text, reply.calls, reply.tokens) == ("{}", 4, Tokens(10, 2))
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_pause_is_any_part_of_its_longest() -> None:
    for chance in (0.0, 0.25):
        clock = Clock()
        ask(patient(clock, Scripted(clock, [PASSING, PASSING, GOOD]), chance=chance), seconds=100)
        assert clock.slept == [chance * 1.0, chance * 2.0]


def test_a_pause_of_our_own_has_a_limit() -> None:
    clock = Clock()
    patience = Patience(attempts=6, longest_pause=3.0)
    failure(patient(clock, Scripted(clock, [PASSING]), patience=patience), seconds=100)
    assert clock.slept == [1.0, 2.0, 3.0, 3.0, 3.0]


def test_after_the_last_attempt_the_reason_is_told_with_all_calls() -> None:
    clock = Clock()
    model = Scripted(clock, [PASSING])
    error = failure(patient(clock, model), seconds=100)
    assert (error.reason, error.calls, len(model.asked)) == ("HTTP 500", 4, 4)


def test_what_will_not_pass_is_asked_once() -> None:
    clock = Clock()
    model = Scripted(clock, [LASTING])
    assert failure(patient(clock, model)).calls == 1
    assert clock.slept == []


def test_a_provider_is_left_alone_for_as_long_as_it_wants_and_a_little_longer() -> None:
    clock = Clock()
    model = Scripted(clock, [busy(7), GOOD])
    ask(patient(clock, model, chance=0.5), seconds=100)
    assert clock.slept == [7.5]


def test_a_provider_that_wants_no_pause_gets_one_all_the_same() -> None:
    clock = Clock()
    ask(patient(clock, Scripted(clock, [busy(0), busy(0), GOOD])), seconds=100)
    assert clock.slept == [1.0, 2.0]


def test_a_refusal_outlives_the_time_of_the_others() -> None:
    clock = Clock()
    with ScriptedServer(Hang()) as server:
        chain = Patient([Scripted(clock, [REFUSAL]), anthropic_at(server)])
        reply = ask(chain, seconds=0.4)
    assert (reply.model, reply.stop, reply.calls) == ("first", "refusal", 2)


@pytest.mark.parametrize(("wanted", "waits"), [(30.0, True), (30.1, False), (300.0, False)])
def test_a_wait_over_the_cap_is_not_waited(wanted: float, waits: bool) -> None:
    clock = Clock()
    model, other = Scripted(clock, [busy(wanted), GOOD]), Scripted(clock, [GOOD], "second")
    ask(patient(clock, model, other), seconds=1000)
    assert (len(model.asked), len(other.asked)) == ((2, 0) if waits else (1, 1))
    assert bool(clock.slept) is waits


def test_a_wait_over_the_cap_ends_it_where_there_is_no_other_model() -> None:
    clock = Clock()
    error = failure(patient(clock, Scripted(clock, [busy(300)])), seconds=1000)
    assert (error.reason, error.after, error.calls) == ("HTTP 429", 300, 1)
    assert clock.slept == []


def test_a_pause_that_would_outlast_the_time_is_not_begun() -> None:
    clock = Clock()
    error = failure(patient(clock, Scripted(clock, [busy(7)])), seconds=5)
    assert (error.reason, error.calls) == ("HTTP 429", 1)
    assert clock.slept == []


@pytest.mark.parametrize(("deadline", "seconds", "given"), [(1005.0, 60.0, 5.0), (1060.0, 5.0, 5.0)])
def test_the_nearer_end_counts(deadline: float, seconds: float, given: float) -> None:
    clock = Clock()
    model = Scripted(clock, [GOOD])
    ask(patient(clock, model, deadline=Deadline(deadline)), seconds=seconds)
    assert model.given == [given]


def test_after_the_deadline_nobody_is_asked() -> None:
    clock = Clock()
    model = Scripted(clock, [GOOD])
    error = failure(patient(clock, model, deadline=Deadline(999.0)))
    assert (error.calls, model.asked) == (0, [])
    assert "in the time that the review has" in error.reason


def test_the_deadline_is_one_for_all_questions() -> None:
    clock = Clock()
    model = Scripted(clock, [4.0, GOOD])

    async def ask_twice(chain: Patient) -> None:
        await chain.ask(REQUEST, 100)
        clock.now += 6
        with pytest.raises(ModelError):
            await chain.ask(REQUEST, 100)

    chain = patient(clock, model, deadline=Deadline(1010.0))
    asyncio.run(ask_twice(chain))
    assert model.given == [10.0, 5.0]


def test_a_hang_ends_with_the_time() -> None:
    start = time.monotonic()
    with ScriptedServer(Hang()) as server:
        error = failure(Patient([anthropic_at(server)]), seconds=0.4)
    assert time.monotonic() - start < 15
    assert (error.again, error.calls) == (True, 1)


@pytest.mark.parametrize("first", [LASTING, PASSING, busy(300), 1e9], ids=["lasting", "passing", "too long", "hang"])
def test_the_next_model_is_asked_where_one_has_no_answer(first: ModelError | float) -> None:
    clock = Clock()
    models = Scripted(clock, [first]), Scripted(clock, [ModelReply("{}", "second", Tokens(3, 4))], "second")
    reply = ask(patient(clock, *models), seconds=100)
    assert (reply.model, reply.tokens) == ("second", Tokens(3, 4))
    assert reply.calls == len(models[0].asked) + 1


def test_a_model_that_hangs_leaves_the_others_their_share() -> None:
    clock = Clock()
    models = [Scripted(clock, [1e9], name) for name in ("first", "second", "third")]
    error = failure(patient(clock, *models), seconds=90)
    assert [model.given for model in models] == [[30.0], [30.0], [30.0]]
    assert (error.model, error.calls) == ("third", 3)


def test_a_refusal_is_not_repeated_and_the_next_model_asked() -> None:
    clock = Clock()
    models = Scripted(clock, [REFUSAL]), Scripted(clock, [ModelReply("{}", "second", Tokens(3, 4))], "second")
    reply = ask(patient(clock, *models))
    assert (reply.model, reply.stop, reply.calls, reply.tokens) == ("second", "end", 2, Tokens(8, 5))
    assert reply.shares == (("first", Tokens(5, 1)), ("second", Tokens(3, 4)))
    assert len(models[0].asked) == 1


@pytest.mark.parametrize("second", [REFUSAL, LASTING, 1e9], ids=["refuses too", "fails", "hangs"])
def test_a_refusal_is_the_answer_where_nobody_has_a_better_one(second: ModelReply | ModelError | float) -> None:
    clock = Clock()
    reply = ask(patient(clock, Scripted(clock, [REFUSAL]), Scripted(clock, [second], "second")))
    assert (reply.model, reply.stop, reply.calls) == ("first", "refusal", 2)


def at_once(chain: Patient, questions: int, seconds: float = 100.0) -> list[ModelReply | BaseException]:
    async def ask_all(_: object) -> list[ModelReply | BaseException]:
        asked = (chain.ask(REQUEST, seconds) for _ in range(questions))
        return await asyncio.gather(*asked, return_exceptions=True)

    replies = run(chain, ask_all)
    assert isinstance(replies, list)
    return replies


def test_no_more_than_so_many_requests_are_under_way() -> None:
    under_way, most = 0, 0

    class Slow:
        name = identity = "slow"

        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            return GOOD

        async def close(self) -> None:
            pass

    replies = at_once(Patient([Slow()], patience=Patience(at_once=3)), 12)
    assert replies == [GOOD] * 12
    assert most == 3


def test_when_a_provider_wants_a_pause_everybody_pauses() -> None:
    clock = Clock()
    model = Scripted(clock, [busy(10), GOOD])
    replies = at_once(patient(clock, model, patience=Patience(at_once=1)), 5)
    assert all(isinstance(reply, ModelReply) for reply in replies)
    assert model.asked[0] == 1000.0
    assert all(moment >= 1010.0 for moment in model.asked[1:])
    assert len(model.asked) == 6


def test_when_a_provider_wants_too_long_a_pause_nobody_else_asks_it() -> None:
    clock = Clock()
    model, other = Scripted(clock, [busy(300)]), Scripted(clock, [GOOD], "second")
    replies = at_once(patient(clock, model, other, patience=Patience(at_once=1)), 5)
    assert all(isinstance(reply, ModelReply) for reply in replies)
    assert (len(model.asked), len(other.asked)) == (1, 5)


def test_all_calls_are_counted() -> None:
    clock = Clock()
    chain = patient(clock, Scripted(clock, [PASSING, GOOD]))
    at_once(chain, 3)
    assert chain.calls == 4


def test_the_chain_is_named_and_closed_as_a_whole() -> None:
    clock = Clock()
    models = Scripted(clock, [GOOD]), Scripted(clock, [GOOD], "second")
    chain = patient(clock, *models)
    assert chain.name == "first, second"
    ask(chain)
    assert [model.closed for model in models] == [True, True]


def test_a_chain_of_nobody_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no model"):
        Patient([])


@PROVIDERS
def test_both_sdks_are_waited_for_as_they_want(server: ScriptedServer, open_at: OpenAt) -> None:
    clock = Clock()
    server.play(Failure(429, "20"), Failure(529), Failure(500), Answer("done"))
    chain = Patient([open_at(server)], sleep=clock.sleep, clock=clock, chance=lambda: 0.5)
    reply = ask(chain, seconds=1000)
    assert (reply.text, reply.calls) == ("done", 4)
    assert clock.slept == [20.5, 1.0, 2.0]


def test_what_went_wrong_before_time_was_up_is_told() -> None:
    class Overloaded:
        name = identity = "overloaded"
        asked = 0

        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            self.asked += 1
            if self.asked == 1:
                raise ModelError(self.name, "HTTP 529", again=True)
            await asyncio.sleep(3600)
            raise AssertionError

        async def close(self) -> None:
            """Nothing is held open."""

    chain = Patient([Overloaded()], patience=Patience(first_pause=0.0))
    with pytest.raises(ModelError) as caught:
        asyncio.run(chain.ask(REQUEST, 0.2))
    assert (caught.value.reason, caught.value.calls) == ("HTTP 529", 2)
