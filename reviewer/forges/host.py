"""Questions that jobs ask forges beside posting, each with connections of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from reviewer.domain.comment import Standing, Target
from reviewer.domain.event import DeploymentWanted
from reviewer.domain.posting import Destination
from reviewer.forges.access import ForgeAccess
from reviewer.forges.opening import open_forge, open_github
from reviewer.forges.waiting import Waiting
from reviewer.ports import Forge
from reviewer.posting.gate import Decision

if TYPE_CHECKING:
    from reviewer.forges.github import GitHub

T = TypeVar("T")
_NO_COMMIT = "0" * 40


class ForgeHosts:
    """The forges that there is access to. See `ports.CodeHosts`.

    Args:
        access: to them.
        waiting: how patient requests are.
        observed: puts what counts and logs around an adapter.
    """

    def __init__(
        self,
        access: ForgeAccess,
        *,
        waiting: Waiting | None = None,
        observed: Callable[[Forge], Forge] = lambda forge: forge,
    ) -> None:
        self._observed = observed
        self._access = access
        self._waiting = waiting or Waiting()

    def look(self, place: Destination) -> Standing:
        """See `ports.CodeHosts`."""
        return self._ask(place, lambda forge: forge.look(_target(place)))

    def may_write(self, place: Destination, login: str) -> bool:
        """See `ports.CodeHosts`."""
        return self._ask(place, lambda forge: forge.may_write(_target(place), login))

    def deployed(self, place: Destination, environment: str) -> str | None:
        """See `ports.CodeHosts`."""
        return self._ask_github(place, lambda github: github.deployed(place.repository, environment))

    def answer(self, wanted: DeploymentWanted, *, approved: bool, reason: str) -> None:
        """See `ports.CodeHosts`."""
        place = Destination("github", wanted.repository, None, wanted.installation)
        self._ask_github(place, lambda github: github.answer_deployment(wanted, Decision(approved, reason)))

    def _ask(self, place: Destination, question: Callable[[Forge], Awaitable[T]]) -> T:
        async def run() -> T:
            forge = self._observed(await open_forge(self._access, place, self._waiting))
            try:
                return await question(forge)
            finally:
                await forge.close()

        return asyncio.run(run())

    def _ask_github(self, place: Destination, question: Callable[[GitHub], Awaitable[T]]) -> T:
        async def run() -> T:
            github = await open_github(self._access, place, self._waiting)
            try:
                return await question(github)
            finally:
                await github.close()

        return asyncio.run(run())


def _target(place: Destination) -> Target:
    """A head that no pull request has: only what stands there is asked for."""
    return Target(place.repository, place.number, _NO_COMMIT)
