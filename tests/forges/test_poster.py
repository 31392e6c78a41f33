"""From what a client of the service asks for to what stands on the forge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.change import Change
from reviewer.domain.request import ReviewRequest
from reviewer.errors import ForbiddenError, ForgeError, SettingsError, UsageError
from reviewer.forges.access import AppKey, ForgeAccess, read_access
from reviewer.forges.poster import ForgePoster
from reviewer.ports import Forge
from tests.forges.stage import WAITING, GitHubStage, GitLabStage
from tests.posting.reviews import HEAD, NEXT, files, item, review

CHANGE = Change(None, "a" * 40, HEAD, files())
REPORT = review(item(1, line=12), item(2, line=1, path="elsewhere.py"))
GITHUB = {"forge": "github", "repository": "octo/shop", "number": 7}
GITLAB = {"forge": "gitlab", "repository": "group/sub/shop", "number": 7}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStage]:
    with ExitStack() as stack:
        yield GitHubStage(stack, tmp_path)


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[GitLabStage]:
    with ExitStack() as stack:
        yield GitLabStage(stack, tmp_path)


def request(post_to: Mapping[str, Any] | None, repository: str | None = None) -> ReviewRequest:
    return ReviewRequest(repository=repository, head=HEAD, post_to=post_to)


def test_a_review_of_a_pull_request_is_posted_there(github: GitHubStage) -> None:
    access = ForgeAccess(github="t0ken", github_api=github.server.url)
    posted = ForgePoster(access, waiting=WAITING).post(
        request(GITHUB, f"{github.server.url}/octo/shop.git"), REPORT, CHANGE
    )
    assert posted.data() == {"url": "https://127.0.0.1/octo/shop/pull/7", "comments": 1, "note": None}
    assert [one.line for one in github.seen()] == [12]


def test_a_review_of_a_merge_request_is_posted_there(gitlab: GitLabStage) -> None:
    access = ForgeAccess(gitlab="t0ken", gitlab_url=gitlab.server.url, repositories=("group/**",))
    posted = ForgePoster(access, waiting=WAITING).post(request(GITLAB), REPORT, CHANGE)
    assert (posted.comments, [one.line for one in gitlab.seen()]) == (1, [12])
    assert posted.url == f"{gitlab.server.url}/group/sub/shop/-/merge_requests/7"


def test_posting_nowhere_needs_no_access() -> None:
    assert ForgePoster(ForgeAccess()).post(request(None), REPORT, None).data()["url"] is None


def test_a_head_that_moved_is_told(github: GitHubStage) -> None:
    github.push(NEXT, "")
    access = ForgeAccess(github="t0ken", github_api=github.server.url, repositories=("octo/*",))
    posted = ForgePoster(access, waiting=WAITING).post(request(GITHUB), REPORT, CHANGE)
    assert posted.comments == 0
    assert (posted.note or "").startswith(f"not posted; the pull request stands at {NEXT[:12]}")


def test_without_the_change_everything_stands_in_the_summary(github: GitHubStage) -> None:
    access = ForgeAccess(github="t0ken", github_api=github.server.url, repositories=("octo/*",))
    ForgePoster(access, waiting=WAITING).post(request(GITHUB), REPORT, None)
    assert github.seen() == []
    assert "app/client.py:12" in github.summaries()[0]


@pytest.mark.parametrize(
    "repository",
    [
        None,
        "/srv/shop",
        "https://github.com/octo/other",
        "https://evil.example/octo/shop",
        "https://github.com/octo/shop/..",
    ],
)
def test_a_review_of_something_else_is_not_posted(repository: str | None) -> None:
    poster = ForgePoster(ForgeAccess(github="t0ken"))
    with pytest.raises(ForbiddenError, match="the review is not of 'octo/shop'"):
        poster.post(request(GITHUB, repository), REPORT, CHANGE)


@pytest.mark.parametrize(
    "post_to",
    [
        {},
        {"forge": "github"},
        {"forge": "github", "repository": "shop", "number": 7},
        {"forge": "github", "repository": "octo/shop", "number": "7"},
        {"forge": "github", "repository": "octo/shop", "number": True},
        {"forge": "github", "repository": "octo/shop", "number": 0},
        {"forge": "github", "repository": "octo/shop", "number": 7, "extra": 1},
        {"forge": "bitbucket", "repository": "octo/shop", "number": 7},
        {"forge": "gitlab", "repository": "octo/shop", "number": 7},
        {"forge": ["github"], "repository": "octo/shop"},
    ],
)
def test_a_wish_that_means_nothing_is_wrong_usage(post_to: dict[str, Any]) -> None:
    poster = ForgePoster(ForgeAccess(github="t0ken", repositories=("*/*",)))
    with pytest.raises(UsageError, match="post_to"):
        poster.post(request(post_to), REPORT, CHANGE)


def test_an_app_finds_its_installation(github: GitHubStage) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    github.server.apps[5] = key.public_key()
    access = ForgeAccess(github=AppKey(5, pem), github_api=github.server.url, repositories=("octo/*",))
    assert "BEGIN" not in repr(access)
    poster = ForgePoster(access, waiting=WAITING)
    assert poster.post(request(GITHUB), REPORT, CHANGE).comments == 1
    assert poster.post(request({**GITHUB, "installation": 9}), REPORT, CHANGE).comments == 1
    with pytest.raises(ForgeError, match="the App is not installed for octo/other"):
        poster.post(request({**GITHUB, "repository": "octo/other"}), REPORT, CHANGE)


def test_access_comes_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("PEM")
    app = {"REVIEWER_GITHUB_APP_ID": "5", "REVIEWER_GITHUB_APP_KEY_FILE": str(file)}
    assert read_access({}) == ForgeAccess()
    assert read_access({"REVIEWER_GITHUB_TOKEN": "t", "REVIEWER_POST_TO": "a/* b/c"}) == ForgeAccess(
        github="t", repositories=("a/*", "b/c")
    )
    assert read_access({**app, "REVIEWER_GITHUB_API": "https://ghe.example/api/v3"}).github_host == "ghe.example"
    assert read_access(app).github == AppKey(5, "PEM")


@pytest.mark.parametrize(
    "environment",
    [
        {"REVIEWER_GITHUB_APP_ID": "5"},
        {"REVIEWER_GITHUB_APP_KEY_FILE": "x"},
        {"REVIEWER_GITHUB_APP_ID": "five", "REVIEWER_GITHUB_APP_KEY_FILE": "x"},
        {"REVIEWER_GITHUB_APP_ID": "5", "REVIEWER_GITHUB_APP_KEY_FILE": "/nowhere/key.pem"},
        {"REVIEWER_GITHUB_APP_ID": "5", "REVIEWER_GITHUB_APP_KEY_FILE": "x", "REVIEWER_GITHUB_TOKEN": "t"},
    ],
)
def test_settings_that_do_not_go_together_are_told(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="REVIEWER_GITHUB_APP"):
        read_access(environment)


def test_the_service_posts_where_the_environment_gives_access(github: GitHubStage) -> None:
    assert not read_access({}).is_given
    seen: list[Forge] = []

    def observe(forge: Forge) -> Forge:
        seen.append(forge)
        return forge

    environment = {
        "REVIEWER_GITHUB_TOKEN": "t0ken",
        "REVIEWER_GITHUB_API": github.server.url,
        "REVIEWER_POST_TO": "octo/*",
    }
    access = read_access(environment)
    assert access.is_given
    poster = ForgePoster(access, observed=observe)
    assert poster.post(request(GITHUB), REPORT, CHANGE).comments == 1
    assert [one.name for one in seen] == ["github"]


def test_a_review_is_written_to_a_folder_where_there_is_no_forge(tmp_path: Path) -> None:
    poster = ForgePoster(read_access({"REVIEWER_POST_FOLDER": str(tmp_path)}))
    local = {"forge": "local", "repository": "shop"}
    assert poster.post(request({**local, "number": 7}), REPORT, CHANGE).comments == 1
    assert poster.post(request(local), REPORT, CHANGE).url is None
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("review.md")) == [
        "shop/7/review.md",
        "shop/commits/review.md",
    ]


@pytest.mark.parametrize("name", ["..", "a/../../b", "/etc", ".git", "a//b", "a\\b", "a\0b"])
def test_a_name_leads_to_no_folder_outside(tmp_path: Path, name: str) -> None:
    poster = ForgePoster(ForgeAccess(folder=tmp_path / "reviews"))
    with pytest.raises(UsageError, match="names no folder"):
        poster.post(request({"forge": "local", "repository": name}), REPORT, CHANGE)
    assert not list(tmp_path.iterdir())


def test_no_folder_is_used_that_nobody_named() -> None:
    with pytest.raises(UsageError, match="no access to a forge 'local'"):
        ForgePoster(ForgeAccess(github="t0ken")).post(request({"forge": "local", "repository": "x"}), REPORT, CHANGE)
