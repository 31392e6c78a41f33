"""ast-grep rules, for what is no fact: the text of a regular expression, a decorator, a declaration in a class.

A rule is somebody's data. What it may cost is bounded before ast-grep, which is native and cannot be stopped, sees it:
its size, its depth, and how many of its parts search a whole tree within another one's search.

Source: https://ast-grep.github.io/reference/rule.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reviewer.code.source import Source
from reviewer.domain.fact import Span
from reviewer.errors import CatalogError

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_SIZE = 4000
"""Characters of a rule as JSON."""
MAX_PARTS = 40
"""Rules in one rule, itself included."""
MAX_DEPTH = 6
"""Rules inside each other."""
MAX_SEARCHES = 2
"""Rules inside each other that search all that is inside or around a node."""
MAX_PATTERN = 500
"""Characters of a pattern, or of a regular expression."""
MAX_REPEATS = 100
"""The largest number in a counted repetition: each is compiled out."""
MAX_TEXT = 1_000_000
"""Characters of a file that shapes are looked for in."""

MOST_SIBLINGS = 5_000
"""Nodes side by side that a shape which looks along them may meet: that takes time with their square (4,000: 1 s)."""

_ATOMIC = ("pattern", "kind", "regex", "nthChild")
_RELATIONAL = ("inside", "has", "precedes", "follows")
_COMPOSITE = ("all", "any", "not")
_KEYS = (*_ATOMIC, *_RELATIONAL, *_COMPOSITE)
_TOP = ("rule", "constraints")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_COUNTED = re.compile(r"\{\s*(\d*)\s*(?:,\s*(\d*)\s*)?\}")


def read_shape(data: object, place: str) -> str:
    """An ast-grep rule as canonical JSON text.

    Args:
        data: a rule object, or a table of `rule` and `constraints`.
        place: what to call it in an error.

    Raises:
        CatalogError: it is none, asks too much, or ast-grep does not take it.
    """
    if not isinstance(data, Mapping):
        raise CatalogError(place, "is a table: an ast-grep rule")
    table = dict(data) if "rule" in data or "constraints" in data else {"rule": dict(data)}
    checking = _Checking()
    for name, value in table.items():
        if name not in _TOP:
            raise CatalogError(place, f"has no {ascii(name)[:80]}; it takes {', '.join(_TOP)}, or is the rule itself")
        if name == "rule":
            checking.check(value, f"{place}.rule", 1, 0)
            continue
        if not isinstance(value, Mapping):
            raise CatalogError(f"{place}.{name}", "is a table: a variable and its rule")
        for variable, rule in value.items():
            if not isinstance(variable, str) or _VARIABLE.match(variable) is None:
                raise CatalogError(f"{place}.{name}", f"{ascii(variable)[:80]} is no variable such as URL")
            checking.check(rule, f"{place}.{name}.{variable}", 1, 0)
    rule = table.get("rule")
    if isinstance(rule, Mapping) and set(rule) <= {"not"}:
        raise CatalogError(f"{place}.rule", "says only what must not be; say what is looked for as well")
    text = json.dumps(table, sort_keys=True)
    if len(text) > MAX_SIZE:
        raise CatalogError(place, f"has more than {MAX_SIZE} characters; look for less at once")
    _refuse_unusable(table, place)
    return text


def looks_along(shape: str) -> bool:
    """Whether a shape looks at the nodes beside a node, one after the other.

    Args:
        shape: what `read_shape` gave.
    """
    return any(f'"{name}"' in shape for name in ("nthChild", "follows", "precedes"))


def is_crowded(lines: Sequence[str]) -> bool:
    """Whether more nodes may stand side by side in some lines than a shape may look along; told without parsing."""
    return len(lines) + sum(line.count(",") for line in lines) > MOST_SIBLINGS


def write_shape(shape: str) -> object:
    """The table that `read_shape` reads."""
    return json.loads(shape)


class _Checking:
    """Checks the parts of one shape, and counts them."""

    def __init__(self) -> None:
        self._parts = 0

    def check(self, data: object, place: str, depth: int, searches: int) -> None:
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_PARTS:
            raise CatalogError(place, f"holds more than {MAX_PARTS} rules or {MAX_DEPTH} inside each other; ask less")
        if not isinstance(data, Mapping) or not data:
            raise CatalogError(place, "is a table with at least one of " + ", ".join(_KEYS))
        for name, value in data.items():
            if name in _RELATIONAL:
                self._check_relation(value, f"{place}.{name}", depth, searches)
            elif name in ("all", "any"):
                if not isinstance(value, list) or not value:
                    raise CatalogError(f"{place}.{name}", "is a list of rules")
                for part in value:
                    self.check(part, f"{place}.{name}", depth + 1, searches)
            elif name == "not":
                self.check(value, f"{place}.not", depth + 1, searches)
            elif name == "nthChild":
                self._check_number(value, f"{place}.nthChild", depth, searches)
            elif name in _ATOMIC:
                _check_text(str(name), value, f"{place}.{name}")
            else:
                raise CatalogError(place, f"has no {ascii(name)[:80]}; it takes {', '.join(_KEYS)}")

    def _check_relation(self, data: object, place: str, depth: int, searches: int) -> None:
        if not isinstance(data, Mapping):
            raise CatalogError(place, "is a table: a rule, with stopBy and field")
        rule = dict(data)
        stop = rule.pop("stopBy", "neighbor")
        if "field" in rule:
            _check_text("field", rule.pop("field"), f"{place}.field")
        searches += stop != "neighbor"
        if searches > MAX_SEARCHES:
            raise CatalogError(place, f"is the search number {searches} inside another; {MAX_SEARCHES} are allowed")
        if stop not in ("neighbor", "end"):
            self.check(stop, f"{place}.stopBy", depth + 1, searches)
        self.check(rule, place, depth + 1, searches)

    def _check_number(self, data: object, place: str, depth: int, searches: int) -> None:
        if isinstance(data, Mapping):
            table = dict(data)
            of_rule = table.pop("ofRule", None)
            if of_rule is not None:
                self.check(of_rule, f"{place}.ofRule", depth + 1, searches)
            reverse, data = table.pop("reverse", False), table.pop("position", None)
            if table or not isinstance(reverse, bool):
                raise CatalogError(place, "takes position, reverse and ofRule")
        whole = isinstance(data, int) and not isinstance(data, bool) and 0 < data <= 1000
        if not whole and not (isinstance(data, str) and re.fullmatch(r"[0-9n+\- ]{1,12}", data)):
            raise CatalogError(place, 'is a position from 1, or a formula such as "2n+1"')


def _check_text(name: str, value: object, place: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise CatalogError(place, f"is a text, not {ascii(value)[:80]}")
    if len(value) > MAX_PATTERN or "\0" in value:
        raise CatalogError(place, f"has more than {MAX_PATTERN} characters, or a null one")
    if name == "regex" and any(int(n) > MAX_REPEATS for pair in _COUNTED.findall(value) for n in pair if n):
        raise CatalogError(place, f"repeats something more than {MAX_REPEATS} times; use + or *")


def _refuse_unusable(table: Mapping[str, object], place: str) -> None:
    from ast_grep_py import SgRoot  # noqa: PLC0415 - native, and few catalogs hold shapes

    try:
        SgRoot("pass\n", "python").root().find_all(table)  # type: ignore[call-overload]
    except Exception as error:
        raise CatalogError(place, f"ast-grep does not take it: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """What ast-grep says, its last reason alone and without its stack."""
    told = str(error).partition("Stack backtrace")[0]
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return ascii(lines[-1])[1:-1][:200] if lines else type(error).__name__


class Shapes:
    """A file that shapes are looked for in; parsed at the first one.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._root: SgNode | None = None

    def find(self, shape: str, first: int, last: int) -> Iterator[tuple[Span, str]]:
        """Where a shape stands in some lines, with the first line of what stands there.

        Args:
            shape: what `read_shape` gave.
            first, last: lines of the file, from 1.
        """
        config: Any = json.loads(shape)
        for node in self._around(first, last).find_all(config):
            span = self._span(node)
            if first <= span.line <= last:
                yield span, self._source.lines[span.line - 1].strip()[:200]

    def _around(self, first: int, last: int) -> SgNode:
        """The smallest node that holds some lines: what a search costs follows what has changed."""
        if self._root is None:
            from ast_grep_py import SgRoot  # noqa: PLC0415 - native, and few catalogs hold shapes

            self._root = SgRoot(self._source.text, "python").root()
        node = self._root
        while True:
            # Of several nodes in the same line none holds all of it.
            there = [one for one in node.children() if self._touches(one, first, last)]
            if len(there) != 1 or not self._covers(there[0], first, last):
                return node
            node = there[0]

    def _touches(self, node: SgNode, first: int, last: int) -> bool:
        span = self._span(node)
        return span.line <= last and first <= span.end_line

    def _covers(self, node: SgNode, first: int, last: int) -> bool:
        span = self._span(node)
        return span.line <= first and last <= span.end_line

    def _span(self, node: SgNode) -> Span:
        found = node.range()
        start, end = found.start.index, max(found.start.index, found.end.index - 1)
        line = self._source.line_of(start)
        return Span(line, self._source.line_of(end), start - self._source.line_starts[line - 1] + 1)
