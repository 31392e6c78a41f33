"""What a post-mortem leaves in a catalog: its lesson, and none of its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reviewer.catalog.documents.reading import Given
from reviewer.catalog.learning import Learned
from reviewer.lesson_keeping import keep_lesson
from reviewer.stores.catalog_folder import FolderCatalog

# Built from parts: no token stands in the repository.
TOKEN = "gh" + "p_" + "aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW1xY3"
PASSWORD = "hQ7vzK2pL9" + "xW4mT8rN"
DOCUMENT = f"""# Payments outage after the switch to {TOKEN}

Source: https://bob:{PASSWORD}@wiki.example.com/incidents/7

## Symptom
Customers could not pay for 40 minutes. The gateway at https://bob:{PASSWORD}@pay.example.com returned 500.

## Root cause
The worker was started with the token {TOKEN}, and `requests.get` was called without a timeout.

## Detection
A customer told us; api_key={PASSWORD} was in the logs.

## Prevention
Always pass a timeout. The new password: {PASSWORD}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FolderCatalog]:
    with closing(FolderCatalog(tmp_path / "catalog", tmp_path / "outcomes.jsonl")) as opened:
        yield opened


def learn(text: str, store: FolderCatalog) -> Learned:
    return keep_lesson(text.encode(), "outage.md", Given(), [store])


def test_no_secret_of_a_post_mortem_is_kept(store: FolderCatalog, tmp_path: Path) -> None:
    learn(DOCUMENT, store)
    kept = "".join(path.name + path.read_text() for path in (tmp_path / "catalog").glob("*/*.toml"))
    assert "without a timeout" in kept
    assert PASSWORD not in kept
    assert TOKEN not in kept
    assert TOKEN.lower().replace("_", "-") not in kept


def test_whoever_learns_it_is_told_to_change_them(store: FolderCatalog) -> None:
    assert any("change them" in note for note in learn(DOCUMENT, store).notes)


def test_a_post_mortem_with_secrets_learned_again_changes_nothing(store: FolderCatalog) -> None:
    first = learn(DOCUMENT, store)
    again = learn(DOCUMENT, store)
    assert (first.news, again.news) == ("new", "known")
    assert again.lesson == first.lesson


def test_what_has_no_secrets_is_kept_as_it_is(store: FolderCatalog) -> None:
    text = DOCUMENT.replace(PASSWORD, "").replace(TOKEN, "new workers").replace("bob:@", "")
    learned = learn(text, store)
    assert learned.lesson.title == "Payments outage after the switch to new workers"
    assert not any("change them" in note for note in learned.notes)
