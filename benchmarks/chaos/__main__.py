"""Reviews while processes are killed, the database is restarted and the forge fails.

usage: python -m benchmarks.chaos [--store sqlite|postgresql] [--reviews 300] [--seconds 2000] [--every 2] [--life 3]

Three workers on PostgreSQL, while a pipeline asks for reviews over HTTP: every two seconds the one that has worked
longest is killed (-9), where that is `--life` seconds at least, and started again; the database is restarted once,
when half of the reviews are over; the forge fails `--rate` of all calls. Or one process on SQLite, which is killed and
started again. Each pull request is asked for twice, so that two reviews post on it, at the same time perhaps. The
killing goes on until all are accepted and finished, or for `--seconds`; then the rest is waited for. Tells how many
reviews were lost, how many comments stand twice, and how many reports differ from those of a quiet service; exit 1
where there is any.
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.client import Client, is_over
from benchmarks.chaos.fleet import Fleet, Member
from benchmarks.chaos.forge import UnreliableGitHub
from benchmarks.chaos.material import PullRequest, make_pull_requests
from benchmarks.chaos.outcome import Ended, Outcome, Undisturbed, judge, undisturbed
from tests.diff.http_git import serving
from tests.stores import postgres

VARIANTS = 12
WORKERS = 3
ASKED = 2
"""Reviews of each pull request."""
_STILL = 240.0
"""Seconds without a review that ends, after which what is left counts as lost."""
_QUICK = ("--heartbeat", "1", "--silence", "8", "--log-level", "warning")


@dataclass(frozen=True)
class Plan:
    """What is to happen.

    Attributes:
        reviews: how many are asked for.
        seconds: of killing at most; 0 for none.
        every: seconds between two kills.
        life: seconds that a process works before it is killed.
        rate: of the forge's failures.
        seed: of everything that is random.
    """

    reviews: int
    seconds: float
    every: float = 2.0
    life: float = 3.0
    rate: float = 0.1
    seed: int = 1


def main() -> int:
    """Run it and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--reviews", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=2000.0)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--life", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where logs and stores are left; a temporary folder otherwise")
    options = parser.parse_args()
    plan = Plan(options.reviews, options.seconds, options.every, options.life, options.rate, options.seed)
    with tempfile.TemporaryDirectory(prefix="reviewer-chaos-") as folder:
        outcome = run(options.keep or Path(folder), options.store, plan)
    print("\n".join(outcome.lines()))
    return 0 if outcome.is_well else 1


def run(folder: Path, store: str, plan: Plan) -> Outcome:
    """Disturb a service, and hold what comes of it against what comes of one that is left alone."""
    count = max(plan.reviews // ASKED, 1)
    variants = min(VARIANTS, count)
    pulls = make_pull_requests(folder / "git" / "octo" / "shop.git", count, variants)
    calm = {pull.variant: pull for pull in pulls}
    with serving(folder / "git") as git:
        url = f"{git.url}/octo/shop.git"
        quiet = Plan(variants, 0, rate=0.0)
        with UnreliableGitHub(list(calm.values()), 0.0, plan.seed) as forge:
            with _sqlite(folder / "calm", forge) as stage:
                ended = _ask(stage, list(calm.values()), url, quiet)
            expected = {one.pull.variant: undisturbed(one, forge) for one in ended}
        _tell_expected(expected)
        asked = pulls * ASKED
        random.Random(plan.seed).shuffle(asked)
        opened = _sqlite if store == "sqlite" else _postgresql
        with UnreliableGitHub(pulls, plan.rate, plan.seed) as forge:
            began = time.monotonic()
            with opened(folder / "storm", forge) as stage:
                ended = _ask(stage, asked, url, plan)
            fleet = stage.fleet
            print(
                f"{store}: {len(ended)} reviews in {time.monotonic() - began:.0f} s; {fleet.kills} processes killed, "
                f"{fleet.ended} ended by themselves, the database restarted {stage.restarts} times; "
                f"{forge.failed} of {len(forge.requests)} calls of the forge failed; "
                f"{stage.client.refused} requests were repeated"
            )
            return judge(ended, expected, forge)


@dataclass
class Stage:
    """A running service.

    Attributes:
        fleet: its processes.
        client: asks it.
        victims: whom of them is killed.
        server: of the database; None for a file.
        restarts: of it so far.
    """

    fleet: Fleet
    client: Client
    victims: Sequence[Member]
    server: str | None = None
    restarts: int = 0

    def restart(self) -> None:
        """Restart the database once."""
        if self.server is not None and not self.restarts:
            postgres.restart(self.server)
            self.restarts += 1


def _ask(stage: Stage, pulls: Sequence[PullRequest], url: str, plan: Plan) -> list[Ended]:
    """Ask for a review of each, and wait until all are over."""
    fleet, client = stage.fleet, stage.client
    if plan.seconds:
        fleet.harass(stage.victims, plan.every, plan.life, plan.seconds)
    identities = []
    for number, pull in enumerate(pulls):
        body = {
            "repository": url,
            "base": pull.base,
            "head": pull.head,
            "model": "offline",
            "post_to": {"forge": "github", "repository": "octo/shop", "number": pull.number},
        }
        identities.append(client.ask(body, f"chaos-{number}"))
    left = dict(enumerate(identities))
    moved = told = time.monotonic()
    while left and time.monotonic() < moved + _STILL:
        for number, identity in list(left.items())[:40]:
            if is_over(client.review(identity)):
                del left[number]
                moved = time.monotonic()
        if plan.seconds and len(left) <= len(pulls) / 2:
            stage.restart()
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"  {len(left)} of {len(pulls)} left, {fleet.kills} kills", flush=True)
        time.sleep(0.3)
    fleet.rest()
    return [Ended(pull, _last(client, identity)) for pull, identity in zip(pulls, identities, strict=True)]


def _last(client: Client, identity: str) -> dict[str, object] | None:
    for _ in range(60):
        if (found := client.review(identity)) is not None:
            return found
        time.sleep(0.5)
    return None


@contextmanager
def _sqlite(folder: Path, forge: UnreliableGitHub) -> Iterator[Stage]:
    """One process that takes requests and does the work."""
    port = _free_port()
    with Fleet() as fleet:
        only = fleet.add("serve", folder / "serve", *_serve(folder / "serve", port), environment=_access(forge))
        yield Stage(fleet, Client(lambda: f"http://127.0.0.1:{port}"), [only])


@contextmanager
def _postgresql(folder: Path, forge: UnreliableGitHub) -> Iterator[Stage]:
    """One process that takes requests and three that do the work."""
    port = _free_port()
    with postgres.running() as server, Fleet() as fleet:
        store = ("--store", postgres.create_database(server, "chaos"))
        serve = (*_serve(folder / "serve", port), "--no-worker", *store)
        fleet.add("serve", folder / "serve", *serve, environment=_access(forge))
        workers = []
        for number in range(WORKERS):
            place = folder / f"worker-{number}"
            options = ("worker", "--folder", str(place), *store, *_QUICK, *_policy())
            workers.append(fleet.add(f"worker-{number}", place, *options, environment=_access(forge)))
        yield Stage(fleet, Client(lambda: f"http://127.0.0.1:{port}"), workers, server)


def _serve(folder: Path, port: int) -> tuple[str, ...]:
    return ("serve", "--folder", str(folder), "--port", str(port), "--no-auth", *_QUICK, *_policy())


def _policy() -> tuple[str, ...]:
    return ("--allow-host", "127.0.0.1", "--allow-scheme", "http", "--allow-private-addresses")


def _access(forge: UnreliableGitHub) -> dict[str, str]:
    return {"REVIEWER_GITHUB_TOKEN": "t0ken", "REVIEWER_GITHUB_API": forge.url}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _tell_expected(expected: dict[int, Undisturbed]) -> None:
    findings = sum(len(one.report["findings"]) for one in expected.values())
    comments = sum(len(one.told) for one in expected.values())
    print(f"undisturbed: {len(expected)} changes, {findings} findings, {comments} told in comments", flush=True)


if __name__ == "__main__":
    sys.exit(main())
