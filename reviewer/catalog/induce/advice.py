"""Queries that somebody proposes, a language model: tried like those that are induced, and admitted by nothing else.

An adviser proposes a few, is told what became of each, and may propose others; three rounds at most.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from reviewer.catalog.induce.ground import Ground
from reviewer.catalog.induce.induction import Induced
from reviewer.catalog.induce.miss import nearest
from reviewer.catalog.induce.names import Names
from reviewer.catalog.query.language import read_detector
from reviewer.catalog.query.registry import feature
from reviewer.catalog.query.wildcard import ANY
from reviewer.catalog.replay.background import LINES
from reviewer.catalog.replay.trial import Trial, admitted
from reviewer.domain.detector import Detector, Query
from reviewer.domain.pattern import State
from reviewer.errors import CatalogError

ROUNDS = 3
MOST_PROPOSALS = 3
"""Queries of one round that are tried."""
_LONGEST = 8_000
"""Characters of a proposal that are read."""
_PLACE = "proposal"
_MOST_STRANGERS = 3

Places = Callable[[Detector], Sequence[str]]
"""The first places of unrelated code that a detector finds, each with its code."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A proposal with what became of it.

    Attributes:
        text: the proposal, as it came.
        verdict: what its author is told, one line.
        induced: the detector with its replay; None where the proposal is none, or speaks of the project.
    """

    text: str
    verdict: str
    induced: Induced | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What an adviser has to go by.

    Attributes:
        trial: the fix.
        ground: its facts.
        names: tells what may be spoken of.
        offline: the detector that was made without an adviser; None for none.
    """

    trial: Trial
    ground: Ground
    names: Names
    offline: Induced | None = None


class Adviser(Protocol):
    """Proposes queries."""

    def propose(self, case: Case, earlier: Sequence[Sequence[Tried]]) -> Sequence[str]:
        """Queries as JSON, the best first; none where there is nothing more to say.

        Args:
            case: the fix.
            earlier: the rounds before, each with its proposals.
        """


@dataclass(frozen=True, slots=True)
class Advised:
    """What came of asking an adviser.

    Attributes:
        best: the detector that came farthest; None where none passed on the fix itself.
        rounds: all proposals.
    """

    best: Induced | None
    rounds: tuple[tuple[Tried, ...], ...]


def advise(adviser: Adviser, case: Case, places: Places) -> Advised:
    """Ask for queries until one is admitted, nothing new comes, or three rounds are over.

    Args:
        adviser: who is asked.
        case: the fix.
        places: tells where a detector is loud.
    """
    rounds: list[tuple[Tried, ...]] = []
    best: Induced | None = None
    seen: set[str] = set()
    while len(rounds) < ROUNDS and (best is None or best.state is not State.ACTIVE):
        proposed = list(dict.fromkeys(text[:_LONGEST] for text in adviser.propose(case, rounds)))[:MOST_PROPOSALS]
        fresh = [text for text in proposed if text not in seen]
        if not fresh:
            break
        seen.update(fresh)
        tried = tuple(_tried(text, case, places) for text in fresh)
        rounds.append(tried)
        for one in tried:
            if one.induced is not None and (best is None or _worth(one.induced) > _worth(best)):
                best = one.induced
    return Advised(best if best is not None and _rank(best) else None, tuple(rounds))


def is_firm(induced: Induced | None) -> bool:
    """Whether a detector leaves nothing to ask an adviser for.

    It is admitted, and is a rule, which has been measured on more than one fix, or was held against most of the code
    that there is. What names nothing to go by is held against a tenth of it, and may be quiet there by chance.
    """
    if induced is None or induced.state is not State.ACTIVE:
        return False
    return induced.origin == "rule" or induced.replay.lines > LINES // 2


def better(offline: Induced | None, advised: Induced | None) -> Induced | None:
    """The detector to keep: the one that came farther, else the one that was made without advice.

    Where both are admitted and only the advised one is new, the adviser has seen the other, and holds that it does not
    say why the code failed: unless it is firm, the advised one is kept.
    """
    if offline is None or advised is None:
        return offline or advised
    if _rank(offline) != _rank(advised):
        return max(offline, advised, key=_rank)
    return advised if offline.state is State.ACTIVE and not is_firm(offline) else offline


def _rank(induced: Induced) -> int:
    return (State.CANDIDATE, State.SHADOW, State.ACTIVE).index(induced.state)


def _worth(induced: Induced) -> tuple[int, bool]:
    return _rank(induced), is_firm(induced)


def _tried(text: str, case: Case, places: Places) -> Tried:
    try:
        detector = _read(text)
    except CatalogError as error:
        return Tried(text, f"refused: {error}")
    assert detector.query is not None  # noqa: S101 - no other form is read
    strangers = list(dict.fromkeys(_strangers(detector.query, case.names)))[:_MOST_STRANGERS]
    if strangers:
        named = ", ".join(strangers)
        return Tried(text, f"refused: it names what only this project has: {named}; say it by behaviour or by library")
    replay = case.trial.replay(detector)
    induced = Induced(detector, replay, admitted(replay), "model")
    verdict = replay.reason
    if not replay.before:
        verdict = f"{verdict}; {nearest(detector.query, case.ground.wanted)}"
    elif induced.state is State.SHADOW:
        verdict = f"{verdict}: {'; '.join(places(detector))}"
    return Tried(text, verdict, induced)


def _read(text: str) -> Detector:
    """A query from JSON.

    Raises:
        CatalogError: it is none.
    """
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CatalogError(_PLACE, f"is no JSON ({error})") from error
    # Some wrap it as it stands in a catalog.
    if isinstance(data, dict) and data.keys() == {"query"}:
        data = data["query"]
    return read_detector({"query": data}, "proposal")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]!a} stands twice in one object; use `all`")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value")


def _strangers(query: Query, names: Names) -> Iterator[str]:
    """Values that speak of what the project made, of tests none of whose values means anything elsewhere."""
    for test in query.tests:
        asked = feature(test.feature)
        if test.related is not None:
            yield from _strangers(test.related, names)
        elif not asked.values and not any(
            ANY in value or names.may_be_told(asked.name, value) for value in test.values
        ):
            yield from (f"{asked.name} = {value[:60]!a}" for value in test.values)
    for other in (*query.none_of, *query.any_of):
        yield from _strangers(other, names)
