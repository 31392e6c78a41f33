from __future__ import annotations

import pytest

from reviewer.diff.patch import parse_patch, read_patch
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.errors import DiffError


def one(text: str | bytes) -> FileChange:
    (change,) = parse_patch(text if isinstance(text, bytes) else text.encode())
    return change


def test_a_hunk_with_context_becomes_one_block_for_each_run_of_changed_lines() -> None:
    change = one(
        "diff --git a/pkg/x.py b/pkg/x.py\n"
        "index 1111111..2222222 100644\n"
        "--- a/pkg/x.py\n"
        "+++ b/pkg/x.py\n"
        "@@ -10,6 +10,6 @@ def f():\n"
        " ten\n"
        "-eleven\n"
        "+ELEVEN\n"
        "+more\n"
        " twelve\n"
        " thirteen\n"
        "-fourteen\n"
        " fifteen\n"
    )
    assert change == FileChange(
        path="pkg/x.py",
        kind=ChangeKind.MODIFIED,
        hunks=(Hunk(11, 11, ("eleven",), ("ELEVEN", "more")), Hunk(14, 14, ("fourteen",), ())),
    )
    assert change.added_lines == {11, 12}
    assert change.deletion_points == {14}


def test_pure_insertions_and_deletions_name_the_line_before() -> None:
    change = one("--- a/x.py\n+++ b/x.py\n@@ -0,0 +1,2 @@\n+a\n+b\n@@ -5 +6,0 @@\n-gone\n")
    assert change.hunks == (Hunk(0, 1, (), ("a", "b")), Hunk(5, 6, ("gone",), ()))


def test_several_files_keep_the_order_of_the_diff() -> None:
    patch = b"".join(
        b"diff --git a/%b b/%b\n--- a/%b\n+++ b/%b\n@@ -1 +1 @@\n-a\n+b\n" % (name, name, name, name)
        for name in (b"z.py", b"a.py", b"with space.py")
    )
    assert [change.path for change in parse_patch(patch)] == ["z.py", "a.py", "with space.py"]


@pytest.mark.parametrize(
    ("quoted", "path"),
    [
        (r"\303\244.py", "ä.py"),
        (r"tab\tquote\"back\\slash.py", 'tab\tquote"back\\slash.py'),
        (r"line\nfeed\r.py", "line\nfeed\r.py"),
        (r"\377.py", "\udcff.py"),
        (r"bell\a\b\v\f.py", "bell\a\b\v\f.py"),
    ],
)
def test_quoted_names_give_back_every_byte(quoted: str, path: str) -> None:
    change = one(f'diff --git "a/{quoted}" "b/{quoted}"\n--- "a/{quoted}"\n+++ "b/{quoted}"\n@@ -1 +1 @@\n-a\n+b\n')
    assert change.path == path


@pytest.mark.parametrize(("word", "kind"), [("rename", ChangeKind.RENAMED), ("copy", ChangeKind.COPIED)])
def test_a_renamed_or_copied_file_keeps_its_old_path(word: str, kind: ChangeKind) -> None:
    change = one(
        "diff --git a/old name.py b/new name.py\nsimilarity index 90%\n"
        f"{word} from old name.py\n{word} to new name.py\n"
        "index 1111111..2222222 100644\n--- a/old name.py\t\n+++ b/new name.py\t\n@@ -1 +1 @@\n-a\n+b\n"
    )
    assert (change.kind, change.old_path, change.path) == (kind, "old name.py", "new name.py")
    assert change.hunks == (Hunk(1, 1, ("a",), ("b",)),)


def test_a_pure_rename_has_no_hunk() -> None:
    change = one("diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n")
    assert change == FileChange(path="b.py", old_path="a.py", kind=ChangeKind.RENAMED)


def test_a_change_of_mode_alone_is_told_apart() -> None:
    change = one("diff --git a/my x.py b/my x.py\nold mode 100644\nnew mode 100755\n")
    assert change == FileChange(path="my x.py", kind=ChangeKind.MODE)


def test_new_and_deleted_files_are_recognised_even_when_empty() -> None:
    new, gone = parse_patch(
        b"diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0000000..e69de29\n"
        b"diff --git a/gone.py b/gone.py\ndeleted file mode 100644\nindex e69de29..0000000\n"
    )
    assert new == FileChange(path="new.py", kind=ChangeKind.ADDED)
    assert gone == FileChange(path="gone.py", kind=ChangeKind.DELETED, skipped="deleted")


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        ("index 1..2 100644\nBinary files a/x.png and b/x.png differ\n", "binary"),
        ("index 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 2\nJcmb\n\n", "binary"),
        (
            "index 1..2 160000\n--- a/x.png\n+++ b/x.png\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n",
            "submodule",
        ),
        (
            "new file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/x.png\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n",
            "symlink",
        ),
    ],
)
def test_what_is_no_text_file_is_skipped_with_the_reason(text: str, skipped: str) -> None:
    changes = parse_patch(
        f"diff --git a/x.png b/x.png\n{text}diff --git a/y.py b/y.py\nold mode 1\nnew mode 2\n".encode()
    )
    assert [(change.path, change.skipped) for change in changes] == [("x.png", skipped), ("y.py", None)]


def test_a_file_that_becomes_a_link_is_one_file() -> None:
    change = one(
        "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
        "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n"
    )
    assert (change.path, change.kind, change.skipped) == ("x", ChangeKind.MODIFIED, "symlink")


def test_missing_line_feeds_at_the_end_are_kept_for_each_side() -> None:
    (patch,) = read_patch(b"--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n")
    assert (patch.old_unterminated, patch.new_unterminated) == (True, False)
    (patch,) = read_patch(b"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n a\n-b\n\\ No newline at end of file")
    assert (patch.old_unterminated, patch.new_unterminated) == (True, False)


def test_only_a_line_feed_ends_a_line() -> None:
    change = one("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\x0cb\r\n-c\u2028d\n+\x85\x1c\x1d\n+\r\r\n".encode())
    assert change.hunks == (Hunk(1, 1, ("a\x0cb\r", "c\u2028d"), ("\x85\x1c\x1d", "\r\r")),)


def test_bytes_that_are_no_utf_8_survive_in_lines() -> None:
    (hunk,) = one(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-\xe4\n+\xff\n").hunks
    assert hunk.added[0].encode("utf-8", "surrogateescape") == b"\xff"


def test_lines_that_look_like_headers_are_text_inside_a_hunk() -> None:
    change = one(
        "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n--- old\n-diff --git a/y b/y\n-@ -1 +1 @@\n+++ new\n+@@ -1 +1 @@\n+\\ No newline\n"
    )
    assert change.hunks == (
        Hunk(1, 1, ("-- old", "diff --git a/y b/y", "@ -1 +1 @@"), ("++ new", "@@ -1 +1 @@", "\\ No newline")),
    )


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("a/pkg/x.py\t2024-01-01 00:00:00.0 +0000", "b/pkg/x.py\t2024-01-02 00:00:00.0 +0000", "pkg/x.py"),
        ("old/pkg/x.py", "new/pkg/x.py", "pkg/x.py"),
        ("x.py.orig", "x.py", "x.py"),
        ("pkg/x.py\t(revision 1)", "pkg/x.py\t(working copy)", "pkg/x.py"),
        ('"a/\\303\\244 b.py"\t2024', '"b/\\303\\244 b.py"\t2024', "ä b.py"),
    ],
)
def test_plain_diffs_lose_prefixes_and_time_stamps(old: str, new: str, path: str) -> None:
    change = one(f"--- {old}\n+++ {new}\n@@ -1 +1 @@\n-a\n+b\n")
    assert (change.path, change.kind) == (path, ChangeKind.MODIFIED)


def test_plain_diffs_tell_new_and_deleted_files_by_dev_null_or_by_empty_sides() -> None:
    changes = parse_patch(
        b"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+a\n"
        b"--- a/b.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
        b"--- old/c.py\t1970-01-01\n+++ new/c.py\t2024-01-01\n@@ -0,0 +1 @@\n+a\n"
    )
    assert [(change.path, change.kind) for change in changes] == [
        ("a.py", ChangeKind.ADDED),
        ("b.py", ChangeKind.DELETED),
        ("c.py", ChangeKind.ADDED),
    ]


def test_names_without_prefix_keep_a_directory_called_a() -> None:
    change = one("diff --git a/x.py a/x.py\n--- a/x.py\n+++ a/x.py\n@@ -1 +1 @@\n-a\n+b\n")
    assert change.path == "a/x.py"


def test_mail_around_the_files_is_passed_over() -> None:
    change = one(
        "From 1111 Mon Sep 17 00:00:00 2001\nFrom: Ada <ada@example.org>\nSubject: [PATCH] x\n\n---\n x.py | 2 +-\n\n"
        "diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n\n"
    )
    assert change.hunks == (Hunk(1, 1, ("a",), ("b",)),)


def test_a_patch_saved_with_crlf_is_read_with_the_carriage_returns_in_its_lines() -> None:
    change = one(b"diff --git a/x.py b/x.py\r\n--- a/x.py\r\n+++ b/x.py\r\n@@ -1,2 +1,2 @@\r\n \r\n-a\r\n+b\r\n")
    assert (change.path, change.hunks) == ("x.py", (Hunk(2, 2, ("a\r",), ("b\r",)),))


def test_blank_text_is_an_empty_diff() -> None:
    assert parse_patch(b"") == parse_patch(b"\n \n") == ()


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a/../../x.py", ".git/hooks/x.py", "pkg//x.py", "./x.py"])
def test_a_path_that_leads_outside_is_failed(path: str) -> None:
    change = one(f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n")
    assert change.path == path
    assert change.failed is not None
    assert "outside the repository" in change.failed


def test_a_nul_in_a_quoted_path_is_failed() -> None:
    change = one('--- "a/x\\000.py"\n+++ "b/x\\000.py"\n@@ -1 +1 @@\n-a\n+b\n')
    assert change.failed is not None


def test_a_file_that_stands_twice_in_a_series_is_failed_and_not_guessed() -> None:
    part = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
    change = one(part + part)
    assert change.hunks == ()
    assert change.failed is not None
    assert "more than once" in change.failed


HEAD = "--- a/x.py\n+++ b/x.py\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("hello\nworld\n", 0, "not a unified diff"),
        ("*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n", 0, "not a unified diff"),
        ("diff --cc x.py\nindex 1,2..3\n--- a/x.py\n+++ b/x.py\n@@@ -1 -1 +1 @@@\n- a\n -b\n++c\n", 1, "combined diff"),
        (HEAD + "@@@ -1 -1 +1 @@@\n- a\n -b\n++c\n", 3, "combined diff"),
        (HEAD, 3, "expected a hunk"),
        (HEAD + "@@ nonsense @@\n", 3, "expected '@@ -LINE,COUNT +LINE,COUNT @@'"),
        (HEAD + "@@ -99999999999999999999 +1 @@\n-a\n+b\n", 3, "expected '@@ -LINE,COUNT +LINE,COUNT @@'"),
        (HEAD + "@@ -1,2 +1,2 @@\n-a\n+b\n", 5, "cut short"),
        (HEAD + "@@ -1 +1 @@\n-a\n+b\n+c\n", 6, "more lines than"),
        (HEAD + "@@ -1,2 +1 @@\n-a\n+b\n+c\n", 6, "does not fit the counts"),
        (HEAD + "@@ -1 +1 @@\n?a\n+b\n", 4, "does not fit the counts"),
        (HEAD + "@@ -0,0 +0,0 @@\n", 3, "without any line"),
        (HEAD + "@@ -0 +1 @@\n-a\n+b\n", 3, "line 0"),
        (HEAD + "@@ -5 +5 @@\n-a\n+b\n@@ -5 +5 @@\n-a\n+b\n", 6, "out of order"),
        (HEAD + "@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-b\n+c\n", 5, "No newline"),
        (HEAD + "@@ -1 +1 @@\n-a\n+b\n \n@@ -3 +3 @@\n-a\n+b\n", 6, "more lines than"),
        ("diff --git a/x b/x\nindex 1..2 100644\n@@ -1 +1 @@\n-a\n+b\n", 3, "expected '--- '"),
        ("diff --git a/x.py b/y.py\nindex 1..2\n", 1, "cannot be read from the header"),
        ("diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/y.py\n@@ -1 +1 @@\n-a\n+b\n", 1, "contradict"),
        ("diff --git a/x b/y\nrename from x\nrename to y\n--- a/x\n+++ b/z\n@@ -1 +1 @@\n-a\n+b\n", 1, "contradict"),
        ('--- "a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n', 1, "quoted name is broken"),
        ('--- "a/\\9"\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n', 1, "quoted name is broken"),
        ("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", 1, "both names"),
    ],
)
def test_what_is_no_proper_diff_is_refused_with_the_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(DiffError) as caught:
        parse_patch(text.encode())
    assert caught.value.line == line
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
