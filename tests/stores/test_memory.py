"""What is remembered survives other processes, a kill in the middle and damage to the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.stores.memory import FileMemory

ROOT = Path(__file__).parents[2]

_WRITER = """
import sys
from pathlib import Path
from reviewer.stores.memory import FileMemory

memory = FileMemory(Path(sys.argv[1]), "1")
for number in range(int(sys.argv[3])):
    memory.remember("digest", f"{sys.argv[2]}{number}", b"x" * 2000)
    if number % 20 == 0:
        memory.flush()
        print("written", flush=True)
memory.close()
"""


def _write(folder: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _WRITER, str(folder), name, str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )


def _file(folder: Path) -> Path:
    return folder / "memory-1.sqlite"


def test_what_one_remembers_another_recalls(tmp_path: Path) -> None:
    first = FileMemory(tmp_path / "new", "1")
    first.remember("digest", "a", b"1")
    assert first.recall("digest", "a") == b"1"
    first.close()
    second = FileMemory(tmp_path / "new", "1")
    assert second.recall("digest", "a") == b"1"
    assert second.recall("review", "a") is None


def test_another_version_remembers_nothing_of_it(tmp_path: Path) -> None:
    first = FileMemory(tmp_path, "1")
    first.remember("digest", "a", b"1")
    first.close()
    assert FileMemory(tmp_path, "2").recall("digest", "a") is None


def test_files_of_versions_long_unused_are_deleted(tmp_path: Path) -> None:
    for age, version in enumerate(["5", "4", "3", "2"]):
        memory = FileMemory(tmp_path, version)
        memory.remember("digest", "a", b"1")
        memory.close()
        os.utime(tmp_path / f"memory-{version}.sqlite", (age, age))
    FileMemory(tmp_path, "1").recall("digest", "a")
    assert sorted(path.name for path in tmp_path.glob("*.sqlite")) == [
        "memory-1.sqlite", "memory-2.sqlite", "memory-3.sqlite", "memory-4.sqlite",
    ]  # fmt: skip


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    writers = [_write(tmp_path, name, 400) for name in ("a", "b")]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    memory = FileMemory(tmp_path, "1")
    missing = [name for name in ("a", "b") for n in range(400) if memory.recall("digest", f"{name}{n}") is None]
    assert missing == []
    assert memory.complaint is None


def test_a_kill_in_the_middle_of_writing_leaves_a_memory_that_works(tmp_path: Path) -> None:
    writer = _write(tmp_path, "a", 100_000)
    assert writer.stdout is not None
    for _ in range(5):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=30)
    memory = FileMemory(tmp_path, "1")
    assert memory.recall("digest", "a0") == b"x" * 2000
    memory.remember("digest", "after", b"1")
    memory.flush()
    assert FileMemory(tmp_path, "1").recall("digest", "after") == b"1"
    assert memory.complaint is None


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_made_anew_with_one_complaint(tmp_path: Path, content: bytes) -> None:
    _file(tmp_path).write_bytes(content)
    memory = FileMemory(tmp_path, "1")
    assert memory.recall("digest", "a") is None
    assert memory.complaint is not None
    assert "damaged" in memory.complaint
    memory.remember("digest", "a", b"1")
    memory.flush()
    again = FileMemory(tmp_path, "1")
    assert again.recall("digest", "a") == b"1"
    assert again.complaint is None


def test_damage_in_the_middle_of_a_file_is_met_by_two_processes_and_made_good(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path, "1")
    for number in range(300):
        memory.remember("digest", str(number), b"x" * 3000)
    memory.close()
    data = bytearray(_file(tmp_path).read_bytes())
    data[8192:-8192] = b"\xee" * (len(data) - 16384)
    _file(tmp_path).write_bytes(data)
    both = [FileMemory(tmp_path, "1"), FileMemory(tmp_path, "1")]
    for number in range(300):
        for one in both:
            one.recall("digest", str(number))
    for one in both:
        one.remember("digest", "new", b"1")
        one.close()
    assert FileMemory(tmp_path, "1").recall("digest", "new") == b"1"


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = FileMemory(tmp_path / "file" / "folder", "1")
    memory.remember("digest", "a", b"1")
    memory.flush()
    assert memory.recall("digest", "a") is None
    assert memory.complaint is None
