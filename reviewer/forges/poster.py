"""Posts what the service reviewed: from `post_to` of a request to a pull request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from reviewer.domain.change import Change
from reviewer.domain.comment import Target
from reviewer.domain.posting import Destination, Outcome, PostedReview, PostingLimits
from reviewer.domain.report import Report
from reviewer.domain.request import Posted, ReviewRequest
from reviewer.errors import ForbiddenError, UsageError
from reviewer.forges.access import ForgeAccess
from reviewer.forges.opening import open_forge
from reviewer.forges.waiting import Waiting
from reviewer.ports import Forge
from reviewer.posting.post import post_review


def read_destination(post_to: Mapping[str, Any]) -> Destination:
    """Understand `post_to`: `{"forge": "github", "repository": "octo/shop", "number": 7}`.

    Raises:
        UsageError: it is of another form.
    """
    forge, repository = post_to.get("forge"), post_to.get("repository")
    unknown = sorted(set(post_to) - {"forge", "repository", "number", "installation"})
    if unknown:
        raise UsageError(f"post_to: unknown field {unknown[0][:40]!r}; give forge, repository and number")
    if not isinstance(forge, str) or not isinstance(repository, str) or ("/" not in repository and forge != "local"):
        raise UsageError('post_to: give {"forge": "github" or "gitlab", "repository": "OWNER/NAME", "number": 7}')
    return Destination(forge, repository, _number(post_to, "number"), _number(post_to, "installation"))


class ForgePoster:
    """Posts on the forges that there is access to. It keeps no state: what stands on the forge is its memory."""

    def __init__(
        self,
        access: ForgeAccess,
        *,
        limits: PostingLimits | None = None,
        waiting: Waiting | None = None,
        observed: Callable[[Forge], Forge] = lambda forge: forge,
    ) -> None:
        """Nothing is opened yet.

        Args:
            access: credentials and addresses.
            limits: how much may be written.
            waiting: how patient requests are.
            observed: puts something around a forge that counts what is asked of it.
        """
        self._observed = observed
        self._access = access
        self._limits = limits or PostingLimits()
        self._waiting = waiting or Waiting()

    def post(self, request: ReviewRequest, report: Report, change: Change | None) -> Posted:
        """See `ports.Poster`.

        Raises:
            UsageError: `post_to` is of another form, or names a forge without access.
            ForbiddenError: the report is not of that repository.
            ForgeError: the forge does not take it.
        """
        if request.post_to is None:
            return Posted()
        destination = read_destination(request.post_to)
        if request.tenant not in (None, self._access.tenant):
            raise ForbiddenError("post_to: the forges of this service are not this tenant's; leave it out")
        if not self._access.may_post(destination.forge, destination.repository, request.repository):
            raise ForbiddenError(
                f"post_to: the review is not of {destination.repository[:200]!r}; it can be posted on the repository "
                "that it is of, or on one that the service's settings name"
            )
        if report.head is None:
            raise UsageError("post_to: the review is of no commit; give repository, base and head")
        target = Target(destination.repository, destination.number, report.head, report.base)
        posted = asyncio.run(self._post(destination, target, report, change))
        return Posted(
            self._url(destination),
            posted.present,
            _note(posted),
            waived=tuple(posted.waived.values()),
            received=posted.received,
        )

    async def _post(
        self, destination: Destination, target: Target, report: Report, change: Change | None
    ) -> PostedReview:
        forge = self._observed(await open_forge(self._access, destination, self._waiting))
        try:
            return await post_review(forge, target, report, change.files if change else (), self._limits)
        finally:
            await forge.close()

    def _url(self, destination: Destination) -> str | None:
        if destination.number is None or destination.forge == "local":
            return None
        if destination.forge == "github":
            return f"https://{self._access.github_host}/{destination.repository}/pull/{destination.number}"
        return f"{self._access.gitlab_url.rstrip('/')}/{destination.repository}/-/merge_requests/{destination.number}"


def _number(post_to: Mapping[str, Any], name: str) -> int | None:
    value = post_to.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(f"post_to: {name} is a whole number from 1")
    return value


_OUTCOMES = {
    Outcome.STALE: "not posted",
    Outcome.CLOSED: "it is merged or closed, so that only the verdict was written",
    Outcome.FORBIDDEN: "not posted",
}


def _note(posted: PostedReview) -> str | None:
    told = [*([_OUTCOMES[posted.outcome]] if posted.outcome in _OUTCOMES else []), *posted.notes]
    return "; ".join(told) or None
