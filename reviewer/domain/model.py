"""What a language model is asked, and what came back, whoever the provider is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Stop = Literal["end", "length", "refusal", "other"]
"""Why an answer ended: complete, cut at the token limit, declined, or for a reason that is not known here."""

_DIGEST_DIGITS = 32
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model; nothing in it depends on the provider.

    Attributes:
        prompt: id of the prompt ("explain").
        version: the prompt's version, a part of what an answer is remembered by.
        system: the part that is the same for every question of this prompt; providers can cache it.
        text: the question itself, with everything that came from the reviewed code fenced as data.
        schema: JSON Schema (draft 2020-12) that the answer has to meet.
        answer_tokens: most tokens that the answer may take.
    """

    prompt: str
    version: str
    system: str
    text: str
    schema: Mapping[str, Any]
    answer_tokens: int = 4096

    @property
    def digest(self) -> str:
        """Names the question: the same for the same prompt, version, words and schema, whoever is asked."""
        parts = [self.prompt, self.version, self.system, self.text, self.schema]
        return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()[:_DIGEST_DIGITS]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as the provider counted them.

    Attributes:
        input: all of the question, cached ones included.
        output: of the answer, hidden reasoning included.
        cached: those of `input` that the provider had cached.
        written: those of `input` that the provider cached now, where it tells (and asks more for them).
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.written + other.written,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in US dollars for a million tokens.

    Attributes:
        input: of the question.
        output: of the answer.
        cached: of those tokens of the question that were cached; None where they cost as the others do.
        written: of those that are cached now; None where they cost as the others do.
    """

    input: float
    output: float
    cached: float | None = None
    written: float | None = None


def cost_of(tokens: Tokens, price: Price | None) -> float | None:
    """US dollars; None where the price is not known, for a guess would be taken for a fact.

    Args:
        tokens: as the provider counted them.
        price: of the model that answered.
    """
    if price is None:
        return None
    cached = min(tokens.cached, tokens.input)
    written = min(tokens.written, tokens.input - cached)
    plain = tokens.input - cached - written
    return (
        plain * price.input
        + cached * (price.input if price.cached is None else price.cached)
        + written * (price.input if price.written is None else price.written)
        + tokens.output * price.output
    ) / _MILLION


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment when a review has to be done with asking.

    Attributes:
        at: seconds on the clock of whoever asks (`time.monotonic`).
    """

    at: float

    def left(self, now: float) -> float:
        """Seconds from now on; none below 0."""
        return max(0.0, self.at - now)


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model answered; its text is not trusted with anything yet.

    Attributes:
        text: the answer as it came.
        model: who gave it, as `LanguageModel.name`.
        tokens: what it took, failed attempts included where the provider told.
        stop: why it ended.
        calls: requests that were sent for it, repeated ones included.
        shares: who took how many of the tokens, where that is not the one that answered alone.
    """

    text: str
    model: str
    tokens: Tokens = Tokens()
    stop: Stop = "end"
    calls: int = 1
    shares: tuple[tuple[str, Tokens], ...] = ()
