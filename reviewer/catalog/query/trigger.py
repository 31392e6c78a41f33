"""Words without which a detector cannot find anything in a text, so that most detectors need no look at most files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from reviewer.domain.detector import Detector, Query, Test
from reviewer.knowledge.lookup import Knowledge

Groups = tuple[frozenset[str], ...]

_NAMING = frozenset({"callee", "method", "exception", "attribute-name", "unit-name"})
"""Features whose values stand in the text by their last part, whatever the file imports them as."""
_WORD = re.compile(r"\w+")
_IDENTIFIER = re.compile(r"(?<![\w$])[^\W\d]\w*(?!\w)")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"|#.*")
_RELATIONAL = ("inside", "has", "precedes", "follows")

T = TypeVar("T")


def words_of(detector: Detector, knowledge: Knowledge | None = None) -> Groups:
    """Groups of words: a text in which, for some group, none of the words occurs cannot match.

    What the file knows by another name only through another file of the project is not thought of.

    Args:
        detector: the detector.
        knowledge: gives the other public names of what it names; without it one that has several ("requests.session")
            is looked for by the name that it is described under alone.

    Returns:
        The groups; none where it always has to be run, as one that narrows a rule does.
    """
    if detector.form == "query" and detector.query is not None:
        return _distinct(_of_query(detector.query, knowledge))
    if detector.form == "shape":
        shape = json.loads(detector.shape)
        return _distinct(_of_rule(shape.get("rule", {})))
    return ()


def triggers_of(detector: Detector, knowledge: Knowledge | None = None) -> Groups:
    """As `words_of`, for a text of which is known what the reviewer's own rules find in it (`triggers_in`)."""
    if detector.form == "rule":
        return (frozenset({_of_finding(detector.rule)}),)
    return words_of(detector, knowledge)


def triggers_in(text: str, rules: Iterable[str]) -> frozenset[str]:
    """The words of a text, and a word for each rule that finds something in it.

    Args:
        text: the text.
        rules: ids of the rules.
    """
    return identifiers_in(text).union(map(_of_finding, rules))


def _of_finding(rule: str) -> str:
    """A word that stands in no text."""
    return f"rule {rule}"


def identifiers_in(text: str) -> frozenset[str]:
    """The words of a text, as `may_match` wants them."""
    return frozenset(_WORD.findall(text))


def may_match(groups: Groups, identifiers: frozenset[str]) -> bool:
    """Whether a text has a word of each group."""
    return all(not group.isdisjoint(identifiers) for group in groups)


def _distinct(groups: Iterable[frozenset[str]]) -> Groups:
    return tuple(dict.fromkeys(groups))


def _of_query(query: Query, knowledge: Knowledge | None) -> Iterator[frozenset[str]]:
    for test in query.tests:
        if test.related is not None:
            yield from _of_query(test.related, knowledge)
        elif test.feature in _NAMING:
            yield from _of_names(test, knowledge)
    yield from _one_of(query.any_of, lambda other: _of_query(other, knowledge))


def _of_names(test: Test, knowledge: Knowledge | None) -> Iterator[frozenset[str]]:
    words = [_last(value) for value in test.values]
    if all(words):
        others = (name for value in test.values for name in _other_names(value, knowledge))
        yield frozenset((*words, *others))


def _last(value: str) -> str:
    """The word that stands in the text; "" where a wildcard leaves none."""
    last = value.rpartition(".")[2]
    return last if last.isidentifier() else ""


def _other_names(value: str, knowledge: Knowledge | None) -> Iterator[str]:
    prefix = value
    while knowledge is not None and prefix:
        if prefix in knowledge.modules:
            library = knowledge.library(prefix)
            yield from (
                other.rpartition(".")[2]
                for names in (library.aliases, library.former)
                for other, canonical in names.items()
                if canonical == value
            )
        prefix = prefix.rpartition(".")[0]


def _one_of(alternatives: Sequence[T], groups: Callable[[T], Iterable[frozenset[str]]]) -> Iterator[frozenset[str]]:
    """One group for what may hold in several ways: a word of each of them, where each of them has one."""
    first = [next(iter(groups(one)), None) for one in alternatives]
    if first and None not in first:
        yield frozenset(word for group in first if group is not None for word in group)


def _of_rule(rule: object) -> Iterator[frozenset[str]]:
    if not isinstance(rule, Mapping):
        return
    pattern = rule.get("pattern")
    if isinstance(pattern, str):
        yield from (frozenset({word}) for word in _IDENTIFIER.findall(_STRING.sub(" ", pattern)))
    for part in rule.get("all", ()):
        yield from _of_rule(part)
    for name in _RELATIONAL:
        yield from _of_rule(rule.get(name))
    yield from _one_of(rule.get("any", ()), _of_rule)
