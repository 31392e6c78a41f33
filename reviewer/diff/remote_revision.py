"""From the names that a client gives to commits of a repository that is not here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from reviewer.diff.path import decode
from reviewer.errors import RevisionError

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Tips:
    """The two commits that are wanted, by their full ids."""

    base: str
    head: str

    @classmethod
    def of_full_ids(cls, base: str | None, head: str | None) -> Self | None:
        """The two where both are given in full; else None."""
        if base is None or head is None or not _FULL_ID.fullmatch(base) or not _FULL_ID.fullmatch(head):
            return None
        return cls(base, head)

    @staticmethod
    def patterns(*names: str | None) -> Sequence[str]:
        """What to ask the other side for."""
        found = ["HEAD"]
        for name in names:
            if name is not None and not _FULL_ID.fullmatch(name):
                found += _candidates(name)
        return list(dict.fromkeys(found))


def read_tips(listed: bytes, base: str | None, head: str | None) -> Tips:
    """The commits that two names stand for.

    Args:
        listed: the output of `git ls-remote --symref` (hostile).
        base, head: full ids or names; None for the default branch.

    Raises:
        RevisionError: the repository has no such branch or tag.
    """
    refs: dict[str, str] = {}
    for line in decode(listed).splitlines():
        identity, _, name = line.partition("\t")
        if _FULL_ID.fullmatch(identity):
            refs.setdefault(name, identity)
    return Tips(_find(base, refs), _find(head, refs))


def _find(name: str | None, refs: dict[str, str]) -> str:
    if name is None:
        name = "HEAD"
    if _FULL_ID.fullmatch(name):
        return name
    for candidate in _candidates(name):
        # Of a tag with a message, the commit that it stands for.
        found = refs.get(f"{candidate}^{{}}") or refs.get(candidate)
        if found is not None:
            return found
    raise RevisionError(name[:200], "the repository has no such branch or tag; give one, or a commit's full id")


def _candidates(name: str) -> list[str]:
    if not name or name.startswith("-") or re.search(r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{", name):
        raise RevisionError(name[:200], "a repository that is elsewhere knows branches, tags and full ids; give one")
    if name == "HEAD":
        return [name]
    if name.startswith("refs/"):
        return [name, f"{name}^{{}}"]
    return [f"refs/heads/{name}", f"refs/tags/{name}", f"refs/tags/{name}^{{}}"]
