"""Units are asked about in groups, within the allowance, never twice; what fails is told, and costs nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from reviewer.domain.model import ModelReply, ModelRequest, Price, Tokens
from reviewer.errors import ModelError, UnansweredError
from reviewer.explain.conversation import Conversation, Explained
from reviewer.explain.section import Section
from reviewer.explain.spending import Allowance, Spending, estimate
from reviewer.ports import Memory
from reviewer.stores.memory import FileMemory
from tests.explain.scripted_model import Script, ScriptedModel, answers, reply
from tests.explain.sections import section, sections_of

ONE = "import requests\n\n\ndef f(url):\n    return requests.get(url)\n"
MANY = "import requests\n" + "".join(
    f"\n\ndef f{n}(url):\n    return requests.get(url, timeout={n})\n" for n in range(1, 9)
)
EMPTY = reply()


def _units(request: ModelRequest) -> list[str]:
    return [row.removeprefix("## Unit ") for row in request.text.split("\n") if row.startswith("## Unit ")]


def ALL(request: ModelRequest) -> str:
    """Something is said of every unit."""
    return reply(units=[answers(unit, calls="Said.") for unit in _units(request)])


class Leisurely(ScriptedModel):
    """Lets the other questions start before it answers."""

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        await asyncio.sleep(0.001)
        return await super().ask(request, seconds)


class Greedy(Leisurely):
    """Takes all that a question may take."""

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        given = await super().ask(request, seconds)
        return replace(given, tokens=Tokens(estimate(request), request.answer_tokens))


def explain(
    model: ScriptedModel, sections: Sequence[Section], allowance: Allowance | None = None, memory: Memory | None = None
) -> tuple[Explained, Spending]:
    spending = Spending(allowance or Allowance())
    return asyncio.run(Conversation(model, spending, memory).explain(sections)), spending


def test_units_are_asked_about_in_groups() -> None:
    model = ScriptedModel([EMPTY])
    explained, spending = explain(model, [s for s in sections_of(MANY) if s.evidence.function != "<module>"])
    assert len(explained.units) == 8
    assert [request.text.count("## Unit") for request in model.asked] == [6, 2]
    assert (spending.calls, spending.tokens.input, spending.tokens.cached) == (2, 200, 80)


def test_the_instructions_are_the_same_for_every_question() -> None:
    model = ScriptedModel([EMPTY])
    explain(model, [section(ONE)])
    explain(model, [section(ONE.replace("def f", "def g"))])
    first, second = model.asked
    assert first.system == second.system
    assert first.text != second.text


def test_what_was_answered_once_is_not_asked_again(tmp_path: Path) -> None:
    model = ScriptedModel([lambda request: reply(units=[answers(u, calls="Said.") for u in _units(request)])])
    memory = FileMemory(tmp_path, "test")
    shown = sections_of(MANY)
    first, _ = explain(model, shown, memory=memory)
    asked = len(model.asked)
    again, spending = explain(model, shown, memory=memory)
    assert len(model.asked) == asked
    assert again == first
    assert spending.calls == 0
    changed = sections_of(MANY.replace("timeout=3", "timeout=30"))
    explain(model, changed, memory=memory)
    assert [f"def {unit}(" in model.asked[-1].text for unit in ("f2", "f3", "f4")] == [False, True, False]


def test_a_damaged_answer_is_asked_for_again(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path, "test")
    model = ScriptedModel([ALL])
    shown = section(ONE)
    explain(model, [shown], memory=memory)
    memory.flush()
    with sqlite3.connect(tmp_path / "memory-test.sqlite") as connection:
        assert connection.execute("UPDATE memory SET value = ?", (b"\xff{",)).rowcount == 1
    explain(model, [shown], memory=memory)
    assert len(model.asked) == 2


def test_an_answer_that_cannot_be_used_may_be_mended_once() -> None:
    model = ScriptedModel(["Sure!", EMPTY])
    explained, spending = explain(model, [section(ONE)])
    assert len(explained.units) == 1
    assert "it is no JSON" in model.asked[1].text
    assert spending.calls == 2


def test_two_answers_that_cannot_be_used_leave_the_units_unexplained() -> None:
    shown = section(ONE)
    explained, _ = explain(ScriptedModel(["Sure!"]), [shown])
    assert explained.units == {}
    assert explained.failures[shown.id].startswith("two answers cannot be used: it is no JSON")


def test_a_refusal_is_not_asked_again() -> None:
    shown = section(ONE)
    model = ScriptedModel(["I cannot help with that."], stop="refusal")
    explained, _ = explain(model, [shown])
    assert explained.failures == {shown.id: "the model declines to answer"}
    assert len(model.asked) == 1


def test_a_model_that_fails_leaves_its_units_unexplained_and_no_others() -> None:
    shown = [s for s in sections_of(MANY) if s.evidence.function != "<module>"]
    model = ScriptedModel([ModelError("scripted:test", "it is down"), ALL])
    explained, _ = explain(model, shown)
    assert len(explained.failures) == 6
    assert len(explained.units) == 2


def test_units_that_changed_in_part_are_asked_about_twelve_at_a_time() -> None:
    shown = [s for n in range(2) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    parts = [replace(s, evidence=replace(s.evidence, changed=(s.evidence.line,))) for s in shown]
    model = ScriptedModel([EMPTY])
    explain(model, [*parts[:9], *shown[9:12]])
    assert [sum(s.id in request.text for s in shown) for request in model.asked] == [10, 2]


def test_a_question_that_waits_for_its_answer_is_no_failure() -> None:
    shown = section(ONE)
    explained, _ = explain(ScriptedModel([UnansweredError("files:x", "not answered yet")]), [shown])
    assert explained.failures == {}
    assert explained.passed_over == {shown.id: "files:x: not answered yet"}


@pytest.mark.parametrize(
    ("allowance", "why"),
    [
        (Allowance(tokens=100), "the 100 tokens of a review would not do"),
        (Allowance(seconds=0), "the 0 s for answers are over"),
    ],
)
def test_nothing_is_asked_beyond_the_allowance(allowance: Allowance, why: str) -> None:
    model = ScriptedModel([EMPTY])
    explained, _ = explain(model, [section(ONE)], allowance)
    assert model.asked == []
    assert set(explained.passed_over.values()) == {why}


def test_money_is_counted_where_the_price_is_known() -> None:
    prices = {"scripted:test": Price(input=10.0, output=100.0, cached=1.0)}
    _, spending = explain(ScriptedModel([EMPTY]), [section(ONE)], Allowance(prices=prices))
    assert spending.cost == pytest.approx((60 * 10 + 40 * 1 + 10 * 100) / 1e6)
    _, spending = explain(ScriptedModel([EMPTY]), [section(ONE)])
    assert spending.cost is None


def test_no_money_is_spent_beyond_the_allowance() -> None:
    prices = {"scripted:test": Price(input=10.0, output=100.0)}
    shown = [s for n in range(9) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    for usd in (0.5, 1.0, 2.0):
        model = Greedy([EMPTY])
        explained, spending = explain(model, shown, Allowance(tokens=10**9, usd=usd, prices=prices))
        assert 0.2 < (spending.cost or 0.0) <= usd
        assert set(explained.passed_over.values()) == {f"the {usd:g} USD of a review would not do"}


def test_no_tokens_are_spent_beyond_the_allowance() -> None:
    shown = [s for n in range(9) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    for tokens in (12_000, 40_000, 60_000):
        explained, spending = explain(Greedy([EMPTY]), shown, Allowance(tokens=tokens))
        assert 6_000 < spending.tokens.input + spending.tokens.output <= tokens
        assert set(explained.passed_over.values()) == {f"the {tokens:,} tokens of a review would not do"}


def test_where_questions_take_less_than_they_may_the_next_ones_are_asked_after_them() -> None:
    shown = [s for n in range(9) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    model = Leisurely([ALL])
    explained, spending = explain(model, shown, Allowance(tokens=20_000))
    assert explained.passed_over == {}
    assert len(model.asked) == 14
    assert spending.tokens.input + spending.tokens.output == 14 * 110


def test_money_that_is_not_known_bounds_nothing() -> None:
    shown = [s for n in range(9) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    explained, spending = explain(ScriptedModel([ALL]), shown, Allowance(usd=0.0001))
    assert (explained.passed_over, spending.calls, spending.cost) == ({}, 14, None)


def test_what_a_dear_model_took_to_refuse_is_paid_at_its_price() -> None:
    class Refused(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            given = await super().ask(request, seconds)
            taken = Tokens(1_000_000, 0)
            shares = (("scripted:dear", taken), (given.model, given.tokens))
            return replace(given, tokens=given.tokens + taken, calls=2, shares=shares)

    prices = {"scripted:dear": Price(input=5.0, output=5.0), ScriptedModel([]).name: Price(input=0.0, output=0.0)}
    _, spending = explain(Refused([ALL]), [section(ONE)], Allowance(usd=9.0, tokens=9_000_000, prices=prices))
    assert spending.cost == 5.0


def test_what_is_known_of_the_money_counts_and_each_question_as_if_the_dearest_model_answered() -> None:
    class Chain(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            given = await super().ask(request, seconds)
            return replace(given, model="scripted:unknown" if len(self.asked) == 1 else "scripted:cheap")

    every = [s for n in range(3) for s in sections_of(MANY.replace("def f", f"def g{n}_"))]
    shown = [s for s in every if s.evidence.function != "<module>"]
    first = Chain([ALL])
    explain(first, shown[:6])
    most = (estimate(first.asked[0]) + first.asked[0].answer_tokens) * 100 / 1e6
    prices = {"scripted:cheap": Price(input=50.0, output=50.0), "scripted:dear": Price(input=100.0, output=100.0)}
    chain = Chain([ALL])
    # An answer of the cheaper one takes 0.0055 USD.
    explained, spending = explain(chain, shown, Allowance(usd=most + 0.003, prices=prices))
    assert (len(chain.asked), spending.cost) == (2, None)
    assert set(explained.passed_over.values()) == {f"the {most + 0.003:g} USD of a review would not do"}


def test_an_answer_about_another_unit_changes_nothing() -> None:
    model = ScriptedModel([reply(units=[answers("u00000000", calls="Wrong.")])])
    shown = section(ONE)
    explained, _ = explain(model, [shown])
    assert explained.units[shown.id].answers is None
    assert explained.dropped == ("unit 'u00000000' was not asked about",)
    assert explained.failures == {shown.id: "the answer of scripted:test leaves it out"}


def test_memory_of_one_model_is_not_that_of_another(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path, "test")
    ask = partial(explain, sections=[section(ONE)], memory=memory)
    ask(ScriptedModel([ALL]))
    other = ScriptedModel([ALL], name="scripted:other")
    ask(other)
    assert len(other.asked) == 1
    elsewhere = ScriptedModel([ALL], at=" at another address")
    ask(elsewhere)
    assert len(elsewhere.asked) == 1


def test_an_answer_that_lay_there_costs_nothing() -> None:
    class Folder(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            return ModelReply((await super().ask(request, seconds)).text, self.name, calls=0)

    _, spending = explain(Folder([EMPTY]), [section(ONE)])
    assert (spending.calls, spending.cost) == (0, 0.0)


def test_a_unit_that_an_answer_leaves_out_is_told_and_asked_about_again(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path, "test")
    shown = [s for s in sections_of(MANY) if s.evidence.function != "<module>"][:6]
    model = ScriptedModel(
        [
            lambda request: reply(units=[answers(u, calls="Said.") for u in _units(request)[:2] + _units(request)[3:]]),
            ALL,
        ]
    )
    explained, _ = explain(model, shown, memory=memory)
    assert explained.failures == {shown[2].id: "the answer of scripted:test leaves it out"}
    explained, _ = explain(model, shown, memory=memory)
    assert explained.failures == {}
    assert _units(model.asked[1]) == [shown[2].id]


def test_a_crash_costs_its_own_units_and_tells_no_secret() -> None:
    shown = [s for s in sections_of(MANY) if s.evidence.function != "<module>"]
    explained, spending = explain(ScriptedModel([ValueError("illegal header: sk-secret"), ALL]), shown)
    assert set(explained.failures) == {s.id for s in shown[:6]}
    (reason,) = set(explained.failures.values())
    assert reason.startswith("asking failed with ValueError at tests.explain.scripted_model:")
    assert "sk-secret" not in reason
    assert (len(explained.units), spending.calls) == (2, 2)


def test_a_call_that_is_cancelled_from_within_costs_its_own_units() -> None:
    class Cancelled(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            if not self.asked:
                self.asked.append(request)
                raise asyncio.CancelledError
            return await super().ask(request, seconds)

    shown = [s for s in sections_of(MANY) if s.evidence.function != "<module>"]
    explained, _ = explain(Cancelled([ALL]), shown)
    assert len(explained.failures) == 6
    assert len(explained.units) == 2


def test_a_model_that_minds_no_time_is_left_behind() -> None:
    class Slow(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            self.asked.append(request)
            await asyncio.sleep(3600)
            raise AssertionError

    shown = section(ONE)
    explained, spending = explain(Slow([]), [shown], Allowance(seconds=0.2))
    assert explained.failures[shown.id].startswith("scripted:test: no answer within 0.")
    assert spending.calls == 1


@pytest.mark.parametrize(
    "script",
    [[ValueError("x")], [ModelError("m", "down")], ["Sure!"], ["Sure!", EMPTY], [EMPTY], [asyncio.CancelledError()]],
)
def test_what_was_set_aside_is_given_back_however_a_question_ends(script: list[Script]) -> None:
    model = ScriptedModel(script)
    spending = Spending(Allowance(tokens=20_000))
    conversation = Conversation(model, spending)
    shown = section(ONE)
    for _ in range(30):
        asyncio.run(conversation.explain([shown]))
    # Otherwise the allowance would have been used up by questions that are over.
    spent = spending.tokens.input + spending.tokens.output
    assert len(model.asked) >= 30
    small = dataclasses.replace(model.asked[0], text="x" * 3, system="", schema={}, answer_tokens=0)
    assert asyncio.run(spending.reserve(small)) is None
    assert spent < 20_000


def test_another_prompt_or_form_of_answer_is_another_question(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path, "test")
    shown = section(ONE)
    model = ScriptedModel([ALL])
    for attribute in ("_prompt", "_schema"):
        for change in (False, True):
            conversation = Conversation(model, Spending(Allowance()), memory)
            if change and attribute == "_prompt":
                prompt = dataclasses.replace(conversation._exchange._prompt, system="Other words, of the same version.")
                conversation._exchange._prompt = prompt
            elif change:
                conversation._exchange._schema = {**conversation._exchange._schema, "required": []}
            asyncio.run(conversation.explain([shown]))
    assert len(model.asked) == 3


def test_who_has_answered_is_remembered_with_the_answer(tmp_path: Path) -> None:
    class Chain(ScriptedModel):
        async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
            return dataclasses.replace(await super().ask(request, seconds), model="scripted:second")

    memory = FileMemory(tmp_path, "test")
    shown = section(ONE)
    for _ in range(2):
        explained, _ = explain(Chain([ALL], name="scripted:first, scripted:second"), [shown], memory=memory)
        assert explained.by == {shown.id: "scripted:second"}


@pytest.mark.parametrize(
    "name",
    ["u" * 100_000, "\u0441afe", "\x1b[2J<img src=x>", "\u202e", "a\nb"],
    ids=["long", "letter", "markup", "bidi", "lines"],
)
def test_a_made_up_name_is_told_short_and_letter_by_letter(name: str) -> None:
    explained, _ = explain(ScriptedModel([reply(units=[answers(name)])]), [section(ONE)])
    (told,) = explained.dropped
    assert len(told) < 160
    assert told.isascii()
    assert told.isprintable()
