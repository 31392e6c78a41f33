"""One question and its answer: within the allowance, and mended once where it has not the form that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Generic

from reviewer.domain.model import ModelReply, ModelRequest
from reviewer.errors import ModelError, ReplyError
from reviewer.explain.prompt import load_prompt
from reviewer.explain.reply import FORMS, Reply, parse_reply, schema_of
from reviewer.explain.spending import Spending
from reviewer.ports import LanguageModel


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
        self.prompt = load_prompt(prompt)
        if FORMS[self.prompt.reply] is not form:
            raise ReplyError(f"prompt {prompt} is answered with {self.prompt.reply}")
        self._form = form
        self._schema = schema_of(form)

    def request(self, values: Mapping[str, str], answer_tokens: int) -> ModelRequest:
        """The question.

        Args:
            values: for the placeholders of the prompt.
            answer_tokens: most tokens of the answer.
        """
        system, text = self.prompt.render(values)
        return ModelRequest(self.prompt.id, self.prompt.version, system, text, self._schema, answer_tokens)

    async def ask(self, request: ModelRequest) -> Reply:
        """The answer.

        Raises:
            ModelError, ReplyError: there is none that can be used, or it would cost more than is left.
        """
        reply = await self._send(request)
        try:
            return parse_reply(self._form, reply.text)
        except ReplyError as error:
            if reply.stop == "refusal":
                raise ReplyError("the model declines to answer") from error
            first = error
        again = replace(request, text=f"{request.text}\n\n{_complaint(first, reply)}")
        reply = await self._send(again)
        try:
            return parse_reply(self._form, reply.text)
        except ReplyError as error:
            raise ReplyError(f"two answers cannot be used: {error}") from error

    async def _send(self, request: ModelRequest) -> ModelReply:
        reason = self._spending.reserve(request)
        if reason is not None:
            raise ReplyError(reason)
        try:
            reply = await self._model.ask(request, self._spending.seconds_left)
        except ModelError as error:
            self._spending.settle(request, None, error.calls)
            raise
        self._spending.settle(request, reply)
        return reply


def _complaint(error: ReplyError, reply: ModelReply) -> str:
    why = "it was cut off; answer more briefly" if reply.stop == "length" else str(error)
    return f"An earlier answer to this could not be used: {why}. Answer with JSON of the given schema only."
