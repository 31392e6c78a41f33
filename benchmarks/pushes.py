"""Real pushes of mature projects, one after the other: how many the hook would have stopped, and how long it took.

usage: python -m benchmarks.pushes DIR... [--pushes 200] [--seconds N] [--list]

DIR is a repository, bare or not. A push is a commit of the main line with what its merge brought: the commits that one
push made public in a project that merges pull requests. Each is judged as the hook does it, in a process of its own,
with what the pushes before it left in the memory. Seconds are those of the wall; those of the processor stand beside
them, since other work on the machine is no time of the hook.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_STOP = 10


@dataclass(frozen=True)
class Push:
    """One push.

    Attributes:
        commit: what was pushed.
        seconds, processor: how long the hook took.
        code: its exit status.
        output: what it said.
    """

    commit: str
    seconds: float
    processor: float
    code: int
    output: bytes


def main() -> int:
    """Replay the pushes of each project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--pushes", type=int, default=200)
    parser.add_argument("--seconds", type=float, help="what each push may take; default that of the settings")
    parser.add_argument("--list", action="store_true", help="what was said of each push that was stopped")
    options = parser.parse_args()
    everything: list[Push] = []
    for repository in options.repositories:
        with tempfile.TemporaryDirectory(prefix="reviewer-pushes-") as folder:
            pushes = replay(repository, Path(folder), options.pushes, options.seconds)
        everything += pushes
        _tell(repository.parent.name if repository.name == "repo" else repository.name, pushes)
        for push in pushes if options.list else ():
            if push.code == _STOP:
                print(f"--- {push.commit}\n{push.output.decode('utf-8', 'replace')}")
    if len(options.repositories) > 1:
        _tell("together", everything)
    return 0


def replay(repository: Path, folder: Path, most: int, limit: float | None) -> list[Push]:
    """Judge the last pushes of a repository, the oldest first.

    Args:
        repository: where they are.
        folder: an empty directory.
        most: how many.
        limit: seconds that each may take; None leaves it to the settings.
    """
    clone = folder / "clone.git"
    subprocess.run(["git", "clone", "--quiet", "--shared", "--bare", str(repository), str(clone)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(clone), "rev-list", "--first-parent", "--parents", f"--max-count={most + 1}", "HEAD"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = [line.split() for line in reversed(listed.splitlines())]
    pushes = []
    for commit, before, *_ in (row for row in rows[-most:] if len(row) > 1):
        pushes.append(_judge(clone, commit, before, folder / "memory", limit))
        if sys.stderr.isatty():
            print(f"\r{len(pushes)} of {most}", end="", file=sys.stderr)
    return pushes


def _judge(clone: Path, commit: str, before: str, memory: Path, limit: float | None) -> Push:
    line = f"refs/heads/main {commit} refs/heads/main {before}\n".encode()
    seconds = [] if limit is None else ["--seconds", str(limit)]
    command = [sys.executable, "-P", "-m", "reviewer", "hook", "run", "--stop-code", str(_STOP), *seconds]
    command += ["--", "origin", "url"]
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=clone,
            env={**os.environ, "REVIEWER_CACHE": str(memory)},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - started
        process.returncode = code = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    return Push(commit, elapsed, usage.ru_utime + usage.ru_stime, code, said)


def _tell(name: str, pushes: list[Push]) -> None:
    stopped = sum(push.code == _STOP for push in pushes)
    failed = sum(push.code not in (0, _STOP) for push in pushes)
    late = sum(b"not reviewed in" in push.output for push in pushes)
    silent = sum(b"reviewer: Pass" in push.output for push in pushes)
    print(
        f"{name}: {len(pushes)} pushes, {stopped} stopped ({stopped / len(pushes):.1%}), {silent} passed in one line, "
        f"{late} with files that were not ready, {failed} that failed"
    )
    for what, values in (("wall", [p.seconds for p in pushes]), ("processor", [p.processor for p in pushes])):
        values.sort()
        last = values[min(len(values) - 1, round(0.99 * len(values)))]
        print(
            f"  {what}: median {statistics.median(values):.2f} s, 99th percentile {last:.2f} s, most {values[-1]:.2f} s"
        )


if __name__ == "__main__":
    sys.exit(main())
