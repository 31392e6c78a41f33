"""Which files are Python, by name and, where the name tells nothing, by the first line."""

from __future__ import annotations

import posixpath
import re
from enum import Enum, auto

NUL_BYTES = "it holds NUL bytes, which Python refuses; look at it by hand"
"""Why a Python file with NUL bytes is reported as failed."""

_SHEBANG = re.compile(rb"#![^\n]*\b(python|pypy|uv run)")


class Language(Enum):
    """What a file's name says of it."""

    PYTHON = auto()
    STUB = auto()
    """Types only; nothing of it runs."""
    UNKNOWN = auto()
    """A name without any ending: its first line decides."""
    OTHER = auto()


def judge_name(path: str) -> Language:
    """What the name of a file says of its language."""
    name = posixpath.basename(path).lower()
    if name.endswith((".py", ".pyw")):
        return Language.PYTHON
    if name.endswith(".pyi"):
        return Language.STUB
    return Language.OTHER if "." in name else Language.UNKNOWN


def is_script(content: bytes) -> bool:
    """True where the first line starts a Python interpreter."""
    return _SHEBANG.match(content) is not None


def becomes_python(old_path: str | None, path: str) -> bool:
    """True for a file that was renamed or copied from something that was not Python: all its lines are new as code."""
    was = judge_name(old_path) if old_path is not None else Language.PYTHON
    return judge_name(path) is Language.PYTHON and was in {Language.OTHER, Language.STUB}
