"""What keeps a query from finding what it should: the place that it comes nearest to, and what fails there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.catalog.induce.trait import Sample
from reviewer.catalog.query.matcher import holds, passes
from reviewer.catalog.query.reason import summary
from reviewer.catalog.query.registry import feature
from reviewer.domain.detector import Query, Test
from reviewer.errors import SourceError

_MOST_SAMPLES = 120
_SHOWN = 4
"""Tests that are told, and values of one of them."""
_CODE = 60
"""Characters of a statement."""


def nearest(query: Query, samples: Sequence[Sample]) -> str:
    """The fact that fails fewest tests of a query, with those that it fails, in one line.

    Args:
        query: one that holds for none of them.
        samples: facts, the most telling first.
    """
    best: tuple[int, Sample, list[str]] | None = None
    for sample in samples[:_MOST_SAMPLES]:
        try:
            failed = list(_failed(query, sample))
        except SourceError:  # the time for one unit is over
            continue
        # What is not even of the wanted sort is near in nothing.
        weight = len(failed) + 10 * any(text.startswith("fact ") for text in failed)
        if failed and (best is None or weight < best[0]):
            best = weight, sample, failed
    if best is None:
        return "there is no such fact on those lines"
    _, sample, failed = best
    fact = sample.fact
    return f"nearest is line {fact.span.line}, `{fact.code[: 2 * _CODE]}`, where {'; '.join(failed[:_SHOWN])}"


def _failed(query: Query, sample: Sample) -> Iterator[str]:
    for test in query.tests:
        if not passes(test, sample.fact, sample.scope):
            yield _told(test, sample)
    for other in query.none_of:
        if holds(other, sample.fact, sample.scope):
            yield f"what `not` excludes is so ({_query(other)})"
    if query.any_of and not any(holds(other, sample.fact, sample.scope) for other in query.any_of):
        yield "nothing of `any` holds"


def _told(test: Test, sample: Sample) -> str:
    asked = feature(test.feature)
    if asked.relation:
        found = sample.scope.related(asked, sample.fact)
        wanted = _query(test.related) if test.related is not None else "anything"
        if not found:
            return f"it has no {asked.name} facts"
        codes = ", ".join(dict.fromkeys(f"`{other.code[:_CODE]}`" for other in found[:_SHOWN]))
        return f"none of its {asked.name} facts ({codes}{', …' if len(found) > _SHOWN else ''}) is {wanted}"
    if asked.flag:
        return f"{asked.name} does not hold"
    there = sorted(sample.scope.values(asked, sample.fact))[:_SHOWN]
    return f"{asked.name} is {', '.join(repr(value[:80]) for value in there) or 'nothing'}"


def _query(query: Query) -> str:
    names = ", ".join(dict.fromkeys(test.feature for test in query.tests))
    return f"{names}: {summary(query)}" if names else summary(query)
