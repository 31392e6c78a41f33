"""What an induction has to go by: the facts of a fix on both sides, and facts of unrelated code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from reviewer.catalog.induce.names import Names
from reviewer.catalog.induce.trait import Sample
from reviewer.catalog.replay.reading import Reading
from reviewer.catalog.replay.trial import Trial
from reviewer.domain.fact import Call, Raise

_MOST_AGAINST = 600
_MOST_NOISE = 400


@dataclass(frozen=True, slots=True)
class Ground:
    """The facts that detectors are made from.

    Attributes:
        wanted: facts on the lines that the fix changed, before it, the most telling first.
        against: facts of the corresponding functions after it.
        noise: facts of code that has nothing to do with it.
    """

    wanted: tuple[Sample, ...]
    against: tuple[Sample, ...]
    noise: tuple[Sample, ...] = ()

    def louder(self, noise: Iterable[Sample]) -> Ground:
        """The same with more facts that must not be met."""
        return replace(self, noise=(*noise, *self.noise)[:_MOST_NOISE])


def ground_of(trial: Trial, names: Names) -> Ground:
    """The facts of a fix.

    Args:
        trial: the fix, read.
        names: tells what may be spoken of.
    """
    changed = {(site.before.path, line) for site in trial.sites.sites for line in site.changed}
    near = trial.sites.places
    wanted = [
        sample
        for sample in _samples(trial.before, names)
        if (sample.scope.view.path, sample.fact.span.line) in near or _is_whole(sample)
    ]
    functions: dict[tuple[str, str], list[Sample]] = {}
    for sample in sorted(wanted, key=lambda sample: _rank(sample, changed)):
        functions.setdefault((sample.scope.view.path, sample.scope.view.unit.name), []).append(sample)
    # One function after the other has its turn, since nothing tells which of them failed and which only follow.
    turns = [sample for turn in zip_longest(*functions.values()) for sample in turn if sample is not None]
    return Ground(tuple(turns), tuple(_samples(trial.after, names))[:_MOST_AGAINST])


def _samples(readings: Iterable[Reading], names: Names) -> Iterator[Sample]:
    for reading in readings:
        for view in reading.views:
            scope = reading.scope(view)
            for fact in scope.facts:
                yield Sample(scope, fact, names)


def _is_whole(sample: Sample) -> bool:
    return "unit" in sample.kind


def _rank(sample: Sample, changed: set[tuple[str, int]]) -> tuple[int, int, int]:
    """The changed lines first, calls before other facts, and what is known of a library before what is not."""
    fact = sample.fact
    is_changed = (sample.scope.view.path, fact.span.line) in changed
    known = isinstance(fact, Call) and (fact.known is not None or (fact.callee or ".")[0] != ".")
    return (not is_changed, 0 if known else 1 if isinstance(fact, Call | Raise) else 2, fact.span.line)
