"""The files around a change are read at the reviewed state, and nothing else is."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from reviewer.diff.sources import RevisionSources
from reviewer.ports import INDEX
from tests.git_builder import GitBuilder


@pytest.fixture
def sources(builder: GitBuilder) -> RevisionSources:
    builder.commit({"shop/a.py": "first()\n", "shop/web/b.py": "first()\n", "other/c.py": "first()\n"})
    return RevisionSources(str(builder.root), builder.git("rev-parse", "HEAD").strip(), 1000)


def test_files_are_those_of_the_revision(builder: GitBuilder, sources: RevisionSources) -> None:
    builder.commit({"shop/a.py": "second()\n"})
    assert sources.read(["shop/a.py", "shop/missing.py", "shop"]) == {"shop/a.py": b"first()\n"}
    assert sources.mentioning("second", ["shop"]) == []
    sources.close()


def test_files_of_the_index_and_the_work_tree_are_told_apart(builder: GitBuilder, sources: RevisionSources) -> None:
    (builder.root / "shop/a.py").write_text("staged()\n")
    builder.git("add", "shop/a.py")
    (builder.root / "shop/a.py").write_text("typed()\n")
    index = RevisionSources(str(builder.root), INDEX, 1000)
    tree = RevisionSources(str(builder.root), None, 1000)
    assert index.read(["shop/a.py"]) == {"shop/a.py": b"staged()\n"}
    assert tree.read(["shop/a.py"]) == {"shop/a.py": b"typed()\n"}
    assert index.mentioning("staged", ["shop"]) == ["shop/a.py"]
    assert tree.mentioning("typed", ["shop"]) == ["shop/a.py"]
    assert tree.mentioning("staged", ["shop"]) == []
    for one in (sources, index, tree):
        one.close()


def test_a_word_is_looked_for_in_two_levels_of_folders(sources: RevisionSources) -> None:
    assert sources.mentioning("first", ["shop"]) == ["shop/a.py", "shop/web/b.py"]
    assert sources.mentioning("first", [""]) == ["other/c.py", "shop/a.py"]
    assert sources.mentioning("firs", ["shop"]) == []
    sources.close()


@pytest.mark.parametrize("word", ["", "a b", "-e", "--help", "(", "\n", "first()"])
def test_what_is_no_word_is_not_looked_for(sources: RevisionSources, word: str) -> None:
    assert sources.mentioning(word, ["shop"]) == []
    sources.close()


def test_a_folder_is_a_name_and_no_pattern(builder: GitBuilder) -> None:
    builder.commit({"s[ab]/x.py": "word\n", "sa/y.py": "word\n", "s*/z.py": "word\n"})
    sources = RevisionSources(str(builder.root), builder.git("rev-parse", "HEAD").strip(), 1000)
    assert sources.mentioning("word", ["s[ab]"]) == ["s[ab]/x.py"]
    assert sources.mentioning("word", ["s*"]) == ["s*/z.py"]
    assert sources.mentioning("word", ["../", "/etc"]) == []
    sources.close()


def test_a_repository_that_is_gone_has_no_files(tmp_path: Path) -> None:
    sources = RevisionSources(str(tmp_path / "gone"), "a" * 40, 1000)
    assert sources.read(["a.py"]) == {}
    assert sources.mentioning("word", [""]) == ()


def test_they_can_be_sent_to_another_process(sources: RevisionSources) -> None:
    assert pickle.loads(pickle.dumps(sources)).read(["shop/a.py"]) == {"shop/a.py": b"first()\n"}
