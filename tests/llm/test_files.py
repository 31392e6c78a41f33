"""The folder that asks nobody."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.llm.files import MOST_BYTES, FilesModel
from tests.llm.asking import REQUEST, SCHEMA, ask, failure

ANSWER = '{"verdict": "doubted", "words": "naïve"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a" / "questions"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_question_is_written_down_whole_and_said_to_be_unanswered(folder: Path) -> None:
    error = failure(FilesModel(folder))
    assert (error.again, error.calls) == (False, 0)
    assert error.reason == "not answered yet; put HASH.answer.json beside each question"
    assert names(folder) == [f"{REQUEST.digest}.request.md"]
    text = (folder / f"{REQUEST.digest}.request.md").read_text(encoding="utf-8")
    assert REQUEST.system in text
    assert REQUEST.text in text
    assert json.loads(text.partition("```json\n")[2].partition("\n```")[0]) == SCHEMA
    assert "explain, version 3" in text


def test_only_its_owner_may_read_it(folder: Path) -> None:
    failure(FilesModel(folder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{REQUEST.digest}.request.md").stat().st_mode) == 0o600


def test_the_answer_beside_it_is_taken_as_it_is(folder: Path) -> None:
    failure(FilesModel(folder))
    (folder / f"{REQUEST.digest}.answer.json").write_text(ANSWER, encoding="utf-8")
    reply = ask(FilesModel(folder))
    assert (reply.text, reply.calls, reply.stop, reply.model) == (ANSWER, 0, "end", f"files:{folder}")
    assert (reply.tokens.input, reply.tokens.output) == (0, 0)


def test_a_byte_order_mark_is_no_part_of_the_answer(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{REQUEST.digest}.answer.json").write_text(ANSWER, encoding="utf-8-sig")
    assert ask(FilesModel(folder)).text == ANSWER


def test_the_same_question_is_the_same_file_in_every_run(folder: Path) -> None:
    failure(FilesModel(folder))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from reviewer.llm.files import FilesModel\n"
        "from tests.llm.asking import REQUEST, failure\n"
        "failure(FilesModel(Path(sys.argv[1])))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, version="4"),
        replace(REQUEST, prompt="doubt"),
        replace(REQUEST, text="other"),
        replace(REQUEST, system="other"),
        replace(REQUEST, schema={"type": "object"}),
    ],
    ids=["version", "prompt", "text", "system", "schema"],
)
def test_another_question_is_another_file(folder: Path, other: object) -> None:
    assert isinstance(other, type(REQUEST))
    failure(FilesModel(folder))
    failure(FilesModel(folder), other)
    assert len(names(folder)) == 2


def test_how_long_an_answer_may_be_makes_no_other_question() -> None:
    assert replace(REQUEST, answer_tokens=7).digest == REQUEST.digest


def test_a_damaged_question_is_written_again(folder: Path) -> None:
    failure(FilesModel(folder))
    path = folder / f"{REQUEST.digest}.request.md"
    whole = path.read_bytes()
    path.write_bytes(whole[:10])
    failure(FilesModel(folder))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x" * (MOST_BYTES + 1), "is larger than 1024 KiB"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
    ids=["too large", "not UTF-8"],
)
def test_an_answer_that_cannot_be_one_is_told(folder: Path, data: bytes, reason: str) -> None:
    folder.mkdir(parents=True)
    (folder / f"{REQUEST.digest}.answer.json").write_bytes(data)
    error = failure(FilesModel(folder))
    assert reason in error.reason
    assert not error.again


def test_an_answer_of_the_largest_size_is_taken(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{REQUEST.digest}.answer.json").write_bytes(b"x" * MOST_BYTES)
    assert len(ask(FilesModel(folder)).text) == MOST_BYTES


def test_a_link_in_place_of_the_answer_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder.mkdir(parents=True)
    (folder / f"{REQUEST.digest}.answer.json").symlink_to(secret)
    reason = failure(FilesModel(folder)).reason
    assert "is a symbolic link" in reason
    assert "secret" not in reason


@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_in_place_of_the_question_is_replaced_and_not_written_through(
    folder: Path, tmp_path: Path, dangling: bool
) -> None:
    target = tmp_path / "target"
    if not dangling:
        target.write_text("untouched")
    folder.mkdir(parents=True)
    path = folder / f"{REQUEST.digest}.request.md"
    path.symlink_to(target)
    failure(FilesModel(folder))
    assert not path.is_symlink()
    assert target.exists() is not dangling
    if not dangling:
        assert target.read_text() == "untouched"


def test_a_pipe_or_folder_in_place_of_the_answer_is_no_hang(folder: Path) -> None:
    folder.mkdir(parents=True)
    answer = folder / f"{REQUEST.digest}.answer.json"
    os.mkfifo(answer)
    assert "is not a regular file" in failure(FilesModel(folder), seconds=5).reason
    answer.unlink()
    answer.mkdir()
    assert "is not a regular file" in failure(FilesModel(folder), seconds=5).reason


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        assert "name a folder that can be written to" in failure(FilesModel(path)).reason


def test_many_at_once_leave_one_whole_file(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: failure(FilesModel(folder)), range(24)))
    assert names(folder) == [f"{REQUEST.digest}.request.md"]
