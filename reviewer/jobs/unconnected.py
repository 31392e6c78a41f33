"""What stands in where the service is connected to no code host."""

from __future__ import annotations

from reviewer.domain.change import Change
from reviewer.domain.report import Report
from reviewer.domain.request import Posted, ReviewRequest
from reviewer.errors import UsageError


class NoPoster:
    """Posts nowhere, and says so to whoever asked for more."""

    def post(self, request: ReviewRequest, report: Report, change: Change | None) -> Posted:
        """Post nothing.

        Raises:
            UsageError: the request names where to post.
        """
        if request.post_to is not None:
            raise UsageError("this service is not connected to a code host; set one up, or leave post_to out")
        return Posted()


class NoCredentials:
    """Knows nobody; repositories that are open to all need no more."""

    def authorisation(self, request: ReviewRequest) -> str | None:
        """Nothing."""
        return None
