"""What leaves functions of requests, and what does not."""

from __future__ import annotations

import importlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.escape_proofs.answers import response
from benchmarks.escape_proofs.proving import Proof, load, resolve, written

NETRC = "get_netrc_auth"


def ask_netrc(path: Path | str, url: str | bytes = "http://host/") -> object:
    """Look an address up in a netrc file, failures told."""
    os.environ["NETRC"] = str(path)
    return load("requests.utils").get_netrc_auth(url, raise_errors=True)


PREPARE = "PreparedRequest.prepare"


def prepare(url: str = "http://host/", **parts: object) -> object:
    """Prepare a request of these parts."""
    return load("requests.models").PreparedRequest().prepare(method="POST", url=url, **parts)


LINES = "Response.iter_lines"
JSON = "Response.json"
BROKEN = {
    "ProtocolError": "ChunkedEncodingError",
    "DecodeError": "ContentDecodingError",
    "ReadTimeoutError": "ConnectionError",
    "SSLError": "SSLError",
}
"""What breaks below while a body is read, and what becomes of it."""


def read_broken(error: str, _: Path, *, parsed: bool = False) -> object:
    """Read a body whose reading fails, by lines or parsed."""
    broken: Any = resolve(f"urllib3.exceptions.{error}")
    made = response(body=broken(None, "/", "late") if error == "ReadTimeoutError" else broken("broken"))
    return made.json() if parsed else list(made.iter_lines())


CONNECTION = "HTTPAdapter.get_connection_with_tls_context"


def connect(url: str, proxy: str | None = None) -> object:
    """Ask an adapter for the connection to an address, through a proxy where one is named."""
    request = load("requests.models").Request("GET", "http://host/").prepare()
    request.url = url
    proxies = {"http": proxy} if proxy is not None else None
    return load("requests.adapters").HTTPAdapter().get_connection_with_tls_context(request, True, proxies)


def without_socks(_: Path) -> object:
    """Connect through a SOCKS proxy where the library for it is not installed."""
    with mock.patch.dict(sys.modules, {"urllib3.contrib.socks": None}):
        importlib.reload(load("requests.adapters"))
    return connect("http://host/", "socks5://proxy:1")


PROOFS = (
    Proof(NETRC, "UnicodeDecodeError", lambda work: ask_netrc(written(work / "netrc"), b"http://\xff/")),
    Proof(NETRC, "ValueError", lambda work: ask_netrc(written(work / "netrc"), "http://[::1/")),
    Proof(NETRC, "netrc.NetrcParseError", lambda work: ask_netrc(written(work / "netrc", "nonsense here"))),
    Proof(NETRC, "OSError", ask_netrc),
    Proof(
        PREPARE,
        "requests.exceptions.InvalidURL",
        lambda _: prepare("http://[::1/"),
        translated=("urllib3.exceptions.LocationParseError",),
    ),
    Proof(
        PREPARE, "requests.exceptions.InvalidURL", lambda _: prepare("http://-é.com/"), translated=("idna.IDNAError",)
    ),
    Proof(PREPARE, "requests.exceptions.MissingSchema", lambda _: prepare("host/path")),
    Proof(PREPARE, "requests.exceptions.InvalidHeader", lambda _: prepare(headers={"a": "b\nc: d"})),
    Proof(PREPARE, "requests.exceptions.InvalidJSONError", lambda _: prepare(json={"a": float("nan")})),
    Proof(PREPARE, "ValueError", lambda _: prepare(hooks={"unheard": print})),
    Proof(PREPARE, "NotImplementedError", lambda _: prepare(data=iter([b"a"]), files={"b": b"c"})),
    *(
        Proof(
            LINES,
            f"requests.exceptions.{becomes}",
            partial(read_broken, error),
            translated=(f"urllib3.exceptions.{error}",),
        )
        for error, becomes in BROKEN.items()
    ),
    *(
        Proof(
            JSON,
            f"requests.exceptions.{becomes}",
            partial(read_broken, error, parsed=True),
            translated=(f"urllib3.exceptions.{error}",),
        )
        for error, becomes in BROKEN.items()
        if error != "SSLError"
    ),
    Proof(
        LINES,
        "requests.exceptions.StreamConsumedError",
        lambda _: list(response(_content=False, _content_consumed=True).iter_lines()),
    ),
    Proof(
        LINES, "LookupError", lambda _: list(response(body=b"a", encoding="unheard").iter_lines(decode_unicode=True))
    ),
    Proof(JSON, "requests.exceptions.JSONDecodeError", lambda _: response(body=b"no JSON").json()),
    Proof(
        JSON,
        "RuntimeError",
        lambda _: response(_content=False, _content_consumed=True).json(),
        passed_over=("requests.exceptions.StreamConsumedError",),
    ),
    Proof(
        JSON, "", lambda _: response(body='{"a": "é"}'.encode("latin-1")).json(), passed_over=("UnicodeDecodeError",)
    ),
    Proof(JSON, "", lambda _: response(body=b"{}", encoding="unheard").json(), passed_over=("LookupError",)),
    Proof(CONNECTION, "requests.exceptions.InvalidURL", lambda _: connect("http://host:port/")),
    Proof(CONNECTION, "requests.exceptions.InvalidProxyURL", lambda _: connect("http://host/", "http://")),
    Proof(CONNECTION, "urllib3.exceptions.LocationValueError", lambda _: connect("http://host/", "http://[::1")),
    Proof(CONNECTION, "requests.exceptions.InvalidSchema", without_socks),
)
