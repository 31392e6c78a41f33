"""Requests to GitHub: sent once, with its answers turned into our errors.

A read is repeated after a server's error; a write never is, for it may have been carried out. Only an answer that says
that nothing was done because of a rate limit is waited out, as docs.github.com asks ("Best practices for using the REST
API"), within a bound.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub, TokenAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.exception import GitHubException, RateLimitExceeded, RequestError, RequestFailed
from githubkit.response import Response

from reviewer.errors import ForgeError, ForgeForbiddenError, RateLimitError, UncertainError, UsageError
from reviewer.forges.waiting import Waiting

API = "https://api.github.com"

REPOSITORY = re.compile(r"[\w-]{1,100}/\.?[\w-][\w.-]{0,99}", re.ASCII)
"""A repository's name, fit for a path."""
_READS = 3
"""Attempts at a read."""
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App as installed somewhere.

    Attributes:
        app_id: of the App.
        private_key: PEM.
        installation: id of the installation; webhooks name it.
    """

    app_id: int
    private_key: str = field(repr=False)
    installation: int


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """A GitHub App by itself, for the little that it may do without an installation.

    Attributes:
        app_id: of the App.
        private_key: PEM.
    """

    app_id: int
    private_key: str = field(repr=False)


Credentials = AppCredentials | str
"""An App's, or a token (personal, or the one of a workflow)."""


class GitHubClient:
    """Sends requests with the credentials of one App installation or token."""

    def __init__(self, credentials: Credentials | AppIdentity, api: str, waiting: Waiting) -> None:
        parts = urlsplit(api)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise UsageError(f"the address of GitHub's API is no URL: {api!r}; give one like {API}")
        self._waiting = waiting
        auth: TokenAuthStrategy | AppInstallationAuthStrategy | AppAuthStrategy
        if isinstance(credentials, str):
            auth = TokenAuthStrategy(credentials)
        elif isinstance(credentials, AppIdentity):
            auth = AppAuthStrategy(credentials.app_id, credentials.private_key)
        else:
            auth = AppInstallationAuthStrategy(
                credentials.app_id, credentials.private_key, installation_id=credentials.installation
            )
        self._github = GitHub(
            auth,
            base_url=api,
            auto_retry=False,
            # The usual one is shared by the whole process and knows a token by the App and not by the server.
            cache_strategy=MemCacheStrategy(),
            http_cache=False,
            follow_redirects=False,
            timeout=httpx.Timeout(waiting.request),
            user_agent="reviewer",
        )
        self._opened = False

    async def read(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The JSON of a GET, repeated after a server's error."""
        return (await self._patiently("GET", path, params=params, reads=True)).json()

    async def read_page(self, path: str, params: Mapping[str, str | int]) -> tuple[Any, str | None]:
        """The JSON of a GET that gives one page of many, and the cursor of the next page; None after the last.

        Of the address that the answer names for the next page nothing but the cursor is taken.
        """
        response = await self._patiently("GET", path, params=params, reads=True)
        following = response.raw_response.links.get("next", {}).get("url", "")
        cursor = parse_qs(urlsplit(following).query).get("cursor")
        return response.json(), cursor[0] if cursor else None

    async def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a change once; the JSON of the answer, None where it has none."""
        response = await self._patiently(method, path, body=body, reads=False)
        return response.json() if response.content else None

    async def query(self, text: str, variables: Mapping[str, Any], *, reads: bool = True) -> Any:
        """The data of a GraphQL query or mutation."""
        endpoint = self._github.graphql._get_graphql_endpoint()
        body = {"query": text, "variables": dict(variables)}
        answer = (await self._patiently("POST", endpoint, body=body, reads=reads)).json()
        errors = answer.get("errors") or []
        if errors:
            kinds = {str(error.get("type", "")) for error in errors if isinstance(error, dict)}
            if kinds & {"RATE_LIMIT", "RATE_LIMITED"}:
                raise RateLimitError("github", _MINUTE)
            if "FORBIDDEN" in kinds:
                raise ForgeForbiddenError(
                    "github", "the credentials do not allow this; give the App or token more rights"
                )
            if "NOT_FOUND" in kinds:
                raise ForgeError("github", "there is no such pull request, or the credentials do not see it")
            raise ForgeError("github", f"a query was not understood ({', '.join(sorted(kinds)) or 'no reason given'})")
        return answer["data"]

    async def close(self) -> None:
        """Let go of connections."""
        if self._opened:
            self._opened = False
            await self._github.__aexit__(None, None, None)

    async def _patiently(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        reads: bool,
    ) -> Response[Any]:
        waited, attempt = 0.0, 1
        while True:
            try:
                return await self._send(method, path, params, body)
            except RateLimitExceeded as error:
                seconds = error.retry_after.total_seconds() + 0.05
                if waited + seconds > self._waiting.limit:
                    raise RateLimitError("github", seconds) from None
                await asyncio.sleep(seconds)
                waited += seconds
            except RequestFailed as error:
                if error.response.status_code < 500:
                    raise _refusal(method, path, error) from None
                if not reads or attempt >= _READS:
                    raise UncertainError("github", f"{method} {path}: HTTP {error.response.status_code}") from None
                attempt += 1
                await asyncio.sleep(self._waiting.backoff * 2 ** (attempt - 2))
            except RequestError as error:
                if not reads or attempt >= _READS:
                    raise UncertainError("github", f"{method} {path}: {type(error.exc).__name__}") from None
                attempt += 1
                await asyncio.sleep(self._waiting.backoff * 2 ** (attempt - 2))
            except GitHubException as error:
                raise ForgeError("github", f"the credentials cannot be used ({type(error).__name__})") from None

    async def _send(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: Mapping[str, Any] | None
    ) -> Response[Any]:
        if not self._opened:
            await self._github.__aenter__()  # type: ignore[no-untyped-call]
            self._opened = True
        return await self._github.arequest(
            method, path, params=dict(params) if params else None, json=dict(body) if body is not None else None
        )


async def find_installation(app_id: int, private_key: str, repository: str, api: str, waiting: Waiting) -> int:
    """Where an App is installed for a repository.

    Args:
        app_id: of the App.
        private_key: PEM.
        repository: "owner/name".
        api: base address.
        waiting: how patient requests are.

    Raises:
        NotInstalledError: it is not installed there.
        ForgeError: as every request.
    """
    if not REPOSITORY.fullmatch(repository):
        raise not_a_repository(repository)
    client = GitHubClient(AppIdentity(app_id, private_key), api, waiting)
    try:
        found = await client.read(f"/repos/{repository}/installation")
    except RefusedError:
        raise NotInstalledError("github", f"the App is not installed for {repository}; install it there") from None
    finally:
        await client.close()
    return int(found["id"])


def not_a_repository(repository: str) -> ForgeError:
    """A name that would not be safe in a path."""
    return ForgeError("github", f"no repository of GitHub: {repository[:200]!r}; give OWNER/NAME")


class NotInstalledError(ForgeError):
    """The App is not installed for a repository."""


class RefusedError(ForgeError):
    """A request that GitHub refuses for what is in it.

    Args:
        status: of the answer.
        message: GitHub's words, hostile as it may quote the request.
        what: the request in words.
    """

    def __init__(self, status: int, message: str, what: str) -> None:
        hint = "; it is not there, or the credentials do not see it" if status == 404 else ""
        super().__init__("github", f"{what}: HTTP {status}{hint}")
        self.status = status
        self.message = message


def _refusal(method: str, path: str, error: RequestFailed) -> ForgeError:
    status, text = error.response.status_code, error.response.text[:2_000]
    if status == 401:
        return ForgeError("github", "the credentials are not accepted; renew the token or the App's key")
    if status == 429 or (status == 403 and "secondary rate limit" in text):
        # Without a word of how long, a minute at least ("Rate limits for the REST API").
        return RateLimitError("github", _MINUTE)
    if status == 403:
        return ForgeForbiddenError("github", f"the credentials do not allow {method} {path}")
    return RefusedError(status, text, f"{method} {path}")
