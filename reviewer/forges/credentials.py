"""How git is let in at private repositories: by a short-lived token of the App's installation, or by the token set.

A credential is sent to its own forge only, over the transport of its API, and only for the tenant whose it is.
"""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from urllib.parse import urlsplit

from reviewer.domain.request import ReviewRequest
from reviewer.errors import ForgeError
from reviewer.forges.access import AppKey, ForgeAccess
from reviewer.forges.waiting import Waiting

_LIFE = 40 * 60.0
"""Seconds that a token is used; GitHub lets one live for an hour."""


class ForgeCredentials:
    """See `ports.Credentials`.

    Args:
        access: to the forges.
        waiting: how patient requests are.
    """

    def __init__(self, access: ForgeAccess, *, waiting: Waiting | None = None) -> None:
        self._access = access
        self._waiting = waiting or Waiting()
        self._tokens: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def authorisation(self, request: ReviewRequest) -> str | None:
        """See `ports.Credentials`.

        Raises:
            ForgeError: the forge does not give a token.
        """
        access = self._access
        if request.tenant != access.tenant or request.repository is None:
            return None
        place = urlsplit(request.repository)
        for host, address, name in (
            (access.github_host, access.github_api, "github"),
            (access.gitlab_host, access.gitlab_url, "gitlab"),
        ):
            if place.hostname == host and place.scheme == urlsplit(address).scheme:
                token = self._github(place.path) if name == "github" else access.gitlab
                user = "x-access-token" if name == "github" else "oauth2"
                if token is not None:
                    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()
        return None

    def _github(self, path: str) -> str | None:
        app = self._access.github
        if app is None or isinstance(app, str):
            return app
        repository = path.strip("/").removesuffix(".git")
        with self._lock:
            known = self._tokens.get(repository)
            if known is not None and time.monotonic() < known[0]:
                return known[1]
        token = asyncio.run(self._installation_token(app, repository))
        if token is not None:
            now = time.monotonic()
            with self._lock:
                self._tokens = {name: one for name, one in self._tokens.items() if now < one[0]}
                self._tokens[repository] = (now + _LIFE, token)
        return token

    async def _installation_token(self, app: AppKey, repository: str) -> str | None:
        """A token that may read this repository and no more; None where the App is not installed: it may be public."""
        from reviewer.forges.github_client import (  # noqa: PLC0415 - an extra
            AppIdentity,
            GitHubClient,
            NotInstalledError,
            find_installation,
        )

        api = self._access.github_api
        try:
            installation = await find_installation(app.app_id, app.private_key, repository, api, self._waiting)
        except NotInstalledError:
            return None
        client = GitHubClient(AppIdentity(app.app_id, app.private_key), api, self._waiting)
        try:
            body = {"repositories": [repository.rpartition("/")[2]], "permissions": {"contents": "read"}}
            answer = await client.write("POST", f"/app/installations/{installation}/access_tokens", body)
        finally:
            await client.close()
        token = (answer or {}).get("token")
        if not isinstance(token, str):
            raise ForgeError("github", "it gave no token for the App's installation; try again")
        return token
