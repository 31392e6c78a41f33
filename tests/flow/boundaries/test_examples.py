"""The examples beside every boundary entry, checked: what an entry shows is what is told of such code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.flow.boundaries.entry import Entry, Example
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.boundaries.registry import all_entries
from reviewer.flow.hierarchy import Hierarchy
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


def _examples() -> Iterator[object]:
    for entry in all_entries():
        for number, example in enumerate(entry.examples, start=1):
            yield pytest.param(entry, example, id=f"{entry.id}-{number}")


def _read(example: Example) -> tuple[Boundaries, Hierarchy]:
    code = read_units(decode(example.path, example.source.encode()), frozenset(), KNOWLEDGE)
    return Boundaries(code), Hierarchy(KNOWLEDGE, code.outline.bases)


@pytest.mark.parametrize(("entry", "example"), _examples())
def test_an_example_is_the_boundary_that_it_says(entry: Entry, example: Example) -> None:
    boundaries, hierarchy = _read(example)
    found = boundaries.of(example.function)
    if example.kind is None:
        assert found is None
        return
    assert found is not None
    assert found.kind == example.kind
    assert found.framework
    if example.name is not None:
        assert found.name == example.name
    for exception, (words, harm) in example.endings.items():
        ending = found.ending(exception, hierarchy)
        assert (exception, ending.words, ending.harm) == (exception, words, harm)


@pytest.mark.parametrize(("entry", "example"), _examples())
def test_a_decorator_that_tries_again_lets_out_what_its_example_says(entry: Entry, example: Example) -> None:
    boundaries, hierarchy = _read(example)
    found = boundaries.retries(example.function)
    if example.wraps is None:
        assert found == ()
        return
    [retry] = found
    assert {exception: retry.wraps(exception, hierarchy) for exception in example.wraps} == example.wraps


@pytest.mark.parametrize("entry", all_entries(), ids=lambda entry: entry.id)
def test_an_entry_says_where_its_facts_are_written(entry: Entry) -> None:
    assert "https://" in entry.source
    assert entry.find is not None or entry.retries is not None
    assert entry.examples
