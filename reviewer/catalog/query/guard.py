"""What has been established of a value, in words that name nothing of the project."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from reviewer.domain.fact import Value

_TELLING = frozenset({"isinstance", "not-isinstance", "passed", "failed"})
_WORD = re.compile(r"[\w.]+")


def guard_words(value: Value) -> Iterator[str]:
    """What has been established of a value, in words that no project defines: its sort, and what is built in."""
    for guard in value.guards:
        sort, _, what = guard.partition(":")
        yield sort
        if sort == "checked" or (sort in _TELLING and all(hasattr(builtins, name) for name in _WORD.findall(what))):
            yield guard
