"""What a document is called, whose incident it tells of, and the id that a corrected version of it keeps."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import Document, fold
from reviewer.catalog.documents.heading import role_of

LONGEST_TITLE = 160
_LONGEST_ID = 80
_DIGITS = 8
_KIND = re.compile(
    r"(?:(?:incident|outage|root cause)[ -])?(?:post[ -]?mortem|retrospective|incident(?: report| review)?"
    r"|outage report|rca|root cause analysis|pm-?\d{1,6})(?: (?:of|for|on))?(?: the)?(?:\s{0,3}#?\d{1,6})?"
    r"\s{0,3}(?:[:–—|-]|$)\s{0,3}",
    re.IGNORECASE,
)
"""What a title says of the document, and not of the incident."""
_ONLY_KIND = re.compile(
    r"(?:incident|outage|the|a|report|post[ -]?mortem|retrospective|review|rca|root cause analysis|summary|title"
    r"|untitled|document|readme|index|template|blameless|#?\d++|[\s:–—|-])*+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s{0,3}\((?:incident|inc|pm)?[ #-]{0,3}\d{1,9}\)$", re.IGNORECASE)
_SITE = re.compile(r"\s{1,3}[|·–—-]\s{1,3}[^|·–—]{1,60}$")
_ORGANISATION = re.compile(r"(?:organi[sz]ation|company)\s{0,3}:\s{0,3}(\S[^\n]{0,98})", re.IGNORECASE)
_SOURCE = re.compile(
    r"(?:source|original|url|link|originally published(?: at)?)\s{0,3}:\s{0,3}(https?://[^\s<>\"')]{1,300})",
    re.IGNORECASE,
)
_SAFE = re.compile(r"https?://[^\s<>\"'`\\]{1,300}")


def title_of(document: Document) -> str:
    """One line that says what happened; "" where the document has none."""
    page = document.shape == "html"  # whose title is that of the page, and whose heading that of the text
    given = document.details.title
    candidates = (*_headings(document), given) if page else (given, *_headings(document))
    for candidate in (*candidates, _first_line(document)):
        title = _bare(candidate, site=page)
        if title:
            return one_line(title, LONGEST_TITLE)
    return ""


def organisation_of(document: Document) -> str:
    """Whose incident it was; "" where the document does not say."""
    return document.details.organisation or _labelled(document, _ORGANISATION)


def source_of(document: Document, given: str) -> str:
    """Where the document is to be found.

    Args:
        given: the address, or the path inside of its repository, by which it was read; "" where that says nothing to
            others.
    """
    for candidate in (document.details.source, _labelled(document, _SOURCE)):
        found = _SAFE.fullmatch(candidate.rstrip(".,;"))
        if found is not None:
            return found[0]
    return one_line(given, 300)


def identify(document: Document, title: str, organisation: str) -> str:
    """An id made of the organisation, or else the repository, and the title.

    Args:
        title: as `title_of` gives it.
        organisation: as `organisation_of` gives it.
    """
    if document.details.id and (given := _slug(document.details.id)):
        return given[:_LONGEST_ID]
    whose = organisation or document.details.repository
    words = _slug(f"{whose} {title}")
    # What is cut off, and what has no letters of this alphabet, still tells documents apart.
    if len(words) > _LONGEST_ID or not title.isascii() or not words:
        digest = hashlib.sha256(fold(f"{whose}\n{title}".casefold()).encode()).hexdigest()[:_DIGITS]
        words = f"{words[: _LONGEST_ID - _DIGITS - 1].rstrip('-')}-{digest}".lstrip("-")
    return words


def digest_of(document: Document) -> str:
    """SHA-256 of the plain text, white space folded."""
    return hashlib.sha256(fold(document.text).encode()).hexdigest()


def _headings(document: Document) -> list[str]:
    """The widest headings that say something of their own."""
    headings = [block for block in document.blocks if block.kind == "heading"]
    level = min((block.level for block in headings), default=0)
    found = [document.text[block.start : block.end] for block in headings if block.level == level]
    return [text for text in found if role_of(text) is None][:3]


def _first_line(document: Document) -> str:
    """The first paragraph where it is short and no sentence: the title of a text that has no headings."""
    block = document.blocks[0]
    first = fold(document.text[block.start : block.end])
    short = block.kind == "paragraph" and len(first) <= LONGEST_TITLE and not first.endswith((".", ":"))
    return first if short else ""


def _bare(title: str, *, site: bool) -> str:
    """A title without what it says of the document."""
    title = fold(title[: 4 * LONGEST_TITLE])
    if site:
        title = _SITE.sub("", title)
    bare = _KIND.sub("", title, count=1) if _KIND.match(title) else title
    bare = _NUMBER.sub("", bare)
    return "" if _ONLY_KIND.fullmatch(bare) else bare.strip(" :–—-|")


def _labelled(document: Document, pattern: re.Pattern[str]) -> str:
    """What stands behind a label at the beginning of a line, or in the cell beside it."""
    for block in document.blocks[:40]:
        if block.kind not in ("paragraph", "item", "row"):
            continue
        for line in document.text[block.start : block.end].split("\n"):
            found = pattern.match(line.replace(" | ", ": ", 1))
            if found is not None:
                return one_line(found[1], 100) if pattern is _ORGANISATION else found[1]
    return ""


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
