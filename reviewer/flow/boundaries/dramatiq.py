"""Actors of Dramatiq.

The Retries middleware, on by default, does a failed message again up to 20 times, 15 seconds to 7 days apart;
`max_retries` says another number, `throws` names exceptions after which it does not. Then the message is dead.

Source: https://dramatiq.io/guide.html#message-retries; dramatiq/middleware/retries.py
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_DEFAULT_RETRIES = 20
_DEAD = Ending("the message is put aside as dead; nothing retries it", "failed")
_EXPECTED = Ending("the message is put aside as dead without a retry", "failed", intended=True)

EXAMPLES = (
    Example(
        """
import dramatiq

@dramatiq.actor(max_retries=3, throws=(KeyError,))
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task sync",
        {
            "OSError": ("retried 3 times by Dramatiq, then put aside as dead", "retried"),
            "KeyError": ("the message is put aside as dead without a retry", "failed"),
        },
    ),
    Example(
        """
import dramatiq

@dramatiq.actor
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task sync",
        {"OSError": ("retried 20 times by Dramatiq, then put aside as dead", "retried")},
    ),
    Example(
        """
import dramatiq

@dramatiq.actor(max_retries=0)
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task sync",
        {"OSError": ("the message is put aside as dead; nothing retries it", "failed")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The Dramatiq actor that a function is."""
    for decorator in candidate.decorators:
        if decorator.symbol not in ("dramatiq.actor", "dramatiq.actor.actor"):
            continue
        arguments = decorator.arguments
        throws = candidate.file.types(arguments.get("throws"))
        layers = ((Clause(throws, _EXPECTED),),) if throws else ()
        count = arguments.number("max_retries") if arguments.names("max_retries") else _DEFAULT_RETRIES
        if count == 0:
            ending = _DEAD
        elif count is None:
            ending = Ending("retried by Dramatiq until it is done or given up", "retried", intended=True)
        else:
            ending = Ending(f"retried {count} times by Dramatiq, then put aside as dead", "retried", intended=True)
        name = f"task {arguments.text('actor_name') or candidate.method}"
        yield Boundary("task", "Dramatiq", name, decorator.line, ending, layers)
