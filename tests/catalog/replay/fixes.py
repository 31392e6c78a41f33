"""Fixes as tests write them: two states of some files, committed to a real repository."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from reviewer.diff.repository import GitRepository
from reviewer.domain.fix import Fix
from tests.git_builder import GitBuilder


def fix_of(builder: GitBuilder, before: Mapping[str, str], after: Mapping[str, str | None]) -> Fix:
    """Commit the files before and those that the fix changes (None deletes one), and read the fix."""
    builder.commit({path: dedent(text).lstrip("\n") for path, text in before.items()})
    builder.commit({path: None if text is None else dedent(text).lstrip("\n") for path, text in after.items()})
    with GitRepository(builder.root) as repository:
        return repository.fix("HEAD")
