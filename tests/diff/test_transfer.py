"""A server that never ends what it says takes neither the memory of the service nor that of its machine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest

from reviewer.diff.place import Place
from reviewer.diff.program import GitProgram
from reviewer.diff.transfer import TransferLimits, Transport, transfer
from reviewer.errors import RepositoryError
from tests.git_builder import GitBuilder

MEMORY = 128 << 20
LIMITS = TransferLimits(60, 1 << 20, MEMORY)


def line(text: bytes) -> bytes:
    """A line of git's protocol (gitprotocol-common(5), "pkt-line Format")."""
    return b"%04x" % (len(text) + 4) + text


REFERENCES = b"".join(line(b"a" * 40 + b" refs/heads/%06d/HEAD\n" % number) for number in range(20_000))
HEADINGS = {
    2: line(b"version 2\n") + line(b"ls-refs\n") + line(b"object-format=sha1\n") + b"0000",
    1: line(b"a" * 40 + b" HEAD\0multi_ack\n"),
}


@contextmanager
def telling(version: Literal[1, 2], times: int | None) -> Iterator[str]:
    """The address of a repository with very many references, which are told so many times; None for ever."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            self._begin("advertisement")
            self.wfile.write(line(b"# service=git-upload-pack\n") + b"0000" + HEADINGS[version])
            if version == 1:
                self._tell()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self._begin("result")
            self._tell()

        def _begin(self, what: str) -> None:
            self.send_response(200)
            self.send_header("content-type", f"application/x-git-upload-pack-{what}")
            self.end_headers()

        def _tell(self) -> None:
            told = 0
            try:
                while times is None or told < times:
                    self.wfile.write(REFERENCES)
                    told += 1
                self.wfile.write(b"0000")
            except ConnectionError:
                return

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/shop"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listed(builder: GitBuilder, url: str) -> bytes:
    folder = builder.root / ".git"
    program = GitProgram(Place(folder, folder, None, folder), big_file_bytes=1 << 20)
    return transfer(program, Transport(url, "http", {}), LIMITS, "ls-remote", url, "HEAD")


def test_more_references_than_anybody_asked_for_are_not_listened_to(builder: GitBuilder) -> None:
    with telling(2, 2) as url, pytest.raises(RepositoryError, match="said more than 1,048,576 bytes"):
        listed(builder, url)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system limits the memory of another process")
@pytest.mark.parametrize("version", [1, 2])
def test_git_takes_no_more_memory_than_it_may(builder: GitBuilder, version: Literal[1, 2]) -> None:
    with telling(version, None) as url, pytest.raises(RepositoryError, match=f"more than {MEMORY:,} bytes of memory"):
        listed(builder, url)


def test_a_complaint_without_end_is_not_listened_to(builder: GitBuilder, tmp_path: Path) -> None:
    folder = builder.root / ".git"
    program = GitProgram(Place(folder, folder, None, folder), big_file_bytes=1 << 20)
    loud = "alias.loud", "!while :; do echo complaint complaint complaint complaint; done >&2"
    with pytest.raises(RepositoryError, match="said more than"):
        transfer(program, Transport("", "file", dict([loud])), LIMITS, "loud")
