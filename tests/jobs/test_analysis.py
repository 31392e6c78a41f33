"""What is worked out in a process of its own, without the process."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from reviewer.domain.change import FileChange
from reviewer.domain.service import ModelPolicy
from reviewer.errors import IncompleteReviewError, ReviewerError, TimeLimitError, UsageError
from reviewer.jobs.analysis import Analysis, analyse
from reviewer.jobs.apart import NotWantedError, ProcessPool, RemoteError
from reviewer.work import pool
from tests.llm.scripted_server import MESSAGES, Answer, Failure, ScriptedServer
from tests.surfaces.model_shop import good, shop_at

Count = Callable[[int, int], None]
SECONDS = 30.0


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


@pytest.mark.parametrize("allowed", [("anthropic:*",), ("anthropic:*", "openai:*")])
def test_a_model_that_the_service_does_not_ask_is_not_asked_in_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: tuple[str, ...]
) -> None:
    shop = shop_at(tmp_path / "shop", fallbacks=["openai:scripted"])
    with ScriptedServer(Failure(401)) as server:
        for provider in ("ANTHROPIC", "OPENAI"):
            monkeypatch.setenv(f"{provider}_BASE_URL", server.url + ("/v1" if provider == "OPENAI" else ""))
            monkeypatch.setenv(f"{provider}_API_KEY", "sk-not-a-key")
        asked = Analysis(
            str(shop.root),
            base="main",
            head="change",
            model="anthropic:scripted",
            catalog=f"sqlite:///{tmp_path / 'catalog.db'}",
            models=ModelPolicy(allowed),
        )
        analyse(asked, silent)
        paths = {request.path for request in server.requests}
    assert MESSAGES in paths
    assert (len(paths) > 1) is ("openai:*" in allowed)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPool]:
    with closing(ProcessPool()) as pool:
        yield pool


def test_a_result_and_its_progress_come_back(processes: ProcessPool) -> None:
    counted: list[tuple[int, int]] = []
    assert processes.run(count_to, 3, SECONDS, count=lambda done, total: counted.append((done, total))) == {"sum": 3}
    assert counted[-1] == (3, 3)


def test_a_process_that_gave_a_result_is_asked_again(processes: ProcessPool) -> None:
    first = processes.run(identify, 0, SECONDS)
    assert processes.run(identify, 0, SECONDS) == first


def test_two_questions_at_once_have_a_process_each(processes: ProcessPool) -> None:
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(processes.run, identify, 1.0, SECONDS) for _ in range(2)]
    assert found[0].result() != found[1].result()


def test_a_process_that_died_while_it_waited_is_replaced(processes: ProcessPool) -> None:
    dead = psutil.Process(processes.run(identify, 0, SECONDS)["process"])
    dead.kill()
    dead.wait(SECONDS)
    assert processes.run(identify, 0, SECONDS)["process"] != dead.pid


def test_a_process_is_replaced_in_time() -> None:
    with closing(ProcessPool(idle=1)) as pool:
        assert len({pool.run(identify, 0, SECONDS)["process"] for _ in range(101)}) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="nobody tells there how much memory a process took")
def test_a_process_that_took_much_memory_is_replaced() -> None:
    with closing(ProcessPool(idle=1, idle_bytes=400_000_000)) as pool:
        first = pool.run(grow, 1_000, SECONDS)["process"]
        assert pool.run(grow, 400_000_000, SECONDS)["process"] == first
        assert pool.run(grow, 1_000, SECONDS)["process"] != first


def test_no_process_outlives_its_pool() -> None:
    with closing(ProcessPool(idle=1)) as pool:
        waiting = pool.run(identify, 0, SECONDS)["process"]
    assert not psutil.pid_exists(waiting)


def test_an_error_of_ours_comes_back_as_what_it_was(processes: ProcessPool) -> None:
    with pytest.raises(RemoteError, match="as asked") as caught:
        processes.run(fail, "ours", SECONDS)
    assert (caught.value.kind, caught.value.status) == ("usage", 400)


def test_a_fault_is_told_as_one(processes: ProcessPool) -> None:
    with pytest.raises(IncompleteReviewError, match="ZeroDivisionError"):
        processes.run(fail, "fault", SECONDS)


@pytest.mark.parametrize("how", ["abort", "exit"])
def test_a_process_that_dies_takes_nobody_with_it(processes: ProcessPool, how: str) -> None:
    with pytest.raises(IncompleteReviewError, match="died"):
        processes.run(fail, how, SECONDS)
    assert processes.run(count_to, 3, SECONDS) == {"sum": 3}


def test_what_takes_too_long_is_ended(processes: ProcessPool) -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitError, match="longer than"):
        processes.run(sleep, 60, 0.3)
    assert time.monotonic() - began < 20


def test_what_nobody_wants_any_more_is_ended(processes: ProcessPool) -> None:
    with pytest.raises(NotWantedError):
        processes.run(sleep, 60, SECONDS, is_wanted=lambda: False)


def test_what_takes_too_much_memory_fails_alone() -> None:
    with closing(ProcessPool(1_000_000_000)) as pool:
        with pytest.raises(ReviewerError, match="memory"):
            pool.run(fill, 2_000_000_000, SECONDS)
        assert pool.run(fill, 2_000, SECONDS) == {"length": 2_000}


def identify(seconds: float, progress: Count) -> dict[str, Any]:
    time.sleep(seconds)
    return {"process": os.getpid()}


def grow(size: int, progress: Count) -> dict[str, Any]:
    assert bytearray(b"x") * size  # written to, as memory that is not does not count
    return {"process": os.getpid()}


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


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limits")
def test_a_lower_limit_on_the_memory_of_the_whole_service_holds() -> None:
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from reviewer.jobs.apart import ProcessPool\n"
        "from reviewer.jobs.lookup import Question, explain\n"
        "pool = ProcessPool(4 << 30)\n"
        "print(pool.run(explain, Question('a.py', source='open(name)'), 60)['answers'][0]['path'])\n"
        "pool.close()\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, [b"a.py"]), done.stderr.decode()
