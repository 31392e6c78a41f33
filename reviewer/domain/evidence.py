"""What the parser knows of one unit, in the form in which it is shown to a model and in which answers are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["confirmed", "open", "contradicted"]
"""What the facts say of a failure that somebody suspects: they show it, they leave it open, they exclude it."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is known of a line, in words."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A line at which something can be suspected.

    Attributes:
        line: where.
        end_line: last line of what stands there.
        verdicts: failure of the closed list -> what the facts say of it; one that is not in it cannot happen here.
    """

    line: int
    end_line: int
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """What the parser knows of one unit.

    Attributes:
        path: the file, relative to the repository.
        function: qualified name inside the file, "<module>" for its body.
        kind: "function", "async function", "method", "async method", "class" or "module".
        line, end_line: extent, decorators included.
        changed: changed lines in it; None when all count as changed.
        mostly_new: hardly anything of it was there before, what is defined in it included.
        imports: lines of the file's import statements that the unit's names come from.
        notes: what is known of its lines, in their order.
        places: where something can be suspected, in their order.
        reminders: what has failed before in code of its shape, a line each; hints, of which none may be true of it.
        risky: it calls something outside the process, handles data from outside, or uses a value that may be missing.
    """

    path: str
    function: str
    kind: str
    line: int
    end_line: int
    changed: tuple[int, ...] | None = None
    mostly_new: bool = False
    imports: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()
    places: tuple[Place, ...] = ()
    reminders: tuple[str, ...] = ()
    risky: bool = False

    @property
    def partial(self) -> bool:
        """Whether it was there before and changed in part."""
        return self.changed is not None and not self.mostly_new
