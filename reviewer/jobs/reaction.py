"""What the service is to review when a forge tells it something. Pure: a webhook's event in, a request out."""

from __future__ import annotations

from reviewer.domain.event import DeploymentWanted, Event, PullRequestChanged
from reviewer.domain.request import ReviewRequest


def request_of(event: Event, forge: str) -> ReviewRequest | None:
    """The review that an event asks for; None where it asks for none, or for one that needs a look at the forge first.

    Args:
        event: of a webhook whose sender is proved.
        forge: "github" or "gitlab".
    """
    if not isinstance(event, PullRequestChanged) or event.action != "review" or event.is_draft:
        return None
    post_to: dict[str, object] = {"forge": forge, "repository": event.repository, "number": event.number}
    if event.installation is not None:
        post_to["installation"] = event.installation
    return ReviewRequest(
        # Commits of a fork are to be had from the repository that the pull request is for, by the ref of the request.
        repository=event.clone_url,
        base=event.base or None,
        head=event.head,
        ref=pull_request_ref(forge, event.number),
        post_to=post_to,
    )


def gate_request(event: DeploymentWanted, deployed: str | None) -> ReviewRequest:
    """The review that a deployment waits for. It is told in the answer to the deployment, and nowhere else.

    Args:
        event: the deployment that waits.
        deployed: full id of the commit that runs there now; None for a first deployment. No model is asked then: a
            whole program would use up what one review may spend, and stay incomplete for it.
    """
    return ReviewRequest(
        repository=event.clone_url,
        base=deployed,
        head=event.candidate,
        environment=event.environment,
        model="offline" if deployed is None else None,
    )


def pull_request_ref(forge: str, number: int) -> str:
    """The ref under which a forge keeps the head of a pull request, those of forks too."""
    return f"refs/pull/{number}/head" if forge == "github" else f"refs/merge-requests/{number}/head"
