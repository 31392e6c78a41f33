"""Processes of the reviewer that are killed and started again."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.jobs.processes import launch


@dataclass
class Member:
    """One process, through all of its lives.

    Attributes:
        arguments: of the reviewer.
        home: its user's directory.
        environment: what it finds there besides.
        log: where it writes what goes wrong.
        process: the life that it has now.
    """

    arguments: Sequence[str]
    home: Path
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _begins: int = 0
    _works_since: float | None = None

    def start(self) -> None:
        """Begin a life; it takes a moment until it works."""
        self._works_since = None
        self._begins = self.log.stat().st_size if self.log.exists() else 0
        self.process = launch(self.arguments, self.home, self.log, self.environment)

    def age(self) -> float:
        """Seconds for which it works, as far as anybody has looked; it says when it begins."""
        if self._works_since is None:
            with self.log.open("rb") as log:
                log.seek(self._begins)
                if b"reviewer: " in log.read():
                    self._works_since = time.monotonic()
        return 0.0 if self._works_since is None else time.monotonic() - self._works_since

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass
class Fleet:
    """All processes; use it as a context manager, which ends them.

    Attributes:
        members: them.
        kills: how many were killed so far.
        ended: how many ended by themselves, and were started again.
    """

    members: list[Member] = field(default_factory=list)
    kills: int = 0
    ended: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _killer: threading.Thread | None = None

    def add(self, name: str, folder: Path, *arguments: str, environment: Mapping[str, str]) -> Member:
        """Start one more."""
        folder.mkdir(parents=True, exist_ok=True)
        member = Member(arguments, folder, environment, folder.parent / f"{name}.log")
        self.members.append(member)
        member.start()
        return member

    def harass(self, victims: Sequence[Member], every: float, life: float, seconds: float) -> None:
        """Kill the one that works longest, and start it again at once, for some seconds; returns at once.

        Args:
            victims: whom.
            every: seconds between two.
            life: seconds that each works at least; whom the machine lets start slowly is waited for.
            seconds: for how long.
        """

        def work() -> None:
            until = time.monotonic() + seconds
            while not self._ended.wait(every):
                self._watch(victims)
                victim = max(victims, key=Member.age)
                if time.monotonic() < until and victim.age() >= life:
                    victim.kill()
                    self.kills += 1
                    victim.start()

        self._killer = threading.Thread(target=work, daemon=True)
        self._killer.start()

    def _watch(self, members: Sequence[Member]) -> None:
        """Start what has ended by itself, as whatever runs a service does."""
        for member in members:
            if member.process is not None and member.process.poll() is not None:
                self.ended += 1
                member.start()

    def rest(self) -> None:
        """Kill no more."""
        self._ended.set()
        if self._killer is not None:
            self._killer.join()
            self._killer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()
        for member in self.members:
            member.kill()
