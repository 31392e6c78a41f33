"""A model behind an address, which is asked through its provider's SDK: all that does not depend on whose it is."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from reviewer.domain.model import ModelReply, ModelRequest
from reviewer.llm.attempt import attempt, fewer_tokens
from reviewer.llm.client import identity, is_header
from reviewer.llm.failure import Asked, ProviderError, SdkErrors, bad_key, inner_error, translated


class SdkClient(Protocol):
    """What the clients of the SDKs have in common."""

    @property
    def base_url(self) -> object:
        """The address in use."""

    async def close(self) -> None:
        """Let go of connections."""


Client = TypeVar("Client", bound=SdkClient)
Way = TypeVar("Way")


def errors_of(sdk: ModuleType, every: str) -> SdkErrors:
    """The exceptions of an SDK, all of them generated from one description of the HTTP interface.

    Args:
        sdk: its module.
        every: the name of the exception that all others are.
    """
    return SdkErrors(
        any=getattr(sdk, every),
        api=sdk.APIError,
        status=sdk.APIStatusError,
        connection=sdk.APIConnectionError,
        timeout=sdk.APITimeoutError,
    )


class RemoteModel(ABC, Generic[Client, Way]):
    """A model behind an address. One event loop may use it.

    What the server does not understand is found out with the first question and remembered for the others.

    Args:
        name: the model's name there.
        base_url: another address; else that of the environment, else the provider's.
        api_key: else what the environment has. An address of one's own is asked without a key too.
    """

    PROVIDER: ClassVar[str]
    """The provider, as it stands before a model's name."""
    KEY: ClassVar[str]
    """Environment variable of the key."""
    URL: ClassVar[str]
    """Environment variable of the address."""
    PATH: ClassVar[str]
    """What such an address has to look like, in words."""

    def __init__(self, name: str, *, base_url: str | None = None, api_key: str | None = None) -> None:
        self._model = name
        self._base_url = base_url
        self._api_key = api_key
        self._client: Client | None = None
        self._asked = Asked(f"{self.PROVIDER}:{name}", self.KEY, f"{self.URL} ({self.PATH})")
        self._way = self._first_way()
        self._most_tokens: int | None = None

    @property
    def name(self) -> str:
        """As a person names it."""
        return self._asked.name

    @property
    def identity(self) -> str:
        """The name, and the address where it is not the provider's."""
        return identity(self.name, self._own_address())

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Ask once; a server that does not understand the question is asked at once again in a milder way.

        Raises:
            ModelError: there is no answer.
        """

        async def send(way: tuple[Way, int]) -> ModelReply:
            return await self._send(replace(request, answer_tokens=way[1]), seconds, way[0])

        def milder(way: tuple[Way, int], error: ProviderError) -> tuple[Way, int] | None:
            fewer = fewer_tokens(error, way[1])
            if fewer is not None:
                return way[0], fewer
            other = self._milder(way[0], error)
            return None if other is None else (other, way[1])

        wanted = request.answer_tokens
        first = (self._way, wanted if self._most_tokens is None else min(wanted, self._most_tokens))
        reply, (self._way, allowed) = await attempt(self._asked, seconds, first, send=send, milder=milder)
        if allowed < first[1]:
            self._most_tokens = allowed
        return reply

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    @abstractmethod
    def _first_way(self) -> Way:
        """How a server is asked of which nothing is known."""

    @abstractmethod
    def _milder(self, way: Way, error: ProviderError) -> Way | None:
        """How to ask again after a refusal; None where nothing can be left out."""

    @abstractmethod
    def _errors(self) -> SdkErrors:
        """The exceptions of the SDK, which is loaded for them."""

    @abstractmethod
    def _open(self, key: str) -> tuple[Client, str | None]:
        """The SDK's client, and the key that it uses; None for no key.

        Args:
            key: the key that was given; "" for none.
        """

    @abstractmethod
    async def _exchange(self, client: Client, request: ModelRequest, seconds: float, way: Way) -> Mapping[str, Any]:
        """The body of the answer; whatever the SDK raises may be left to the caller."""

    @abstractmethod
    def _read(self, body: Mapping[str, Any], request: ModelRequest, way: Way) -> ModelReply:
        """What a body says that tells of no failure.

        Raises:
            ModelError: it is not what this provider answers.
        """

    def _own_address(self) -> str | None:
        return self._base_url or os.environ.get(self.URL)

    async def _send(self, request: ModelRequest, seconds: float, way: Way) -> ModelReply:
        errors = self._errors()
        with translated(self._asked, errors, seconds):
            client = self._opened()
        # Only now it is known which address and key are in use.
        with translated(self._asked, errors, seconds):
            body = await self._exchange(client, request, seconds, way)
        failed = inner_error(self._asked, body)
        if failed is not None:
            raise failed
        return self._read(body, request, way)

    def _opened(self) -> Client:
        if self._client is not None:
            return self._client
        key = (self._api_key or os.environ.get(self.KEY) or "").strip()
        if not is_header(key):
            raise bad_key(self._asked)
        client, secret = self._open(key)
        self._asked = replace(self._asked, url=str(client.base_url), secret=secret)
        self._client = client
        return client
