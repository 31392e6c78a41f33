"""Say what exception classes inherit from, asked in the environment where they are installed.

usage: INTERPRETER -m benchmarks.escape_proofs.classes < QUESTIONS

QUESTIONS is a JSON list of [name, module]: a dotted name, and the module that it is written in where it is not a full
one ("" otherwise). Printed is a JSON list with the class and all its bases by canonical names for each question, null
where the name stands for no exception class.
"""

from __future__ import annotations

import importlib
import json
import sys
from functools import reduce
from typing import Any


def main() -> None:
    """Answer the questions of the standard input."""
    print(json.dumps([ancestors(name, module) for name, module in json.load(sys.stdin)]))


def ancestors(name: str, module: str) -> list[str] | None:
    """The class that a name means in a module and all its bases, nearest first; None where it is no exception."""
    for start, rest in _readings(name, module):
        try:
            found: Any = reduce(getattr, rest, importlib.import_module(start))
        except (ImportError, AttributeError):
            continue
        if isinstance(found, type) and issubclass(found, BaseException):
            return [_canonical(base) for base in found.__mro__ if base is not object]
    return None


def _readings(name: str, module: str) -> list[tuple[str, list[str]]]:
    """A module to import and the attributes to follow, likeliest first."""
    parts = name.split(".")
    written_here = [(module, parts)] if module else []
    full = [(".".join(parts[:cut]), parts[cut:]) for cut in range(len(parts) - 1, 0, -1)]
    return [*written_here, *full, ("builtins", parts)]


def _canonical(base: type) -> str:
    return base.__qualname__ if base.__module__ == "builtins" else f"{base.__module__}.{base.__qualname__}"


if __name__ == "__main__":
    main()
