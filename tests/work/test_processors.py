"""A container that may use two of sixty-four processors starts two processes, and not sixty-four."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.work.processors import count_processors


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ("max 100000\n", 64),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("50000 100000\n", 1),
        ("9900000 100000\n", 64),
        ("1 0\n", 64),
        ("nonsense", 64),
        (None, 64),
    ],
)
def test_the_share_of_a_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None, count: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    file = tmp_path / "cpu.max"
    if told is not None:
        file.write_text(told, encoding="ascii")
    assert count_processors(file) == count
