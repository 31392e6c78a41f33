"""What GitHub could not deliver to the App. Source: docs.github.com, "REST API endpoints for GitHub App webhooks"."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from reviewer.domain.delivery import MissedDelivery
from reviewer.errors import ForgeError
from reviewer.forges.access import AppKey
from reviewer.forges.github_client import AppIdentity, GitHubClient, RefusedError
from reviewer.forges.waiting import Waiting

T = TypeVar("T")
_PAGE = 100
_MOST_PAGES = 100
"""Read at once; what is older is let go."""


class GitHubDeliveries:
    """The deliveries of one App. See `ports.WebhookLog`.

    Args:
        app: whose they are.
        api: base address of GitHub's API.
        waiting: how patient requests are.
    """

    def __init__(self, app: AppKey, api: str, waiting: Waiting | None = None) -> None:
        self._app = app
        self._api = api
        self._waiting = waiting or Waiting()

    @property
    def forge(self) -> str:
        """ "github"."""
        return "github"

    def missed(self, since: datetime) -> Sequence[MissedDelivery]:
        """See `ports.WebhookLog`."""
        return _missed(self._ask(lambda client: _attempts(client, since)))

    def repeat(self, missed: MissedDelivery) -> bool:
        """See `ports.WebhookLog`."""

        async def ask(client: GitHubClient) -> bool:
            try:
                await client.write("POST", f"/app/hook/deliveries/{missed.id}/attempts")
            except RefusedError:
                return False
            return True

        return self._ask(ask)

    def _ask(self, question: Callable[[GitHubClient], Awaitable[T]]) -> T:
        async def run() -> T:
            client = GitHubClient(AppIdentity(self._app.app_id, self._app.private_key), self._api, self._waiting)
            try:
                return await question(client)
            finally:
                await client.close()

        return asyncio.run(run())


async def _attempts(client: GitHubClient, since: datetime) -> list[dict[str, Any]]:
    """All attempts at deliveries since a moment, the newest first."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        params: dict[str, str | int] = {"per_page": _PAGE}
        if cursor is not None:
            params["cursor"] = cursor
        page, cursor = await client.read_page("/app/hook/deliveries", params)
        recent = [one for one in page if _moment(one) >= since]
        found += recent
        if cursor is None or len(recent) < len(page):
            break
    return found


def _missed(attempts: Sequence[dict[str, Any]]) -> list[MissedDelivery]:
    """Those of which no attempt got through, and that nobody has asked for again; the oldest first."""
    settled = {one["guid"] for one in attempts if one["redelivery"] or 200 <= one["status_code"] < 300}
    missed = [MissedDelivery(one["id"], one["guid"], _moment(one)) for one in attempts if one["guid"] not in settled]
    return missed[::-1]


def _moment(attempt: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(attempt["delivered_at"])
    except ValueError:
        raise ForgeError("github", "it tells no time of a delivery") from None
