"""A folder of files that people and strangers write is read strictly, parsed once, and never left half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import reviewer.stores.catalog_folder as module
from reviewer.catalog.lookup.search import search
from reviewer.domain.catalog import Wish
from reviewer.errors import CatalogError
from reviewer.stores.catalog_folder import FolderCatalog, member_of, text_of
from reviewer.stores.compiled import Member
from tests.catalog.members import LESSON, OUTCOME, PATTERN, a_lesson, a_pattern, catalog

ROOT = Path(__file__).parents[2]


def store_in(place: Path, version: str = "1") -> FolderCatalog:
    return FolderCatalog(place / "catalog", place / "outcomes.jsonl", place / "cache", version)


def write(place: Path, file: str, text: str) -> Path:
    path = place / "catalog" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def compiled(place: Path) -> Path:
    (file,) = (place / "cache").glob("catalog-*.sqlite")
    return file


def ids(store: FolderCatalog, words: str = "cancelled request left its answer on the pooled connection") -> list[str]:
    return [hit.id for hit in search(store.index(), words, Wish(), 9)]


def test_files_are_named_after_their_members_and_nothing_else_is_left(tmp_path: Path) -> None:
    store_in(tmp_path).put([PATTERN], [LESSON])
    files = sorted(str(path.relative_to(tmp_path / "catalog")) for path in (tmp_path / "catalog").rglob("*"))
    assert files == [
        ".gitignore",
        ".lock",
        "lessons",
        "lessons/shop-prices-2026.toml",
        "patterns",
        "patterns/answer-left-on-connection.toml",
    ]
    assert {".lock", ".journal*", "*.tmp"} <= set((tmp_path / "catalog/.gitignore").read_text().split("\n"))


def test_what_a_person_writes_changes_or_deletes_is_seen(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    write(tmp_path, f"patterns/{PATTERN.id}.toml", text_of(PATTERN))
    assert (store.load(), ids(store)) == (catalog(PATTERN), [PATTERN.id])
    write(tmp_path, f"patterns/{PATTERN.id}.toml", text_of(replace(PATTERN, title="Certificate that expired")))
    assert store.load() == catalog(replace(PATTERN, title="Certificate that expired"))
    write(tmp_path, f"lessons/{LESSON.id}.toml", text_of(LESSON))
    assert store.load() == catalog(replace(PATTERN, title="Certificate that expired"), LESSON)
    (tmp_path / f"catalog/patterns/{PATTERN.id}.toml").unlink()
    assert (store.load(), ids(store)) == (catalog(LESSON), [LESSON.id])


def test_other_files_do_not_matter(tmp_path: Path) -> None:
    for file in ("README.md", "patterns/notes.txt", "patterns/.hidden.toml", "patterns/.x.toml.tmp", "drafts/a.toml"):
        write(tmp_path, file, "]]")
    assert store_in(tmp_path).load() == catalog()


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("patterns/a.toml", "title = ", "patterns/a.toml: no valid TOML: Invalid value (at end of document); correct"),
        ("patterns/a.toml", "", "patterns/a.toml: id: is missing"),
        ("patterns/a.toml", text_of(PATTERN), "its id is 'answer-left-on-connection'; name the file"),
        ("lessons/a.toml", text_of(PATTERN), "lessons/a.toml: unknown field 'failure'"),
        ("patterns/A b.toml", "", "patterns/A b.toml: 'A b' is no id"),
        ("patterns/\x1b[2Jx\n.toml", "", r"'patterns/\x1b[2Jx\n.toml': '\x1b[2Jx\n' is no id"),
        ("patterns/a.toml", "x = [" + "[" * 5000, "patterns/a.toml: "),
        ("patterns/a.toml", "#" * 1_100_000, "patterns/a.toml: is larger than 1048576 bytes; shorten it"),
    ],
)
def test_a_file_that_is_no_member_is_refused_with_its_name_and_the_reason(
    tmp_path: Path, file: str, text: str, reason: str
) -> None:
    write(tmp_path, file, text)
    for ask in (store_in(tmp_path).load, store_in(tmp_path).index):
        with pytest.raises(CatalogError) as caught:
            ask()
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "\x1b" not in str(caught.value)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "patterns/a.toml", "").write_bytes(b'title = "\xff"')
    with pytest.raises(CatalogError, match="byte 9 is not UTF-8"):
        store_in(tmp_path).load()


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('password = "hunter2"')
    link = write(tmp_path, "patterns/a.toml", "")
    link.unlink()
    link.symlink_to(tmp_path / "secret")
    with pytest.raises(CatalogError, match="replace it with a plain file") as caught:
        store_in(tmp_path).load()
    assert "hunter2" not in str(caught.value)
    link.unlink()
    os.mkfifo(link)
    with pytest.raises(CatalogError, match="is not a regular file"):
        store_in(tmp_path).load()


@pytest.mark.parametrize("name", ["patterns", ".lock", ".journal"])
def test_a_link_in_the_place_of_what_is_written_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CatalogError, match="is a link; replace it"):
        store_in(tmp_path).put([PATTERN])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_that_lies_where_a_file_is_prepared_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (f"patterns/.{PATTERN.id}.toml.tmp", "..journal.tmp", "..gitignore.tmp"):
        write(tmp_path, name, "").unlink()
        (tmp_path / "catalog" / name).symlink_to(victim)
    store_in(tmp_path).put([PATTERN])
    assert victim.read_text() == "mine"
    assert store_in(tmp_path).load() == catalog(PATTERN)


def test_a_bad_file_does_not_spoil_what_was_compiled(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.put([PATTERN])
    store.load()
    bad = write(tmp_path, "patterns/bad.toml", "]]")
    with pytest.raises(CatalogError):
        store.load()
    bad.unlink()
    assert store.load() == catalog(PATTERN)


def test_a_file_is_parsed_once_for_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_in(tmp_path).put([PATTERN, a_pattern("other")], [LESSON])
    store_in(tmp_path).index()
    read: list[str] = []
    real = member_of

    def member(file: str, data: bytes, place: str) -> Member:
        read.append(file.rpartition("/")[2])
        return real(file, data, place)

    monkeypatch.setattr(module, "member_of", member)
    again = store_in(tmp_path)
    assert again.load() == catalog(PATTERN, a_pattern("other"), LESSON)
    assert read == []
    again.put([a_pattern("other", title="Another title")])
    assert again.load() == catalog(PATTERN, a_pattern("other", title="Another title"), LESSON)
    assert read == ["other.toml"]
    store_in(tmp_path, "2").load()
    assert sorted(read[1:]) == [f"{PATTERN.id}.toml", "other.toml", f"{LESSON.id}.toml"]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_compiled_file_is_made_anew_with_one_complaint(tmp_path: Path, content: bytes) -> None:
    first = store_in(tmp_path)
    first.put([PATTERN], [LESSON])
    first.load()
    first.close()
    for extra in ("-wal", "-shm"):
        compiled(tmp_path).with_name(f"{compiled(tmp_path).name}{extra}").unlink(missing_ok=True)
    compiled(tmp_path).write_bytes(content)
    store = store_in(tmp_path)
    assert store.load() == catalog(PATTERN, LESSON)
    assert store.complaint is not None
    assert "was damaged and is made anew" in store.complaint
    again = store_in(tmp_path)
    assert (again.load(), again.complaint) == (catalog(PATTERN, LESSON), None)


def test_damage_that_a_look_up_meets_is_made_good_in_its_middle(tmp_path: Path) -> None:
    first = store_in(tmp_path)
    members = [a_pattern(f"p{number}", title=f"Number {number}", incidents=()) for number in range(60)]
    first.put([PATTERN, *members], [LESSON])
    first.load()
    first.close()
    data = bytearray(compiled(tmp_path).read_bytes())
    data[16384:-8192] = b"\xee" * (len(data) - 16384 - 8192)
    compiled(tmp_path).write_bytes(data)
    store = store_in(tmp_path)
    assert PATTERN.id in ids(store)
    assert PATTERN.id in ids(store_in(tmp_path))
    assert len(store.load().patterns) == 61


def test_without_a_place_for_it_everything_is_compiled_in_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    store = store_in(tmp_path)
    store.put([PATTERN], [LESSON])
    assert (store.load(), ids(store), store.complaint) == (catalog(PATTERN, LESSON), [PATTERN.id], None)
    alone = FolderCatalog(tmp_path / "catalog", tmp_path / "outcomes.jsonl")
    assert alone.load() == catalog(PATTERN, LESSON)


def test_compiled_files_long_unused_are_deleted(tmp_path: Path) -> None:
    for version in "abcdefgh":
        store = store_in(tmp_path, version)
        store.load()
        store.close()
        for age, path in enumerate(sorted((tmp_path / "cache").glob("catalog-*.sqlite"))):
            os.utime(path, (age, age))
    assert len(list((tmp_path / "cache").glob("catalog-*.sqlite"))) == 7


def test_several_processes_compile_at_once(tmp_path: Path) -> None:
    store_in(tmp_path).put([a_pattern(f"p{number}") for number in range(30)], [LESSON])
    program = (
        "import sys; from pathlib import Path; from tests.stores.test_catalog_folder import store_in;"
        "print(len(store_in(Path(sys.argv[1])).load().patterns))"
    )
    command = [sys.executable, "-P", "-c", program, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    several = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in several] == ["30\n"] * 3


def test_a_write_that_was_cut_off_after_its_moment_counts_and_is_finished_by_the_next_writer(tmp_path: Path) -> None:
    store_in(tmp_path).put([PATTERN], [LESSON])
    later = replace(PATTERN, title="The title of the cut write")
    files = {f"patterns/{PATTERN.id}.toml": text_of(later), "lessons/new.toml": text_of(a_lesson("new"))}
    write(tmp_path, ".journal", json.dumps(files))
    store = store_in(tmp_path)
    assert store.load() == catalog(later, LESSON, a_lesson("new"))
    assert not (tmp_path / "catalog/lessons/new.toml").exists()  # who reads changes nothing
    store.put([replace(later, title="And a later one")], [a_lesson("newer")])
    assert not (tmp_path / "catalog/.journal").exists()
    wanted = catalog(replace(later, title="And a later one"), LESSON, a_lesson("new"), a_lesson("newer"))
    assert store.load() == store_in(tmp_path).load() == wanted


def test_a_write_that_was_cut_off_before_its_moment_never_was(tmp_path: Path) -> None:
    store_in(tmp_path).put([PATTERN])
    write(tmp_path, "..journal.tmp", '{"patterns/half.toml": "tit')
    write(tmp_path, "patterns/.half.toml.tmp", "tit")
    assert store_in(tmp_path).load() == catalog(PATTERN)


@pytest.mark.parametrize(
    "journal",
    [
        "",
        "[]",
        "{",
        '{"../evil.toml": "x"}',
        '{"patterns/../../evil.toml": "x"}',
        '{"patterns/a.toml": 3}',
        '{"/x": "y"}',
    ],
)
def test_a_journal_that_a_stranger_wrote_is_refused(tmp_path: Path, journal: str) -> None:
    write(tmp_path, ".journal", journal)
    for ask in (store_in(tmp_path).load, lambda: store_in(tmp_path).put([PATTERN])):
        with pytest.raises(CatalogError, match="look at it, and delete it"):
            ask()
    assert list(tmp_path.rglob("evil.toml")) == []


def test_a_journal_that_is_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    os.mkfifo(tmp_path / "catalog" / ".journal")
    with pytest.raises(CatalogError, match="is not a regular file"):
        store_in(tmp_path).load()


@pytest.mark.parametrize("place", ["catalog", "catalog/patterns", "catalog/lessons"])
def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("in the way")
    for ask in (store_in(tmp_path).load, store_in(tmp_path).index):
        with pytest.raises(CatalogError, match=r"cannot be read \(Not a directory\)"):
            ask()


def test_where_nothing_can_be_written_a_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalog").write_text("in the way")
    with pytest.raises(CatalogError, match="cannot be written"):
        store_in(tmp_path).put([PATTERN])


def test_a_line_that_was_cut_off_costs_no_other_outcome(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.add_outcomes([OUTCOME])
    with (tmp_path / "outcomes.jsonl").open("ab") as file:
        file.write(b'{"finding": "cut')
    assert (list(store.outcomes()), store.complaint) == ([OUTCOME], None)
    later = replace(OUTCOME, at="2026-05-01T00:00:00+00:00")
    store.add_outcomes([later])
    assert list(store.outcomes()) == [OUTCOME, later]
    assert store.complaint == f"{tmp_path / 'outcomes.jsonl'}: 1 damaged lines are passed over"
