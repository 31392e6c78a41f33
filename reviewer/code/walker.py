"""What the walk over one segment's statements carries along: whether a point is reached, and where loops are left."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from reviewer.code.budget import Budget
from reviewer.code.environment import Environment, join
from reviewer.code.expression import Expressions
from reviewer.code.names import Names
from reviewer.code.segment import Segment
from reviewer.domain.fact import Context


@dataclass
class Jumps:
    """How the passes through a loop's body are left early.

    Attributes:
        breaks: how many `break` belong to the loop.
        broken, continued: what was known at each `break` and `continue` that can be reached.
    """

    breaks: int = 0
    broken: list[Environment] = field(default_factory=list)
    continued: list[Environment] = field(default_factory=list)


class Walker(Expressions):
    """Carries what is known while statements are walked; see `Reader` for the arguments.

    Attributes:
        alive: whether the statement that comes next is reached.
        globals: names that were declared `global`.
        caught: names that the handlers around have given to what they caught.
        loops: the loops around, the innermost last.
    """

    def __init__(
        self, segment: Segment, names: Names, context: Context, environment: Environment, budget: Budget
    ) -> None:
        super().__init__(segment, names, context, environment, budget)
        self.alive = True
        self.globals: frozenset[str] = frozenset()
        self.caught: frozenset[str] = frozenset()
        self.loops: list[Jumps] = []

    @abstractmethod
    def walk(self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> None:
        """Walk statements in order; what stands behind a return or raise leaves facts too, and is never left well."""

    def branch(self, body: cst.BaseSuite) -> bool:
        """Walk one of several ways on; give whether its end is reached."""
        self.alive = True
        self.walk(body.body)
        return self.alive

    def meet(self, branches: list[tuple[Environment, bool]]) -> None:
        """Go on where several ways meet.

        Args:
            branches: what is known at the end of each, and whether that end is reached.
        """
        living = [environment for environment, alive in branches if alive]
        self.alive = bool(living)
        if not living:
            self.env = dict(branches[0][0])
            return
        merged = living[0]
        for environment in living[1:]:
            merged = join(merged, environment)
        self.env = merged

    def first_line(self, node: cst.CSTNode) -> str:
        """The first line of a statement as written, stripped and cut."""
        start, end = self.segment.span(node)
        text = self.source.text
        stop = min((i for i in (text.find("\n", start, end), text.find("\r", start, end)) if i >= 0), default=end)
        return text[start : min(stop, start + 200)].strip()
