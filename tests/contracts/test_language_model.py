"""What every adapter of `LanguageModel` keeps to, whoever is behind it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import anthropic  # noqa: F401 - loaded before any time is measured
import openai  # noqa: F401
import pytest

import reviewer.llm
from reviewer.domain.model import ModelReply, Tokens
from reviewer.errors import ModelError
from reviewer.llm.anthropic import AnthropicModel
from reviewer.llm.files import FilesModel
from reviewer.llm.openai import OpenAIModel
from reviewer.llm.patient import Patience, Patient
from reviewer.ports import LanguageModel
from tests.llm.asking import REQUEST, ask, failure, run
from tests.llm.conftest import isolate_environment
from tests.llm.scripted_server import RESPONSES, Answer, Failure, Hang, ScriptedServer

ANSWER = '{"verdict": "doubted", "words": "naïve 🙂"}'


@dataclass(frozen=True)
class Place:
    """Where the adapters of a test find their answers."""

    server: ScriptedServer
    folder: Path


def open_anthropic(place: Place) -> AnthropicModel:
    return AnthropicModel("m", base_url=place.server.url)


def open_responses(place: Place) -> OpenAIModel:
    return OpenAIModel("m", base_url=f"{place.server.url}/v1")


def open_completions(place: Place) -> OpenAIModel:
    place.server.missing = {RESPONSES}
    return open_responses(place)


def open_files(place: Place) -> FilesModel:
    return FilesModel(place.folder)


def open_patient(place: Place) -> Patient:
    return Patient([open_anthropic(place), open_responses(place)], patience=Patience(attempts=1))


Open = Callable[[Place], LanguageModel]
OPENERS: dict[str, Open] = {
    "anthropic": open_anthropic,
    "openai responses": open_responses,
    "openai completions": open_completions,
    "files": open_files,
    "patient": open_patient,
}
EVERY = pytest.mark.parametrize("open_model", OPENERS.values(), ids=OPENERS.keys())
REMOTE = pytest.mark.parametrize(
    "open_model",
    [opener for name, opener in OPENERS.items() if name != "files"],
    ids=[n for n in OPENERS if n != "files"],
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    isolate_environment(monkeypatch, tmp_path)
    with ScriptedServer(Answer(ANSWER)) as server:
        yield Place(server, tmp_path / "questions")


def answer_in(place: Place) -> None:
    place.folder.mkdir(exist_ok=True)
    (place.folder / f"{REQUEST.digest}.answer.json").write_text(ANSWER, encoding="utf-8")


def test_every_adapter_that_there_is_is_held_to_the_contract() -> None:
    found = set()
    for path in Path(reviewer.llm.__path__[0]).glob("*.py"):
        module = importlib.import_module(f"reviewer.llm.{path.stem}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and hasattr(kind, "ask") and not inspect.isabstract(kind):
                found.add(name)
    held = {inspect.signature(opener, eval_str=True).return_annotation.__name__ for opener in OPENERS.values()}
    assert found == held


@EVERY
def test_an_answer_comes_as_it_was_given(place: Place, open_model: Open) -> None:
    answer_in(place)
    model = open_model(place)
    reply = ask(model)
    assert (reply.text, reply.stop) == (ANSWER, "end")
    assert reply.model in model.name
    assert reply.tokens in (Tokens(100, 20), Tokens())


@EVERY
def test_the_name_is_there_before_anything_is_asked_and_stays(place: Place, open_model: Open) -> None:
    answer_in(place)
    model = open_model(place)
    name = model.name
    assert name.partition(":")[0] in ("anthropic", "openai", "files")
    ask(model)
    assert model.name == name
    assert place.server.requests or name.startswith("files:")


@EVERY
def test_who_answers_is_known_before_anything_is_asked_and_stays(place: Place, open_model: Open) -> None:
    answer_in(place)
    model = open_model(place)
    identity = model.identity
    assert identity == open_model(place).identity
    ask(model)
    assert model.identity == identity
    assert place.server.url not in identity
    with ScriptedServer(Answer(ANSWER)) as other:
        elsewhere = open_model(Place(other, place.folder.with_name("others")))
        assert elsewhere.name == model.name or elsewhere.name.startswith("files:")
        assert elsewhere.identity != identity


@EVERY
def test_no_answer_is_a_model_error_that_says_what_to_do(place: Place, open_model: Open) -> None:
    place.server.play(Failure(401))
    error = failure(open_model(place))
    assert not error.again
    assert ";" in error.reason
    assert error.exit_code == 3


@EVERY
def test_nothing_is_opened_before_the_first_question_and_closing_twice_is_fine(place: Place, open_model: Open) -> None:
    async def close(model: LanguageModel) -> None:
        await model.close()

    run(open_model(place), close)
    assert place.server.requests == []


@EVERY
def test_after_closing_it_can_be_asked_again_in_another_loop(place: Place, open_model: Open) -> None:
    answer_in(place)
    model = open_model(place)
    assert [ask(model).text for _ in range(2)] == [ANSWER, ANSWER]


@EVERY
def test_the_question_is_told_whole(place: Place, open_model: Open) -> None:
    request = replace(REQUEST, system="system « ü »", text='text « 🙂 »\n"quoted"')
    try:
        ask(open_model(place), request)
    except ModelError:
        data = (place.folder / f"{request.digest}.request.md").read_text(encoding="utf-8")
        assert request.system in data
        assert request.text in data
    else:
        assert all(text in place.server.requests[-1].body.decode() for text in ("system « ü »", "text « 🙂 »\\n"))


@EVERY
def test_many_questions_at_once_are_all_answered(place: Place, open_model: Open) -> None:
    answer_in(place)

    async def ask_many(model: LanguageModel) -> list[ModelReply]:
        return await asyncio.gather(*(model.ask(REQUEST, 10) for _ in range(8)))

    assert {reply.text for reply in run(open_model(place), ask_many)} == {ANSWER}


@REMOTE
def test_a_call_has_ended_when_its_time_is_up(place: Place, open_model: Open) -> None:
    place.server.play(Hang())
    start = time.monotonic()
    error = failure(open_model(place), seconds=0.3)
    assert time.monotonic() - start < 15
    assert error.calls >= 1


@REMOTE
def test_a_refusal_is_a_reply(place: Place, open_model: Open) -> None:
    place.server.play(Answer("I will not.", stop="refusal"))
    reply = ask(open_model(place))
    assert (reply.text, reply.stop) == ("I will not.", "refusal")


@REMOTE
def test_a_cut_answer_is_a_reply_that_says_so(place: Place, open_model: Open) -> None:
    place.server.play(Answer('{"verdict', stop="length"))
    reply = ask(open_model(place))
    assert (reply.text, reply.stop) == ('{"verdict', "length")


@REMOTE
def test_each_request_is_counted(place: Place, open_model: Open) -> None:
    assert ask(open_model(place)).calls == len(place.server.requests)
    place.server.play(Failure(500))
    before = len(place.server.requests)
    assert failure(open_model(place)).calls == len(place.server.requests) - before
