"""What somebody else chooses for a proposed log line: name, level, fields. Only words and known names are taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.errors import SourceError
from reviewer.instrument.confidential import is_secret
from reviewer.instrument.fields import MOST, RESERVED
from reviewer.instrument.proposal import LEVELS, Field, Proposal, is_name
from reviewer.instrument.voice import method_of, told_fields

Reword = Callable[[Sequence[Proposal]], Sequence[Proposal]]
"""Gives each proposal back, perhaps with another event, level or other fields."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wished for one line; nothing of it is trusted.

    Attributes:
        event: its name.
        level: how loud.
        fields: key in the log and name in the code, in order.
    """

    event: str
    level: str
    fields: tuple[tuple[str, str], ...]


def choose(proposal: Proposal, choice: Choice, known: Mapping[str, Field]) -> tuple[Proposal, tuple[str, ...]]:
    """A proposal with as much of a choice as may be written, and what was refused of it.

    Args:
        proposal: the line as it is.
        choice: what is wished.
        known: name -> how it may be told at this place.
    """
    refused: list[str] = []
    chosen = proposal
    if choice.level not in LEVELS:
        refused.append(f"{choice.level[:40]!r} is no level")
    else:
        chosen = _try(chosen, refused, level=choice.level)
    chosen = _try(chosen, refused, event=choice.event)
    fields = tuple(_fields(proposal, choice, known, refused))
    return (_try(chosen, refused, fields=fields) if fields else chosen), tuple(refused)


def _try(proposal: Proposal, refused: list[str], **change: object) -> Proposal:
    try:
        changed = dataclasses.replace(proposal, **change)  # type: ignore[arg-type]
        method_of(changed)
    except (ValueError, SourceError) as error:
        refused.append(str(error))
        return proposal
    return changed


def _fields(proposal: Proposal, choice: Choice, known: Mapping[str, Field], refused: list[str]) -> list[Field]:
    found: dict[str, Field] = {}
    reserved = RESERVED[proposal.voice.style]
    for key, name in choice.fields[:MOST]:
        given = known.get(name)
        if given is None:
            refused.append(f"{name[:40]!r} cannot be told there")
        elif not is_name(key) or is_secret(key):
            refused.append(f"{key[:40]!r} is no name for a field")
        else:
            told = f"{key}_value" if key in reserved else key
            found.setdefault(told, Field(told, given.form, given.value))
    return list(told_fields(proposal.voice, tuple(found.values())))
