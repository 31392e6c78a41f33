from __future__ import annotations

import pytest

from reviewer.catalog.query.language import read_detector
from reviewer.catalog.replay.background import Background
from reviewer.catalog.replay.examples import replay_examples
from reviewer.catalog.replay.trial import admitted
from reviewer.domain.detector import Detector
from reviewer.domain.pattern import Replay, State
from reviewer.errors import CatalogError
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

AROUND = Surroundings(Knowledge())
BAD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"
GOOD = BAD.replace("(url)\n", "(url, timeout=5)\n")
DETECTOR = read_detector({"query": {"callee": "requests.get", "not": {"argument": "timeout"}}}, "test")


def replay(detector: Detector, bad: list[str], good: list[str], other: str = "x = 1\n" * 50) -> Replay:
    background = Background(lambda: [("other.py", other.encode())], AROUND)
    return replay_examples(detector, bad, good, AROUND, background)


def test_a_detector_that_tells_its_examples_apart_is_admitted() -> None:
    found = replay(DETECTOR, [BAD, BAD.replace("fetch", "load")], [GOOD])
    assert found == Replay(
        commit="",
        before=2,
        after=0,
        variation=2,
        background=0.0,
        lines=50,
        places=("bad1.py:5", "bad2.py:5"),
        reason="it tells its examples apart, and finds nothing in 50 other lines",
    )
    assert admitted(found) is State.ACTIVE


@pytest.mark.parametrize(
    ("bad", "good", "reason"),
    [
        ([BAD, GOOD], [], "it finds nothing in bad2.py"),
        ([], [GOOD], "it finds nothing in any example: there is none"),
        ([BAD], [GOOD, BAD], "it finds something in a good example, at good2.py:5"),
    ],
)
def test_an_example_that_is_taken_wrongly_is_told(bad: list[str], good: list[str], reason: str) -> None:
    found = replay(DETECTOR, bad, good)
    assert (found.reason, found.lines, admitted(found)) == (reason, 0, State.CANDIDATE)


def test_a_detector_of_names_is_refused() -> None:
    shape = read_detector({"shape": {"pattern": "requests.get(url)"}}, "test")
    assert replay(shape, [BAD], [GOOD]).variation == 0


def test_a_loud_detector_is_only_counted() -> None:
    found = replay(DETECTOR, [BAD], [GOOD], BAD)
    assert found.reason == "it tells its examples apart, but it is loud elsewhere, as at other.py:5"
    assert admitted(found) is State.SHADOW


def test_an_example_that_is_no_python_is_refused() -> None:
    with pytest.raises(CatalogError, match=r"^good1\.py: the example is not valid Python at line 1"):
        replay(DETECTOR, [BAD], ["def f(:\n"])
