"""What holds for every file of one review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.code.limits import Limits
from reviewer.ports import OpenMemory, OpenSources

if TYPE_CHECKING:
    from reviewer.catalog.meeting import KnownPatterns

OpenPatterns = Callable[[], "KnownPatterns"]
"""Opens the patterns of the catalogs once for each process; it can be sent to another process."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of the catalogs.

    Attributes:
        open: opens them.
        state: names all that they hold; None where it cannot be told without opening them.
    """

    open: OpenPatterns
    state: str | None


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
        patterns: opens the patterns of the catalogs; None for none.
        patterns_state: names all that these hold; None where it cannot be told without opening them.
        state: names all that the sources hold, the change included; None where nothing does.
    """

    rules: tuple[str, ...]
    limits: Limits
    sources: OpenSources | None = None
    memory: OpenMemory | None = None
    state: str | None = None
    evidence: bool = False
    suggest: bool = False
    patterns: OpenPatterns | None = None
    patterns_state: str | None = ""
