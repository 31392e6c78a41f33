"""What is not ready in time is told and not waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from reviewer.code.limits import Limits
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.domain.deadline import AGAINST_THE_CLOCK, Deadline
from reviewer.domain.reviewed import Reviewed
from reviewer.work import worker
from reviewer.work.job import Job
from reviewer.work.pool import review_files


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 0.0
    stuck: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    found = Clock()
    yield found
    found.stuck.set()


def changed(path: str, lines: int) -> FileChange:
    text = "x = 1\n" * 20
    hunk = Hunk(0, 1, (), ("x = 1",) * lines)
    return FileChange(path, ChangeKind.MODIFIED, hunks=(hunk,), content=text.encode(), old_content=b"")


def test_what_is_not_ready_then_has_failed_and_the_rest_is_there(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def review(file: FileChange, *_: object, **__: object) -> Reviewed:
        asked.append(file.path)
        if len(asked) == 2:
            clock.now = 5.0
        if len(asked) > 2:
            clock.stuck.wait(60)
        return Reviewed(file.path, units=1)

    monkeypatch.setattr(worker, "review_file", review)
    files = [changed("small.py", 1), changed("large.py", 9), changed("middle.py", 5)]
    found = review_files(files, Job((), Limits()), deadline=Deadline(5, 5.0, clock))
    assert [reviewed.path for reviewed in found] == ["small.py", "large.py", "middle.py"]
    assert found[0].failures == ("not reviewed in 5 s",)
    assert found[1] == Reviewed("large.py", units=1)
    # The second is taken or not, as the thread comes to it; never is it waited for.
    assert found[2].failures in ((), ("not reviewed in 5 s",))


def test_nothing_is_begun_after_the_deadline_and_nobody_waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def review(file: FileChange, *_: object, **__: object) -> Reviewed:
        clock.stuck.wait(60)
        return Reviewed(file.path)

    monkeypatch.setattr(worker, "review_file", review)
    files = [changed("a.py", 1), changed("b.py", 1)]
    found = review_files(files, Job((), Limits()), deadline=Deadline(0.5, 0.0, clock))
    assert [reviewed.failures for reviewed in found] == [("not reviewed in 0.5 s",)] * 2
    assert any(thread.name == AGAINST_THE_CLOCK and thread.daemon for thread in threading.enumerate())


def test_a_fault_in_the_thread_is_raised_where_it_is_waited_for(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def review(*_: object, **__: object) -> Reviewed:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "review_file", review)
    with pytest.raises(ZeroDivisionError):
        review_files([changed("a.py", 1)], Job((), Limits()), deadline=Deadline(60, 60.0, clock))


def test_many_files_on_all_processors_are_given_up_too(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.work.pool._ALONE", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    files = [changed(f"{name}.py", 1) for name in "abc"]
    found = review_files(files, Job((), Limits()), deadline=Deadline(1, 0.0, clock))
    assert {reviewed.failures for reviewed in found} == {("not reviewed in 1 s",)}
