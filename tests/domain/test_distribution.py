"""What is told and written to install the reviewer once more never takes whatever else has its name."""

from __future__ import annotations

import json
import shlex
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer import __version__
from reviewer.domain.distribution import install_extra, is_reachable, requirement

COMMIT = "3f2a91c07d8e4b1f9a6c5d4e3f2a1b0c9d8e7f6a"


def origin(url: str, **more: object) -> str:
    return json.dumps({"url": url, **more})


def test_an_extra_is_installed_into_this_environment_and_at_this_version() -> None:
    program, *_, wanted = shlex.split(install_extra("lsp"))
    assert (program, wanted) == (sys.executable, f"reviewer[lsp]=={__version__}")


def test_what_was_installed_from_a_repository_is_installed_from_its_commit() -> None:
    told = origin("https://me:secret@github.com/acme/reviewer.git", vcs_info={"vcs": "git", "commit_id": COMMIT})
    assert requirement(told) == f"reviewer @ git+https://github.com/acme/reviewer.git@{COMMIT}"
    assert is_reachable(requirement(told))


def test_what_was_installed_from_an_archive_is_installed_from_it() -> None:
    told = origin("https://files.example/reviewer-1-py3-none-any.whl", archive_info={})
    assert requirement(told) == "reviewer @ https://files.example/reviewer-1-py3-none-any.whl"


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "[]",
        "{",
        '{"url": 3}',
        origin("file:///home/me/reviewer", dir_info={}),
        origin("https://host/a'; rm -rf ~ #", archive_info={}),
        origin("https://host/a.git", vcs_info={"commit_id": "x; y"}),
        origin("https://[host/a.git", archive_info={}),
    ],
)
def test_what_nobody_else_can_reach_is_named_by_its_version(told: str | None) -> None:
    assert requirement(told) == f"reviewer=={__version__}"
    assert not is_reachable(requirement(told))


@given(st.text(), st.text())
def test_a_requirement_never_leaves_the_quotes_around_it(url: str, commit: str) -> None:
    for told in (url, origin(f"https://{url}", archive_info={}), origin(url, vcs_info={"commit_id": commit})):
        assert shlex.split(f"'{requirement(told)}'") == [requirement(told)]
        assert "\n" not in requirement(told)
