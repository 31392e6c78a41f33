"""An exception that leaves a function, and the way on which it does."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.domain.fact import Unit


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way of an exception.

    Attributes:
        function: qualified name of the function in its file.
        line: line of the call or raise.
        text: the callee as written; the exception's name for a raise.
        path: the file; "" for the reviewed one.
    """

    function: str
    line: int
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """An exception that leaves a function.

    Attributes:
        exception: canonical name.
        when: when it is raised, in words; "" for a plain `raise`.
        steps: from a statement of this function down to the one that raises.
        from_input: it is caused by a value, not by something outside the program.
        raised: it comes from a `raise` of the project, not from a library.
        doubtful: it leaves only under a condition: a clause on the way raises it again now and then, or it depends on
            what the caller has made sure of.
    """

    exception: str
    when: str
    steps: tuple[Step, ...]
    from_input: bool
    raised: bool
    doubtful: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether it is raised in another file."""
        return bool(self.steps[-1].path)


@dataclass(frozen=True, slots=True)
class Body:
    """A function of the project.

    Attributes:
        name: its canonical name.
        path: its file; "" for the reviewed one.
        unit: with its facts.
    """

    name: str
    path: str
    unit: Unit
