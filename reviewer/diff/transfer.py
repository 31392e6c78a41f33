"""Runs a git command that talks to another machine, with limits on its time, its memory, and on what it brings."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reviewer.diff.program import GitProgram
from reviewer.errors import RepositoryError, UnreachableError

_MOMENT = 0.2
"""Seconds between two looks at the clock and the disk."""
_PATIENCE = 10.0
"""Seconds that a process may take to end which says nothing any more, or was ended."""
_MOST_SAID = 1 << 20
"""Bytes that git says: of the references those that were asked for, and what the other side has it tell."""
_TOO_LARGE = "the repository is too large for this service"
_PASSING = re.compile(
    r"returned error: (429|5\d\d)|Failed to connect|Could not resolve|timed out|too slow|disconnect|early EOF|"
    r"reset by peer|hung up|Connection refused|bad pack|curl (18|28|35|52|55|56|92)\b",
    re.IGNORECASE,
)
"""What git says of a failure that may be over in a moment."""
_HARDENED = {
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "fetch.recurseSubmodules": "false",
    "fetch.fsckObjects": "false",
    "fetch.writeCommitGraph": "false",
    "transfer.advertiseSID": "false",
    "transfer.bundleURI": "false",
    "protocol.version": "2",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.compression": "0",
}


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """What one transfer may take.

    Attributes:
        seconds: of time.
        bytes: that the repository may have on the disk afterwards.
        memory: bytes of address space that each process of git may take, files that are mapped included; held to
            where a shell can (not on macOS, nor on Windows). Git has all references of the other side in memory before
            it says anything of them.
    """

    seconds: float
    bytes: int
    memory: int


@dataclass(frozen=True, slots=True)
class Transport:
    """How a repository is reached.

    Attributes:
        url: where it is.
        scheme: the one transport that may be used.
        configuration: more of git's configuration for it: what the name was resolved to, a header. It goes through the
            environment and is kept nowhere.
    """

    url: str
    scheme: str
    configuration: Mapping[str, str]


def transfer(
    program: GitProgram, transport: Transport, limits: TransferLimits, *arguments: str, stdin: bytes = b""
) -> bytes:
    """Run a git command to its end.

    Args:
        program: git, bound to the repository that is written to.
        transport: how the other side is reached.
        limits: on it.
        arguments: the command.
        stdin: what it is told.

    Returns:
        Its output.

    Raises:
        RepositoryError: it failed, took too long, or brought too much.
    """
    configuration = {**_HARDENED, **transport.configuration, f"protocol.{transport.scheme}.allow": "always"}
    environment = {"GIT_ALLOW_PROTOCOL": transport.scheme, "LC_ALL": "C"}
    process = program.start(
        *arguments, configuration=configuration, environment=environment, alone=True, memory_bytes=limits.memory
    )
    try:
        output, complaint = _talk(process, stdin, program.place.git_dir, limits)
    finally:
        _end(process)
    if process.returncode != 0:
        reason = _reason(complaint)
        if "Out of memory" in reason:
            raise RepositoryError(f"git took more than {limits.memory:,} bytes of memory; {_TOO_LARGE}")
        if _PASSING.search(reason):
            raise UnreachableError(f"the repository cannot be fetched now ({reason}); try again later")
        raise RepositoryError(f"the repository cannot be fetched ({reason}); check the URL and the revision")
    return output


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that go away meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total


class _Listener(threading.Thread):
    """Reads what git says, up to a bound: a process that nobody listens to any more waits, and is ended."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.said = b""
        self.is_too_much = False

    def run(self) -> None:
        """Read to the end."""
        if self._stream is not None:
            self.said = self._stream.read(_MOST_SAID)
            self.is_too_much = bool(self._stream.read(1))


def _talk(process: subprocess.Popen[bytes], stdin: bytes, folder: Path, limits: TransferLimits) -> tuple[bytes, bytes]:
    output, complaint = _Listener(process.stdout), _Listener(process.stderr)
    waiting = (threading.Thread(target=_tell, args=(process.stdin, stdin), daemon=True), output, complaint)
    for one in waiting:
        one.start()
    deadline = time.monotonic() + limits.seconds
    for one in waiting:
        has_ended = False
        while not has_ended:
            one.join(_MOMENT)
            has_ended = not one.is_alive()
            if time.monotonic() > deadline:
                raise RepositoryError(f"fetching took longer than {limits.seconds:.0f} seconds; {_TOO_LARGE}")
            if output.is_too_much or complaint.is_too_much:
                raise RepositoryError(f"git said more than {_MOST_SAID:,} bytes of it; {_TOO_LARGE}")
            if size_of(folder) > limits.bytes:
                raise RepositoryError(f"the repository has more than {limits.bytes:,} bytes; {_TOO_LARGE}")
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE)
    return output.said, complaint.said


def _tell(stream: IO[bytes] | None, text: bytes) -> None:
    if stream is not None:
        with contextlib.suppress(OSError), stream:  # git may have ended before it has read all
            stream.write(text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it has started: it talks to the other side through a program of its own."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "nt":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(_PATIENCE)


def _reason(complaint: bytes) -> str:
    lines = complaint.decode("utf-8", "replace").splitlines()
    told = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    last = (told or lines or ["git gave no reason"])[-1]
    shown = "".join(character if character.isprintable() else " " for character in last)
    return shown.removeprefix("fatal: ").removeprefix("error: ")[:200]
