"""The answer to GitHub's question whether a deployment may go on.

The address to answer at comes from a webhook's body. Nothing is ever sent to it: it is only read, held against the
API's own address and the repository of the event, and the run's number is taken from it.

Source: docs.github.com, "Creating custom deployment protection rules".
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from reviewer.domain.event import DeploymentWanted
from reviewer.errors import WebhookError
from reviewer.posting.gate import Decision
from reviewer.render.safe import visible

COMMENT = 1_000
"""Characters of the reason that are sent."""

_PATH = re.compile(r"/repos/([\w.-]+/[\w.-]+)/actions/runs/(\d{1,19})/deployment_protection_rule", re.ASCII)
_PORTS = {"https": 443, "http": 80}


def deployment_run(event: DeploymentWanted, api: str) -> int:
    """The workflow run that waits for an answer.

    Args:
        event: with the address to answer at.
        api: base address of the API, as set.

    Raises:
        WebhookError: the address is not one of this API for this repository.
    """
    base = urlsplit(api)
    try:
        given = urlsplit(event.callback)
        place = (given.scheme, given.hostname, given.port or _PORTS.get(given.scheme))
    except ValueError:
        raise WebhookError("the address to answer the deployment at is no URL") from None
    if place != (base.scheme, base.hostname, base.port or _PORTS.get(base.scheme)) or given.username is not None:
        raise WebhookError("the address to answer the deployment at is not that of the API; it is not used")
    path = unquote(given.path).removeprefix(base.path.rstrip("/"))
    match = _PATH.fullmatch(path)
    if match is None or match[1].lower() != event.repository.lower() or given.query or given.fragment:
        raise WebhookError("the address to answer the deployment at is of another repository; it is not used")
    return int(match[2])


def deployment_answer(event: DeploymentWanted, decision: Decision) -> dict[str, str]:
    """The body of the answer."""
    return {
        "environment_name": event.environment,
        "state": "approved" if decision.approved else "rejected",
        "comment": visible(decision.reason)[:COMMENT],
    }
