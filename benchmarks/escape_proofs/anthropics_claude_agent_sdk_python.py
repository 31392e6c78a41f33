"""What leaves functions of the Claude agent SDK, and what does not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.escape_proofs.proving import Proof, fails, load, resolve, written

SESSION = "550e8400-e29b-41d4-a716-446655440000"
DELETE = "delete_session"
GIT_FAILURES = ("subprocess.SubprocessError", "subprocess.TimeoutExpired")
LATE = subprocess.TimeoutExpired("git", 5)


def sessions(work: Path, content: bytes | str | None = None) -> str:
    """A directory for sessions, with one where a content is given; its path."""
    os.environ["CLAUDE_CONFIG_DIR"] = str(work)
    path = work / "projects" / "a" / f"{SESSION}.jsonl"
    return written(path, content) if content is not None else str(path)


def delete(work: Path, session: str = SESSION, content: str | None = None, **where: str) -> object:
    """Delete a session."""
    sessions(work, content)
    return load("claude_agent_sdk").delete_session(session, **where)


def git_late(work: Path) -> object:
    """Delete where git does not answer in time."""
    with fails("subprocess.run", LATE):
        return delete(work, directory=str(work))


def not_removable(work: Path) -> object:
    """Delete a file that may not be removed."""
    with fails("pathlib.Path.unlink", PermissionError("no")):
        return delete(work, content="{}")


IMPORT = "import_session_to_store"


def import_session(work: Path, session: str = SESSION, content: bytes | None = None, **where: str) -> object:
    """Import a session into a store."""
    sessions(work, content)
    module = load("claude_agent_sdk._internal.session_import")
    return asyncio.run(module.import_session_to_store(session, mock.AsyncMock(), **where))


def import_git_late(work: Path) -> object:
    """Import where git does not answer in time."""
    with fails("subprocess.run", LATE):
        return import_session(work, directory=str(work))


def not_readable(work: Path) -> object:
    """Import a file that may not be read."""
    sessions(work, "{}")
    with fails("pathlib.Path.open", PermissionError("no")):
        return import_session(work)


TIMEOUT = "_with_timeout"


def with_timeout(error: BaseException | None) -> object:
    """Wait for something that fails, or for something that does not end."""
    module = load("claude_agent_sdk._internal.session_resume")

    async def wait() -> None:
        if error is not None:
            raise error
        await asyncio.sleep(60)

    return asyncio.run(module._with_timeout(wait(), 0.01, "it"))


WRITE = "SubprocessCLITransport.write"
AWAY = "claude_agent_sdk._errors.CLIConnectionError"


def transport(**attributes: object) -> Any:
    """The transport to a process that was not started."""
    sdk = load("claude_agent_sdk")
    made = load("claude_agent_sdk._internal.transport.subprocess_cli").SubprocessCLITransport(
        prompt="a", options=sdk.ClaudeAgentOptions(cli_path="/nonexistent")
    )
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


BROKEN = ("anyio.BrokenResourceError", "anyio.ClosedResourceError")


def write(error: str, _: Path) -> object:
    """Write to a pipe that fails."""
    stream = mock.Mock(send=mock.AsyncMock(side_effect=resolve(error)))
    return asyncio.run(transport(_ready=True, _stdin_stream=stream).write("a"))


INITIALIZE = "Query.initialize"


def initialize(link: object, *, reading: bool = False) -> object:
    """Initialize a query over a transport, its messages read or not."""

    async def run() -> object:
        query = load("claude_agent_sdk._internal.query").Query(link, True, initialize_timeout=0.2)
        if reading:
            await query.start()
        return await query.initialize()

    return asyncio.run(run())


class Failing:
    """A transport to a process that fails while an answer is awaited."""

    async def write(self, data: str) -> None:
        """Take a message."""

    async def read_messages(self) -> Any:
        """Give no message, then fail."""
        await asyncio.sleep(0.01)
        raise resolve("claude_agent_sdk._errors.ProcessError")("failed")
        yield {}


PROOFS = (
    Proof(DELETE, "ValueError", lambda work: delete(work, "a")),
    Proof(DELETE, "FileNotFoundError", delete),
    Proof(DELETE, "FileNotFoundError", git_late, passed_over=GIT_FAILURES),
    Proof(DELETE, "OSError", not_removable),
    Proof(IMPORT, "ValueError", lambda work: import_session(work, "a")),
    Proof(IMPORT, "FileNotFoundError", import_session),
    Proof(IMPORT, "UnicodeDecodeError", lambda work: import_session(work, content=b"\xff")),
    Proof(IMPORT, "json.JSONDecodeError", lambda work: import_session(work, content=b"no JSON")),
    Proof(IMPORT, "FileNotFoundError", import_git_late, passed_over=GIT_FAILURES),
    Proof(IMPORT, "OSError", not_readable),
    Proof(TIMEOUT, "RuntimeError", lambda _: with_timeout(None), translated=("TimeoutError",)),
    Proof(TIMEOUT, "RuntimeError", lambda _: with_timeout(OSError("full")), translated=("OSError",)),
    *(Proof(WRITE, AWAY, partial(write, error), translated=(error,)) for error in BROKEN),
    Proof(INITIALIZE, "Exception", lambda _: initialize(mock.AsyncMock()), translated=("TimeoutError",)),
    Proof(INITIALIZE, AWAY, lambda _: initialize(transport())),
    Proof(INITIALIZE, "claude_agent_sdk._errors.ProcessError", lambda _: initialize(Failing(), reading=True)),
)
