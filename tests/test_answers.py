"""What a person may write to have a place in the code explained, and what is told when there is no such place."""

from __future__ import annotations

import pytest

from reviewer.answers import explain_target
from reviewer.diff.repository import GitRepository
from reviewer.domain.settings import Limits
from reviewer.errors import SourceError, UsageError
from tests.git_builder import GitBuilder

_CODE = "import os\n\n\ndef home():\n    return os.environ['HOME']\n\n\nclass A:\n    def b(self):\n        return open('b')\n"


@pytest.fixture
def shop(builder: GitBuilder) -> GitBuilder:
    builder.commit({"a.py": _CODE, "pkg/b.py": _CODE.replace("home", "inner")})
    return builder


def explain(shop: GitBuilder, target: str, folder: str = "") -> list[str]:
    with GitRepository(shop.root / folder) as repository:
        answers = explain_target(repository, target, folder=repository.folder)
    return [f"{answer.path}:{answer.line} {answer.function}" for answer in answers.answers]


@pytest.mark.parametrize(
    "target", ["a.py::home", "./a.py::home", "pkg/../a.py::home", "a.py:5", "a.py:5:12", "{root}/a.py::home"]
)
def test_a_place_may_be_written_in_many_ways(shop: GitBuilder, target: str) -> None:
    assert explain(shop, target.replace("{root}", str(shop.root))) == ["a.py:4 home"]


def test_a_path_is_taken_from_where_the_person_is_and_then_from_the_root(shop: GitBuilder) -> None:
    assert explain(shop, "b.py::inner", folder="pkg") == ["pkg/b.py:4 inner"]
    assert explain(shop, "pkg/b.py::inner", folder="pkg") == ["pkg/b.py:4 inner"]
    assert explain(shop, "../a.py::home", folder="pkg") == ["a.py:4 home"]


def test_a_method_is_found_by_its_last_name(shop: GitBuilder) -> None:
    assert explain(shop, "a.py::b") == ["a.py:9 A.b"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("", "the target names no file; write path, path:line or path::Qualified.name"),
        ("::home", "the target names no file; write path, path:line or path::Qualified.name"),
        (
            "gone.py",
            f"gone.py: no such file in the work tree, or none that can be read (up to {Limits().file_bytes:,} bytes); "
            "check the path",
        ),
        ("pkg", "pkg is a folder; name a file in it"),
        ("a.py::hom", "a.py: no function or class 'hom' in it; did you mean home?"),
        ("a.py::zzz", "a.py: no function or class 'zzz' in it; give the name of one"),
        ("a.py::", "a.py: no function or class '' in it; give the name of one"),
        ("a.py:99", "a.py: nothing at line 99 to explain; the file ends at line 10"),
        ("empty.py", "empty.py: nothing to explain; it has no statement in it"),
        ("notes.toml", "notes.toml is not a Python file; name a file that ends in .py"),
    ],
)
def test_a_place_that_does_not_exist_is_told(shop: GitBuilder, target: str, told: str) -> None:
    shop.write({"empty.py": "", "notes.toml": "a = 1\n"})
    with pytest.raises(UsageError) as caught:
        explain(shop, target)
    assert str(caught.value) == told


@pytest.mark.parametrize("text", ["def f(:\n", "# coding: klingon\n", "x = 1\0\n"])
def test_a_file_that_is_no_python_is_named(shop: GitBuilder, text: str) -> None:
    shop.write({"bad.py": text})
    with pytest.raises(SourceError, match=r"^bad\.py: "):
        explain(shop, "bad.py")
