"""How wide a file's lines are and which quotes its strings have, so that its project's formatter leaves a line alone.

What the project tells its formatter decides: black and ruff read the settings that stand nearest to the file. A
linter's limit bounds what the file's own lines suggest. Where nothing is set, the file alone tells.
"""

from __future__ import annotations

import configparser
import io
import token
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reviewer.code.project import Project
from reviewer.code.source import Source

Quote = Literal['"', "'"]

_WIDTHS = (79, 88)
"""Limits of a line: the first that nearly all lines of a file keep to, else the last. Formatters leave a call alone
that is split with a comma behind its last argument, so that narrow lines suit a wider limit too."""
_EXCEPTIONS = 0.01
_FORMATTED, _CHECKED = 88, 79
"""What black and ruff, and what flake8 and pycodestyle take for the limit where none is set."""
_NARROWEST, _WIDEST = 40, 320
_FILES = ("ruff.toml", ".ruff.toml", "pyproject.toml", ".flake8", "setup.cfg", "tox.ini")
"""Names of settings, in the order in which they count where several stand in one folder."""
_SECTIONS = ("flake8", "pycodestyle", "pep8")
_QUOTES: Mapping[object, Quote] = {"double": '"', "single": "'"}
_MOST_BYTES = 200_000
"""Settings of more bytes are not read."""
_FSTRING_START = getattr(token, "FSTRING_START", -1)


@dataclass(frozen=True, slots=True)
class Layout:
    """How lines are laid out.

    Attributes:
        width: characters of the longest line.
        quote: the quotation mark of a short string.
    """

    width: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one file of settings says.

    Attributes:
        width: the limit that a formatter keeps to; None for none.
        limit: the limit that a linter checks; None for none.
        quote: the quotation mark that a formatter writes or a linter asks for; None for none.
    """

    width: int | None = None
    limit: int | None = None
    quote: Quote | None = None


def layout_of(source: Source, project: Project | None) -> Layout:
    """How the lines of a file are laid out.

    Args:
        source: its text.
        project: the files around it, for the project's settings; None where there are none.
    """
    rules = list(_rules(source.path, project)) if project is not None else []
    width = next((one.width for one in rules if one.width is not None), None)
    if width is None:
        limit = next((one.limit for one in rules if one.limit is not None), _WIDEST)
        width = min(limit, _usual_width(source))
    quote = next((one.quote for one in rules if one.quote is not None), None)
    return Layout(width, quote or _usual_quote(source))


# -- what the project sets -------------------------------------------------------------------------------------------


def _rules(path: str, project: Project) -> Iterator[_Rules]:
    """What the settings around a file say, the nearest first."""
    for name, content in project.beside(_FILES, path):
        if len(content) > _MOST_BYTES:
            continue
        try:
            text = content.decode("utf-8")
            yield _of_toml(name, tomllib.loads(text)) if name.endswith(".toml") else _of_ini(text)
        except (ValueError, RecursionError, configparser.Error):
            continue  # a person's slip, or somebody else's dialect; the file's own lines tell


def _of_toml(name: str, settings: Mapping[str, object]) -> _Rules:
    is_own = not name.endswith("pyproject.toml")
    tool = _table(settings, "tool")
    if is_own or "ruff" in tool:
        return _of_ruff(settings if is_own else _table(tool, "ruff"))
    if "black" in tool:
        black = {key.replace("_", "-"): value for key, value in _table(tool, "black").items()}
        quote: Quote | None = None if black.get("skip-string-normalization") else '"'
        return _Rules(_width(black.get("line-length", _FORMATTED)), quote=quote)
    if "flake8" in tool:
        return _Rules(limit=_width(_table(tool, "flake8").get("max-line-length", _CHECKED)))
    return _Rules()


def _of_ruff(ruff: Mapping[str, object]) -> _Rules:
    # Settings that extend others may have their limit from there.
    width = ruff.get("line-length", None if "extend" in ruff else _FORMATTED)
    asked = _table(_table(ruff, "lint"), "flake8-quotes") or _table(ruff, "flake8-quotes")
    told = _table(ruff, "format").get("quote-style") or asked.get("inline-quotes")
    return _Rules(_width(width), quote=_QUOTES.get(told) if isinstance(told, str) else None)


def _of_ini(text: str) -> _Rules:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    section = next((name for name in _SECTIONS if parser.has_section(name)), None)
    if section is None:
        return _Rules()
    told = parser[section].get("max-line-length") or parser[section].get("max_line_length") or str(_CHECKED)
    return _Rules(limit=_width(int(told.split("#")[0])))


def _table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = table.get(name)
    return inner if isinstance(inner, dict) else {}


def _width(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and _NARROWEST <= value <= _WIDEST else None


# -- what the file itself does ---------------------------------------------------------------------------------------


def _usual_width(source: Source) -> int:
    lengths = [len(line) for line in source.lines]
    allowed = _EXCEPTIONS * len(lengths)
    return next((width for width in _WIDTHS if sum(size > width for size in lengths) <= allowed), _WIDTHS[-1])


def _usual_quote(source: Source) -> Quote:
    """The quotation mark of most short strings; those that hold the other one had no choice."""
    found: Counter[str] = Counter()
    try:
        for one in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if one.type in (token.STRING, _FSTRING_START):
                opening = one.string.lstrip("rRbBuUfF")
                mark, other = opening[0], '"' if opening[0] == "'" else "'"
                if opening[:3] != 3 * mark and other not in opening:
                    found[mark] += 1
    except (tokenize.TokenError, SyntaxError):
        pass  # the parser reads some texts that this reader does not; what was seen until there counts
    return "'" if found["'"] > found['"'] else '"'
