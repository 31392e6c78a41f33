"""Bytes → text, or a clear word on what they are instead."""

from __future__ import annotations

import codecs
import re

from reviewer.errors import PostmortemError

MOST_BYTES = 5 * 1024 * 1024
"""The largest document that is read; saved pages carry their pictures with them."""
_HEAD = 64 * 1024
_MANY = 20
_MOST_LINES = 0.5

_IN_WORDS = "write down what happened in words, and quote the lines that matter"
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF; save its text as Markdown, HTML or plain text"),
    (b"PK\x03\x04", "a zipped file, such as a Word document; save its text as Markdown, HTML or plain text"),
    (b"\xd0\xcf\x11\xe0", "an old Office file; save its text as Markdown, HTML or plain text"),
    (b"{\\rtf", "an RTF file; save its text as Markdown, HTML or plain text"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"BZh", "a compressed file; unpack it first"),
    (b"\xfd7zXZ", "a compressed file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a compressed file; unpack it first"),
    (b"\x89PNG", "a picture; write down what it says"),
    (b"\xff\xd8\xff", "a picture; write down what it says"),
    (b"GIF8", "a picture; write down what it says"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"<meta\b[^<>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LINE_OF_LOG = re.compile(
    r"\s{0,8}+(?:"
    r"[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ,_]\d\d:\d\d|"  # 2024-03-05 14:02
    r"[\[(]?\d\d[-/.](?:\d\d|[A-Z][a-z]{2})[-/.]\d{4}[: ]\d\d:\d\d|"  # 05/Mar/2024:14:02
    r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|"  # Mar  5 14:02:11
    r"[\[(]?\d\d:\d\d:\d\d[.,\]) ]|"
    r"\d{10}(?:\.\d+)?\b|"
    r"\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \[|"  # of a web server
    r"<\d{1,3}>|"
    r"\[?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|TRACE)\b[\]: ]|"
    r"\{\"?(?:time|ts|timestamp|@timestamp|level|severity|asctime)\"?\s?:|"
    r"(?:time|ts|level)="
    r")"
)


def decode(content: bytes, name: str) -> str:
    """The text of a document, line ends as "\\n".

    Args:
        content: the file.
        name: what a person calls it.

    Raises:
        PostmortemError: it is empty, too large, a log, no text, or its encoding cannot be told.
    """
    if not content.strip():
        raise PostmortemError(name, "is empty; write down what happened, why, and what was done about it")
    for magic, kind in _KINDS:
        if content.startswith(magic):
            raise PostmortemError(name, f"is {kind}")
    if len(content) > MOST_BYTES:
        log = is_log(content[:_HEAD].decode("utf-8", "replace"))
        size = f"more than {MOST_BYTES // 1024 // 1024} MiB"  # nobody reads it to the end to tell how much more
        what = f"is a log of {size}; {_IN_WORDS}" if log else f"has {size}; cut out the part that tells of the incident"
        raise PostmortemError(name, what)
    text = _decoded(content, name).replace("\r\n", "\n").replace("\r", "\n")
    if is_log(text):
        raise PostmortemError(name, f"is a log; {_IN_WORDS}")
    return text


def is_log(text: str) -> bool:
    """Whether most of the first lines begin as those of a log do."""
    lines = [line for line in text[:_HEAD].split("\n") if line.strip()]
    found = sum(1 for line in lines if _LINE_OF_LOG.match(line))
    return len(lines) >= _MANY and found > _MOST_LINES * len(lines)


def _decoded(content: bytes, name: str) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _by(encoding, content[len(mark) :], name)
    if b"\0" in content:
        raise PostmortemError(name, "holds NUL bytes and is no text; save it as Markdown, HTML or plain text in UTF-8")
    declared = _CHARSET.search(content[:4096])
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError):
        info = codecs.lookup("utf-8")
    # Of codecs only those of one character set: "zip" and "rot13" are codecs too, and some take time without bound.
    return _by(info.name if info.name in _CHARACTER_SETS else "utf-8", content, name)


_CHARACTER_SETS = frozenset(
    {"utf-8", "ascii", "shift_jis", "euc_jp", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr", "koi8-r"}
    | {f"iso8859-{number}" for number in range(1, 17)}
    | {f"cp{number}" for number in (437, 850, 866, 874, *range(1250, 1259))}
)


def _by(encoding: str, content: bytes, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise PostmortemError(
            name, f"is not valid {encoding.upper()} at byte {error.start}; save it as UTF-8"
        ) from error
