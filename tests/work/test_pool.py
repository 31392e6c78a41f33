"""Worker processes end when their work is not wanted any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_STUCK = """
import os, signal, sys, time
from reviewer.code.limits import Limits
from reviewer.work import pool, worker
from reviewer.work.job import Job
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.code.limits import Limits

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it

def stuck(*arguments, **options):
    os.write(1, b"working ")
    time.sleep(300)

worker.review_file = stuck
os.cpu_count = lambda: 2
files = [FileChange(path=f"{name}.py", kind=ChangeKind.ADDED, content=b"#" * 300_000, whole=True) for name in "ab"]
try:
    pool.review_files(files, Job((), Limits()))
except KeyboardInterrupt:
    os.write(1, b"interrupted")
"""


_SPAWNING = """
import multiprocessing
from reviewer.__main__ import start
from reviewer.work import pool

real = multiprocessing.get_context
multiprocessing.get_context = lambda method: real("spawn")
pool._ALONE, pool.count_processors = 0, lambda: 2
if __name__ == "__main__":
    start()
"""


def _begin() -> subprocess.Popen[bytes]:
    """A program whose two workers are in the middle of a file."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _STUCK],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(len(b"working working ")) == b"working working "
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked, and know nothing of the stub")
def test_an_interrupt_does_not_wait_for_the_files_at_hand() -> None:
    process = _begin()
    process.send_signal(signal.SIGINT)
    # The stream ends only when no worker holds it any more.
    output, _ = process.communicate(timeout=30)
    assert output == b"interrupted"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked, and know nothing of the stub")
@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_process_that_started_them(way: signal.Signals) -> None:
    process = _begin()
    process.send_signal(way)
    output, _ = process.communicate(timeout=30)
    assert output == b""


def test_a_process_that_is_not_forked_imports_nothing_out_of_the_reviewed_repository(tmp_path: Path) -> None:
    """As on macOS and Windows, by a script as pip installs it: Python looks where it is started before all else."""
    script, shop = tmp_path / "reviewer_script.py", tmp_path / "shop"
    script.write_text(_SPAWNING, encoding="utf-8")
    shop.mkdir()
    (shop / "multiprocessing.py").write_text("open('executed', 'w').close()\n", encoding="utf-8")
    diff = "".join(f"--- /dev/null\n+++ b/{name}.py\n@@ -0,0 +1 @@\n+x = 1\n" for name in "ab")
    done = subprocess.run(
        [sys.executable, script, "review", "--diff", "-"],
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path)},
        input=diff,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert "2 files" in done.stdout, done.stderr
    assert not (shop / "executed").exists()
