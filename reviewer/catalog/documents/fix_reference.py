"""The commits that a document names as the fix. A number of a pull request leads to none without a network."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import Details, Document
from reviewer.catalog.documents.passage import Passage
from reviewer.domain.lesson import FixReference
from reviewer.errors import UsageError

_MOST = 20
_ADDRESS = re.compile(
    r"https?://([\w.-]{1,100}(?::\d{1,5})?)/([\w.-]{1,100}/[\w./-]{1,200}?)"
    r"(?:/-)?/(?:commits?|pull/\d{1,9}/commits)/([0-9a-fA-F]{7,64})(?![\w-])"
)
_SHORT = re.compile(r"([\w.-]{1,100}/[\w.-]{1,100})@([0-9a-fA-F]{7,64})(?![\w-])")
_HASH = re.compile(r"(?<![\w/@.#-])(?=[0-9a-f]{0,39}[0-9])(?=[0-9]{0,39}[a-f])[0-9a-f]{7,40}(?![\w/@-])")
_NAMED = re.compile(r"\b(?:commit|revision|changeset|sha|fixed (?:in|by|with))[ :]{1,3}$", re.IGNORECASE)
"""What stands before the hash of a commit, where nothing says of which repository it is."""
_MENDING = re.compile(
    r"\b(?:fix(?:e[sd]|ing)?|hot ?fix|patch(?:ed|es)?|resolv\w*|mend\w*|repair\w*|correct\w*|remed\w*|mitigat\w*"
    r"|revert\w*|address\w*|solution|shipped in|released in|landed)\b",
    re.IGNORECASE,
)
_BREAKING = re.compile(
    r"\b(?:introduc\w*|broke\w*|regressed|regressions?(?! test)|caused (?:by|in)|causing|bisect\w*|bad commit|culprit"
    r"|offending|(?:present|there|broken|exists?) since|since commit|faulty|triggered|first bad|blame\w*)\b",
    re.IGNORECASE,
)
_REVISION = re.compile(r"[\w./^~-]{1,100}")


@dataclass(frozen=True, slots=True)
class Fixes:
    """The mending commits that a document names.

    Attributes:
        fix: the one; None where it names none, or several between which nothing decides.
        candidates: all, in order.
        note: what a person should know of them; "" for nothing.
    """

    fix: FixReference | None
    candidates: tuple[FixReference, ...] = ()
    note: str = ""


def fixes_of(document: Document, passages: tuple[Passage, ...]) -> Fixes:
    """The commits that mended what a document tells of.

    Its head names one, or a link or hash in a sentence that speaks of mending does. A commit of which a sentence says
    that it brought the failure is none.
    """
    details = document.details
    stated = reference_of(details.fix, details.repository) if details.fix else None
    found = _distinct(list(dict.fromkeys(_named(document, passages)))[:_MOST])
    if stated is not None:
        return Fixes(stated, tuple(dict.fromkeys([stated, *found])))
    one = _only(found)
    note = ""
    if one is None and found:
        named = ", ".join(fix.commit[:12] for fix in found[:5])
        note = f"it names {len(found)} commits that may be the fix ({named}); name it with --fix"
    return Fixes(one, tuple(found), note)


def reference_of(text: str, repository: str) -> FixReference | None:
    """A commit as a person gives it: an address, "owner/name@commit" or a revision; None for anything else.

    Args:
        text: what was given.
        repository: whose commit it is where the text does not say; "" where that is unknown.
    """
    address = _ADDRESS.search(text)
    if address is not None:
        return FixReference(_repository(address), address[3].lower())
    short = _SHORT.fullmatch(text.strip())
    if short is not None:
        return FixReference(short[1], short[2].lower())
    revision = _REVISION.fullmatch(text.strip())
    return FixReference(repository, revision[0]) if revision is not None and not revision[0].startswith("-") else None


def _named(document: Document, passages: tuple[Passage, ...]) -> Iterator[FixReference]:
    repository = document.details.repository or _only_repository(document)
    links = [mark for mark in document.marks if mark.target]
    starts = [mark.start for mark in links]
    for passage in passages:
        role = passage.told
        mending = _MENDING.search(passage.text) is not None or (role is not None and role.topic == "action")
        if not mending or _BREAKING.search(passage.text):
            continue
        for mark in links[bisect_left(starts, passage.start) : bisect_left(starts, passage.end)]:
            if found := _ADDRESS.search(mark.target):
                yield FixReference(_repository(found), found[3].lower())
        for found in _ADDRESS.finditer(passage.text):
            yield FixReference(_repository(found), found[3].lower())
        without = _ADDRESS.sub(" ", passage.text)
        for short in _SHORT.finditer(without):
            yield FixReference(short[1], short[2].lower())
        for commit in _HASH.finditer(without):
            if repository or _NAMED.search(without, max(0, commit.start() - 20), commit.start()):
                yield FixReference(repository, commit[0])


def _distinct(found: list[FixReference]) -> list[FixReference]:
    """The commits without those that only shorten another one."""
    return [
        fix
        for fix in found
        if not any(
            other is not fix and other.commit.startswith(fix.commit) and fix.repository in ("", other.repository)
            for other in found
        )
    ]


def _only(found: list[FixReference]) -> FixReference | None:
    """The one commit that is named; None where there are several, or none."""
    return found[0] if len(found) == 1 else None


def _only_repository(document: Document) -> str:
    """The repository to which all links to commits lead; "" where they lead to several or there are none."""
    linked = {_repository(found) for mark in document.marks if (found := _ADDRESS.search(mark.target)) is not None}
    return linked.pop() if len(linked) == 1 else ""


def _repository(address: re.Match[str]) -> str:
    path = address[2].removesuffix("/-").removesuffix(".git")
    return path if address[1].lower() in ("github.com", "www.github.com") else f"https://{address[1]}/{path}"


def given_fix(details: Details, repository: str, commit: str) -> FixReference | None:
    """The fix that a person names beside the document, who knows better than it does.

    Args:
        details: what the document says of itself.
        repository: "" where the person names none.
        commit: "" where the person names none.

    Raises:
        UsageError: what is named is no revision.
    """
    if not commit:
        return None
    fix = reference_of(commit, repository or details.repository)
    if fix is None:
        raise UsageError(f"{one_line(commit, 60)!r} is not a revision; name the commit that fixed it")
    return fix
