from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.diff.remote import name_of_url
from reviewer.diff.repository import GitRepository
from tests.git_builder import GitBuilder


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/shop/api.git", "https://example.org/shop/api.git"),
        ("https://ada:s3cret@example.org:8443/shop/api", "https://example.org:8443/shop/api"),
        ("https://token@example.org/shop?private_token=s3cret#s3cret", "https://example.org/shop"),
        ("ssh://git@example.org:22/shop/api.git", "ssh://example.org:22/shop/api.git"),
        ("https://ada:s3cret@[2001:db8::1]/shop", "https://[2001:db8::1]/shop"),
        ("git@example.org:shop/api.git", "example.org:shop/api.git"),
        ("example.org:shop/api.git", "example.org:shop/api.git"),
        ("/home/ada/work/api.git", "api"),
        ("../api", "api"),
        ("file:///home/ada/work/api/.git", "api"),
        (r"C:\Users\ada\api", "api"),
        ("C:/Users/ada/api", "api"),
        ("ext::sh -c 'curl s3cret'", ""),
        ("ext::sh", ""),
        ("foo://ada:s3cret@example.org/x", ""),
        ("https://ada:s3cret@/shop", ""),
        ("https://ada:s3cret@example.org:port/shop", ""),
        ("https://example.org/\x1b[31mred", ""),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_secrets_and_paths(url: str, name: str) -> None:
    assert name_of_url(url) == name


@given(st.text(), st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8))
def test_a_password_is_never_shown(path: str, password: str) -> None:
    assert password not in name_of_url(f"https://ada:{password}@example.org/") + name_of_url(f"{password}@host:x")
    assert name_of_url(path).isprintable()


def name(root: Path) -> str:
    with GitRepository(root) as repository:
        return repository.fix("HEAD").repository


def test_a_repository_goes_by_its_remote(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": "b\n"})
    assert name(builder.root) == "repo"
    builder.git("remote", "add", "fork", "https://example.org/fork")
    assert name(builder.root) == "https://example.org/fork"
    builder.git("remote", "add", "origin", "https://ada:s3cret@example.org/shop")
    assert name(builder.root) == "https://example.org/shop"


def test_a_bare_repository_goes_by_its_directory(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": "b\n"})
    bare = builder.clone(tmp_path / "shop.git", "--bare")
    bare.git("remote", "remove", "origin")
    assert name(bare.root) == "shop"
