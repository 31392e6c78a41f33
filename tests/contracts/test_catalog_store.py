"""What every adapter of `CatalogStore` keeps to: the folder, SQLite, and a real PostgreSQL."""

from __future__ import annotations

import ast
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import reviewer.stores
from reviewer.catalog.lookup.search import search
from reviewer.catalog.query.language import read_detector
from reviewer.catalog.query.trigger import triggers_in
from reviewer.domain.catalog import Catalog, Wish
from reviewer.domain.pattern import State
from reviewer.errors import CatalogError
from reviewer.ports import CatalogStore
from reviewer.stores.catalog_folder import FolderCatalog
from reviewer.stores.catalog_sql import SqlCatalog
from tests.catalog.members import LESSON, OUTCOME, PATTERN, a_lesson, a_pattern, catalog, in_words
from tests.stores import postgres

ROOT = Path(__file__).parents[2]
KINDS = ("folder", "sqlite", "postgresql")
Open = Callable[[], CatalogStore]

_OPENING = """
import sys
from pathlib import Path
from reviewer.stores.catalog_folder import FolderCatalog
from reviewer.stores.catalog_sql import SqlCatalog
from tests.catalog.members import a_lesson, a_pattern

def open_store(kind, place):
    if kind == "folder":
        return FolderCatalog(Path(place, "catalog"), Path(place, "outcomes.jsonl"), Path(place, "cache"), "1")
    return SqlCatalog(place)

store = open_store(sys.argv[1], sys.argv[2])
"""
_WRITER = (
    _OPENING
    + """
for number in range(int(sys.argv[4])):
    store.put([a_pattern(f"{sys.argv[3]}-{number}", incidents=("shared",))], [a_lesson(f"{sys.argv[3]}-{number}")])
"""
)
_REWRITER = (
    _OPENING
    + """
print("ready", flush=True)
for turn in range(100_000):
    store.put([a_pattern(f"part-{number}", title=f"turn {turn}") for number in range(6)])
    print("written", flush=True)
"""
)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres.running() as url:
        yield url


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where a store of the kind is: a folder, or a URL."""
    if kind == "folder":
        return str(tmp_path)
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/catalog.sqlite"
    import psycopg

    url = request.getfixturevalue("server")
    name = f"t{random.getrandbits(60)}"
    with psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{url}/{name}"


@pytest.fixture
def open_store(kind: str, place: str) -> Iterator[Open]:
    opened: list[CatalogStore] = []

    def open_one() -> CatalogStore:
        opened.append(open_folder(place) if kind == "folder" else open_sql(place))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def open_folder(place: str) -> FolderCatalog:
    return FolderCatalog(Path(place, "catalog"), Path(place, "outcomes.jsonl"), Path(place, "cache"), "1")


def open_sql(place: str) -> SqlCatalog:
    return SqlCatalog(place)


def found(store: CatalogStore, words: str, **wish: object) -> list[str]:
    return [hit.id for hit in search(store.index(), words, Wish(**wish), 5)]  # type: ignore[arg-type]


def start(program: str, kind: str, place: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, kind, place, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_every_adapter_that_there_is_is_held_to_the_contract() -> None:
    found = {
        node.name
        for path in Path(reviewer.stores.__path__[0]).glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and {"load", "put", "add_outcomes"} <= {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    }
    assert found == {"FolderCatalog", "SqlCatalog"}


def test_an_empty_store_is_an_empty_catalog(open_store: Open) -> None:
    store = open_store()
    assert store.load() == Catalog()
    assert list(store.outcomes()) == []
    assert found(store, "a cancelled request left its answer on the connection") == []


def test_everything_that_was_kept_comes_back_as_it_was(open_store: Open) -> None:
    bare = replace(a_pattern("bare", detector=None, replay=None, state=State.CANDIDATE), bad=(), good=(), incidents=())
    open_store().put([PATTERN, bare], [LESSON, in_words("Just a title", "", name="title-only")])
    loaded = open_store().load()
    assert loaded == catalog(PATTERN, bare, LESSON, in_words("Just a title", "", name="title-only"))


def test_a_member_takes_the_place_of_the_one_with_its_id(open_store: Open) -> None:
    store = open_store()
    store.put([PATTERN], [LESSON])
    store.put([replace(PATTERN, title="Another title", detector=None)])
    assert open_store().load() == catalog(replace(PATTERN, title="Another title", detector=None), LESSON)


def test_all_of_a_write_is_kept_or_none(open_store: Open) -> None:
    store = open_store()
    with pytest.raises(CatalogError, match="is no id"):
        store.put([a_pattern("good"), a_pattern("../bad")], [LESSON])
    with pytest.raises(CatalogError, match="zero byte"):
        store.put([a_pattern("good")], [a_lesson("bad", title="zero \0 byte")])
    with pytest.raises(CatalogError, match="surrogate"):
        store.put([a_pattern("good", conditions="half \ud800 a pair")])
    assert open_store().load() == Catalog()


def test_what_somebody_else_changed_meanwhile_is_not_written_over(open_store: Open) -> None:
    ann, bob = open_store(), open_store()
    ann.put([PATTERN])
    bob.load()
    ann.put([replace(PATTERN, title="Ann's title, which is longer")])
    with pytest.raises(CatalogError, match="somebody else"):
        bob.put([replace(PATTERN, title="Bob's title"), a_pattern("other")])
    assert open_store().load() == catalog(replace(PATTERN, title="Ann's title, which is longer"))
    bob.put([replace(PATTERN, title="Ann's title, which is longer")])  # the same is no conflict
    bob.load()
    bob.put([replace(PATTERN, title="Bob's title")])
    assert open_store().load() == catalog(replace(PATTERN, title="Bob's title"))


def test_two_writers_at_once_lose_nothing(kind: str, place: str, open_store: Open) -> None:
    writers = [start(_WRITER, kind, place, name, "12") for name in ("a", "b")]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    store = open_store()
    names = sorted(f"{name}-{number}" for name in ("a", "b") for number in range(12))
    loaded = store.load()
    assert [one.id for one in loaded.patterns] == names
    assert [one.id for one in loaded.lessons] == names
    index = store.index()
    assert sorted(entry.id for entry in index.entries(names, Wish())) == names


def test_a_kill_in_the_middle_of_a_write_leaves_nothing_half_written(kind: str, place: str, open_store: Open) -> None:
    for attempt in range(4):
        writer = start(_REWRITER, kind, place)
        assert writer.stdout is not None
        while writer.stdout.readline() not in ("written\n", ""):
            pass
        time.sleep(0.013 * (attempt + 1))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)
        store = open_store()
        titles = {one.title for one in store.load().patterns}
        assert len(titles) == 1
        store.put([a_pattern("part-0", title="after")])
        assert {one.title for one in open_store().load().patterns} == titles | {"after"}


def test_outcomes_come_back_the_oldest_first_and_each_once(open_store: Open) -> None:
    later = replace(OUTCOME, at="2026-03-01T00:00:00+00:00", verdict="wrong", pattern="", by="")
    store = open_store()
    store.add_outcomes([later, OUTCOME])
    store.add_outcomes([OUTCOME])
    open_store().add_outcomes([later])
    assert list(open_store().outcomes()) == [OUTCOME, later]


def test_an_incident_is_found_by_itself_until_a_pattern_has_it(open_store: Open) -> None:
    store = open_store()
    question = "a cancelled request left its answer on the pooled connection"
    store.put(lessons=[LESSON])
    assert found(store, question) == [LESSON.id]
    store.put([PATTERN])
    assert found(store, question) == [PATTERN.id]
    (hit,) = search(store.index(), question, Wish(), 5)
    assert [(one.title, one.date, one.source) for one in hit.incidents] == [(LESSON.title, LESSON.date, LESSON.source)]
    store.put([replace(PATTERN, incidents=())])
    assert sorted(found(store, question)) == sorted([LESSON.id, PATTERN.id])


def test_a_pattern_named_like_an_incident_stays_where_another_pattern_of_that_is_written(open_store: Open) -> None:
    own, other = a_pattern(LESSON.id, incidents=(LESSON.id,), state=State.ACTIVE), a_pattern("other", incidents=("x",))
    store = open_store()
    store.put([own, other], [LESSON])
    for changed in (a_pattern("other", incidents=(LESSON.id,)), a_pattern("other", incidents=())):
        store.put([changed])
        assert [one.id for one in store.index().entries([own.id, "other"], Wish())] == ["other", own.id]
        assert own.id in [one.id for one in store.index().runnable(["get", "redis", "Redis", "timeout"])]


def test_what_a_member_does_not_say_any_more_does_not_find_it(open_store: Open) -> None:
    store = open_store()
    store.put(lessons=[in_words("Zeppelin deadlock", "The zeppelin and the hangar wait for each other.")])
    assert found(store, "deadlock of the zeppelin") == ["told"]
    store.load()
    store.put(lessons=[in_words("Certificate expired", "Nobody renewed the certificate.")])
    assert found(store, "deadlock of the zeppelin") == []
    assert found(store, "expired certificate that nobody renewed") == ["told"]


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        ({"libraries": ("redis",)}, True),
        ({"libraries": ("Kafka",)}, False),
        ({"libraries": ("kafka", "REDIS")}, True),
        ({"services": ("cache",)}, True),
        ({"services": ("http",)}, False),
        ({"failures": ("cancellation", "lock")}, True),
        ({"failures": ("lock",)}, False),
        ({"assistants": ("aider",)}, True),
        ({"assistants": ("copilot",)}, False),
        ({"since": "2026-01-31"}, True),
        ({"until": "2026-01-31"}, True),
        ({"since": "2026-02-01"}, False),
        ({"until": "2026-01-30"}, False),
        ({"libraries": ("redis",), "failures": ("lock",)}, False),
    ],
)
def test_an_answer_is_narrowed_to_what_is_wished_for(open_store: Open, wish: dict[str, object], wanted: bool) -> None:
    store = open_store()
    store.put([PATTERN], [LESSON])
    assert found(store, "cancelled request left its answer on the connection", **wish) == [PATTERN.id] * wanted


def test_only_detectors_that_may_match_are_given_out(open_store: Open) -> None:
    store = open_store()
    store.put(
        [
            a_pattern("active"),
            a_pattern("shadow", state=State.SHADOW),
            a_pattern("candidate", state=State.CANDIDATE),
            a_pattern("retired", state=State.RETIRED),
            a_pattern("in-words", detector=None),
        ]
    )
    words = {"client", "get", "redis", "Redis"}
    assert store.index().runnable(words) == [a_pattern("active"), a_pattern("shadow", state=State.SHADOW)]
    assert store.index().runnable({"post"}) == []
    store.put([a_pattern("active", state=State.RETIRED)])
    assert [one.id for one in store.index().runnable(words)] == ["shadow"]


def test_what_narrows_a_rule_is_given_out_where_the_rule_finds_something(open_store: Open) -> None:
    store = open_store()
    store.put([a_pattern("narrowed", detector=read_detector({"rule": "no-timeout"}, "sample"))])
    text = "no = timeout"
    assert store.index().runnable(triggers_in(text, ["status-unread"])) == []
    assert [one.id for one in store.index().runnable(triggers_in(text, ["no-timeout"]))] == ["narrowed"]


def test_what_is_known_in_words_alone_is_given_with_its_words(open_store: Open) -> None:
    store = open_store()
    store.put(
        [a_pattern("active"), a_pattern("in-words", detector=None), a_pattern("retired", state=State.RETIRED)],
        [in_words("Deadlock", "They wait.")],
    )
    found = store.index().words_only(["active", "in-words", "retired", "told", "absent"])
    assert [name for name, _ in found] == ["in-words", "told"]
    assert found[1][1].startswith("Deadlock. They wait.")
    assert list(store.index().words_only([])) == []


def test_meanings_are_remembered_until_the_words_change(open_store: Open) -> None:
    store = open_store()
    store.put(lessons=[in_words("Deadlock", "They wait."), in_words("Certificate", "It expired.", name="other")])
    index = store.index()
    assert [name for name, _ in index.passages("m", 9)] == ["other", "told"]
    index.keep_vectors("m", {"told": b"\x01\x02", "other": b"\x03\x04", "gone": b"\x05\x06"})
    index.keep_vectors("m", {"told": b"\x01\x02"})
    again = open_store().index()
    assert list(again.vectors("m", Wish())) == [("other", b"\x03\x04"), ("told", b"\x01\x02")]
    assert list(again.vectors("another", Wish())) == []
    store.load()
    store.put(lessons=[in_words("Deadlock of two", "They wait.")])
    index = store.index()
    assert [name for name, _ in index.passages("m", 9)] == ["told"]
    assert [name for name, _ in index.vectors("m", Wish())] == ["other"]


@pytest.mark.parametrize(
    "words", ["", "   ", '" OR *', "'; DROP TABLE entry; --", "NEAR(a b)", "\0", "💥" * 300, "a" * 5000]
)
def test_hostile_words_find_nothing_and_harm_nothing(open_store: Open, words: str) -> None:
    store = open_store()
    store.put([PATTERN], [LESSON])
    assert found(store, words) == []
    assert store.load() == catalog(PATTERN, LESSON)
