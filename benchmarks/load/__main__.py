"""How many requests the service takes, how long each waits, and what more workers bring.

usage: python -m benchmarks.load [--stored 10000] [--rounds 3] [--clients 4] [--requests 200] [--reviews 48]
                                 [--only requests|workers]

First `reviewer serve` on SQLite and on PostgreSQL, each with `--stored` finished reviews: reviews accepted, reports
read and pages listed, in turn on both stores, medians of the rounds. Then reviews by one worker, two and four on
PostgreSQL, where each answer of model and forge takes 300 ms, as ratios to one worker.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.requests import Burst, Call, send
from benchmarks.load.store import fill
from benchmarks.load.workers import WARMING, Worked, make_shop, work
from tests.jobs.processes import ended, start
from tests.stores import postgres

WORKERS = (1, 2, 4)
_DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,3 @@\n import requests\n+requests.get('https://example.org')\n x = 1\n"


@dataclass(frozen=True)
class Serving:
    """`reviewer serve` on a store with reviews in it."""

    store: str
    port: int
    stored: Sequence[str]

    def calls(self, kind: str, count: int, chance: random.Random) -> list[Call]:
        """Requests of one kind."""
        if kind == "POST":
            return [Call("POST", "/v1/reviews", {"diff": _DIFF, "model": "offline"})] * count
        if kind == "GET":
            return [Call("GET", f"/v1/reviews/{chance.choice(self.stored)}") for _ in range(count)]
        return [Call("GET", "/v1/reviews?limit=50&verdict=pass")] * count


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--reviews", type=int, default=48)
    parser.add_argument("--only", choices=["requests", "workers"])
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="reviewer-load-") as name, postgres.running() as server:
        if options.only != "workers":
            _requests(Path(name), server, options)
        if options.only != "requests":
            _workers(Path(name), server, options.reviews, options.rounds)
    return 0


def _requests(folder: Path, server: str, options: argparse.Namespace) -> None:
    chance = random.Random(1)
    found: dict[tuple[str, str], list[Burst]] = {}
    with (
        _serving("sqlite", f"sqlite:///{folder / 'service.db'}", folder, options.stored) as one,
        _serving("postgresql", postgres.create_database(server, "load"), folder, options.stored) as other,
    ):
        for kind in ("POST", "GET", "list"):
            for serving in (one, other):  # what is read for the first time does not count
                send(serving.port, serving.calls(kind, 20, chance), options.clients)
        for _ in range(options.rounds):
            for kind in ("POST", "GET", "list"):
                for serving in (one, other):
                    burst = send(serving.port, serving.calls(kind, options.requests, chance), options.clients)
                    found.setdefault((kind, serving.store), []).append(burst)
    print(f"{options.stored} stored reviews, {options.clients} clients, load {os.getloadavg()[0]:.1f} after it")
    for (kind, store), bursts in found.items():
        rate = statistics.median(burst.per_second for burst in bursts)
        print(f"{kind} on {store}: {rate:.0f}/s, p99 {statistics.median(burst.p99 for burst in bursts):.0f} ms")


@contextmanager
def _serving(store: str, url: str, folder: Path, count: int) -> Iterator[Serving]:
    began = time.monotonic()
    stored = fill(url, count)
    print(f"{store}: {count} reviews stored in {time.monotonic() - began:.0f} s", flush=True)
    options = ("--no-auth", "--no-worker", "--port", "0", "--store", url, "--log-level", "error")
    service = start("serve", folder / store, *options)
    with ended([service]):
        yield Serving(store, int(service.place.rpartition(":")[2]), stored)


def _workers(folder: Path, server: str, count: int, rounds: int) -> None:
    shop = folder / "repositories" / "shop"
    pulls = make_shop(shop, count + WARMING * max(WORKERS))
    found: dict[int, list[Worked]] = {workers: [] for workers in WORKERS}
    for turn in range(rounds):
        for workers in WORKERS if turn % 2 == 0 else reversed(WORKERS):
            done = work(server, folder, shop, pulls, count=count, workers=workers)
            found[workers].append(done)
            print(f"  {workers} workers: {done.per_second:.2f} reviews/s, load {done.load:.1f} before", flush=True)
    first = [one.per_second for one in found[1]]
    for workers, times in found.items():
        ratio = statistics.median(one.per_second / base for one, base in zip(times, first, strict=True))
        rate = statistics.median(one.per_second for one in times)
        seconds = statistics.median(one.seconds for one in times)
        busy = statistics.median(one.busy for one in times)
        print(
            f"{workers} workers: {rate:.2f} reviews/s, {ratio:.2f} x; {seconds:.2f} s of a processor each; "
            f"processors {busy:.0f} % busy, by whomever"
        )


if __name__ == "__main__":
    sys.exit(main())
