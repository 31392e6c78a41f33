"""Python source that every installation has beside the reviewer: the standard library, and libraries that it needs.

It is read as text and never imported.
"""

from __future__ import annotations

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from reviewer.domain.file_role import is_test

_LIBRARIES = ("anyio", "httpx2", "pydantic", "rich", "typer")
"""Top-level packages that the reviewer needs, those with code that waits, fails and is given data."""
_LEFT_OUT = frozenset({"site-packages", "dist-packages", "__pycache__", "test", "tests", "lib2to3", "idlelib"})
_MOST_BYTES = 200_000
"""A larger file is a table."""


def installed_files(lines: int) -> list[tuple[str, bytes]]:
    """Files of the standard library and of other libraries, half of each, the same on every machine that has them.

    Args:
        lines: how many lines there are to be in all, about.

    Returns:
        name and contents; the name begins with that of the library.
    """
    standard = [("", Path(sysconfig.get_paths()["stdlib"]))]
    chosen = [*_chosen(standard, lines // 2), *_chosen([*_folders()], lines - lines // 2)]
    return sorted(chosen, key=lambda item: _rank(item[0]))


def _folders() -> Iterator[tuple[str, Path]]:
    for name in _LIBRARIES:
        spec = find_spec(name)  # of a top-level package, which imports nothing
        for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
            yield f"{name}/", Path(folder)


def _chosen(folders: list[tuple[str, Path]], lines: int) -> Iterator[tuple[str, bytes]]:
    """Files in the order of their rank, until there are so many lines."""
    found = {name: path for prefix, folder in folders for name, path in _files(prefix, folder)}
    seen = 0
    for name in sorted(found, key=_rank):
        if seen >= lines:
            return
        try:
            content = found[name].read_bytes()
        except OSError:
            continue
        if len(content) <= _MOST_BYTES:
            seen += content.count(b"\n")
            yield name, content


def _files(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for root, directories, names in os.walk(folder):
        directories[:] = sorted(name for name in directories if name not in _LEFT_OUT)
        for name in names:
            path = Path(root, name)
            label = prefix + path.relative_to(folder).as_posix()
            if name.endswith(".py") and not is_test(label):
                yield label, path


def _rank(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
