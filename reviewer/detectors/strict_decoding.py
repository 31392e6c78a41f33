"""Foreign bytes decoded strictly.

Bytes of another program, a file or the network become text with the strict error handler.

Why: One byte that is not UTF-8 (a program's output under another locale, a Latin-1 file name or header) raises
UnicodeDecodeError, and the whole result is lost although nearly all of it is readable.

Instead: Decode with `errors="replace"` or "backslashreplace" where the text is for people or for searching; where every
byte counts, catch UnicodeDecodeError and say which source was not text.

Source: https://docs.python.org/3/library/codecs.html#error-handlers
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends, made_here, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import subprocess

def lint(path):
    done = subprocess.run(["lint", path], capture_output=True, timeout=60)
    return done.stdout.decode()  #!
""",
    """
def words(data: bytes):
    return data.decode("utf-8").split()  #!
""",
)
GOOD = (
    """
import subprocess

def lint(path):
    done = subprocess.run(["lint", path], capture_output=True, timeout=60)
    return done.stdout.decode(errors="replace")
""",
    """
def words(data: bytes):
    try:
        return data.decode("utf-8").split()
    except UnicodeDecodeError:
        return []
""",
    """
def words(data: bytes):
    return data.decode("latin-1")
""",
)

_NEVER_FAILS = ("latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1", "unicode_escape", "unicode-escape")
_ASCII_MAKERS = ("base64.", "binascii.", "json.", "str.encode", "quopri.")
_DECODERS = frozenset({"bytes.decode", "bytearray.decode", "codecs.decode"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find strict decoding of bytes that this program did not write."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        if fact.callee in _DECODERS or (fact.callee is None and fact.text.endswith(".decode")):
            yield from _of_decode(view, rule, fact)


def _of_decode(view: View, rule: Rule, fact: Call) -> Iterator[Finding]:
    value = fact.receiver
    if value is None or fact.open_ended or value.literal is not None or value.type in ("str", "io.StringIO"):
        return
    encoding = fact.argument("encoding", 0)
    if fact.argument("errors", 1) is not None or not _may_fail(encoding):
        return
    if value.made_by is not None and value.made_by.startswith(_ASCII_MAKERS):
        return
    if fact.callee is None and not _looks_like_bytes(fact, value, encoding):
        return
    if ends(view, fact, "UnicodeDecodeError"):
        return
    loud = value.boundary in ("process output", "file", "network", "user input") and not view.is_test
    source = source_of(value)
    yield rule.finding(
        view,
        fact,
        f"{fact.text}() fails on the first byte that is not {_name(encoding)}"
        + (f", and {value.text} comes from {source}" if source else ""),
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=("UnicodeDecodeError",),
        evidence=made_here(view, value, fact.span.line),
    )


def _may_fail(encoding: Value | None) -> bool:
    return encoding is None or encoding.text.strip("'\"").lower() not in _NEVER_FAILS


def _looks_like_bytes(fact: Call, value: Value, encoding: Value | None) -> bool:
    """Whether `.decode` of an unknown thing is that of bytes: no argument, or the name of an encoding."""
    if len(fact.arguments) > 1:
        return False
    if encoding is None:
        return not fact.arguments
    return encoding.text.strip("'\"").lower().replace("-", "").replace("_", "") in ("utf8", "ascii", "utf16", "cp1252")


def _name(encoding: Value | None, default: str = "UTF-8") -> str:
    return default if encoding is None else encoding.text.strip("'\"")
