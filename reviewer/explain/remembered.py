"""Answers that were given before, by who was asked and by all of the question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Generic

from reviewer.domain.model import ModelRequest
from reviewer.errors import ReplyError
from reviewer.explain.reply import Reply, parse_reply
from reviewer.ports import Memory

_KIND = "answer"


@dataclass(frozen=True)
class Remembered(Generic[Reply]):
    """The answers of one model in one form.

    Attributes:
        name: who is asked, as far as another would answer otherwise.
        memory: where they are; None for nowhere.
        form: the form of an answer.
    """

    name: str
    memory: Memory | None
    form: type[Reply]

    def recall(self, request: ModelRequest) -> tuple[str, Reply] | None:
        """Who has answered a question, and what; None where nobody has, or it cannot be read any more."""
        data = self.memory.recall(_KIND, self._key(request)) if self.memory is not None else None
        if data is None:
            return None
        name, _, text = data.decode("utf-8", "replace").partition("\n")
        try:
            return name, parse_reply(self.form, text)
        except ReplyError:  # damaged: asked again
            return None

    def remember(self, request: ModelRequest, name: str, reply: Reply) -> None:
        """Keep an answer, perhaps.

        Args:
            request: what was asked.
            name: who has answered.
            reply: what.
        """
        if self.memory is not None:
            self.memory.remember(_KIND, self._key(request), f"{name}\n{json.dumps(reply.model_dump())}".encode())

    def _key(self, request: ModelRequest) -> str:
        """Who is asked, and all of what: the words of the prompt, its version, the form of the answer, and the rest."""
        return f"{self.name}:{request.digest}"
