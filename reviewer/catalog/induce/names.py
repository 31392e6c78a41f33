"""Which names mean the same in another project: those of Python and of libraries, and none that the project made."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterable
from functools import cached_property

_DEFINED = re.compile(rb"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNED = re.compile(rb"^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_ATTRIBUTE = re.compile(rb"\bself\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)")

_BUILTINS: tuple[type, ...] = (str, bytes, bytearray, list, dict, set, tuple, int, float)
_PYTHONS_OWN = frozenset(name for kind in _BUILTINS for name in dir(kind) if not name.startswith("_")) | frozenset(
    {"read", "write", "close", "readline", "readlines", "seek", "tell", "flush", "send", "recv", "throw"}
)


class Names:
    """What may be spoken of in a pattern that is learned from one project.

    Args:
        contents: Python files of the project.
        packages: its own top-level packages and modules.
        known: names of methods and functions that descriptions of libraries hold.
    """

    def __init__(self, contents: Iterable[bytes], packages: Iterable[str], known: frozenset[str]) -> None:
        self._contents = tuple(contents)
        self._packages = frozenset(packages)
        self._known = known

    def knowing(self, words: frozenset[str]) -> Names:
        """The same, where some words more are known to be no names of this project alone."""
        return Names(self._contents, self._packages, self._known | words)

    @cached_property
    def _own(self) -> frozenset[str]:
        found: set[str] = set()
        for content in self._contents:
            for pattern in (_DEFINED, _ASSIGNED, _ATTRIBUTE):
                found.update(name.decode("utf-8", "replace") for name in pattern.findall(content))
        return frozenset(found)

    def are_common(self, feature: str, value: str) -> bool:
        """Whether a value that is written in the source means the same elsewhere.

        Args:
            feature: whose value it is.
            value: a canonical dotted name, a name, "name=text", or the text of a constant.
        """
        if feature in _LITERALS:
            return value in _CONSTANTS
        place, colon, kind = value.partition(":")
        if colon and feature.startswith(("argument-", "receiver-")):
            return self._is_told(place, plain=True) and self._is_told(kind, plain=False)
        name, equals, text = value.partition("=")
        if equals and text not in _CONSTANTS and not text.lstrip("-").replace(".", "", 1).isdigit():
            return False
        return self._is_told(name, plain=feature not in _CANONICAL)

    def may_be_told(self, feature: str, value: str) -> bool:
        """Whether somebody may write a value into a query: as `are_common`, but a constant may be any that they chose.

        Args:
            feature: whose value it is.
            value: as `are_common`.
        """
        if feature in _CHOSEN or (value.startswith("__") and value.endswith("__")):
            return True
        name, equals, _ = value.partition("=")
        return self.are_common(feature, name if equals else value)

    def _is_told(self, name: str, *, plain: bool) -> bool:
        """Whether one name may be told: the plain one of a method or argument, or a canonical one."""
        if not name or name.startswith((".", "self.", "cls.")):
            return False
        if name.isdigit():  # a position
            return True
        if "." in name or not plain:
            return self._is_foreign(name.partition(".")[0])
        return name in self._known or name in _PYTHONS_OWN or name not in self._own

    def _is_foreign(self, root: str) -> bool:
        if root in self._packages:
            return False
        return root in sys.stdlib_module_names or hasattr(builtins, root) or root not in self._own


_CANONICAL = frozenset(
    {
        "callee",
        "library",
        "exception",
        "handler",
        "handler-covers",
        "handler-raises",
        "caught",
        "escapes",
        "may-raise",
        "in-handler",
        "value-type",
        "argument-type",
        "receiver-type",
        "value-made-by",
        "argument-made-by",
        "receiver-made-by",
        "value-symbol",
        "argument-symbol",
        "handed-to",
        "inside-with",
        "iterates",
        "decorator",
    }
)
_LITERALS = frozenset({"literal"})
_CHOSEN = frozenset({"literal", "compares-to", "parameter-default"})
"""Features whose values are constants."""
_CONSTANTS = frozenset({"None", "True", "False", "0", "1", "-1", "''", '""', "b''", 'b""', "[]", "{}", "()"})
