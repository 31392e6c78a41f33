"""Which addresses a repository may be cloned from, checked before git connects.

A name that a client gives may lead into the network of the service (server-side request forgery, CWE-918): the name
must be one of the allowed, and every address that it stands for must be public. Git is then held to the addresses that
were checked (`http.curloptResolve`), so that a second answer of the name server cannot lead elsewhere, and follows no
redirect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from reviewer.domain.service import RepositoryPolicy
from reviewer.errors import ForbiddenError, RepositoryError, UnreachableError

_PORTS = {"https": 443, "http": 80}
_MOST_CHARACTERS = 1000
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is.

    Attributes:
        url: as git is given it: no user, no password, no query.
        scheme: of the URL.
        host: in small letters; "" for a file.
        port: that is connected to; 0 for a file.
    """

    url: str
    scheme: str
    host: str
    port: int


def read_address(url: str, policy: RepositoryPolicy) -> Address:
    """An address that the settings allow; nothing is connected to.

    Args:
        url: as a client gave it (hostile).
        policy: what is allowed.

    Raises:
        ForbiddenError: it is not allowed, and why.
    """
    shown = url[:200]
    if len(url) > _MOST_CHARACTERS or not url.isascii() or not url.isprintable() or any(c in url for c in ' "\\^`{}'):
        raise ForbiddenError(f"repository {shown!r}: this is no plain URL; write https://HOST/PATH")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenError(f"repository {shown!r}: this is no URL; write https://HOST/PATH") from error
    if parts.scheme not in policy.schemes:
        raise ForbiddenError(f"repository: {parts.scheme}:// is not allowed; this service takes {_listed(policy)}")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        # The URL itself may hold a secret and is not repeated.
        raise ForbiddenError("repository: the URL has more than a host and a path; leave out user, password and query")
    if parts.scheme == "file":
        return _file(unquote(parts.path), parts.hostname, policy)
    host = (parts.hostname or "").rstrip(".")
    bracketed = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(bracketed) or not _is_allowed(host, policy.hosts):
        raise ForbiddenError(f"repository: host {host[:100]!r} is not allowed; this service takes {_listed(policy)}")
    if len(parts.path.strip("/")) == 0 or ".." in parts.path.split("/"):
        raise ForbiddenError(f"repository {shown!r}: the URL names no repository; write https://HOST/PATH")
    number = _PORTS[parts.scheme] if port is None else port
    named = bracketed if port is None or port == _PORTS[parts.scheme] else f"{bracketed}:{port}"
    return Address(f"{parts.scheme}://{named}{parts.path}", parts.scheme, host, number)


def resolve(address: Address, policy: RepositoryPolicy) -> dict[str, str]:
    """Look an address up, and hold git to what was found.

    Returns:
        Git configuration.

    Raises:
        ForbiddenError: the name leads to an address that is not allowed.
        UnreachableError: the name server has no answer now.
        RepositoryError: the name leads nowhere.
    """
    if address.scheme == "file":
        return {}
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        if error.errno == socket.EAI_AGAIN:
            raise UnreachableError(f"the host {address.host!r} cannot be looked up now; try again later") from error
        raise RepositoryError(f"the host {address.host!r} is not known ({error.strerror}); check the URL") from error
    numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
    for number in numbers:
        if not policy.private_addresses and not is_public(number):
            raise ForbiddenError(
                f"the host {address.host!r} leads to {number}, an address that is not public; the one who runs the "
                "service can allow it with --allow-private-addresses"
            )
    listed = ",".join(f"[{number}]" if ":" in number else number for number in numbers)
    return {"http.curloptResolve": f"{address.host}:{address.port}:{listed}"}


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address.sixtofour is not None:
            return is_public(str(address.sixtofour))
        if address in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address.is_global and not address.is_multicast and not address.is_reserved


def _file(path: str, host: str | None, policy: RepositoryPolicy) -> Address:
    place = Path(path).resolve()
    if host not in (None, "", "localhost") or not any(place.is_relative_to(one.resolve()) for one in policy.paths):
        raise ForbiddenError("repository: this file is not allowed; --allow-path names the folders that are")
    return Address(f"file://{place}", "file", "", 0)


def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    return any(host.endswith(one[1:].lower()) if one.startswith("*.") else host == one.lower() for one in allowed)


def _listed(policy: RepositoryPolicy) -> str:
    hosts = ", ".join(policy.hosts) or "no host"
    return f"{' and '.join(policy.schemes)} of {hosts}"
