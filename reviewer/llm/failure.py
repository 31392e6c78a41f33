"""What a provider's failure means for whoever asked: whether asking again may help, when, and what a person can do."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.errors import ModelError

if TYPE_CHECKING:
    import anthropic
    import openai

_WORDS_SHOWN = 200
_OVERLOADED = 529
"""Anthropic's own status for "overloaded"; intermediaries know nothing of it, so it comes as an error event too."""
_AGAIN = frozenset({408, 409, 425, 429, *range(500, 600)})
_NEVER = frozenset({501, 505})
_STATUS_OF_KIND = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": _OVERLOADED,
    "invalid_api_key": 401,
    "invalid_prompt": 400,
    "model_not_found": 404,
}
"""Kinds of error that come inside an answer whose HTTP status says 200."""
_SPENT = frozenset({"insufficient_quota", "billing_error", "billing_hard_limit_reached"})
"""Kinds that come with a status that invites asking again, where only paying helps."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, for the line that a person reads.

    Attributes:
        name: `LanguageModel.name`.
        key_variable: where the key is looked for.
        url_variable: where the address is looked for, and what it has to look like.
        url: the address in use.
        secret: the key in use, which no message may repeat.
    """

    name: str
    key_variable: str
    url_variable: str
    url: str = ""
    secret: str | None = None

    @property
    def host(self) -> str:
        """The address without a path, and without credentials that somebody wrote into it."""
        try:
            parts = urlsplit(self.url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return "that address"
        return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else "that address"


@dataclass(frozen=True, slots=True)
class Words:
    """What a provider says of a failure; outside data, and shown as such.

    Attributes:
        text: its words, on one line and not too many.
        kind: the code or type that names the failure; empty where there is none.
        about: the parameter that it is about; empty where it does not say.
    """

    text: str = ""
    kind: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class SdkErrors:
    """The four exceptions that both SDKs have; beyond them there are those of their HTTP library."""

    any: type[anthropic.AnthropicError] | type[openai.OpenAIError]
    api: type[anthropic.APIError] | type[openai.APIError]
    status: type[anthropic.APIStatusError] | type[openai.APIStatusError]
    connection: type[anthropic.APIConnectionError] | type[openai.APIConnectionError]
    timeout: type[anthropic.APITimeoutError] | type[openai.APITimeoutError]


class ProviderError(ModelError):
    """A provider answered that it will not; an adapter may know a milder way to ask.

    Args:
        status: the HTTP status, or the one that fits the error inside a successful answer.
        words: what the provider said.
    """

    def __init__(
        self, model: str, reason: str, *, again: bool, after: float | None, status: int, words: Words, calls: int = 1
    ) -> None:
        super().__init__(model, reason, again=again, after=after, calls=calls)
        self.status = status
        self.words = words


@contextmanager
def translated(asked: Asked, errors: SdkErrors, seconds: float) -> Iterator[None]:
    """Turn whatever an SDK raises into a `ModelError`.

    Args:
        asked: who is asked.
        errors: the SDK's exceptions.
        seconds: the time that was given, to say so where it was too short.

    Raises:
        ModelError: in place of the SDK's exception.
    """
    import httpx2

    try:
        yield
    except (TimeoutError, errors.timeout, httpx2.TimeoutException) as error:
        raise late(asked, seconds) from error
    except errors.connection as error:
        raise _broken(asked, error.__cause__ or error) from error
    except errors.status as error:
        words = read_words(error.body, asked)
        # An error event in a stream arrives under the status that opened the stream.
        status = error.status_code if error.status_code >= 300 else _status_of(words)
        raise refused(asked, status, words, error.response.headers) from error
    except errors.api as error:
        words = read_words(error.body, asked)
        raise refused(asked, _status_of(words), words) from error
    except httpx2.HTTPError as error:
        raise _broken(asked, error) from error
    except httpx2.InvalidURL as error:
        raise ModelError(asked.name, f"the address is no URL; check {asked.url_variable}", calls=0) from error
    except OSError as error:
        reason = f"{_one_line(str(error), asked)}; check the certificates (SSL_CERT_FILE, SSL_CERT_DIR)"
        raise ModelError(asked.name, reason, calls=0) from error
    except errors.any as error:
        raise ModelError(asked.name, f"{_one_line(str(error), asked)}; check {asked.key_variable}", calls=0) from error


def late(asked: Asked, seconds: float, *, calls: int = 1) -> ModelError:
    """No answer came in time."""
    reason = f"no answer within {seconds:.3g} s; allow more time, or take a faster model"
    return ModelError(asked.name, reason, again=True, calls=calls)


def no_key(asked: Asked) -> ModelError:
    """There is nothing to authenticate with."""
    return ModelError(asked.name, f"no key; set {asked.key_variable}, or review offline", calls=0)


def bad_key(asked: Asked) -> ModelError:
    """The key cannot be sent: no header may hold it."""
    return ModelError(
        asked.name, f"the key holds characters that no key has; copy it to {asked.key_variable} again", calls=0
    )


def broken_off(asked: Asked, detail: str) -> ModelError:
    """The answer ended before its end."""
    return ModelError(asked.name, f"the answer broke off ({detail}); ask again", again=True)


def unreadable(asked: Asked) -> ModelError:
    """The answer is no JSON at all: cut by somebody in between, or a page for people."""
    return ModelError(
        asked.name, f"the answer from {asked.host} is not JSON; check {asked.url_variable} and the proxy", again=True
    )


def unlike(asked: Asked) -> ModelError:
    """The answer is JSON of another kind."""
    return ModelError(asked.name, f"{asked.host} does not answer as this interface does; check {asked.url_variable}")


def inner_error(asked: Asked, body: Mapping[str, object]) -> ProviderError | None:
    """The failure that a successful answer holds, as gateways send it; None where it holds none."""
    inner = body.get("error")
    if not inner or not isinstance(inner, Mapping | str):
        return None
    words = read_words(body, asked)
    return refused(asked, _status_of(words), words)


def refused(
    asked: Asked, status: int, words: Words, headers: Mapping[str, str] | None = None, *, now: datetime | None = None
) -> ProviderError:
    """The provider answered with an error.

    Args:
        asked: who was asked.
        status: its HTTP status.
        words: what it said.
        headers: of its answer; they say when to come back, and sometimes whether to.
        now: for a moment given as a date.
    """
    headers = headers or {}
    advice = headers.get("x-should-retry", "").lower()
    again = status in _AGAIN and status not in _NEVER and words.kind not in _SPENT
    if advice in ("true", "false") and words.kind not in _SPENT:
        again = advice == "true"
    said = f"HTTP {status}" + (f": {words.text.rstrip('.')}" if words.text else "")
    return ProviderError(
        asked.name,
        f"{said}; {_what_to_do(asked, status, words)}",
        again=again,
        after=retry_after(headers, now=now) if again else None,
        status=status,
        words=words,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds that the provider wants to be left alone; None where it does not say, or says nonsense."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
            return float(value) * unit
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def read_words(body: object, asked: Asked) -> Words:
    """What an error body says, whichever of the usual shapes it has."""
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping | str):
        body = body["error"]
    if isinstance(body, Mapping):
        text = body.get("message") or body.get("detail") or ""
        kind = body.get("code") or body.get("type") or ""
        about = body.get("param") or ""
        return Words(_one_line(str(text), asked), str(kind)[:_WORDS_SHOWN], str(about)[:_WORDS_SHOWN])
    if isinstance(body, str) and not body.lstrip().startswith("<"):
        return Words(_one_line(body, asked))
    return Words()


def _status_of(words: Words) -> int:
    if words.kind.isdecimal() and len(words.kind) == 3 and int(words.kind) >= 400:
        return int(words.kind)
    return _STATUS_OF_KIND.get(words.kind, 500)


def _what_to_do(asked: Asked, status: int, words: Words) -> str:
    if words.kind in _SPENT or status == 402:
        return "the account has no credit left; top it up, or take another model"
    match status:
        case 401:
            return f"the key is not accepted; set {asked.key_variable} to a valid one"
        case 403:
            return f"the key may not use this model; give it access, or set {asked.key_variable} to another"
        case 404 | 405:
            return f"check the model's name and {asked.url_variable}"
        case _ if status < 400:
            return f"the address has moved; set {asked.url_variable} to where it is"
        case 413:
            return "the request is too large; review a smaller change"
        case 429:
            return "too many requests; wait, or take another model"
        case _ if status >= 500:
            return "the provider has trouble; wait, or take another model"
        case _:
            return "the request is not accepted; take another model"


def _broken(asked: Asked, error: BaseException) -> ModelError:
    import httpx2

    detail = _one_line(str(error), asked) or type(error).__name__
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return ModelError(asked.name, f"{detail}; check {asked.url_variable} and {asked.key_variable}", calls=0)
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return ModelError(
            asked.name,
            f"no connection to {asked.host} ({detail}); check the network, the proxy and {asked.url_variable}",
            again=True,
        )
    return broken_off(asked, detail)


def _one_line(text: str, asked: Asked) -> str:
    """A provider's words as they may be shown: printable, on one line, short, and without the key."""
    if asked.secret:
        text = text.replace(asked.secret, "***")
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return text if len(text) <= _WORDS_SHOWN else text[: _WORDS_SHOWN - 1] + "…"
