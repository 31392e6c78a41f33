"""Path patterns behave as in .gitignore."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.domain.path_pattern import matches_any
from reviewer.domain.settings import Settings


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a/b.py", True),
        ("b.py", "a/b.py", True),
        ("/b.py", "a/b.py", False),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**/c.py", "a/c.py", True),
        ("a/**/c.py", "a/b/b/c.py", True),
        ("tests/", "x/tests/a.py", True),
        ("tests/", "tests", False),
        ("tests", "tests/a.py", True),
        ("a/**", "a", False),
        ("a/**", "a/b", True),
        ("**/x.py", "x.py", True),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("?.py", "ab.py", False),
        (r"\*.py", "*.py", True),
        (r"\*.py", "a.py", False),
        ("[a.py", "[a.py", True),
        ("", "a", False),
        ("/", "a", False),
    ],
)
def test_a_pattern_matches_as_in_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert matches_any([pattern], path) is expected


def test_a_later_pattern_takes_back() -> None:
    assert matches_any(["*.py", "!keep.py"], "keep.py") is False
    assert matches_any(["*.py", "!keep.py", "keep.py"], "keep.py") is True


_PARTS = st.text(alphabet="ab", min_size=1, max_size=3)
_PATTERN_PARTS = st.one_of(
    st.just("**"), st.text(alphabet="ab*?", min_size=1, max_size=3).filter(lambda t: "**" not in t)
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_PARTS, min_size=1, max_size=4),
    st.lists(_PATTERN_PARTS, min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_it_agrees_with_git(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], wanted: list[str], rooted: bool, directory: bool
) -> None:
    pattern = ("/" if rooted else "") + "/".join(wanted) + ("/" if directory else "")
    path = "/".join(parts)
    folder = _repository(tmp_path_factory)
    (folder / ".gitignore").write_text(pattern + "\n", encoding="utf-8")
    answer = subprocess.run(["git", "check-ignore", "--no-index", "-q", path], cwd=folder, check=False).returncode == 0
    assert matches_any([pattern], path) is answer


def _repository(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "patterns"
    if not folder.exists():
        folder.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def test_a_pattern_of_many_stars_costs_no_time() -> None:
    start = time.perf_counter()
    assert matches_any(["*a" * 40 + "b"], "a" * 200) is False
    assert matches_any(["**/a/" * 40 + "b"], "/".join("a" * 200)) is False
    assert time.perf_counter() - start < 20


def test_settings_review_what_is_included_and_not_excluded() -> None:
    chosen = Settings(include=("src/",), exclude=("*_pb2.py",))
    assert chosen.covers("src/a.py")
    assert not chosen.covers("tools/a.py")
    assert not chosen.covers("src/a_pb2.py")
    assert Settings().covers("anything.py")
