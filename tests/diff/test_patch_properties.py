"""`HYPOTHESIS_PROFILE=fuzz` tries 20,000 examples for each property."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewer.diff.contents import change_from_patch, undo
from reviewer.diff.patch import FilePatch, read_patch
from reviewer.diff.path import encode, is_safe
from reviewer.errors import DiffError

LINES = [
    b"",
    b" ",
    b"a",
    b"b",
    b"def f():",
    b"    return 1",
    b"carriage return\r",
    b"\r",
    b"in the\rmiddle",
    b"form\x0cfeed",
    b"\x0c",
    b"line\xe2\x80\xa8separator",
    b"next\xc2\x85line",
    b"\x1c\x1d\x1e",
    b"no utf-8 \xff\xfe",
    b"-- old",
    b"++ new",
    b"- ",
    b"@@ -1 +1 @@",
    b"diff --git a/x b/x",
    b"\\ No newline at end of file",
    b"Binary files a and b differ",
]


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.sampled_from(LINES), max_size=12))
    text = b"\n".join(lines)
    return text + b"\n" if draw(st.booleans()) and lines else text


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pair")


def git_diff(directory: Path, old: bytes, new: bytes, context: int) -> bytes:
    (directory / "old.py").write_bytes(old)
    (directory / "new.py").write_bytes(new)
    command = ["git", "diff", "--no-index", "--text", "--no-color", f"-U{context}", "old.py", "new.py"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def redo(old: bytes, patch: FilePatch) -> bytes:
    """Apply the hunks from the first to the last, the plain way."""
    lines = old.split(b"\n")
    terminated = lines[-1] == b""
    if terminated:
        lines.pop()
    result: list[bytes] = []
    at = 0
    for hunk in patch.change.hunks:
        start = hunk.old_start - 1 if hunk.deleted else hunk.old_start
        result += lines[at:start]
        assert [encode(text) for text in hunk.deleted] == lines[start : start + len(hunk.deleted)]
        assert len(result) == (hunk.new_start - 1 if hunk.added else hunk.new_start)
        result += [encode(text) for text in hunk.added]
        at = start + len(hunk.deleted)
    ends = terminated if at < len(lines) else not (patch.change.hunks[-1].added and patch.new_unterminated)
    result += lines[at:]
    return b"\n".join(result) + (b"\n" if ends and result else b"")


@given(old=contents(), new=contents(), context=st.sampled_from([0, 1, 3]))
@example(old=b"a", new=b"a\n", context=0)
@example(old=b"a\nb", new=b"a", context=3)
@example(old=b"", new=b"\n", context=0)
def test_a_diff_of_git_leads_from_the_old_file_to_the_new_and_back(
    directory: Path, old: bytes, new: bytes, context: int
) -> None:
    patches = read_patch(git_diff(directory, old, new, context))
    if old == new:
        assert patches == ()
        return
    (patch,) = patches
    assert redo(old, patch) == new
    assert undo(new, patch) == old
    lines = new.split(b"\n")
    for line, text in ((excerpt.start + i, text) for excerpt in patch.excerpts for i, text in enumerate(excerpt.lines)):
        assert lines[line - 1] == text


SEEDS = [
    b"diff --git a/x.py b/x.py\nindex 1111111..2222222 100644\n--- a/x.py\n+++ b/x.py\n"
    b"@@ -1,4 +1,4 @@ class A:\n a\n-b\n+c\n d\n e\n@@ -10,0 +11,2 @@\n+f\n+g\n\\ No newline at end of file\n",
    b"diff --git a/old.py b/new.py\nsimilarity index 90%\nrename from old.py\nrename to new.py\n"
    b"--- a/old.py\n+++ b/new.py\n@@ -1 +1 @@\n-a\n+b\n",
    b'diff --git "a/\\303\\244\\".py" "b/\\303\\244\\".py"\nold mode 100644\nnew mode 100755\n',
    b"diff --git a/b.png b/b.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n\n",
    b"diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n"
    b"-Subproject commit 1111\n+Subproject commit 2222\n",
    b"--- a/plain.py\t2024-01-01\n+++ b/plain.py\t2024-01-02\n@@ -3,2 +3 @@\n \r\n-\xff\x0c\n",
    b"From 1111 Mon Sep 17 00:00:00 2001\nSubject: x\n\n---\n x.py | 1 +\n\n"
    b"diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+a\n-- \n2.39\n",
]
PIECES = [line for seed in SEEDS for line in seed.split(b"\n")] + [
    b"@@ -9999999999,9999999999 +9999999999,1 @@",
    b"@@@ -1 -1 +1 @@@",
    b"--- /dev/null",
    b"+++ /dev/null",
    b'--- "',
    b'+++ "a\\',
    b"diff --git ",
    b"diff --git a b c d",
    b"rename from ",
    b"copy to ../../etc/passwd",
    b"new file mode ",
    b"\\",
    b"\0",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    lines = b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=3))).split(b"\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "insert", "replace", "byte", "cut", "swap"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "insert":
                lines.insert(at, draw(st.sampled_from(PIECES)))
            case "replace":
                lines[at] = draw(st.sampled_from(PIECES))
            case "byte":
                line = lines[at]
                place = draw(st.integers(0, len(line)))
                lines[at] = line[:place] + draw(st.binary(max_size=2)) + line[place + draw(st.integers(0, 1)) :]
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
                del lines[at + 1 :]
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
        lines = lines or [b""]
    return b"\n".join(lines)


@given(mutated() | st.binary(max_size=200))
def test_a_broken_diff_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        change = change_from_patch(data, None)
    except DiffError as error:
        assert "\n" not in str(error)
        return
    for file in change.files:
        assert file.failed is not None or is_safe(file.path)
        previous = 0
        for hunk in file.hunks:
            assert hunk.deleted or hunk.added
            assert hunk.new_start >= previous
            previous = hunk.new_start
        if file.content is not None and file.skipped is None:
            lines = file.content.split(b"\n")
            for hunk in file.hunks:
                shown = lines[hunk.new_start - 1 : hunk.new_start - 1 + len(hunk.added)]
                assert not hunk.added or shown == [encode(text) for text in hunk.added]
