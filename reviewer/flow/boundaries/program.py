"""The start of a program and the import of a module.

An exception that leaves the function started under `if __name__ == "__main__"`, or by a console script, ends the
program with a traceback and status 1, SystemExit with its own, KeyboardInterrupt as killed by the signal. What a call
at module level raises fails the import, for whoever imports it.

Source: https://docs.python.org/3/library/__main__.html, https://docs.python.org/3/library/sys.html#sys.excepthook,
https://docs.python.org/3/library/sys.html#sys.exit
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending, Kind
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import MODULE, Site

_TRACEBACK = Ending("a traceback and exit status 1", "ends")
_IMPORT = Ending("the import of the module fails, and with it whatever imports it", "ends")
_OWN = (
    Clause(("SystemExit",), Ending("the exit status that it carries", "ends", intended=True)),
    Clause(("KeyboardInterrupt",), Ending("a traceback, and the program ends as if killed by the signal", "ends")),
)
_RUNS = frozenset({"run", "Fire", "run_until_complete", "run_sync", "wrapper"})

EXAMPLES = (
    Example(
        """
import asyncio

async def main():
    await work()

if __name__ == "__main__":
    asyncio.run(main())
""",
        "main",
        "main",
        "main",
        {
            "OSError": ("a traceback and exit status 1", "ends"),
            "SystemExit": ("the exit status that it carries", "ends"),
        },
    ),
    Example(
        """
import sys

def start():
    work()

if __name__ == "__main__":
    try:
        sys.exit(start())
    except OSError as error:
        sys.exit(str(error))
""",
        "start",
        "main",
        "start",
        {
            "ConnectionError": ("handled where it is called (line 10)", "ends"),
            "ValueError": ("a traceback and exit status 1", "ends"),
        },
    ),
    Example(
        """
def read():
    return open("settings.toml").read()

SETTINGS = read()
""",
        "read",
        "import",
        "import of shop.example",
        {"OSError": ("the import of the module fails, and with it whatever imports it", "ends")},
    ),
    Example(
        """
def main(argv=None):
    work(argv)
""",
        "main",
        "main",
        "main",
        {"OSError": ("a traceback and exit status 1", "ends")},
    ),
    Example(
        """
def main(argv=None):
    work(argv)

def start():
    main()
""",
        "main",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The start that a function is: called, or handed to a runner, by the module's own statements."""
    file = candidate.file
    called = list(file.called(candidate.name))
    sites = [site for site in called if site.scope == MODULE]
    sites.extend(
        handed.site
        for handed in candidate.handed
        if handed.site.scope == MODULE and not handed.called and handed.site.method in _RUNS
    )
    for site in sites:
        yield _start(candidate, site)
    if not called and candidate.name == "main" and not candidate.handed:
        # Nothing of the file calls it: a console script or another module does.
        yield Boundary("main", "Python", "main", candidate.line, _TRACEBACK, (_OWN,), complete=False)


def module_boundary(path: str) -> Boundary:
    """What becomes of an exception that leaves the statements of a module, when it is imported or run."""
    if path.rpartition("/")[2] == "__main__.py":
        return Boundary("main", "Python", "the program's start", 1, _TRACEBACK, (_OWN,))
    return Boundary("import", "Python", "import of the module", 1, _IMPORT)


def _start(candidate: Candidate, site: Site) -> Boundary:
    file = candidate.file
    main = site.main or candidate.in_file_named("__main__.py")
    kind: Kind = "main" if main else "import"
    name = candidate.name if main else f"import of {file.outline.module}"
    ending = _TRACEBACK if main else _IMPORT
    layers = (*_around(file, site), _OWN)
    return Boundary(kind, "Python", name, site.line, ending, layers)


def _around(file: Registrations, site: Site) -> Iterator[tuple[Clause, ...]]:
    """The handlers around the call, each a layer: the first clause that fits takes the exception."""
    for attempt in site.tries:
        for handler in attempt.handlers:
            types = file.types(handler.type) if handler.type is not None else ("BaseException",)
            last = handler.body[-1]
            if types and not (isinstance(last, ast.Raise) and last.exc is None):
                yield (Clause(types, Ending(f"handled where it is called (line {handler.lineno})", "ends", True)),)
