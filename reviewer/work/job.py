"""What holds for every file of one review."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.code.limits import Limits
from reviewer.ports import OpenMemory, OpenSources


@dataclass(frozen=True, slots=True)
class Job:
    """What holds for every file of one review; it can be sent to another process.

    Attributes:
        rules: ids of the rules to ask.
        limits: when to give a definition up.
        sources: opens the files around the change; None where there are none.
        memory: opens what earlier reviews have found; None for nothing.
        evidence: gather what a model is to be shown.
        suggest: offer proved patches.
        state: names all that the sources hold, the change included; None where nothing does.
    """

    rules: tuple[str, ...]
    limits: Limits
    sources: OpenSources | None = None
    memory: OpenMemory | None = None
    state: str | None = None
    evidence: bool = False
    suggest: bool = False
