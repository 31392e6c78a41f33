"""What the tests of models share: a scripted server, and an environment without anybody's keys or proxies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llm.scripted_server import ScriptedServer


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_environment(monkeypatch, tmp_path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that answers `{}` until it is given a script."""
    with ScriptedServer() as running:
        yield running


def isolate_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Hide the keys, addresses and proxies of whoever runs the tests; loopback is reached directly."""
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "OPENAI_", "OTEL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    # Nobody speaks TLS on loopback; each client would read all certificates of the system.
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # Anthropic's SDK looks for a login of the user's there.
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
