"""The trial of a pattern that has no fix: on the examples that somebody wrote for it."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.catalog.replay.background import Background, Tally
from reviewer.catalog.replay.layout import lay_out
from reviewer.catalog.replay.reading import Asking, Reading, read_definitions
from reviewer.catalog.replay.trial import MOST_BACKGROUND, MOST_PLACES, NOT_AGAIN, count
from reviewer.catalog.replay.variation import vary
from reviewer.code.source import decode
from reviewer.domain.detector import Detector
from reviewer.domain.pattern import Replay
from reviewer.errors import CatalogError, SourceError
from reviewer.flow.reading import Surroundings


def replay_examples(
    detector: Detector, bad: Sequence[str], good: Sequence[str], around: Surroundings, background: Background | None
) -> Replay:
    """Run a detector on its examples; `trial.admitted` tells what follows from it.

    Args:
        detector: the detector.
        bad: texts in each of which it has to find something; lines are told as "bad1.py:3".
        good: texts in which it finds nothing.
        around: what reading draws on.
        background: code that has nothing to do with it; None for nothing.

    Returns:
        `before` is 0 where one of the bad examples is not found, as `variation` is where one is lost in it.

    Raises:
        CatalogError: an example is no Python.
    """
    asking = Asking({"it": detector})
    fails = {f"bad{number}.py": text for number, text in enumerate(bad, 1)}
    works = {f"good{number}.py": text for number, text in enumerate(good, 1)}
    found = {path: _lines(asking, path, text, around) for path, text in fails.items()}
    wrong = [f"{path}:{line}" for path, text in works.items() for line in _lines(asking, path, text, around)]
    again = [_varied(asking, path, text, around) for path, text in fails.items()]
    missed = next((path for path, lines in found.items() if not lines), None if found else "any example: there is none")
    places = [f"{path}:{line}" for path, lines in found.items() for line in lines] if missed is None else []
    variation = sum(again) if all(again) else 0
    passes = places and not wrong and variation
    other = background.count(detector) if passes and background is not None else Tally()
    if missed is not None:
        reason = f"it finds nothing in {missed}"
    elif wrong:
        reason = f"it finds something in a good example, at {wrong[0]}"
    elif not variation:
        reason = NOT_AGAIN
    elif other.rate > MOST_BACKGROUND:
        reason = f"it tells its examples apart, but it is loud elsewhere, as at {', '.join(other.places)}"
    else:
        reason = f"it tells its examples apart, and finds {count(other.hits)} in {other.lines} other lines"
    return Replay(
        commit="",
        before=len(places),
        after=len(wrong),
        variation=variation,
        background=round(other.rate, 4),
        lines=other.lines,
        places=tuple(places[:MOST_PLACES]),
        reason=reason,
    )


def _lines(asking: Asking, path: str, text: str, around: Surroundings) -> list[int]:
    reading = _read(path, text.encode(), around)
    return sorted({match.line for match in reading.ask(asking).get("it", [])})


def _varied(asking: Asking, path: str, text: str, around: Surroundings) -> int:
    """How many lines are found in a text written differently."""
    content = text.encode()
    layout = lay_out(decode(path, content))
    variation = vary(layout, content, [one.name for one in layout.outline.in_order], ())
    return len(_lines(asking, path, variation.content.decode(), around)) if variation is not None else 0


def _read(path: str, content: bytes, around: Surroundings) -> Reading:
    try:
        return read_definitions(path, content, range(1, content.count(b"\n") + 2), around)
    except SourceError as error:
        raise CatalogError(path, f"the example {error}") from error
