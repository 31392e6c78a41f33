"""What is worked out in a process of its own, without the process."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.change import FileChange
from reviewer.errors import IncompleteReviewError, ReviewerError, TimeLimitError, UsageError
from reviewer.jobs.analysis import Analysis, analyse
from reviewer.jobs.apart import Limits, NotWantedError, RemoteError, run_apart
from reviewer.work import pool
from tests.llm.scripted_server import Answer, ScriptedServer
from tests.surfaces.model_shop import good, shop_at

Count = Callable[[int, int], None]
LIMITS = Limits(30)


def silent(done: int, total: int) -> None:
    """Nobody waits."""


def test_what_was_analysed_is_not_analysed_again_to_be_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_at(tmp_path / "shop")
    with ScriptedServer(Answer(good)) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-a-key")
        asked = Analysis(
            str(shop.root),
            base="main",
            head="change",
            asked="anthropic:scripted",
            catalog=f"sqlite:///{tmp_path / 'catalog.db'}",
        )
        first = analyse(asked, silent)["report"]
        assert server.requests == []

        def refuse(files: Sequence[FileChange], *_: object) -> list[Any]:
            assert not files, "it was analysed again"
            return []

        monkeypatch.setattr(pool, "_review", refuse)
        second = analyse(dataclasses.replace(asked, model="anthropic:scripted"), silent)["report"]
    assert (second.status, second.model) == ("complete", "anthropic:scripted")
    assert [one.id for one in second.findings] == [one.id for one in first.findings]


def test_a_result_and_its_progress_come_back() -> None:
    counted: list[tuple[int, int]] = []
    assert run_apart(count_to, 3, LIMITS, count=lambda done, total: counted.append((done, total))) == {"sum": 3}
    assert counted[-1] == (3, 3)


def test_an_error_of_ours_comes_back_as_what_it_was() -> None:
    with pytest.raises(RemoteError, match="as asked") as caught:
        run_apart(fail, "ours", LIMITS)
    assert (caught.value.kind, caught.value.status) == ("usage", 400)


def test_a_fault_is_told_as_one() -> None:
    with pytest.raises(IncompleteReviewError, match="ZeroDivisionError"):
        run_apart(fail, "fault", LIMITS)


@pytest.mark.parametrize("how", ["abort", "exit"])
def test_a_process_that_dies_takes_nobody_with_it(how: str) -> None:
    with pytest.raises(IncompleteReviewError, match="died"):
        run_apart(fail, how, LIMITS)


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitError, match="longer than"):
        run_apart(sleep, 60, Limits(0.3))
    assert time.monotonic() - began < 20


def test_what_nobody_wants_any_more_is_ended() -> None:
    with pytest.raises(NotWantedError):
        run_apart(sleep, 60, LIMITS, is_wanted=lambda: False)


def test_what_takes_too_much_memory_fails_alone() -> None:
    with pytest.raises(ReviewerError, match="memory"):
        run_apart(fill, 2_000_000_000, Limits(30, memory_bytes=1_000_000_000))


def count_to(number: int, progress: Count) -> dict[str, Any]:
    for done in range(1, number + 1):
        progress(done, number)
    return {"sum": number}


def fail(how: str, progress: Count) -> dict[str, Any]:
    if how == "ours":
        raise UsageError("as asked")
    if how == "abort":
        os.abort()
    if how == "exit":
        os._exit(3)
    return {"never": 1 // 0}


def sleep(seconds: float, progress: Count) -> dict[str, Any]:
    time.sleep(seconds)
    return {}


def fill(size: int, progress: Count) -> dict[str, Any]:
    return {"length": len(bytes(size))}
