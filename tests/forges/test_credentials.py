"""Whom git is let in by, and where a credential is never sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reviewer.domain.request import ReviewRequest
from reviewer.errors import ForgeError
from reviewer.forges.access import AppKey, ForgeAccess
from reviewer.forges.credentials import ForgeCredentials
from tests.forges.loopback import Fault
from tests.forges.stage import WAITING, GitHubStage
from tests.service.world import app_key

TOKENS = ForgeAccess(github="gh-t0ken", gitlab="gl-t0ken", tenant="ours")


def asked(repository: str | None, access: ForgeAccess = TOKENS, tenant: str | None = "ours") -> str | None:
    """What git is given, in plain words."""
    header = ForgeCredentials(access, waiting=WAITING).authorisation(
        ReviewRequest(repository=repository, tenant=tenant)
    )
    return None if header is None else base64.b64decode(header.removeprefix("Basic ")).decode()


def test_a_token_goes_to_its_own_forge() -> None:
    assert asked("https://github.com/octo/shop.git") == "x-access-token:gh-t0ken"
    assert asked("https://gitlab.com/group/shop") == "oauth2:gl-t0ken"


@pytest.mark.parametrize(
    "repository",
    [
        None,
        "/srv/shop",
        "file:///srv/shop",
        "http://github.com/octo/shop",
        "https://github.com.evil.example/octo/shop",
        "https://evil.example/github.com/octo/shop",
        "https://api.github.com/octo/shop",
    ],
)
def test_a_token_goes_nowhere_else(repository: str | None) -> None:
    assert asked(repository) is None


@pytest.mark.parametrize("tenant", [None, "theirs", ""])
def test_a_token_is_for_its_own_tenant(tenant: str | None) -> None:
    assert asked("https://github.com/octo/shop", tenant=tenant) is None


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStage]:
    with ExitStack() as stack:
        yield GitHubStage(stack, tmp_path)


def test_an_app_asks_for_a_token_that_may_only_read_and_keeps_it_a_while(github: GitHubStage) -> None:
    pem, public = app_key()
    github.server.apps[5] = public
    access = ForgeAccess(github=AppKey(5, pem), github_api=github.server.url)
    credentials = ForgeCredentials(access, waiting=WAITING)
    request = ReviewRequest(repository="http://127.0.0.1/octo/shop.git", tenant="default")
    assert credentials.authorisation(request) == credentials.authorisation(request)
    (made,) = [one for one in github.server.requests if one.path.endswith("/access_tokens")]
    assert made.body == {"repositories": ["shop"], "permissions": {"contents": "read"}}


def test_a_repository_without_the_app_may_be_open_to_all_and_a_failure_is_none(github: GitHubStage) -> None:
    pem, public = app_key()
    github.server.apps[5] = public
    access = ForgeAccess(github=AppKey(5, pem), github_api=github.server.url)
    assert asked("http://127.0.0.1/octo/other", access, "default") is None
    github.server.faults.append(Fault("GET", "/installation$", 401))
    with pytest.raises(ForgeError, match="credentials are not accepted"):
        asked("http://127.0.0.1/octo/shop", access, "default")
