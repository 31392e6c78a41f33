"""The trace that a request belongs to, as it travels over HTTP, into a job, and on to models and forges.

Source: W3C Trace Context, https://www.w3.org/TR/trace-context/ (the header `traceparent`, version 00).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_HEADER = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MOST = 256
"""Characters of a header that are looked at; the standard's own has 55."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where something belongs.

    Attributes:
        trace_id: 32 hexadecimal digits, the same for all that one request causes.
        span_id: 16 hexadecimal digits, of this part of it.
        sampled: whoever began it wants it recorded.
    """

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def header(self) -> str:
        """The value of `traceparent` for whoever is called."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self) -> Trace:
        """Another part of the same trace."""
        return Trace(self.trace_id, secrets.token_hex(8), self.sampled)


def begin() -> Trace:
    """A trace that begins here."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8))


def continue_from(header: str | None) -> Trace:
    """The caller's trace, with a part of its own; a new one where the header says nothing that can be used.

    Args:
        header: value of `traceparent`; None where there is none. It comes from outside and may hold anything.
    """
    found = _HEADER.fullmatch(header) if header is not None and len(header) <= _MOST else None
    if found is None or (found[1] == "00" and found[5]) or not found[2].strip("0") or not found[3].strip("0"):
        return begin()
    return Trace(found[2], found[3], sampled=bool(int(found[4], 16) & 1)).child()
