"""Reviews by one worker, two and four, where a model and a forge answer after 300 ms."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import structlog

from benchmarks.chaos.forge import UnreliableGitHub
from benchmarks.chaos.material import PullRequest
from reviewer.domain.request import ReviewRequest
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.forges.access import ForgeAccess
from reviewer.service_wiring import Service, open_service, start_worker
from reviewer.stores.database.database import DEFAULT_TENANT
from tests.git_builder import GitBuilder
from tests.llm.scripted_server import Answer, Recorded, ScriptedServer, Turn
from tests.stores import postgres
from tests.surfaces.model_shop import good

ANSWER_SECONDS = 0.3
IN_HAND = 2
"""Reviews that one worker has in hand: so few that it mostly waits, for the processors are to be no limit."""
WARMING = 3
"""Reviews for each worker before the time is taken."""
_BEFORE = "def fetch(url):\n    return url\n"
_AFTER = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()['id']\n"


class SlowModel(ScriptedServer):
    """Answers as a model does: after a while."""

    def _next(self, request: Recorded) -> Turn:
        time.sleep(ANSWER_SECONDS)
        return super()._next(request)


@dataclass(frozen=True)
class Worked:
    """What some workers did.

    Attributes:
        per_second: reviews that were posted.
        seconds: of a processor that one took, of the worker and its processes.
        busy: percent of the machine's processors that were in use, by whomever.
        load: of the machine before it, as it tells (1 minute).
    """

    per_second: float
    seconds: float
    busy: float
    load: float


def make_shop(place: Path, count: int) -> list[PullRequest]:
    """Pull requests of one small change."""
    builder = GitBuilder(place)
    base = builder.commit({"app.py": _BEFORE})
    head = builder.commit({"app.py": _AFTER})
    tree = builder.git("rev-parse", f"{head}^{{tree}}")
    diff = builder.git("diff", f"{base}...{head}") + "\n"
    return [
        PullRequest(number, 0, base, builder.git("commit-tree", tree, "-p", base, "-m", f"pull {number}"), diff)
        for number in range(1, count + 1)
    ]


def work(server: str, folder: Path, shop: Path, pulls: list[PullRequest], *, count: int, workers: int) -> Worked:
    """Have so many pull requests reviewed, explained and posted by so many workers."""
    store = postgres.create_database(server, f"load_{uuid.uuid4().hex[:12]}")
    context = multiprocessing.get_context("spawn")
    load = os.getloadavg()[0]
    with SlowModel(Answer(good)) as model, UnreliableGitHub(pulls, 0.0, 1) as forge:
        forge.delays = itertools.repeat(ANSWER_SECONDS / 2)
        access = ForgeAccess(github="t0ken", github_api=forge.url, repositories=("octo/shop",))
        os.environ |= {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "sk-not-a-key", "REVIEWER_CACHE": "off"}
        settings = ServiceSettings(
            store,
            folder / "service",
            RepositoryPolicy(paths=(shop.parent,)),
            concurrency=IN_HAND,
            in_hand=IN_HAND,
            model_concurrency=64,
            forge_concurrency=64,
        )
        with open_service(settings, access) as service:
            ready, ended = context.Semaphore(0), context.Event()
            processes = [context.Process(target=_run, args=(settings, access, ready, ended)) for _ in range(workers)]
            for process in processes:
                process.start()
            for _ in processes:
                ready.acquire()
            _review(service, shop, pulls[: WARMING * workers])  # a worker that has just begun loads what it needs
            psutil.cpu_percent()
            before = _processor_seconds(processes)
            began = time.perf_counter()
            _review(service, shop, pulls[WARMING * workers :][:count])
            seconds = time.perf_counter() - began
            busy = psutil.cpu_percent()
            taken = _processor_seconds(processes) - before
            ended.set()
            for process in processes:
                process.join()
    return Worked(count / seconds, taken / count, busy, load)


def _processor_seconds(processes: Sequence[BaseProcess]) -> float:
    """What they and theirs have taken so far."""
    found = [psutil.Process(process.pid) for process in processes]
    found += [child for one in found for child in one.children(recursive=True)]
    return sum(sum(one.cpu_times()[:4]) for one in found)  # user, system, and those of children that have ended


def _review(service: Service, shop: Path, pulls: list[PullRequest]) -> None:
    """Ask for reviews, and wait until all are posted."""
    reviews = service.database.reviews(DEFAULT_TENANT)
    names = []
    for pull in pulls:
        post_to = {"forge": "github", "repository": "octo/shop", "number": pull.number}
        request = ReviewRequest(
            repository=str(shop), base=pull.base, head=pull.head, model="openai:scripted", post_to=post_to
        )
        names.append(reviews.accept(request, "benchmark").id)
        service.jobs.review(DEFAULT_TENANT, names[-1])
    for name in names:
        while (posted := reviews.get(name).posted) is None:
            time.sleep(0.05)
        if "failure" in posted:
            raise SystemExit(f"a review was not posted: {posted}")
    while any(status == "PENDING" for status in service.jobs.statuses(names).values()):
        time.sleep(0.05)


def _run(settings: ServiceSettings, access: ForgeAccess, ready: Semaphore, ended: Event) -> None:
    """One worker."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with open_service(settings, access) as service:
        worker = start_worker(service)
        ready.release()
        ended.wait()
        worker.stop()
