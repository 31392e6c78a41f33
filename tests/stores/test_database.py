"""The service's database, SQLite and a real PostgreSQL: what is accepted is kept, once, and for its tenant alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url, select, text, update

from reviewer.domain.access import SCOPES, Level
from reviewer.domain.event import Ping
from reviewer.domain.request import Progress, ReviewRequest, State
from reviewer.errors import BusyError, NotFoundError, ReusedKeyError, StoreError, UsageError
from reviewer.jobs.failure import failed_report
from reviewer.stores.database import tables
from reviewer.stores.database.backlog import Backlog, backlog, unfinished
from reviewer.stores.database.database import Database, check_tenant
from reviewer.stores.database.engine import jobs_url, read_url
from reviewer.stores.database.feedback import Feedback
from reviewer.stores.database.idempotency import Claim
from reviewer.stores.database.inbox import Delivery
from reviewer.stores.database.rates import Rates
from reviewer.stores.database.retention import delete_finished
from reviewer.stores.database.reviews import Filter, Reviews
from reviewer.stores.database.schema import newest
from tests.reports import a_finding, a_report
from tests.stores import postgres

REQUEST = ReviewRequest(repository="https://example.org/shop", base="main", head="feature", ref="refs/pull/7")
T = TypeVar("T")
CLAIM = Claim("POST /v1/reviews", "key", "hash")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each sort, made once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'service.db'}"
    if request.param == "postgresql":
        url = postgres.create_database(request.getfixturevalue("postgresql_server"), "service_store")
    opened = Database(url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def database(migrated: Database) -> Database:
    """One with nothing in it."""
    with migrated.engine.begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
    return migrated


@pytest.fixture
def reviews(database: Database) -> Reviews:
    return database.reviews("ours")


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "reviewer_schema"}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_several_machines_may_migrate_at_once(store_url: str) -> None:
    databases = [Database(store_url) for _ in range(4)]
    revisions = together([database.migrate for database in databases])
    assert len(set(revisions)) == 1
    assert all(database.is_current() for database in databases)


def test_tables_of_a_later_version_are_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE reviewer_schema SET version_num = '9999'"))
    with pytest.raises(StoreError, match="later version"):
        database.migrate()
    assert not database.is_current()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE reviewer_schema SET version_num = :now"), {"now": newest()})


def test_what_was_asked_comes_back_as_it_was(reviews: Reviews) -> None:
    asked = ReviewRequest(
        diff="--- ü\n", paths=("src/*.py",), model="offline", post_to={"pull": 7}, environment="test", tenant="ours"
    )
    identity = reviews.accept(asked, "tester").id
    assert reviews.request(identity) == asked
    record = reviews.get(identity)
    assert record.state is State.QUEUED
    assert record.created_at.tzinfo is UTC
    assert abs((datetime.now(UTC) - record.created_at).total_seconds()) < 60


def test_the_longest_names_fit_into_every_index(reviews: Reviews) -> None:
    import random

    letters = "".join(chr(number) for number in random.Random(7).sample(range(0x10000, 0x11000), 600))
    longest = ReviewRequest(repository=letters, base=letters[:500], head=letters[:500], ref=letters, tenant="ours")
    identity = reviews.accept(longest, "tester").id
    assert reviews.get(identity).request == longest
    reviews.finish(identity, State.DONE, a_report(identity, findings=[a_finding("f1")], repository=letters))


def test_pages_go_from_the_newest_to_the_oldest_without_a_gap(reviews: Reviews) -> None:
    made = [reviews.accept(ReviewRequest(diff="x"), "tester").id for _ in range(7)]
    seen: list[str] = []
    before = None
    while page := reviews.page(Filter(), before, 3):
        seen += [one.id for one in page]
        before = page[-1].number
        reviews.accept(ReviewRequest(diff="meanwhile"), "tester")
    assert seen == made[::-1]


def test_a_list_is_narrowed(reviews: Reviews) -> None:
    wanted = reviews.accept(REQUEST, "tester").id
    other = reviews.accept(ReviewRequest(diff="x"), "tester").id
    reviews.cancel(other, "tester")
    for chosen in (Filter(repository=REQUEST.repository), Filter(head="feature"), Filter(state="queued")):
        assert [one.id for one in reviews.page(chosen, None, 10)] == [wanted]


def test_the_same_key_with_the_same_body_is_the_same_review(reviews: Reviews) -> None:
    first = reviews.accept(REQUEST, "tester", CLAIM)
    again = reviews.accept(REQUEST, "tester", CLAIM)
    assert (again.id, again.repeated) == (first.id, True)
    assert len(reviews.page(Filter(), None, 10)) == 1


def test_the_same_key_sent_many_times_at_once_is_one_review(database: Database, reviews: Reviews) -> None:
    found = together([lambda: database.reviews("ours").accept(REQUEST, "tester", CLAIM).id] * 8)
    assert len(set(found)) == 1
    assert len(reviews.page(Filter(), None, 10)) == 1


def test_the_same_key_with_another_body_is_refused(reviews: Reviews) -> None:
    reviews.accept(REQUEST, "tester", CLAIM)
    with pytest.raises(ReusedKeyError):
        reviews.accept(REQUEST, "tester", Claim(CLAIM.route, CLAIM.key, "other"))


def test_the_same_key_of_another_tenant_is_another_key(database: Database, reviews: Reviews) -> None:
    assert reviews.accept(REQUEST, "t", CLAIM).id != database.reviews("theirs").accept(REQUEST, "t", CLAIM).id


def test_a_newer_head_of_a_ref_takes_the_place_of_the_older(database: Database, reviews: Reviews) -> None:
    older = reviews.accept(REQUEST, "tester").id
    elsewhere = database.reviews("theirs").accept(REQUEST, "tester").id
    newer = reviews.accept(REQUEST, "tester")
    assert newer.superseded == (older,)
    assert (reviews.get(older).state, reviews.get(older).superseded_by) == (State.SUPERSEDED, newer.id)
    assert not reviews.start(older)
    assert reviews.get(newer.id).state is State.QUEUED
    assert database.reviews("theirs").get(elsewhere).state is State.QUEUED


def test_a_finished_review_is_not_superseded(reviews: Reviews) -> None:
    older = reviews.accept(REQUEST, "tester").id
    reviews.finish(older, State.DONE, a_report(older))
    assert reviews.accept(REQUEST, "tester").superseded == ()
    assert reviews.get(older).state is State.DONE


def test_of_many_heads_at_once_one_is_left(database: Database, reviews: Reviews) -> None:
    together([lambda: database.reviews("ours").accept(REQUEST, "tester").id] * 6)
    states = [one.state for one in reviews.page(Filter(), None, 10)]
    assert states == [State.QUEUED, *[State.SUPERSEDED] * 5]


def test_a_report_is_kept_once(reviews: Reviews) -> None:
    identity = reviews.accept(REQUEST, "tester").id
    assert reviews.start(identity)
    assert reviews.finish(identity, State.DONE, a_report(identity))
    assert not reviews.finish(identity, State.FAILED, failed_report(reviews.get(identity), "analyse", "late"))
    record, report = reviews.report(identity)
    assert (record.state, record.status, record.verdict) == (State.DONE, "complete", "pass")
    assert report is not None
    assert record.started_at is not None
    assert record.finished_at is not None


def test_a_cancelled_review_stays_cancelled(reviews: Reviews) -> None:
    identity = reviews.accept(REQUEST, "tester").id
    assert reviews.cancel(identity, "tester")
    assert not reviews.cancel(identity, "tester")
    assert not reviews.start(identity)
    assert not reviews.advance(identity, Progress("analyse", 1, 2))
    assert not reviews.draft(identity, a_report(identity))
    assert not reviews.finish(identity, State.DONE, a_report(identity))
    assert reviews.get(identity).state is State.CANCELLED


def test_events_are_told_in_order_and_from_where_one_left_off(reviews: Reviews) -> None:
    identity = reviews.accept(REQUEST, "tester").id
    reviews.start(identity)
    reviews.advance(identity, Progress("analyse", 1, 2), "b" * 40, "c" * 40)
    state, events = reviews.events(identity, 0)
    assert [one.kind for one in events] == ["state", "state", "progress"]
    assert events[2].data == {
        "step": "analyse",
        "files_done": 1,
        "files_total": 2,
        "base": "b" * 40,
        "head": "c" * 40,
    }
    _, later = reviews.events(identity, events[1].number)
    assert later == events[2:]
    assert state is State.RUNNING


def test_nothing_of_a_tenant_is_seen_or_changed_by_another(database: Database, reviews: Reviews) -> None:
    identity = reviews.accept(REQUEST, "tester").id
    theirs = database.reviews("theirs")
    asked: list[Callable[[], object]] = [
        lambda: theirs.get(identity),
        lambda: theirs.report(identity),
        lambda: theirs.request(identity),
        lambda: theirs.events(identity, 0),
        lambda: theirs.cancel(identity, "thief"),
    ]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask()
    assert theirs.page(Filter(), None, 10) == []
    report = a_report(identity, findings=[a_finding("f1")])
    assert not any(
        (
            theirs.start(identity),
            theirs.advance(identity, Progress("fetch")),
            theirs.is_wanted(identity),
            theirs.draft(identity, report),
            theirs.finish(identity, State.DONE, report),
        )
    )
    theirs.posted(identity, {"url": "https://example.org"})
    assert reviews.get(identity).state is State.QUEUED
    assert reviews.get(identity).posted is None
    reviews.finish(identity, State.DONE, report)
    with pytest.raises(NotFoundError):
        database.feedback("theirs").add(Feedback("f1", "wrong"), "thief")
    postmortem = database.postmortems("ours").accept("a.md", "text", None, "tester").id
    with pytest.raises(NotFoundError):
        database.postmortems("theirs").get(postmortem)
    database.postmortems("theirs").finish(postmortem, State.FAILED, {})
    assert database.postmortems("ours").get(postmortem).state is State.QUEUED


def test_a_waiver_holds_until_its_last_day_or_the_next_word(database: Database, reviews: Reviews) -> None:
    identity = reviews.accept(REQUEST, "tester").id
    reviews.finish(identity, State.DONE, a_report(identity, findings=[a_finding("f1"), a_finding("f2")]))
    feedback = database.feedback("ours")
    told = feedback.add(Feedback("f1", "waived", "it may wait", date(2026, 3, 31)), "ada")
    assert [(one.id, one.repository, one.rule) for one in told] == [("f1", "https://example.org/shop", "no-timeout")]
    feedback.add(Feedback("f2", "waived", "so be it"), "ada")
    repository = "https://example.org/shop"
    assert [one.finding for one in feedback.waived(repository, date(2026, 3, 31))] == ["f1", "f2"]
    assert [one.finding for one in feedback.waived(repository, date(2026, 4, 1))] == ["f2"]
    feedback.add(Feedback("f2", "useful"), "ada")
    assert feedback.waived(repository, date(2026, 4, 1)) == []


def test_a_finding_told_again_is_kept_once(database: Database, reviews: Reviews) -> None:
    for _ in range(2):
        identity = reviews.accept(ReviewRequest(diff="x"), "tester").id
        reviews.finish(identity, State.DONE, a_report(identity, findings=[a_finding("f1")]))
    assert len(database.feedback("ours").add(Feedback("f1", "useful"), "ada")) == 1


def test_reviews_that_finish_at_once_may_tell_the_same_findings(database: Database, reviews: Reviews) -> None:
    shared = [a_finding(f"{number:016x}") for number in range(40)]
    names = [reviews.accept(ReviewRequest(diff="x"), "test").id for _ in range(6)]
    reports = [a_report(name, findings=shared[:: 1 if turn % 2 else -1]) for turn, name in enumerate(names)]
    works: list[Callable[[], bool]] = [partial(reviews.finish, one.id, State.DONE, one) for one in reports]
    assert together(works) == [True] * len(names)
    with database.engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*), count(DISTINCT review) FROM finding")).one()
    assert tuple(kept) == (40, 1)


def test_an_api_key_is_good_for_its_tenant_until_it_is_revoked(database: Database) -> None:
    key, secret = database.keys.create("ours", "pipeline", ["reviews:read"])
    caller = database.keys.check(secret)
    assert caller is not None
    assert (caller.tenant, caller.actor, caller.scopes) == ("ours", f"key:{key.id}", frozenset({"reviews:read"}))
    assert database.keys.list()[0].used_at is not None
    database.keys.revoke(key.id)
    assert database.keys.check(secret) is None
    with pytest.raises(NotFoundError):
        database.keys.revoke(key.id)


def test_a_key_that_is_wrong_in_any_part_is_not_good(database: Database) -> None:
    key, secret = database.keys.create("ours", "pipeline", SCOPES)
    for wrong in (
        "",
        "rvw",
        secret[:-1],
        f"{secret}x",
        secret.replace("rvw", "xxx"),
        f"rvw_{key.id}_",
        "rvw__",
        "\ud800",
    ):
        assert database.keys.check(wrong) is None


def test_an_expired_key_is_not_good(database: Database) -> None:
    _, secret = database.keys.create("ours", "pipeline", SCOPES, datetime.now(UTC) - timedelta(seconds=1))
    assert database.keys.check(secret) is None


def test_a_key_stands_nowhere_in_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'service.db'}")
    database.migrate()
    _, secret = database.keys.create("ours", "pipeline", SCOPES)
    database.keys.check(secret)
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("service.db*"))
    assert b"pipeline" in kept
    assert secret.split("_", 2)[2].encode() not in kept


def test_a_scope_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(UsageError, match="reviews:red"):
        database.keys.create("ours", "pipeline", ["reviews:red"])


def test_of_many_who_would_take_over_one_does(database: Database) -> None:
    database.executors.beat("dead", "1")
    database.executors.beat("alive", "1")
    with database.engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        connection.execute(update(tables.executor).where(tables.executor.c.id == "dead").values(seen_at=long_ago))
    silence = timedelta(minutes=1)
    names = [f"survivor-{number}" for number in range(6)]
    found = together([partial(database.executors.claim_silent, name, silence) for name in names])
    assert sorted(found) == [[], [], [], [], [], ["dead"]]
    assert database.executors.alive(silence) == ["alive"]


def test_a_claim_of_one_who_died_too_is_taken_by_the_next(database: Database) -> None:
    database.executors.beat("dead", "1")
    assert database.executors.claim_silent("first", timedelta(0)) == ["dead"]
    assert database.executors.claim_silent("second", timedelta(0)) == ["dead"]
    database.executors.forget("dead", by="first")
    assert database.executors.claim_silent("third", timedelta(0)) == ["dead"]
    database.executors.forget("dead", by="third")
    assert database.executors.claim_silent("fourth", timedelta(0)) == []


class Late(datetime):
    """The clock of a machine that is behind."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - timedelta(minutes=3)


def test_a_machine_whose_clock_is_wrong_counts_as_alive_and_keeps_its_leases(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_shared:
        pytest.skip("one machine has one clock")
    silence = timedelta(seconds=30)
    with ExitStack() as held:
        with monkeypatch.context() as wrong:
            for module in ("engine", "executors", "leases"):
                wrong.setattr(f"reviewer.stores.database.{module}.datetime", Late, raising=False)
            database.executors.beat("late", "1")
            held.enter_context(database.leases.hold("post", timedelta(minutes=1), "late"))
            assert database.executors.alive(silence) == ["late"]
        assert database.executors.claim_silent("right", silence) == []
        with pytest.raises(BusyError), database.leases.hold("post", timedelta(0), "right"):
            pass
    database.executors.retire("late")
    assert database.executors.claim_silent("right", silence) == ["late"]
    database.executors.forget("late", by="right")


def test_a_database_that_vanishes_without_a_word_is_missed_within_a_minute(database: Database) -> None:
    if not database.is_shared:
        pytest.skip("a file does not vanish")
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        given = driver.info.get_parameters()
    wanted = {
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
    assert wanted.items() <= given.items()
    assert wanted.items() <= make_url(jobs_url(database.url)).query.items()
    own = read_url("postgresql://u@h/d?keepalives_idle=5")
    assert make_url(jobs_url(own)).query["keepalives_idle"] == "5"


def test_a_webhook_that_comes_again_is_known(database: Database) -> None:
    found = together([partial(database.deliveries.take, "github", "d-1", "ours", "push")] * 6)
    assert sorted(found) == [False] * 5 + [True]
    assert database.deliveries.take("gitlab", "d-1", "ours", "push")


def test_what_was_kept_long_enough_is_deleted_the_oldest_first(database: Database, reviews: Reviews) -> None:
    done = [reviews.accept(REQUEST, "test").id for _ in range(4)]  # each ends the one before it
    running = done.pop()
    young = reviews.accept(ReviewRequest(diff="x"), "test").id
    reviews.finish(young, State.DONE, a_report(young))
    now = datetime.now(UTC)
    with database.engine.begin() as connection:
        for days, identity in enumerate([*done, running]):
            old = {"created_at": now - timedelta(days=200)}
            old |= {} if identity == running else {"finished_at": now - timedelta(days=100 - days)}
            connection.execute(update(tables.review).where(tables.review.c.id == identity).values(**old))
    assert delete_finished(database.engine, now - timedelta(days=90), 2) == 2
    assert [one.id for one in reviews.page(Filter(), None, 9)] == [young, running, done[2]]
    assert delete_finished(database.engine, now - timedelta(days=90), 2) == 1
    assert delete_finished(database.engine, now - timedelta(days=90), 2) == 0
    assert [one.id for one in reviews.page(Filter(), None, 9)] == [young, running]
    with database.engine.connect() as connection:
        kept = set(connection.execute(tables.review.select().with_only_columns(tables.review.c.number)).scalars())
        told = connection.execute(tables.review_event.select().with_only_columns(tables.review_event.c.review))
        assert set(told.scalars()) == kept


def test_what_was_not_acted_on_for_an_error_may_be_sent_again(database: Database) -> None:
    once, twice = (Delivery("github", (f"id:{name}", f"body:{name}"), "ping") for name in ("once", "twice"))
    done, failed = (database.inbox.receive(one, "ours", Ping()) or "" for one in (once, twice))
    assert [database.inbox.receive(one, "ours", Ping()) for one in (once, twice)] == [None, None]
    database.inbox.finish(done, State.DONE, "pong")
    database.inbox.finish(failed, State.FAILED, "the forge is down")
    assert database.inbox.receive(once, "ours", Ping()) is None
    again = database.inbox.receive(twice, "ours", Ping())
    assert again not in (None, failed)
    assert database.inbox.receive(twice, "ours", Ping()) is None


def test_what_a_forge_told_is_deleted_once_it_was_acted_on_and_kept_long_enough(database: Database) -> None:
    told = [database.inbox.receive(Delivery("github", (f"id:{n}",), "ping"), "ours", Ping()) or "" for n in range(4)]
    for identity in told[:3]:
        assert database.inbox.finish(identity, State.DONE, "pong") == "github"
    now = datetime.now(UTC)
    table = tables.forge_event
    with database.engine.begin() as connection:
        old = {"created_at": now - timedelta(days=99)}
        connection.execute(update(table).where(table.c.id.in_((*told[:2], told[3]))).values(**old))
        connection.execute(update(table).where(table.c.id.in_(told[:2])).values(finished_at=now - timedelta(days=98)))
    assert delete_finished(database.engine, now - timedelta(days=90), 1) == 1
    assert delete_finished(database.engine, now - timedelta(days=90), 2) == 1
    assert delete_finished(database.engine, now - timedelta(days=90), 2) == 0
    with database.engine.connect() as connection:
        assert set(connection.execute(select(table.c.id)).scalars()) == set(told[2:])


def test_what_is_to_be_deleted_is_found_by_an_index(database: Database) -> None:
    query = "SELECT number FROM review WHERE finished_at < '2020-01-01' ORDER BY finished_at LIMIT 9"
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # the table is empty
            plan = connection.execute(text(f"EXPLAIN {query}"))
        else:
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))
        assert "ix_review_finished" in str(plan.all())


def test_nobody_gives_a_review_up_without_a_line_in_the_audit_log(
    database: Database, reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = reviews.accept(REQUEST, "test").id

    def fail(*_: object, **__: object) -> None:
        raise StoreError("the process died")

    with monkeypatch.context() as dying:
        dying.setattr("reviewer.stores.database.reviews.audit", fail)
        with pytest.raises(StoreError):
            reviews.cancel(identity, "somebody")
    assert reviews.is_wanted(identity)
    assert reviews.cancel(identity, "somebody")


def test_what_waits_is_counted(database: Database, reviews: Reviews) -> None:
    assert backlog(database.engine).oldest is None
    first = reviews.accept(ReviewRequest(diff="x"), "tester").id
    reviews.start(reviews.accept(ReviewRequest(diff="x"), "tester").id)
    waiting = backlog(database.engine)
    assert waiting.queued == 1
    assert waiting.oldest == reviews.get(first).created_at
    reviews.start(first)
    assert backlog(database.engine) == Backlog(0, waiting.oldest)  # one that hangs is old as well
    assert list(unfinished(database.engine, datetime.now(UTC) - timedelta(hours=1))) == []
    assert len(list(unfinished(database.engine, datetime.now(UTC) + timedelta(hours=1)))) == 2


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://u:hunter2@h/d", "nonsense"])
def test_a_store_that_there_is_not_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_url(url)
    assert "hunter2" not in str(caught.value)


def test_a_database_that_is_down_is_told_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        Database("postgresql+psycopg://u:hunter2@127.0.0.1:1/d").ping()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "Ours", "1st", "a b", "a" * 49, "ours;drop"])
def test_a_tenant_has_a_plain_name(name: str) -> None:
    with pytest.raises(UsageError):
        check_tenant(name)


def together(calls: list[Callable[[], T]]) -> list[T]:
    """Call all at once, in threads, and give what each returns."""
    results: list[T] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> None:
        gate.wait()
        results.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(calls)
    return results


def test_what_is_done_alone_is_done_by_one_after_the_other(database: Database) -> None:
    log: list[str] = []

    def work(name: str) -> None:
        with database.leases.hold("post", timedelta(seconds=30)):
            log.append(f"{name} begins")
            time.sleep(0.05)
            log.append(f"{name} ends")

    together([lambda: work("a"), lambda: work("b")])
    assert [one.partition(" ")[2] for one in log] == ["begins", "ends", "begins", "ends"]
    assert log[0][0] == log[1][0]


def test_what_a_process_held_that_is_known_to_be_dead_is_free_at_once(database: Database) -> None:
    with (
        database.leases.hold("post", timedelta(seconds=30), "dead"),
        database.leases.hold("another", timedelta(seconds=30), "alive"),
    ):
        database.leases.release("dead")
        with database.leases.hold("post", timedelta(seconds=30), "alive"):
            pass
        with pytest.raises(BusyError), database.leases.hold("another", timedelta(seconds=0.1)):
            pass


def test_who_could_not_let_go_takes_up_the_same_work_again_at_once(database: Database) -> None:
    long, short = timedelta(seconds=30), timedelta(0)
    with database.leases.hold("post", long, "me", work="7"):
        with database.leases.hold("post", long, "me", work="7", patience=short):
            pass  # that lets go of it, as the first did not
        with database.leases.hold("post", long, "me", work="7"):
            for executor, work in (("me", "8"), ("another", "7"), ("me", None)):
                with pytest.raises(BusyError), database.leases.hold("post", long, executor, work=work, patience=short):
                    pass


def test_what_a_dead_holder_left_is_free_after_a_while_and_others_are_never_held_up(database: Database) -> None:
    with database.leases.hold("post", timedelta(seconds=0.2)):  # noqa: SIM117 - the first dies in here
        with (
            database.leases.hold("another", timedelta(seconds=30)),
            database.leases.hold("post", timedelta(seconds=30)),
        ):
            pass


@pytest.mark.parametrize("migrated", ["postgresql"], indirect=True)
def test_a_key_asks_no_more_often_of_several_processes_than_of_one(database: Database) -> None:
    now = 1_700_000_000.0
    another = Database(database.engine.url.render_as_string(hide_password=False))
    processes = [Rates(one.engine, lambda: now) for one in (database, another)]
    levels = together([partial(one.take, "key:a", 6.0, 60.0) for one in processes * 8])
    assert sorted(level.taken for level in levels) == [False] * 6 + [True] * 10
    assert {level.seconds for level in levels if not level.taken} == {60.0}
    now += 6
    assert processes[1].take("key:a", 6.0, 60.0) == Level(True, 60.0)
    assert processes[0].take("key:b", 6.0, 60.0) == Level(True, 6.0)
    another.close()
