"""Signs of how much and how long: waiting, reading, looping, matching, keeping."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reviewer.catalog.lookup.signs.sign import Sign, calls_of, is_called, loops_of, method_of, owner_of, values_of
from reviewer.detectors.rule import View
from reviewer.domain.fact import Call, Fact, Loop, Store, Usage
from reviewer.domain.syntax import unwarned

_READING = frozenset({"read", "recv", "readline", "read1", "read_char", "readchar", "getc", "get_char", "readexactly"})
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)\s*[+*{]")
_BLANKS = re.compile(r"(\\s|\\S|\.|\])[+*]\??(\$|\\Z|\)\$)|\.\*.*\.\*")
_SOURCE = re.compile(r"response|request|resp\b|reply|upload|body|stream|reader|field|part|message|session|sock|conn")
_LIMIT = re.compile(r"max|limit|size|cap|quota|bytes|\d{3,}", re.IGNORECASE)


def sleep_as_told(view: View) -> Iterator[Sign]:
    """A pause as long as a value says that is no constant."""
    for call in calls_of(view.unit.facts):
        if not is_called(call, "sleep") or not call.arguments:
            continue
        value = call.arguments[0].value
        text = value.text.lower()
        if value.literal is not None or "min(" in text or "backoff" in text:
            continue
        given = any("header" in (fact.code or "").lower() for fact in view.unit.facts if fact is not call)
        ideas = ("server-delay", "sleep", "retry") if given or value.boundary else ("sleep", "server-delay")
        yield Sign("pauses for as long as a value from elsewhere says", ideas, call.span.line)


def read_whole(view: View) -> Iterator[Sign]:
    """A body is read to its end, however long it is, or its size is looked at only then."""
    for index, call in enumerate(view.unit.facts):
        if not isinstance(call, Call) or not _reads_all(call):
            continue
        later = view.unit.facts[index + 1 :]
        if call.target and any(_measures(fact, call.target) for fact in later):
            yield Sign(
                "compares the size with a limit after everything was read",
                ("limit-too-late", "size-limit", "unbounded-memory", "body"),
                call.span.line,
            )
        else:
            yield Sign("reads a whole body into memory", ("unbounded-memory", "body", "size-limit"), call.span.line)


def read_until(view: View) -> Iterator[Sign]:
    """A loop reads until a certain byte comes, which the end of the stream is not."""
    for loop in loops_of(view.unit):
        if loop.block is None or loop.block.kind != "while":
            continue
        read = next((call for call in calls_of(loop.body) if method_of(call) in _READING), None)
        if read is None or (read.target and _tests_empty(loop, read.target)):
            continue
        yield Sign(
            "reads in a loop that the end of the stream does not end",
            ("end-of-stream", "infinite-loop", "parser"),
            read.span.line,
        )


def no_progress(view: View) -> Iterator[Sign]:
    """A loop goes on while a decoder has something left."""
    for loop in loops_of(view.unit):
        if loop.block is None or loop.block.kind != "while":
            continue
        fed = next((c for c in calls_of(loop.body) if "decompress" in c.text.lower() or is_called(c, "feed")), None)
        if fed is not None:
            yield Sign(
                "goes on for as long as a decoder has input left",
                ("no-progress", "infinite-loop", "compressed-data"),
                fed.span.line,
            )


def repeated_search(view: View) -> Iterator[Sign]:
    """A loop searches the rest of a text at each turn."""
    for loop in loops_of(view.unit):
        found = [call for call in calls_of(loop.body) if is_called(call, "search", "find", "index", "match")]
        if loop.block is not None and loop.block.kind == "while" and found:
            yield Sign("searches the rest of a text at each turn of a loop", ("quadratic", "cpu"), found[0].span.line)


def pattern(view: View) -> Iterator[Sign]:
    """A regular expression: one that may go back and forth, or one that is put together."""
    for call in calls_of(view.unit.facts):
        if not is_called(call, "compile", "match", "search", "sub", "fullmatch", "findall", "split", "finditer"):
            continue
        if not re.fullmatch(r"(re|regex)", owner_of(call)) or not call.arguments:
            continue
        value = call.arguments[0].value
        text = _text_of(value.literal)
        if text is None:
            if not value.text.isupper():
                yield Sign("matches a pattern that is put together", ("user-pattern", "regex"), call.span.line)
        elif _NESTED.search(text) or _BLANKS.search(text):
            yield Sign(
                "matches an expression that can divide a text in many ways",
                ("backtracking", "regex", "quadratic"),
                call.span.line,
            )
        else:
            yield Sign("matches a regular expression", ("regex",), call.span.line)


def collect_all(view: View) -> Iterator[Sign]:
    """Everything that a loop over pages or rows gives is kept."""
    for loop in loops_of(view.unit):
        kept = next((c for c in calls_of(loop.body) if is_called(c, "append", "extend")), None)
        header = loop.block.text if loop.block else ""
        if kept is not None and re.search(r"page|paginat|iter|all\(|rows|objects|fetch", header, re.IGNORECASE):
            yield Sign(
                "keeps everything that a loop over pages or rows gives",
                ("bulk-operation", "unbounded-memory"),
                kept.span.line,
            )


def send_all(view: View) -> Iterator[Sign]:
    """A list of as many parts as something has goes out in one call."""
    built = {
        fact.target
        for fact in view.unit.facts
        if isinstance(fact, Store) and fact.value.text.startswith("[") and " for " in fact.value.text
    }
    for call in calls_of(view.unit.facts):
        if not is_called(call, "post", "put", "patch", "send", "publish", "bulk_update", "bulk_create", "executemany"):
            continue
        if any(
            value.text in built or (value.text.startswith("[") and " for " in value.text) for value in values_of(call)
        ):
            yield Sign(
                "sends as many parts as there are in one call", ("bulk-operation", "unbounded-memory"), call.span.line
            )


def inline_beside_thread(view: View) -> Iterator[Sign]:
    """A coroutine does itself what it hands to a thread elsewhere."""
    calls = calls_of(view.unit.facts)
    handed = any(is_called(c, "to_thread", "run_in_executor", "run_in_threadpool", "run_sync") for c in calls)
    for call in calls if handed and view.unit.is_async else ():
        if not call.awaited and is_called(call, "write", "read", "flush", "fsync", "rollover", "seek", "save", "close"):
            yield Sign(
                "does in the coroutine what it hands to a thread elsewhere",
                ("blocking-in-async", "spill-to-disk", "async"),
                call.span.line,
            )


def cached_object_changed(view: View) -> Iterator[Sign]:
    """What came out of a cache is changed in place."""
    made = [call for call in calls_of(view.unit.facts) if re.search(r"cache|memo", call.text, re.IGNORECASE)]
    cached = frozenset(call.target for call in made if call.target)
    changed = next((fact for fact in view.unit.facts if _changes(fact, cached)), None)
    if changed is not None:
        yield Sign("changes what came out of a cache", ("aliasing", "cache"), changed.span.line)


def _changes(fact: Fact, names: frozenset[str]) -> bool:
    """Whether a fact changes a thing that goes by one of some names, in place."""
    if isinstance(fact, Store):
        return fact.kind == "item" and fact.target.partition("[")[0] in names
    if isinstance(fact, Usage):
        return fact.stored and fact.subject.text in names
    changing = ("pop", "update", "append", "clear", "setdefault", "extend", "remove")
    return isinstance(fact, Call) and fact.text.rpartition(".")[0] in names and is_called(fact, *changing)


def failure_cached(view: View) -> Iterator[Sign]:
    """What stands in for a failed answer is kept like an answer."""
    replaced = {
        fact.target
        for fact in view.unit.facts
        if isinstance(fact, Store) and any(block.kind == "handler" for block in fact.context.blocks)
    }
    for call in calls_of(view.unit.facts):
        if "cache" not in call.text.lower() or not is_called(call, "set", "put", "add", "store", "set_many"):
            continue
        handled = any(block.kind == "handler" for block in call.context.blocks)
        if handled or any(value.text in replaced for value in values_of(call)):
            yield Sign("keeps a failure in a cache like an answer", ("error-cached", "cache"), call.span.line)


def _reads_all(call: Call) -> bool:
    """Whether a call gives a whole body; an answer whose parts are at hand already is not read by asking for them."""
    if call.arguments:
        return False
    if is_called(call, "read", "body", "readall", "form", "read_body", "get_data", "getvalue"):
        return call.awaited or bool(_SOURCE.search(owner_of(call)))
    return call.awaited and is_called(call, "text", "json")


def _measures(fact: object, name: str) -> bool:
    if isinstance(fact, Usage) and fact.operation == "compare":
        return f"len({name})" in fact.code and bool(_LIMIT.search(fact.code))
    return (
        isinstance(fact, Call) and fact.text == "len" and f"len({name}" in fact.code and bool(_LIMIT.search(fact.code))
    )


def _tests_empty(loop: Loop, name: str) -> bool:
    tested = re.compile(
        rf"(not |if |while |and |or ){re.escape(name)}\b(?!\s*(==|!=|\.|in\b|not in\b))|=\s*b?['\"]['\"]"
    )
    header = f"while {loop.block.text}" if loop.block else ""
    return any(tested.search(text) for text in (header, *(fact.code for fact in loop.body)))


def _text_of(literal: str | None) -> str | None:
    if literal is None:
        return None
    try:
        with unwarned():
            value = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else None


SIGNS = (
    sleep_as_told,
    read_whole,
    read_until,
    no_progress,
    repeated_search,
    pattern,
    collect_all,
    send_all,
    inline_beside_thread,
    cached_object_changed,
    failure_cached,
)
