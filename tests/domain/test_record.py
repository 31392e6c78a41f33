"""Values come out of the memory as they went in, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.domain.record import RecordError, read_record, write_record


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    name: str
    size: int | None = None
    weight: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Tree:
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[str, int] = ("", 0)
    colour: Colour = Colour.RED
    word: Literal["yes", "no"] = "yes"
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    green: bool = False


LEAVES = st.builds(Leaf, st.text(), st.none() | st.integers(), st.floats(allow_nan=False))
TREES = st.builds(
    Tree,
    leaves=st.lists(LEAVES).map(tuple),
    pair=st.tuples(st.text(st.characters()), st.integers()),
    colour=st.sampled_from(Colour),
    word=st.sampled_from(["yes", "no"]),
    by_name=st.dictionaries(st.text(), LEAVES),
    notes=st.lists(st.text()),
    green=st.booleans(),
)


@given(TREES)
def test_what_is_read_is_what_was_written(tree: Tree) -> None:
    assert read_record(Tree, write_record(tree)) == tree


def test_bytes_of_a_path_that_are_no_utf_8_survive() -> None:
    leaf = Leaf(b"caf\xe9.py".decode("utf-8", "surrogateescape"))
    assert read_record(Leaf, write_record(leaf)) == leaf


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"{}",
        b"[]",
        b'["a",1]',
        b'["a",1,0.0,"more"]',
        b"[1,1,0.0]",
        b'["a",true,0.0]',
        b'["a","1",0.0]',
        b'["a",1,"0.0"]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        read_record(Leaf, data)


@pytest.mark.parametrize("change", [(2, "green"), (3, "perhaps"), (3, []), (4, []), (4, {"a": 1}), (5, [1]), (6, 1)])
def test_a_part_that_does_not_fit_is_refused(change: tuple[int, object]) -> None:
    import json

    parts = json.loads(write_record(Tree()))
    index, value = change
    parts[index] = value
    with pytest.raises(RecordError):
        read_record(Tree, json.dumps(parts).encode())


@dataclass(frozen=True)
class Chain:
    name: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Link:
    to: Chain | None = None


def test_a_dataclass_may_be_made_of_itself() -> None:
    chain = Chain("a", (Link(Chain("b", (Link(), Link(Chain("c"))))),))
    assert read_record(Chain, write_record(chain)) == chain
    with pytest.raises(RecordError):
        read_record(Chain, b'["a", [[["b"]]]]')
