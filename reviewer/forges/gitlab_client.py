"""Requests to GitLab through python-gitlab: sent once, in a thread, with its answers turned into our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabAuthenticationError, GitlabError, GitlabHttpError

from reviewer.errors import ForgeError, ForgeForbiddenError, RateLimitError, UncertainError, UsageError
from reviewer.forges.waiting import Waiting

_READS = 3
_MINUTE = 60.0
_T = TypeVar("_T")


class GitLabRefusedError(ForgeError):
    """A request that GitLab refuses for what is in it.

    Args:
        status: of the answer.
        what: the request in words.
    """

    def __init__(self, status: int, what: str) -> None:
        hint = "; it is not there, or the token does not see it" if status == 404 else ""
        super().__init__("gitlab", f"{what}: HTTP {status}{hint}")
        self.status = status


class GitLabClient:
    """Sends requests with one token."""

    def __init__(self, token: str, url: str, waiting: Waiting) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise UsageError(f"the address of GitLab is no URL: {url!r}; give one like https://gitlab.com")
        self._waiting = waiting
        self._wanted_pause = _MINUTE
        session = requests.Session()
        session.hooks["response"].append(self._note_pause)
        self._gitlab = gitlab.Gitlab(
            url,
            private_token=token,
            timeout=waiting.request,
            retry_transient_errors=False,
            user_agent="reviewer",
            session=session,
        )

    async def read(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a GET, repeated after a server's error."""
        return await self._patiently(
            f"GET {path}",
            lambda: self._gitlab.http_get(path, query_data=dict(query or {}), obey_rate_limit=False),
            reads=True,
        )

    async def read_all(self, path: str, query: Mapping[str, Any] | None = None) -> list[Any]:
        """Everything of a list, page by page."""

        def read() -> list[Any]:
            pages = self._gitlab.http_list(
                path, query_data={"per_page": 100, **(query or {})}, iterator=True, obey_rate_limit=False
            )
            return list(pages)

        found: list[Any] = await self._patiently(f"GET {path}", read, reads=True)
        return found

    async def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a change once; the JSON of the answer, None where it has none."""

        def send() -> Any:
            answer = self._gitlab.http_request(
                method.lower(), path, post_data=dict(body) if body is not None else None, obey_rate_limit=False
            )
            return answer.json() if answer.content else None

        return await self._patiently(f"{method} {path}", send, reads=False)

    async def close(self) -> None:
        """Let go of connections."""
        self._gitlab.session.close()

    def _note_pause(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep how long GitLab wants to be left alone: python-gitlab's errors do not tell."""
        if response.status_code == 429:
            text = response.headers.get("Retry-After", "")
            self._wanted_pause = float(text) if text.isdigit() else _MINUTE

    async def _patiently(self, what: str, send: Callable[[], _T], *, reads: bool) -> _T:
        waited, attempt = 0.0, 1
        while True:
            try:
                return await asyncio.to_thread(send)
            except GitlabAuthenticationError:
                raise ForgeError("gitlab", "the token is not accepted; renew it") from None
            except GitlabHttpError as error:
                status = error.response_code or 0
                if status == 429:
                    seconds = self._wanted_pause
                    if waited + seconds > self._waiting.limit:
                        raise RateLimitError("gitlab", seconds) from None
                    await asyncio.sleep(seconds)
                    waited += seconds
                    continue
                if status < 500:
                    raise _refusal(status, what) from None
                if not reads or attempt >= _READS:
                    raise UncertainError("gitlab", f"{what}: HTTP {status}") from None
            except (requests.RequestException, GitlabError) as error:
                if not reads or attempt >= _READS:
                    raise UncertainError("gitlab", f"{what}: {type(error).__name__}") from None
            await asyncio.sleep(self._waiting.backoff * 2 ** (attempt - 1))
            attempt += 1


def _refusal(status: int, what: str) -> ForgeError:
    if status == 403:
        return ForgeForbiddenError("gitlab", f"the token does not allow {what}")
    return GitLabRefusedError(status, what)
