"""Where what was worked out is remembered, and for which reviewer it holds."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache, partial
from pathlib import Path

from reviewer import __version__
from reviewer.ports import OpenMemory


def open_memory() -> OpenMemory | None:
    """What opens the memory of earlier reviews; None where the environment variable REVIEWER_CACHE is "off".

    It is kept in the user's cache directory, or in the one that REVIEWER_CACHE names. Its version is made of the
    reviewer's own files, so that another reviewer, rule or library description has another memory.
    """
    from platformdirs import user_cache_path  # noqa: PLC0415 (start-up)

    from reviewer.stores.memory import FileMemory  # noqa: PLC0415 (start-up)

    place = os.environ.get("REVIEWER_CACHE", "")
    if place == "off":
        return None
    folder = Path(place) if place else user_cache_path("reviewer", appauthor=False)
    return partial(FileMemory, folder, installed_version())


@cache
def installed_version() -> str:
    """A short hash of the names, sizes and times of the reviewer's own files, as they are at the first call."""
    package = Path(__file__).parent
    seen = hashlib.sha256(f"{__version__} {sys.version_info}".encode())
    folders = [str(package)]
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    folders.append(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                status = entry.stat()
                seen.update(f"{entry.path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]
