"""Bytes → `Document`: which shape a document has, and who reads it."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace

from reviewer.catalog.documents.decoding import decode
from reviewer.catalog.documents.document import Details, Document
from reviewer.catalog.documents.front_matter import split_front_matter
from reviewer.catalog.documents.github import read_advisory, read_issue
from reviewer.catalog.documents.html import write_html
from reviewer.catalog.documents.json_field import Fields
from reviewer.catalog.documents.markdown import write_markdown
from reviewer.catalog.documents.plain_text import write_text
from reviewer.catalog.documents.sentry import read_sentry
from reviewer.catalog.documents.writer import Writer
from reviewer.domain.lesson import Shape
from reviewer.errors import PostmortemError

_HEAD = 20_000
_SUFFIXES: dict[str, Shape] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".txt": "text",
    ".rst": "text",
    ".text": "text",
}
_PAGE = re.compile(
    r"\s{0,200}+(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,2000}>\s{0,20})?<(?:!doctype\s+html|html|head|body)\b",
    re.I,
)
_MARKDOWN = re.compile(
    r"^#{1,6}[ \t]+\S|^\s{0,3}[-*]\s+\*\*|^```|^\|[ \t:|-]{3,200}\|[ \t]*$|\]\(https?://|^\*\*[^*\n]{1,60}\*\*",
    re.MULTILINE,
)


def read_document(content: bytes, name: str) -> Document:
    """Read a document, whatever shape it has.

    Args:
        content: the file.
        name: what a person calls it; how it ends helps to tell its shape.

    Returns:
        Its plain text with positions. Whether it is a post-mortem is not asked here.

    Raises:
        PostmortemError: it cannot be read; the error says what it is instead, and what to do.
    """
    text = decode(content, name)
    if text.lstrip()[:1] in ("{", "["):
        value = _parsed(text, name)
        if value is not None:
            return _from_json(value, name)
    details, rest = split_front_matter(text, name)
    shape = _shape_of(rest, name)
    writer = Writer(name)
    if shape == "html":
        details = _filled(details, write_html(rest, writer, name))
    elif shape == "markdown":
        write_markdown(rest, writer, name)
    else:
        write_text(rest, writer, name)
    document = writer.document(shape, details)
    if not document.text:
        raise PostmortemError(name, "holds no text; write down what happened, why, and what was done about it")
    return document


def _shape_of(text: str, name: str) -> Shape:
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if _PAGE.match(text):
        return "html"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    return "markdown" if _MARKDOWN.search(text[:_HEAD]) else "text"


def _parsed(text: str, name: str) -> Fields | None:
    """The object that a text is; None for a text that only begins as one does."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise PostmortemError(name, "its JSON is nested too deep; give the issue, advisory or event alone") from error
    except ValueError as error:
        if name.lower().endswith(".json"):
            raise PostmortemError(name, f"is no valid JSON: {error}") from error
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise PostmortemError(
            name, "is JSON, and neither a GitHub issue or advisory nor a Sentry issue; give one of these at a time"
        )
    return Fields(value)


def _from_json(value: Fields, name: str) -> Document:
    for read in (read_advisory, read_issue, read_sentry):
        document = read(value, name)
        if document is not None:
            return document
    raise PostmortemError(
        name,
        "is JSON, and neither a GitHub issue (title, body), an advisory (summary, description) nor a Sentry issue "
        "(title, culprit) or event (exception); give one of these",
    )


def _filled(details: Details, more: Details) -> Details:
    """Details, with what they leave unknown from others."""
    known = {field.name: getattr(details, field.name) or getattr(more, field.name) for field in fields(details)}
    return replace(details, **known)
