"""From the facts around a fix to detectors, and from these to the one that its replay proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reviewer.catalog.induce.ground import Ground
from reviewer.catalog.induce.separation import separate
from reviewer.catalog.induce.trait import DULL, EVERYDAY, NAMES_A_CALL, Sample
from reviewer.catalog.replay.trial import Trial, admitted
from reviewer.domain.detector import Detector, Query
from reviewer.domain.pattern import Origin, Replay, State

_ROUNDS = 3
_MOST_ANCHORS = 36
_EACH = 5
"""Queries that are taken from one anchor."""
_TRIED = 8
"""Detectors of one round that are held against unrelated code."""
_BARE = 2.5
"""What a query costs that only names things and says nothing of how they stand there."""

Noise = Callable[[Detector], Iterable[Sample]]
"""The places of unrelated code that a detector finds."""


@dataclass(frozen=True, slots=True)
class Induced:
    """A detector with what became of it.

    Attributes:
        detector: the detector.
        replay: its replay.
        state: what that allows.
        origin: who made it.
    """

    detector: Detector
    replay: Replay
    state: State
    origin: Origin = "induced"


def induce(ground: Ground) -> list[Detector]:
    """Queries that hold before the fix and not after it, the smallest and most general first."""
    found: dict[Detector, float] = {}
    for number, wanted in enumerate(ground.wanted[:_MOST_ANCHORS]):
        for query in separate(wanted, ground.against, ground.noise, _EACH):
            detector = Detector("query", query=query)
            price = size(query) + 0.03 * number
            found[detector] = min(price, found.get(detector, price))
    return sorted(found, key=lambda detector: found[detector])


def prove(trial: Trial, ground: Ground, rules: Sequence[Detector], noise: Noise) -> Induced | None:
    """The first detector that its replay admits, else the best of those that come near it.

    The reviewer's own rules come first: they have been measured on more than one fix. Where all queries are too loud
    in unrelated code, the places that they find there are what the next ones must not meet.

    Args:
        trial: the fix.
        ground: its facts.
        rules: detectors that are rules, the likeliest first.
        noise: the places of unrelated code that a detector finds.
    """
    best: Induced | None = None
    for number in range(_ROUNDS):
        candidates = [*(rules if number == 0 else ()), *induce(ground)]
        loud: list[Sample] = []
        for detector in trial.screen(candidates)[:_TRIED]:
            replay = trial.replay(detector)
            origin: Origin = "rule" if detector.form == "rule" else "induced"
            tried = Induced(detector, replay, admitted(replay), origin)
            if tried.state is State.ACTIVE:
                return tried
            best = best or tried
            loud.extend(noise(detector))
        if not loud:
            break
        ground = ground.louder(loud)
    return best


def size(query: Query) -> float:
    """How much a query asks for; one that only names something counts for more than it says."""
    told = query.none_of or any(test.related is not None or test.feature in _TELLING for test in query.tests)
    return _size(query) + (0.0 if told else _BARE)


_TELLING = frozenset(
    {"service", "blocking", "timeout", "decoded", "may-be", "needs-release", "regex", "idempotent", "escapes"}
    | {"value-boundary", "argument-boundary", "receiver-boundary", "loop-changes-test", "handler-does"}
    | {"in-loop", "in-handler", "inside-with", "handler-covers", "caught", "compares-to", "left-by"}
)
"""Features that say why code fails, and not only what it is."""


def _size(query: Query) -> float:
    plain = sum(1.0 if test.related is None else 1.0 + _size(test.related) for test in query.tests)
    dull = sum(DULL for test in query.tests if test.feature in NAMES_A_CALL and EVERYDAY.intersection(test.values))
    return plain + dull + sum(_size(other) for other in (*query.none_of, *query.any_of))
