"""What leaves functions of the Docker SDK, and what does not."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from benchmarks.escape_proofs.answers import CLOSED, asked
from benchmarks.escape_proofs.proving import Proof, load, program, written

STORE = "Store.get"


def credentials(work: Path, script: str, *, removed: bool = False) -> object:
    """Ask a credential helper that runs this script, or is removed before it is asked."""
    helper = program(work / "docker-credential-x", script)
    store = load("docker.credentials.store").Store("x")
    if removed:
        helper.unlink()
    return store.get("host")


ENV_FILE = "parse_env_file"


def env_file(path: str) -> object:
    """Parse a file of variables."""
    return load("docker.utils.utils").parse_env_file(path)


VERSION = "APIClient._retrieve_server_version"
KILL = "ContainerApiMixin.kill"


def client(url: str = CLOSED) -> Any:
    """A client of a daemon that is asked nothing yet."""
    return load("docker").APIClient(base_url=url, version="1.44", timeout=1)


def silent_daemon(_: Path) -> object:
    """Ask a daemon that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return client(f"http://127.0.0.1:{server.getsockname()[1]}").kill("a")


PROOFS = (
    Proof(
        STORE,
        "docker.credentials.errors.CredentialsNotFound",
        lambda work: credentials(work, """echo '{"Username": "", "Secret": ""}'"""),
    ),
    Proof(
        STORE,
        "docker.credentials.errors.StoreError",
        lambda work: credentials(work, "exit 1"),
        translated=("subprocess.CalledProcessError",),
    ),
    Proof(
        STORE,
        "docker.credentials.errors.StoreError",
        lambda work: credentials(work, "", removed=True),
        translated=("OSError", "FileNotFoundError"),
    ),
    Proof(STORE, "json.JSONDecodeError", lambda work: credentials(work, "echo no JSON")),
    Proof(STORE, "UnicodeDecodeError", lambda work: credentials(work, r"printf '\377'")),
    Proof(ENV_FILE, "docker.errors.DockerException", lambda work: env_file(written(work / "env", "nothing\n"))),
    Proof(ENV_FILE, "OSError", lambda work: env_file(str(work / "missing"))),
    Proof(ENV_FILE, "UnicodeDecodeError", lambda work: env_file(written(work / "env", b"\xff"))),
    Proof("create_archive", "OSError", lambda work: load("docker.utils.build").create_archive(str(work), ["missing"])),
    Proof(
        VERSION,
        "docker.errors.DockerException",
        lambda _: client()._retrieve_server_version(),
        translated=("requests.exceptions.ConnectionError",),
    ),
    Proof(
        VERSION,
        "docker.errors.DockerException",
        lambda _: asked(client()._retrieve_server_version, 200, b"{}"),
        translated=("KeyError",),
    ),
    Proof(
        VERSION,
        "docker.errors.DockerException",
        lambda _: asked(client()._retrieve_server_version, 200, b"no JSON"),
        translated=("requests.exceptions.JSONDecodeError",),
    ),
    Proof(
        VERSION,
        "docker.errors.DockerException",
        lambda _: asked(client()._retrieve_server_version, 500, b""),
        translated=("docker.errors.APIError", "requests.exceptions.HTTPError"),
    ),
    Proof(KILL, "docker.errors.NullResource", lambda _: client().kill(None)),
    Proof(KILL, "ValueError", lambda _: client().kill(5)),
    Proof(KILL, "requests.exceptions.ConnectionError", lambda _: client().kill("a")),
    Proof(KILL, "docker.errors.APIError", lambda _: asked(lambda: client().kill("a"), 500, b"")),
    Proof(KILL, "requests.exceptions.Timeout", silent_daemon),
)
