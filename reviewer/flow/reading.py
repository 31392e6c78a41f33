"""One file → its units, what flows through them and where that arrives: all that rules and patterns look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from reviewer.code.neighbours import Neighbours
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.code.unit import CodeFile, read_units
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.digests import Digests
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.summary import Summaries
from reviewer.flow.upward import Upward
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import Memory


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the review of every file draws on beside the file itself.

    Attributes:
        knowledge: what libraries do.
        limits: when to give a definition up.
        project: the other files, read on demand; None where there are none.
        memory: what earlier reviews found in them; None for nothing.
    """

    knowledge: Knowledge
    limits: Limits = field(default_factory=Limits)
    project: Project | None = None
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file, read: its changed units, what flows through them, and where that arrives."""

    code: CodeFile
    flow: Summaries
    upward: Upward


def read_file(
    path: str, content: bytes, changed: frozenset[int] | None, around: Surroundings, *, fragment: bool = False
) -> ReadFile:
    """Read a file and connect it with the project around it.

    Args:
        path: from the root of the repository.
        content: its bytes.
        changed: changed line numbers; None when all count as changed.
        around: what it draws on.
        fragment: the content is not a file but the lines of some hunks.

    Raises:
        SourceError: the file as a whole is no Python.
    """
    neighbours = plan = None
    if around.project is not None:
        around.project.begin()
        neighbours = Neighbours(around.project, path)
    if around.project is not None and not fragment:
        source, plan = around.project.outline(path, content)
    else:
        source = decode(path, content)
    code = read_units(
        source, changed, around.knowledge, around.limits, fragment=fragment, elsewhere=neighbours, plan=plan
    )
    hierarchy = Hierarchy(around.knowledge, code.outline.bases, neighbours)
    definitions = Definitions(code, around.limits)
    boundaries = Boundaries(code)
    digests = Digests(
        definitions, boundaries, hierarchy, project=around.project, memory=around.memory, limits=around.limits
    )
    flow = Summaries(definitions, hierarchy, digests, around.limits)
    return ReadFile(code, flow, Upward(flow, digests))
