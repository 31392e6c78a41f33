"""The smallest sets of tests that hold for a fact before a fix and for none after it.

Each test that holds for the wanted fact rules out the facts that it does not hold for. Wanted is a cheap set of tests
that together rule out every fact after the fix, and as many as can be of the code that has nothing to do with it: a
weighted set cover, searched from the cheapest set on (Chvátal, "A Greedy Heuristic for the Set-Covering Problem", 1979,
is the same without going back).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.catalog.induce.trait import Sample, Trait
from reviewer.domain.detector import Query, Test

_MOST_TESTS = 5
_MOST_STEPS = 300
_WIDTH = 24
_ALIKE = 6
"""Tests that are tried at each step, the most telling first."""
_LITTLE = 0.2
"""Share of the unrelated code that a test has to rule out to be worth trying for that alone."""
_NOISE_PRICE = 0.15
"""What one place of unrelated code that is still met counts, in cost."""


@dataclass(frozen=True, slots=True)
class Said:
    """A trait, held to be there or to be missing."""

    trait: Trait
    absent: bool

    @property
    def cost(self) -> float:
        """What it takes from generality."""
        return self.trait.cost(absent=self.absent)


class _Search:
    """The tests for one fact, and what each rules out."""

    def __init__(self, wanted: Sample, against: Sequence[Sample], noise: Sequence[Sample], *, related: bool) -> None:
        kind = wanted.kind
        self._against = [sample for sample in against if sample.kind == kind]
        self._noise = [sample for sample in noise if sample.kind == kind]
        self.all_left = (1 << len(self._against)) - 1
        self.all_loud = (1 << len(self._noise)) - 1
        near = wanted.related_traits if related else frozenset()
        present = wanted.traits | near
        counterparts = _alike(wanted, self._against)
        missing = frozenset(
            trait for one in counterparts for trait in one.traits | (one.related_traits if related else frozenset())
        )
        said = [Said(trait, absent=False) for trait in present if trait.feature != "fact" or trait.relation]
        said += [Said(trait, absent=True) for trait in missing - present if not wanted.has(trait)]
        self.said = sorted(said, key=lambda one: (one.cost, one.trait, one.absent))
        self.costs = [one.cost for one in self.said]
        self._left: dict[int, int] = {}
        self._loud: dict[int, int] = {}

    def left(self, index: int) -> int:
        """Bit set of the facts after the fix that a test leaves."""
        if index not in self._left:
            self._left[index] = self._bits(self.said[index], self._against)
        return self._left[index]

    def loud(self, index: int) -> int:
        """Bit set of the unrelated facts that a test leaves."""
        if index not in self._loud:
            self._loud[index] = self._bits(self.said[index], self._noise)
        return self._loud[index]

    def _bits(self, said: Said, samples: Sequence[Sample]) -> int:
        bits = 0
        for index, sample in enumerate(samples):
            if sample.has(said.trait) is not said.absent:
                bits |= 1 << index
        return bits

    def promising(self, chosen: frozenset[int], left: int, loud: int) -> list[int]:
        """The tests that rule out most for what they cost."""
        gains: list[tuple[float, int]] = []
        for index, cost in enumerate(self.costs):
            if index in chosen:
                continue
            ruled = (left & ~self.left(index)).bit_count() / max(left.bit_count(), 1)
            hushed = (loud & ~self.loud(index)).bit_count() / max(loud.bit_count(), 1)
            if ruled or hushed > _LITTLE:
                gains.append((-(2 * ruled + hushed) / cost, index))
        return [index for _, index in heapq.nsmallest(_WIDTH, gains)]


def separate(wanted: Sample, against: Sequence[Sample], noise: Sequence[Sample], most: int = 12) -> list[Query]:
    """Queries that hold for a fact and for none of others, the cheapest first.

    Every query says what sort of fact it is and names one thing that identifies it.

    Args:
        wanted: the fact before the fix.
        against: the facts after it.
        noise: facts of unrelated code; the fewer of them are met the better.
        most: how many queries are enough.
    """
    # What stands around a fact tells more, and costs far more to find out.
    plain = _found(_Search(wanted, against, noise, related=False), wanted, most)
    more = _found(_Search(wanted, against, noise, related=True), wanted, most) if len(plain) < most else []
    both = {query: price for price, query in (*more, *plain)}
    return sorted(both, key=lambda query: both[query])[:most]


def _alike(wanted: Sample, others: Sequence[Sample]) -> list[Sample]:
    """The facts after the fix that are most like one before it: what it has become is among them."""
    ranked = sorted(others, key=lambda other: -len(wanted.traits & other.traits))
    return ranked[:_ALIKE]


def _found(search: _Search, wanted: Sample, most: int) -> list[tuple[float, Query]]:
    """The queries of one search with their prices."""
    found: list[tuple[float, Query]] = []
    seen: set[frozenset[int]] = set()
    # Estimated price, a number that makes entries comparable, the chosen tests, what they leave.
    queue: list[tuple[float, int, frozenset[int], int, int]] = []

    def consider(chosen: frozenset[int], left: int, loud: int) -> None:
        if chosen not in seen:
            seen.add(chosen)
            cost = sum(search.costs[one] for one in chosen)
            estimate = cost + _remaining(left) + _NOISE_PRICE * min(loud.bit_count(), 20)
            heapq.heappush(queue, (estimate, len(seen), chosen, left, loud))

    for index, said in enumerate(search.said):
        if said.trait.is_identity and not said.absent:
            consider(frozenset({index}), search.all_left & search.left(index), search.all_loud & search.loud(index))
    steps = 0
    while queue and steps < _MOST_STEPS and len(found) < most:
        steps += 1
        price, _, chosen, left, loud = heapq.heappop(queue)
        if not left:
            found.append((price, _query(wanted, [search.said[index] for index in sorted(chosen)])))
            if not loud:
                continue
        if len(chosen) < _MOST_TESTS:
            for index in search.promising(chosen, left, loud):
                consider(chosen | {index}, left & search.left(index), loud & search.loud(index))
    return found


def _remaining(left: int) -> float:
    return 0.0 if not left else 0.8 + 0.1 * min(left.bit_count(), 30)


def _query(wanted: Sample, said: Sequence[Said]) -> Query:
    order = sorted(said, key=lambda one: (bool(one.trait.relation), one.trait))
    tests = [Test("fact", tuple(sorted(wanted.kind))), *(one.trait.test for one in order if not one.absent)]
    lacking = tuple(Query((one.trait.test,)) for one in order if one.absent)
    return Query(tuple(tests), lacking)
