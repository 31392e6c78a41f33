"""What stands in for an abstract method: the methods of the classes that inherit from its class, in any file near."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable as Function
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.code.definition import Definitions
from reviewer.code.names import Names
from reviewer.code.neighbours import ProjectFile
from reviewer.code.project import Project

MAX_IMPLEMENTATIONS = 8
"""Methods that stand in for an abstract one."""
_ASIDE = re.compile(
    r"(^|/)(t|tests?|testing|mocks?|fakes?|benchmarks?|examples?|docs?)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|conftest|tests|testing|mocks?|fakes?)\.py$"
)
"""Files beside the program: what they put in the place of its classes does not run where the program runs."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of the project: its name in the file that the definitions are of."""

    definitions: Definitions
    name: str


class Implementations:
    """Finds what implements abstract methods: in their own file, in the reviewed one, and in files near either.

    Only classes count that inherit from the abstract one by name, directly or by way of classes that leave the method
    open too; a class that merely has the methods of a Protocol does not. The files near are found by the name of the
    class that they inherit from, at most `MAX_SEARCHES` times for one reviewed file and `MAX_NEAR` files each time.
    Tests, mocks and examples count only where a file among them is reviewed.

    Args:
        definitions: the functions of the reviewed file.
        project: the files around it; None where there are none.
        read: gives the functions of another file.
        method: gives the function that a method of a class is, inherited or not, by the canonical name of the class.
    """

    def __init__(
        self,
        definitions: Definitions,
        project: Project | None,
        read: Function[[ProjectFile], Definitions],
        method: Function[[str, str], str | None],
    ) -> None:
        self._definitions = definitions
        self._project = project
        self._read = read
        self._method = method
        self._found: dict[str, tuple[str, ...]] = {}
        self._derived: dict[tuple[str, str], tuple[_Class, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """The functions that stand in for a method, by canonical names; none where it is not abstract.

        Never more than `MAX_IMPLEMENTATIONS`: those of its own file first, then of the reviewed one, then of the others
        from the nearest on, each in the order of its lines. What is over that is not followed.

        Args:
            name: the canonical name of the method.
        """
        if name not in self._found:
            place = self._place(name)
            open_one = place is not None and place.definitions.is_abstract(place.name)
            self._found[name] = tuple(self._find(place)) if place is not None and open_one else ()
        return self._found[name]

    def _find(self, abstract: _Class) -> Iterator[str]:
        owner, _, method = abstract.name.rpartition(".")
        top = _Class(abstract.definitions, owner)
        found: dict[str, None] = {}
        seen = {self._symbol(top)}
        pending = deque([top])
        while pending:
            for derived in self._classes(pending.popleft()):
                symbol = self._symbol(derived)
                if symbol in seen:
                    continue
                seen.add(symbol)
                name = self._method(symbol, method)
                place = self._place(name) if name is not None else None
                if name is None or place is None or place.definitions.is_abstract(place.name):
                    pending.append(derived)  # leaves it open: those that inherit from it may not
                elif name not in found:
                    found[name] = None
                    yield name
                    if len(found) == MAX_IMPLEMENTATIONS:
                        return

    def _classes(self, owner: _Class) -> tuple[_Class, ...]:
        """The classes that inherit from one, and those of the same files that inherit from these."""
        key = (owner.definitions.path, owner.name)
        if key not in self._derived:
            here = [_Class(owner.definitions, one) for one in owner.definitions.subclasses(owner.name)]
            self._derived[key] = (*here, *self._elsewhere(owner))
        return self._derived[key]

    def _elsewhere(self, owner: _Class) -> Iterator[_Class]:
        project, reviewed = self._project, self._definitions
        if project is None:
            return
        word = owner.name.rpartition(".")[2]
        symbol = f"{owner.definitions.module}.{owner.name}"
        if owner.definitions.path != reviewed.path:
            yield from _inheriting(reviewed, reviewed.names, symbol)
        paths = (owner.definitions.path, reviewed.path)
        aside = _ASIDE.search(reviewed.path) is not None
        for file in project.deriving(word, paths, lambda path: aside or _ASIDE.search(path) is None):
            yield from _inheriting(self._read(file), file.names, symbol)

    def _place(self, name: str) -> _Class | None:
        """Where a function is defined, by its canonical name."""
        if name.startswith("."):
            return _Class(self._definitions, name[1:])
        found = self._project.definition(name, self._definitions.path) if self._project is not None else None
        return _Class(self._read(found[0]), found[1].name) if found is not None and found[1].kind == "method" else None

    def _symbol(self, one: _Class) -> str:
        """The canonical name of a class."""
        own = one.definitions.path == self._definitions.path
        return f".{one.name}" if own else f"{one.definitions.module}.{one.name}"


def _inheriting(definitions: Definitions, names: Names, symbol: str) -> Iterator[_Class]:
    """The classes of a file that inherit from a class of another one."""
    for name, base in definitions.deriving(symbol.rpartition(".")[2]):
        if names.of_base(base) == symbol:
            yield _Class(definitions, name)
            yield from (_Class(definitions, one) for one in definitions.subclasses(name))
