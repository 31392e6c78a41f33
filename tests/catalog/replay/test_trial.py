from __future__ import annotations

from textwrap import dedent

import pytest

from reviewer.catalog.query.language import read_detector
from reviewer.catalog.replay import trial as limits
from reviewer.catalog.replay.background import Background
from reviewer.catalog.replay.trial import Trial, admitted
from reviewer.diff.repository import GitRepository
from reviewer.diff.sources import RevisionSources
from reviewer.domain.detector import Detector
from reviewer.domain.pattern import Replay, State
from reviewer.errors import FixError
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from tests.catalog.replay.fixes import fix_of
from tests.git_builder import GitBuilder

KNOWLEDGE = Knowledge()
AROUND = Surroundings(KNOWLEDGE)

BEFORE = """
    import requests


    def fetch(url):
        headers = {}
        wait = 5
        return requests.get(url, headers=headers)


    def other(url):
        return requests.get(url)
    """
AFTER = BEFORE.replace("headers=headers)", "headers=headers, timeout=wait)")
QUIET = "def quiet():\n    return 1\n" * 100
LOUD = "import requests\n\n\ndef loud(url):\n    return requests.get(url)\n\n\n"


def query(**tests: object) -> Detector:
    return read_detector({"query": {name.replace("_", "-"): value for name, value in tests.items()}}, "test")


WITHOUT_TIMEOUT = read_detector({"query": {"callee": "requests.get", "not": {"argument": "timeout"}}}, "test")


def background(*texts: str) -> Background:
    return Background(lambda: [(f"library{n}.py", text.encode()) for n, text in enumerate(texts)], AROUND)


def trial(builder: GitBuilder, before: str = BEFORE, after: str = AFTER, *others: str, own: str | None = None) -> Trial:
    fix = fix_of(builder, {"shop.py": before}, {"shop.py": after})
    project = background(own) if own is not None else None
    return Trial(fix, KNOWLEDGE, background=background(*(others or (QUIET,))), project=project)


def test_a_detector_that_tells_before_from_after_is_admitted(builder: GitBuilder) -> None:
    made = trial(builder)
    replay = made.replay(WITHOUT_TIMEOUT)
    assert replay == Replay(
        commit=made.fix.commit,
        before=1,
        after=0,
        variation=1,
        background=0.0,
        lines=200,
        places=("shop.py:7",),
        reason="it fires before the fix, is silent after it, and finds nothing in 200 other lines",
    )
    assert admitted(replay) is State.ACTIVE


def test_a_rule_is_tried_like_a_query(builder: GitBuilder) -> None:
    replay = trial(builder).replay(Detector("rule", rule="no-timeout"))
    assert (replay.places, replay.after, replay.variation, admitted(replay)) == (("shop.py:7",), 0, 1, State.ACTIVE)


def test_a_shape_is_tried_like_a_query(builder: GitBuilder) -> None:
    shape = read_detector({"shape": {"pattern": "requests.get($URL, headers=$HEADERS)"}}, "test")
    assert admitted(trial(builder).replay(shape)) is State.ACTIVE


def test_what_still_fires_after_the_fix_is_no_detector(builder: GitBuilder) -> None:
    replay = trial(builder).replay(query(callee="requests.get"))
    assert (replay.before, replay.after, replay.lines) == (1, 1, 0)
    assert replay.reason == "it still finds 1 place after the fix, at shop.py:7"
    assert admitted(replay) is State.CANDIDATE


def test_what_fires_nowhere_is_no_detector(builder: GitBuilder) -> None:
    replay = trial(builder).replay(query(method="nothing"))
    assert (replay.before, replay.reason) == (0, "it finds nothing on the lines that the fix changed")


def test_what_fires_beside_the_lines_of_the_fix_is_told(builder: GitBuilder) -> None:
    far = "def fetch(url):\n    log(url)\n    a()\n    b()\n    c()\n    return requests.get(url)\n"
    replay = trial(builder, far, far.replace("get(url)", "get(url, timeout=1)")).replay(query(method="log"))
    assert (replay.before, replay.reason) == (
        0,
        "it finds nothing on the lines that the fix changed, only at shop.py:2 beside them",
    )


def test_what_hangs_on_the_name_of_a_variable_is_no_detector(builder: GitBuilder) -> None:
    shape = read_detector({"shape": {"pattern": "requests.get(url, headers=headers)"}}, "test")
    replay = trial(builder).replay(shape)
    assert (replay.before, replay.after, replay.variation) == (1, 0, 0)
    assert replay.reason == (
        "it finds nothing any more once local names and the order of independent statements are changed"
    )
    assert admitted(replay) is State.CANDIDATE


def test_what_hangs_on_the_order_of_independent_statements_is_no_detector(builder: GitBuilder) -> None:
    before = "def f():\n    a = 1\n    b = 2\n    return a + b\n"
    shape = {"kind": "expression_statement", "has": {"regex": "= 2"}, "follows": {"regex": "= 1$"}}
    replay = trial(builder, before, before.replace("b = 2", "b = 3")).replay(read_detector({"shape": shape}, "test"))
    assert (replay.before, replay.after, replay.variation) == (1, 0, 0)


def test_what_is_loud_in_libraries_is_only_counted(builder: GitBuilder) -> None:
    replay = trial(builder, BEFORE, AFTER, QUIET * 9, LOUD * 3).replay(WITHOUT_TIMEOUT)
    assert (replay.background, replay.lines) == (round(300 / 1821, 4), 1821)
    assert replay.reason == (
        "it fires before the fix and is silent after it, but it is loud elsewhere: 0.16 hits for each 100 lines of "
        "libraries, more than 0.05, as at library1.py:5, library1.py:12, library1.py:19"
    )
    assert admitted(replay) is State.SHADOW


def test_hits_in_the_project_may_be_the_same_slip(builder: GitBuilder) -> None:
    replay = trial(builder, own=QUIET * 2 + LOUD).replay(WITHOUT_TIMEOUT)
    assert (replay.background, replay.project) == (0.0, round(100 / 407, 4))
    assert replay.reason == (
        "it fires before the fix, is silent after it, and finds nothing in 200 other lines; "
        "in the rest of the project it finds 1 place, as at library0.py:405"
    )
    assert admitted(replay) is State.ACTIVE


def test_too_many_hits_in_the_project_are_loud_too(builder: GitBuilder) -> None:
    replay = trial(builder, own=QUIET + LOUD * 2).replay(WITHOUT_TIMEOUT)
    assert replay.project == round(200 / 214, 4)
    assert replay.reason.startswith(
        "it fires before the fix and is silent after it, but it is loud in the project itself: 0.93 hits for each 100"
    )
    assert admitted(replay) is State.SHADOW


def test_what_was_held_against_nothing_is_only_counted(builder: GitBuilder) -> None:
    fix = fix_of(builder, {"shop.py": BEFORE}, {"shop.py": AFTER})
    replay = Trial(fix, KNOWLEDGE).replay(WITHOUT_TIMEOUT)
    assert replay.reason == "it fires before the fix and is silent after it; it was held against no other code"
    assert admitted(replay) is State.SHADOW


def test_siblings_that_the_fix_left_alone_do_not_count(builder: GitBuilder) -> None:
    before = """
        import requests


        def fetch(a, b, c):
            one = requests.get(a)
            two = requests.get(b)
            check(one)
            check(two)
            check(a)
            three = requests.get(c)
            return one, two, three
        """
    after = before.replace("(a)\n", "(a, timeout=1)\n", 1).replace("get(b)", "get(b, timeout=1)")
    replay = trial(builder, before, after).replay(WITHOUT_TIMEOUT)
    assert (replay.before, replay.after, replay.places) == (2, 0, ("shop.py:5", "shop.py:6"))
    assert replay.reason.endswith("; the fix left 1 place of the same, at shop.py:10")
    assert admitted(replay) is State.ACTIVE


def test_code_that_only_moved_is_not_mended(builder: GitBuilder) -> None:
    before = (
        "import requests\n\n\ndef fetch(url):\n    address = complete(url)\n    return requests.get(address).json()\n"
    )
    after = (
        "import requests\n\n\ndef load(address):\n    return requests.get(address).json()\n\n\n"
        "def fetch(url):\n    address = complete(url)\n    return load(address)\n"
    )
    moved = before.replace("def fetch(url)", "def load(url)")
    assert trial(builder, before, moved).replay(WITHOUT_TIMEOUT).after == 1
    assert trial(builder, before, after).replay(WITHOUT_TIMEOUT).reason == (
        "it still finds 1 place after the fix, at shop.py:5"
    )


def test_own_statements_of_a_class_are_tried_without_its_methods(builder: GitBuilder) -> None:
    before = """
        class Form:
            name = field("name")

            def check(self):
                return field("other")
        """
    after = before.replace('field("name")', 'field("name", required=True)')
    detector = query(method="field", **{"not": {"argument": "required"}})
    replay = trial(builder, before, after).replay(detector)
    assert (replay.places, replay.after, admitted(replay)) == (("shop.py:2",), 0, State.ACTIVE)


def test_a_moved_line_that_was_mended_on_the_way_is_mended(builder: GitBuilder) -> None:
    before = (
        "import requests\n\n\ndef fetch(url):\n    address = complete(url)\n    return requests.get(address).json()\n"
    )
    after = (
        "import requests\n\n\ndef load(address):\n    return requests.get(address, timeout=1).json()\n\n\n"
        "def fetch(url):\n    address = complete(url)\n    return load(address)\n"
    )
    assert admitted(trial(builder, before, after).replay(WITHOUT_TIMEOUT)) is State.ACTIVE


def test_code_is_read_with_the_project_around_it(builder: GitBuilder) -> None:
    builder.commit({"client.py": "import requests\n\n\nsession = requests.Session()\n"})
    before = "from client import session\n\n\ndef fetch(url):\n    return session.get(url)\n"
    fix = fix_of(
        builder,
        {"shop.py": before},
        {
            "shop.py": before.replace("(url)\n", "(url, timeout=1)\n").replace(
                "def fetch(url, timeout=1)", "def fetch(url)"
            )
        },
    )
    old, new = (RevisionSources(str(builder.root), commit, 10_000) for commit in (fix.parent, fix.commit))
    detector = query(callee="requests.Session.get", **{"not": {"argument": "timeout"}})
    assert Trial(fix, KNOWLEDGE).replay(detector).before == 0
    assert Trial(fix, KNOWLEDGE, before=old, after=new).replay(detector).places == ("shop.py:5",)


def test_many_detectors_are_screened_at_once(builder: GitBuilder) -> None:
    detectors = [
        query(callee="requests.get"),
        WITHOUT_TIMEOUT,
        query(method="nothing"),
        query(argument="headers", **{"not": {"argument": "timeout"}}),
    ]
    assert trial(builder).screen(detectors) == [detectors[1], detectors[3]]


def test_a_fix_without_a_mended_statement_has_no_trial(builder: GitBuilder) -> None:
    with pytest.raises(FixError) as caught:
        trial(builder, BEFORE, BEFORE + "\n\n    # a comment\n    def new():\n        return 1\n")
    assert str(caught.value).endswith(
        ": it changes no statement of the code before it, only comments, imports or what it adds beside; "
        "name the commit that mends the code"
    )


def test_a_fix_of_too_many_functions_is_no_single_repair(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SITES", 1)
    before = "def f():\n    return 1\n\n\ndef g():\n    return 1\n"
    with pytest.raises(FixError, match="it changes 2 functions, more than the 1 of one repair; name the commit"):
        trial(builder, before, before.replace("1", "2"))


def test_a_fix_of_what_is_no_python_has_no_trial(builder: GitBuilder) -> None:
    with pytest.raises(FixError, match=r"shop\.py: is not valid Python at line 1"):
        trial(builder, "print 'x'\n", "print 'y'\n")


def test_the_project_of_a_fix_is_a_background_without_the_mended_files(builder: GitBuilder) -> None:
    from reviewer.catalog.replay.background import project_background

    builder.commit({"pkg/a.py": dedent(LOUD), "tests/test_a.py": dedent(LOUD)})
    fix = fix_of(builder, {"shop.py": BEFORE}, {"shop.py": AFTER})
    with GitRepository(builder.root) as repository:
        tally = project_background(repository, fix, AROUND).count(WITHOUT_TIMEOUT)
    assert (tally.hits, tally.lines, tally.places) == (1, 7, ("pkg/a.py:5",))
