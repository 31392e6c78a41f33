"""How a logger is spoken through: its method for a level, and the fields that it takes."""

from __future__ import annotations

from reviewer.errors import SourceError
from reviewer.instrument.proposal import Field, Level, Proposal, Voice

_NEAREST: dict[Level, tuple[str, ...]] = {
    "debug": ("debug", "info"),
    "info": ("info", "debug"),
    "warning": ("warning", "warn", "error", "info"),
    "error": ("error", "warning", "critical"),
    "critical": ("critical", "error"),
}
"""Methods for a level, the best first, of a logger that does not have them all; `fatal` ends some programs."""


def method_of(proposal: Proposal) -> tuple[str, bool]:
    """The logger's method for a proposal, and whether it has to be told to log the traceback.

    Raises:
        SourceError: the logger has no method for the level.
    """
    voice = proposal.voice
    there = voice.methods
    if proposal.exception and proposal.level == "error" and (there is None or "exception" in there):
        return "exception", False
    for name in _NEAREST[proposal.level]:
        if there is None or name in there:
            return name, proposal.exception and voice.traceback
    if proposal.exception and there is not None and "exception" in there:
        return "exception", False
    raise SourceError(f"the logger {voice.expression} has no method for the level {proposal.level}")


def told_fields(voice: Voice, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that a logger can take."""
    return () if voice.style == "plain" else fields
