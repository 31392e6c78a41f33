"""Whether what a model says speaks only of what it was shown.

Words are free; names are not. A name in backticks, or one that can only be a name (`snake_case`, `dotted.name`,
`call()`), has to stand in the evidence or belong to the language; so have paths, and numbers of lines. Advice may
also name the standard library, since that is what people are advised to use.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from reviewer.domain.syntax import parse_module
from reviewer.explain.plain_text import plain

MOST = 400
"""Characters of one part of an answer."""
_LONGEST = 5 * MOST
"""Characters of one part that are read; whoever was asked for a sentence and writes more speaks of something else."""
_QUOTED = re.compile(r"`([^`]*)`")
_WORD = re.compile(r"[^\W\d]\w*")
_NAMELIKE = re.compile(r"\b[^\W\d]\w*_\w+\b|\b[^\W\d]\w*(?:\.[^\W\d]\w*)+\b|\b[^\W\d]\w*(?=\(\))")
# An answer is anybody's text: nothing here may look at a run of characters from each of its places.
_PATH = re.compile(
    r"(?<![\w.-])[\w.-]++(?:/[\w.-]++)+|(?<![\w-])-*+[\w-]++\.(?:py|pyi|toml|json|ya?ml|cfg|ini|md|txt|sh|sql|html|js|ts)\b"
)
_LINE = re.compile(r"\blines?\s+(\d+)(?:\s*(?:-|–|to|and)\s*(\d+))?", re.IGNORECASE)
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_SHORT = frozenset({"e.g", "i.e", "etc", "vs"})
_LANGUAGE = (
    frozenset(dir(builtins))
    | frozenset(keyword.kwlist)
    | frozenset(keyword.softkwlist)
    | sys.stdlib_module_names
    | {"self", "cls", "NoneType", "CancelledError", "JSONDecodeError", "CalledProcessError", "TimeoutExpired"}
    | {"errno", "utf", "ascii", "surrogateescape", "strict", "null", "true", "false"}
)
"""Names that anybody may use: of the language, its library, and of the errors and values that every reader knows."""


class Shown(Protocol):
    """What a model was shown, and may speak of."""

    @property
    def text(self) -> str:
        """All of it."""

    def has_line(self, number: int) -> bool:
        """Whether a line of this number may be spoken of."""


@dataclass(frozen=True)
class Claims:
    """Checks what is said of something that was shown, such as a unit.

    Attributes:
        shown: what was shown.
        free: names that may be used though they were not.
    """

    shown: Shown
    free: frozenset[str] = _LANGUAGE

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.shown.text))

    def fault(self, text: str, *, advice: bool = False) -> str | None:
        """What of a text was not shown; None where all is well.

        Args:
            text: a part of an answer.
            advice: it says what to do, and may name what the code does not have yet.
        """
        for match in _LINE.finditer(text):
            for number in filter(None, match.groups()):
                if not self.shown.has_line(int(number[:9])):
                    return f"line {number}"
        # What stands between quotation marks in code is text, and no name.
        paths: list[str] = _PATH.findall(_QUOTED.sub(lambda quoted: _STRING.sub(" ", quoted[0]), text))
        for path in (found.rstrip(".") for found in paths):  # the last one may end the sentence
            if path not in self.shown.text and not advice and "." in path:
                return path
        for quoted in _QUOTED.findall(text):
            if not _is_code(quoted):
                continue  # an example of data
            if (name := self._unknown(quoted, advice=advice)) is not None:
                return name
        for name in _NAMELIKE.findall(_QUOTED.sub(" ", text)):
            if name not in _SHORT and (unknown := self._unknown(name, advice=advice)) is not None:
                return unknown
        return None

    def said(self, text: str, *, advice: bool = False) -> tuple[str, str | None]:
        """A part of an answer as it may be shown, and what is wrong with it where it may not ("" then)."""
        if len(text) > _LONGEST:
            return "", f"{len(text):,} characters in one sentence"
        shown = plain(text, limit=MOST)
        # Looked at once more as it will be shown: what was a word may have become a name.
        fault = self.fault(text, advice=advice) or self.fault(shown, advice=advice)
        return ("", fault) if fault is not None else (shown, None)

    def _unknown(self, code: str, *, advice: bool) -> str | None:
        if code in self.shown.text:
            return None
        words: list[str] = _WORD.findall(_STRING.sub(" ", code))
        for word in words:
            if word in self._known or word in self.free:
                continue
            if advice and not self._is_root(code, word):
                continue
            return word
        return None

    @staticmethod
    def _is_root(code: str, word: str) -> bool:
        """Whether a word stands for a thing by itself, and is no attribute, parameter or argument of one."""
        return re.search(rf"(?<![\w.]){re.escape(word)}\b(?!\s*=(?!=))", code) is not None


def _is_code(text: str) -> bool:
    """Whether it reads as Python, and not as a value, a line of a file or a pattern."""
    try:
        parse_module(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
