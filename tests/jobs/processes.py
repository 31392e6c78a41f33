"""The service as people run it: processes of their own, which can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A process of the reviewer that has said that it began.

    Attributes:
        process: it.
        place: what it said: where it listens, or what it is called.
    """

    process: subprocess.Popen[bytes]
    place: str

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def get(self, path: str) -> dict[str, Any]:
        """What it answers."""
        with urllib.request.urlopen(self.place + path, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What it answers to a body."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.place + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def start(command: str, folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Running:
    """Start `reviewer serve` or `reviewer worker`, and wait until it says that it began."""
    told = folder.parent / f"{folder.name}-{command}-{time.monotonic_ns()}.log"
    process = launch([command, "--folder", str(folder), *options], folder, told, environment or {})
    line = wait_for(lambda: _first_word(process, told))
    return Running(process, line.rpartition(" ")[2].strip())


def launch(arguments: Sequence[str], home: Path, told: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the reviewer with nothing of this machine's but what is named.

    Args:
        arguments: of it.
        home: its user's directory.
        told: where it writes, after what stands there. A file and no pipe: a pipe that nobody reads fills up with what
            is logged, and then holds the process up.
        environment: what it finds there besides.
    """
    whole = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "REVIEWER_CACHE": "off",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **environment,
    }
    with told.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "reviewer", *arguments],
            env=whole,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _first_word(process: subprocess.Popen[bytes], told: Path) -> str | None:
    """The line in which a process says that it began."""
    text = told.read_text(encoding="utf-8")
    for line in text.splitlines(keepends=True):
        if line.startswith(("reviewer: listening", "reviewer: working")) and line.endswith("\n"):
            return line
    assert process.poll() is None, text
    return None


@contextmanager
def ended(started: Sequence[Running]) -> Iterator[None]:
    """End processes after a test, as one would who is polite."""
    try:
        yield
    finally:
        for one in started:
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
        for one in started:
            try:
                one.process.wait(15)
            finally:
                if one.process.poll() is None:
                    one.process.kill()


def wait_for(ask: Callable[[], T | None], seconds: float = 60) -> T:
    """What a question is answered, once that is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} s")
