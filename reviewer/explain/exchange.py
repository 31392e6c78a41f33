"""One question and its answer: within the allowance, and mended once where it has not the form that was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Generic

from reviewer.domain.model import ModelReply, ModelRequest
from reviewer.errors import AllowanceError, ModelError, ReplyError
from reviewer.explain.prompt import load_prompt
from reviewer.explain.reply import FORMS, Reply, parse_reply, schema_of
from reviewer.explain.secrets.redaction import redact
from reviewer.explain.spending import Spending
from reviewer.ports import LanguageModel

_GRACE = 0.5
"""Seconds that a model may take to give up in its own words when its time is over."""


class Exchange(Generic[Reply]):
    """Asks one prompt again and again.

    Args:
        model: who is asked.
        spending: what may be spent.
        prompt: id of the prompt.
        form: the form of its answer.
    """

    def __init__(self, model: LanguageModel, spending: Spending, prompt: str, form: type[Reply]) -> None:
        self._model = model
        self._spending = spending
        self._prompt = load_prompt(prompt)
        if FORMS[self._prompt.reply] is not form:
            raise ReplyError(f"prompt {prompt} is answered with {self._prompt.reply}; install the reviewer again")
        self._form = form
        self._schema = schema_of(form)

    def request(self, values: Mapping[str, str], answer_tokens: int) -> ModelRequest:
        """The question.

        Args:
            values: for the placeholders of the prompt.
            answer_tokens: most tokens of the answer.
        """
        system, text = self._prompt.render(values)
        return ModelRequest(self._prompt.id, self._prompt.version, system, text, self._schema, answer_tokens)

    async def ask(self, request: ModelRequest) -> tuple[str, Reply]:
        """Who has answered, and what; the answer may be mended once.

        Raises:
            AllowanceError: asking would cost more than is left.
            ModelError, ReplyError: there is no answer that can be used.
        """
        reason = await self._spending.reserve(request)
        if reason is not None:
            raise AllowanceError(reason)
        given = await self._send(request)
        try:
            return given.model, parse_reply(self._form, given.text)
        except ReplyError as error:
            if given.stop == "refusal":
                raise ReplyError("the model declines to answer") from error
            again = replace(request, text=f"{request.text}\n\n{_complaint(error, given)}")
            reason = await self._spending.reserve(again)
            if reason is not None:
                raise ReplyError(f"the answer cannot be used ({error}), and {reason}") from error
        given = await self._send(again)
        try:
            return given.model, parse_reply(self._form, given.text)
        except ReplyError as error:
            raise ReplyError(f"two answers cannot be used: {error}") from error

    async def _send(self, request: ModelRequest) -> ModelReply:
        """Ask once; what was reserved for it is settled, however it ends.

        Nothing reaches a model but by this way, so that whoever words a question may leave a secret in it.
        """
        seconds = self._spending.seconds_left
        reply = None
        # Of what ends in any other way it is not known whether it was sent; it may have to be paid for.
        calls = 1
        try:
            async with asyncio.timeout(seconds + _GRACE):
                reply = await self._model.ask(_without_secrets(request), seconds)
        except ModelError as error:
            calls = error.calls
            raise
        except TimeoutError as error:
            reason = f"no answer within {seconds:.3g} s; allow more time, or take a faster model"
            raise ModelError(self._model.name, reason, again=True) from error
        finally:
            self._spending.settle(request, reply, calls)
        return reply


def _without_secrets(request: ModelRequest) -> ModelRequest:
    return replace(request, system=redact(request.system).text, text=redact(request.text).text)


def _complaint(error: ReplyError, given: ModelReply) -> str:
    why = "it was cut off; answer more briefly" if given.stop == "length" else str(error)
    return f"An earlier answer to this could not be used: {why}. Answer with JSON of the given schema only."
