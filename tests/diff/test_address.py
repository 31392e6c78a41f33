"""Which addresses may be cloned from."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.diff.address import is_public, read_address, resolve
from reviewer.domain.service import RepositoryPolicy
from reviewer.errors import ForbiddenError, RepositoryError, UnreachableError

POLICY = RepositoryPolicy(hosts=("github.com", "*.example.org", "localhost", "2130706433", "127.0.0.1"))


@pytest.mark.parametrize(
    ("url", "git"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("https://GitHub.com:443/a/b.git", "https://github.com/a/b.git"),
        ("https://git.example.org:8443/a", "https://git.example.org:8443/a"),
        ("https://github.com./a/b", "https://github.com/a/b"),
    ],
)
def test_an_allowed_address_is_written_in_one_way(url: str, git: str) -> None:
    assert read_address(url, POLICY).url == git


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a",
        "https://evilgithub.com/a/b",
        "https://github.com@evil.example/a",
        "https://github.com\\@evil.example/a",
        "https://evil.example#github.com/a",
        "https://evil.example/?github.com/a",
        "https://github.com:99999/a",
        "https://github.com/",
        "https://github.com/../a",
        "https://gıthub.com/a/b",
        "https://github.com/a b",
        "https://github.com/a\nb",
        "https://[::1]/a",
        "http://github.com/a/b",
        "git://github.com/a/b",
        "file://github.com/etc",
        "-oProxyCommand=evil://x",
        "https:github.com/a",
        "https://github.com/" + "a" * 1000,
    ],
)
def test_any_other_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenError):
        read_address(url, POLICY)


@given(st.text(max_size=60))
def test_whatever_is_written_is_allowed_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://github.com/{text}"):
        try:
            address = read_address(url, POLICY)
        except ForbiddenError:
            continue
        assert address.host == "github.com" or address.host in POLICY.hosts or address.host.endswith(".example.org")
        assert address.url.startswith("https://")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "127.0.0.1"])
def test_a_name_of_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(ForbiddenError, match="not public"):
        resolve(read_address(f"https://{host}/a", POLICY), POLICY)


def test_git_is_held_to_the_address_that_was_checked() -> None:
    allowed = replace(POLICY, private_addresses=True)
    found = resolve(read_address("https://127.0.0.1:8443/a", POLICY), allowed)
    assert found == {"http.curloptResolve": "127.0.0.1:8443:127.0.0.1"}


@pytest.mark.parametrize(
    "number",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_an_address_that_is_not_public(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["8.8.8.8", "140.82.121.4", "2606:50c0:8000::153", "64:ff9b::808:808"])
def test_an_address_that_is_public(number: str) -> None:
    assert is_public(number)


@given(st.ip_addresses())
def test_no_private_address_is_taken_for_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        public = is_public(str(address))
        assert not public or address in ipaddress.ip_network("64:ff9b::/96")


def test_a_file_lies_below_an_allowed_folder(tmp_path: Path) -> None:
    policy = RepositoryPolicy(schemes=("file",), paths=(tmp_path,))
    assert read_address(f"file://{tmp_path}/shop", policy).scheme == "file"
    for wrong in (f"file://{tmp_path}/../x", "file:///etc", f"file://host{tmp_path}/shop"):
        with pytest.raises(ForbiddenError):
            read_address(wrong, policy)


@pytest.mark.parametrize(("number", "passes"), [(socket.EAI_AGAIN, True), (socket.EAI_NONAME, False)])
def test_a_name_server_that_has_no_answer_now_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, number: int, passes: bool
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    policy = RepositoryPolicy()
    address = read_address("https://github.com/octo/shop.git", policy)
    with pytest.raises(RepositoryError) as told:
        resolve(address, policy)
    assert isinstance(told.value, UnreachableError) is passes
