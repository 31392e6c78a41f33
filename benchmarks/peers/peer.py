"""A tool that is asked about files: in batches, each with a time limit, and a batch that fails is halved."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.output import Output, OutputError
from benchmarks.peers.remark import Answer, Remark, collect

PATIENCE = 60.0
"""Seconds that a batch may take to start."""
PATIENCE_PER_FILE = 15.0


@dataclass(frozen=True)
class Call:
    """How a tool is started.

    Attributes:
        arguments: the command line, the program first.
        stdin: what it reads.
        errors_too: whether what it prints as errors belongs to its output.
    """

    arguments: Sequence[str]
    stdin: str = ""
    errors_too: bool = False


@dataclass(frozen=True)
class Peer:
    """A tool.

    Attributes:
        name: as the table calls it.
        distribution: the package it is installed from.
        program: its program in the directory of tools.
        call: the call for some files of a directory; arguments are the program, the directory and the files.
        read: its output → remarks.
        batch: files that one call takes.
        loud: what its loud remarks are called; None where it knows no severities.
        indiscriminate: left out of what all peers say together.
    """

    name: str
    distribution: str
    program: str
    call: Callable[[Path, Path, Sequence[Path]], Call]
    read: Callable[[str], Output]
    batch: int
    loud: str | None = None
    indiscriminate: bool = False

    def ask(self, program: Path, root: Path, files: Sequence[Path], jobs: int) -> Answer:
        """What the tool says about the files.

        Args:
            program: where it is.
            root: the directory of all files, in which it is started.
            files: below the root.
            jobs: processes side by side.
        """
        batches = [files[start : start + self.batch] for start in range(0, len(files), self.batch)]
        with ThreadPoolExecutor(jobs) as pool:
            parts = list(pool.map(lambda batch: self._ask(program, root, batch), batches))
        failed = {path: why for part in parts for path, why in part.failed.items()}
        said = [(path, remark) for part in parts for path, remarks in part.remarks.items() for remark in remarks]
        return collect(said, failed)

    def _ask(self, program: Path, root: Path, files: Sequence[Path]) -> Answer:
        try:
            text = run(self.call(program, root, files), root, PATIENCE + PATIENCE_PER_FILE * len(files))
            return _assign(self.read(text), root, files)
        except (OutputError, subprocess.TimeoutExpired, OSError) as error:
            if len(files) == 1:
                return Answer(failed={files[0]: f"{type(error).__name__}: {error}"})
            half = len(files) // 2
            parts = [self._ask(program, root, part) for part in (files[:half], files[half:])]
            return Answer(
                {path: remarks for part in parts for path, remarks in part.remarks.items()},
                {path: why for part in parts for path, why in part.failed.items()},
            )


def _assign(output: Output, root: Path, files: Sequence[Path]) -> Answer:
    """The output by file; names are absolute, or relative to the directory that the tool was started in."""
    said: list[tuple[Path, Remark]] = [(root / name, remark) for name, remark in output.said]
    failed = {root / name: why for name, why in output.unread.items()}
    if strangers := ({path for path, _ in said} | set(failed)) - set(files):
        raise OutputError(f"it speaks of files that it was not asked about, as {min(strangers)}")
    return collect(((path, remark) for path, remark in said if path not in failed), failed)


def run(call: Call, directory: Path, seconds: float) -> str:
    """The standard output of a program, whatever its exit code, which says for most tools that they found something.

    Raises:
        subprocess.TimeoutExpired: it took longer; it is ended with all that it started.
    """
    environment = {**os.environ, "NO_COLOR": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "COLUMNS": "200"}
    process = subprocess.Popen(
        call.arguments,
        cwd=directory,
        env=environment,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if call.errors_too else subprocess.DEVNULL,
        start_new_session=True,  # so that the children of a wrapper end with it
    )
    try:
        return process.communicate(call.stdin, timeout=seconds)[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
