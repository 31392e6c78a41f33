"""Decorators of backoff.

`on_exception` tries again after the exceptions it names, for ever unless `max_tries`, `max_time` or `giveup` ends it,
and then raises the exception itself; with `raise_on_giveup=False` the caller gets None. All others pass at once.

Source: https://github.com/litl/backoff#backoffon_exception; backoff/_sync.py retry_exception
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Retry
from reviewer.flow.boundaries.entry import Candidate, Example

EXAMPLES = (
    Example(
        """
import backoff

@backoff.on_exception(backoff.expo, (OSError, KeyError), max_tries=3)
def load():
    read()
""",
        "load",
        wraps={"ConnectionError": "ConnectionError", "ValueError": "ValueError"},
    ),
    Example(
        """
import backoff

@backoff.on_exception(backoff.expo, OSError, max_time=30, raise_on_giveup=False)
def load():
    read()
""",
        "load",
        wraps={"ConnectionError": None, "ValueError": "ValueError"},
    ),
    Example(
        """
import backoff

@backoff.on_exception(backoff.expo, OSError)
def load():
    read()
""",
        "load",
        wraps={"OSError": None, "ValueError": "ValueError"},
    ),
)


def retries(candidate: Candidate) -> Iterator[Retry]:
    """The decorators of backoff that a function has."""
    for decorator in candidate.decorators:
        if decorator.symbol != "backoff.on_exception":
            continue
        arguments = decorator.arguments
        limits = [
            name for name in ("max_tries", "max_time") if arguments.names(name) and arguments.constant(name) != "None"
        ]
        gives_up = arguments.names("giveup")
        retried = candidate.file.types(arguments.get("exception", 1))
        yield Retry(
            "backoff",
            decorator.line,
            retried or ("Exception",),
            attempts=arguments.number("max_tries"),
            endless=not limits and not gives_up,
            becomes="" if arguments.constant("raise_on_giveup") == "False" else None,
            certain=bool(retried) and not gives_up,
        )
