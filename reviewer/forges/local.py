"""No forge at all: a review as files in a folder, to be read by a person or handed on by a script.

`review.md` is what a pull request would show; `review.json` is what is known of it from one review to the next. Both
are written whole, one writer at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

from reviewer.domain.check import Check
from reviewer.domain.comment import Comment, Draft, Note, Standing, Target, Thread
from reviewer.domain.posting import ForgeLimits
from reviewer.errors import ForgeError
from reviewer.posting.marker import read_findings, without_marker
from reviewer.render.markdown import code_span

_SUMMARY = 0


class _Stored(TypedDict):
    """What `review.json` holds."""

    next: int
    threads: list[dict[str, Any]]
    summary: str | None
    check: dict[str, Any] | None
    head: str


class LocalFolder:
    """A folder for the reviews of one branch."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written yet.

        Args:
            folder: made where it is missing.
        """
        self._folder = folder

    @property
    def name(self) -> str:
        """ "local"."""
        return "local"

    @property
    def limits(self) -> ForgeLimits:
        """A file takes anything; patches are shown as diffs."""
        return ForgeLimits(body=1_000_000)

    async def look(self, target: Target) -> Standing:
        """See `ports.Forge`."""
        stored = await asyncio.to_thread(self._locked, self._load)
        check = stored["check"] if stored["head"] == target.head else None
        return Standing(
            head=target.head,
            threads=tuple(_thread(one) for one in stored["threads"]),
            notes=(Note(_SUMMARY, stored["summary"]),) if stored["summary"] is not None else (),
            check=check["digest"] if check else None,
        )

    async def comment(self, target: Target, comments: Sequence[Comment]) -> bool:
        """See `ports.Forge`."""

        def add(stored: _Stored) -> None:
            for comment in comments:
                stored["next"] += 1
                place = comment.place
                stored["threads"].append(
                    {
                        "id": stored["next"],
                        "path": place.path,
                        "line": place.line,
                        "start_line": place.start_line,
                        "body": comment.body,
                        "resolved": False,
                    }
                )

        await self._change(add)
        return True

    async def comment_on_file(self, target: Target, comment: Comment) -> None:
        """See `ports.Forge`."""
        await self.comment(target, [comment])

    async def publish(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`; nothing is left as a draft here."""

    async def discard(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`; nothing is left as a draft here."""

    async def resolve(self, target: Target, thread: Thread, body: str | None) -> None:
        """See `ports.Forge`."""

        def close(stored: _Stored) -> None:
            for one in stored["threads"]:
                if one["id"] == thread.comment_id:
                    one["resolved"] = True
                    one["body"] = one["body"] if body is None else body

        await self._change(close)

    async def remove(self, target: Target, thread: Thread) -> None:
        """See `ports.Forge`."""

        def drop(stored: _Stored) -> None:
            stored["threads"] = [one for one in stored["threads"] if one["id"] != thread.comment_id]

        await self._change(drop)

    async def summarise(self, target: Target, body: str, note: Note | None) -> None:
        """See `ports.Forge`."""

        def write(stored: _Stored) -> None:
            stored["summary"] = body

        await self._change(write)

    async def remove_note(self, target: Target, note: Note) -> None:
        """See `ports.Forge`; there is never more than one."""

    async def conclude(self, target: Target, check: Check) -> None:
        """See `ports.Forge`."""

        def write(stored: _Stored) -> None:
            stored["check"], stored["head"] = asdict(check), target.head

        await self._change(write)

    async def may_write(self, target: Target, login: str) -> bool:
        """Nobody answers in a file."""
        return False

    async def close(self) -> None:
        """See `ports.Forge`; nothing is held open."""

    async def _change(self, change: Callable[[_Stored], None]) -> None:
        def run() -> None:
            stored = self._load()
            change(stored)
            self._write("review.json", json.dumps(stored, indent=1))
            self._write("review.md", _shown(stored))

        await asyncio.to_thread(self._locked, run)

    def _locked(self, work: Callable[[], Any]) -> Any:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._lock():
                return work()
        except OSError as error:
            raise ForgeError(
                "local", f"{self._folder} cannot be used ({error.strerror}); name another folder"
            ) from None

    def _lock(self) -> AbstractContextManager[object]:
        from filelock import FileLock  # noqa: PLC0415 - only where a review is written to a folder

        return FileLock(self._folder / ".review.lock", timeout=30)

    def _load(self) -> _Stored:
        try:
            stored: _Stored = json.loads((self._folder / "review.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"next": 0, "threads": [], "summary": None, "check": None, "head": ""}
        except ValueError:
            raise ForgeError("local", f"{self._folder / 'review.json'} is damaged; delete it") from None
        return stored

    def _write(self, name: str, text: str) -> None:
        """Put a whole file in the place of another."""
        new = self._folder / f".{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self._folder / name)


def _thread(one: dict[str, Any]) -> Thread:
    mark = read_findings(one["body"])
    return Thread(
        id=str(one["id"]),
        comment_id=one["id"],
        fingerprints=mark.fingerprints if mark else (),
        rules=mark.rules if mark else (),
        path=one["path"],
        resolved=one["resolved"],
        fixed=mark is not None and mark.fixed,
        head=mark.head if mark else "",
        body=one["body"],
    )


def _shown(stored: _Stored) -> str:
    """What a person reads: the summary, then the open threads by place."""
    parts = [stored["summary"]] if stored["summary"] is not None else []
    for one in sorted(stored["threads"], key=lambda one: (one["path"], one["line"] or 0)):
        if not one["resolved"]:
            lines = f":{one['start_line'] or one['line']}" if one["line"] else ""
            parts.append(f"### {code_span(one['path'] + lines)}\n\n{without_marker(one['body'])}")
    return "\n\n".join(parts) + "\n"
