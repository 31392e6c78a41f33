"""A review as files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from reviewer.errors import ForgeError
from tests.forges.stage import LocalStage, post
from tests.posting.reviews import HEAD, NEXT, item, review


def test_a_person_reads_the_summary_and_the_open_threads(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = LocalStage(stack, tmp_path)
        post(stage, review(item(1, line=12), item(2, line=13, severity="medium")))
        post(stage, review(item(1, line=12), head=NEXT), head=NEXT)
    text = (tmp_path / "review" / "review.md").read_text()
    assert text.startswith("### Blocked: 1 high in 2 files")
    assert "### `app/client.py:12`\n\n**High**: requests.get waits for ever" in text
    assert "**Medium**" not in text


def test_a_damaged_file_is_a_clear_error(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = LocalStage(stack, tmp_path)
        (tmp_path / "review").mkdir()
        (tmp_path / "review" / "review.json").write_text('{"next": ')
        with pytest.raises(ForgeError, match="is damaged; delete it"):
            post(stage, review(item(1, line=12)))


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = LocalStage(stack, tmp_path)
        (tmp_path / "review").write_text("a file")
        with pytest.raises(ForgeError, match="name another folder"):
            post(stage, review(item(1, line=12), head=HEAD))
