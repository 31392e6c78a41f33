"""Looking a name up: which description it comes from, aliases, bases, and what a handler covers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import KnowledgeError
from reviewer.knowledge.lookup import Knowledge

HEAD = 'distribution = "acme"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "builtins.toml").write_text(
        HEAD
        + '[aliases]\n"IOError" = "OSError"\n'
        + '[[call]]\nnames = ["open"]\nkind = "file"\n'
        + '[[call]]\nnames = ["dict.get"]\nreturns_none = "the key is missing"\n',
        encoding="utf-8",
    )
    (tmp_path / "acme.toml").write_text(
        HEAD
        + """
[aliases]
"acme.sessions.Session" = "acme.Session"
"acme.Down" = "acme.errors.Down"
[classes]
"acme.errors.Down" = ["acme.errors.Error", "TimeoutError"]
"acme.errors.Error" = ["IOError"]
"acme.AsyncSession" = ["acme.Session"]
"acme.Cached" = ["acme.AsyncSession"]
[attributes]
"acme.Session.headers" = { type = "dict" }
[[call]]
names = ["acme.Session.get"]
kind = "http"
[[call]]
names = ["acme.AsyncSession.post"]
kind = "http"
coroutine = true
[[call]]
names = ["acme.http.connect"]
note = "described in the shorter file"
""",
        encoding="utf-8",
    )
    (tmp_path / "acme.http.toml").write_text(
        HEAD + '[[call]]\nnames = ["acme.http.get"]\nkind = "http"\n', encoding="utf-8"
    )
    (tmp_path / "broken.toml").write_text("distribution = ", encoding="utf-8")
    (tmp_path / "README.md").write_text("no description", encoding="utf-8")
    return tmp_path


@pytest.fixture
def knowledge(folder: Path) -> Knowledge:
    return Knowledge(folder)


def test_a_folder_offers_its_descriptions_by_module(knowledge: Knowledge) -> None:
    assert knowledge.modules == {"acme", "acme.http", "builtins", "broken"}


def test_a_description_is_read_at_the_first_use_of_its_module(knowledge: Knowledge) -> None:
    assert knowledge.callable("acme.Session.get") is not None
    with pytest.raises(KnowledgeError, match=r"knowledge/broken\.toml"):
        knowledge.callable("broken.get")


def test_a_description_is_read_once(knowledge: Knowledge, folder: Path) -> None:
    first = knowledge.library("acme")
    (folder / "acme.toml").unlink()

    assert knowledge.library("acme") is first


def test_the_longest_module_prefix_is_asked_first_and_then_the_shorter_ones(knowledge: Knowledge) -> None:
    get, connect = knowledge.callable("acme.http.get"), knowledge.callable("acme.http.connect")

    assert get is not None
    assert get.kind == "http"
    assert connect is not None
    assert connect.note == "described in the shorter file"


def test_a_name_of_an_unknown_module_is_unknown(knowledge: Knowledge) -> None:
    assert knowledge.callable("other.get") is None
    assert knowledge.attribute("other.x") is None
    assert knowledge.canonical("other.get") == "other.get"
    assert knowledge.ancestors("other.Thing") == ("other.Thing",)


def test_a_module_that_only_begins_alike_is_unknown(knowledge: Knowledge) -> None:
    assert knowledge.callable("acmetools.Session.get") is None


@pytest.mark.parametrize("name", ["open", "builtins.open"])
def test_a_built_in_function_is_found_with_and_without_its_module(knowledge: Knowledge, name: str) -> None:
    found = knowledge.callable(name)

    assert found is not None
    assert found.name == "open"


def test_a_method_of_a_built_in_type_is_found(knowledge: Knowledge) -> None:
    found = knowledge.callable("dict.get")

    assert found is not None
    assert found.returns_none == "the key is missing"


def test_a_method_of_an_aliased_class_is_found(knowledge: Knowledge) -> None:
    found = knowledge.callable("acme.sessions.Session.get")

    assert found is not None
    assert found.name == "acme.Session.get"
    assert knowledge.canonical("acme.sessions.Session.get") == "acme.Session.get"


def test_methods_and_attributes_are_inherited_from_bases_at_any_distance(knowledge: Knowledge) -> None:
    get, post = knowledge.callable("acme.Cached.get"), knowledge.callable("acme.Cached.post")
    headers = knowledge.attribute("acme.Cached.headers")

    assert get is not None
    assert get.name == "acme.Session.get"
    assert post is not None
    assert post.coroutine
    assert headers is not None
    assert headers.name == "acme.Session.headers"


def test_ancestors_go_on_to_the_built_in_bases(knowledge: Knowledge) -> None:
    assert knowledge.ancestors("acme.Down") == (
        "acme.errors.Down",
        "acme.errors.Error",
        "TimeoutError",
        "OSError",
        "Exception",
        "BaseException",
    )


@pytest.mark.parametrize(
    "handler", ["acme.Down", "acme.errors.Error", "TimeoutError", "IOError", "OSError", "Exception"]
)
def test_a_handler_covers_a_class_and_everything_below_it(knowledge: Knowledge, handler: str) -> None:
    assert knowledge.covers(handler, "acme.errors.Down")


@pytest.mark.parametrize("handler", ["ValueError", "acme.errors.Down", "acme.Unknown", "KeyError"])
def test_a_handler_does_not_cover_a_class_beside_or_above_it(knowledge: Knowledge, handler: str) -> None:
    assert not knowledge.covers(handler, "acme.errors.Error")


def test_a_handler_for_exception_leaves_what_ends_the_program(knowledge: Knowledge) -> None:
    assert not knowledge.covers("Exception", "KeyboardInterrupt")
    assert knowledge.covers("BaseException", "KeyboardInterrupt")


def test_an_exception_of_which_nothing_is_known_is_covered_by_its_own_name_only(knowledge: Knowledge) -> None:
    assert knowledge.covers("other.Error", "other.Error")
    assert not knowledge.covers("Exception", "other.Error")


def test_a_circle_of_bases_ends(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(HEAD + '[classes]\n"a.X" = ["a.Y"]\n"a.Y" = ["a.X"]\n', encoding="utf-8")

    assert Knowledge(tmp_path).ancestors("a.X") == ("a.X", "a.Y")


@given(st.text(max_size=40))
def test_any_name_has_an_answer(name: str) -> None:
    knowledge = Knowledge()

    assert knowledge.canonical(name) == knowledge.canonical(knowledge.canonical(name))
    assert knowledge.ancestors(name)[0] == knowledge.canonical(name)
