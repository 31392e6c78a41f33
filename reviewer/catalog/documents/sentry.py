"""A Sentry issue with its event as JSON, in the forms of its API, its webhooks and its event files."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import Details, Document
from reviewer.catalog.documents.json_field import Fields
from reviewer.catalog.documents.writer import Run, Writer

_LONGEST = 300
_MOST_FRAMES = 50
_MOST_EXCEPTIONS = 10
_FACTS = (
    ("First seen", ("firstSeen", "first_seen")),
    ("Last seen", ("lastSeen", "last_seen")),
    ("Events", ("count",)),
    ("Users", ("userCount", "user_count")),
    ("Level", ("level",)),
)


def read_sentry(fields: Fields, name: str) -> Document | None:
    """An issue of Sentry, an event of it, or both.

    Args:
        fields: the object: an issue, an event, or one that holds them under "issue"/"group" and "event"/"latestEvent".
        name: of the document, for errors.

    Returns:
        The document; None where it is no such thing.

    Raises:
        PostmortemError: it is too long.
    """
    data = fields.inside("data") or fields
    issue = data.inside("issue", "group") or data
    event = data.inside("event", "latestEvent", "latest_event") or issue.inside("latestEvent", "event") or data
    exceptions = list(_exceptions(event))
    if not exceptions and not (issue.text("title") and issue.has("culprit")):
        return None
    title = issue.text("title") or event.text("title") or _told(exceptions[-1])
    writer = Writer(name)
    writer.write("heading", [Run(one_line(title, _LONGEST))], 1)
    culprit = issue.text("culprit") or event.text("culprit", "transaction")
    rows = [("Where", one_line(culprit, _LONGEST))]
    rows += [
        (label, next((_fact(source, key) for source in (issue, event) for key in keys if _fact(source, key)), ""))
        for label, keys in _FACTS
    ]
    for label, value in rows:
        if value:
            writer.row("row", [[Run(label)], [Run(value)]])
    for exception in exceptions[-_MOST_EXCEPTIONS:]:
        writer.write("paragraph", [Run(_told(exception))])
        writer.write("code", [Run("\n".join(_frames(exception)))])
    message = event.text("message") or event.inside("logentry").text("formatted", "message")
    if message and not exceptions:
        writer.write("paragraph", [Run(one_line(message, 2000))])
    project = issue.inside("project")
    details = Details(
        title=one_line(title, _LONGEST),
        organisation=one_line(issue.inside("organization").text("slug") or event.text("organization"), _LONGEST),
        source=one_line(issue.text("permalink", "web_url", "url") or event.text("web_url"), _LONGEST),
        incident=_day(issue, event),
        repository=one_line(project.text("slug", "name") or issue.text("project"), 100),
    )
    return writer.document("sentry", details)


def _exceptions(event: Fields) -> Iterator[Fields]:
    """The exceptions of an event, the one that was raised last at the end."""
    yield from event.inside("exception").each("values")
    yield from event.each("exception")
    for entry in event.each("entries"):
        if entry.text("type") == "exception":
            yield from entry.inside("data").each("values")


def _told(exception: Fields) -> str:
    kind, value = exception.text("type"), exception.text("value")
    return one_line(f"{kind}: {value}" if kind and value else kind or value or "Error", 1000)


def _frames(exception: Fields) -> Iterator[str]:
    """The frames as a traceback shows them."""
    frames = list(exception.inside("stacktrace", "rawStacktrace").each("frames"))
    for frame in frames[-_MOST_FRAMES:]:
        path = frame.text("filename", "absPath", "abs_path", "module") or "?"
        line = frame.number("lineno") or frame.number("lineNo") or "?"
        yield one_line(f'File "{path}", line {line}, in {frame.text("function") or "?"}', 400)
        code = frame.text("context_line", "contextLine")
        if code.strip():
            yield f"  {one_line(code, 200)}"


def _fact(source: Fields, key: str) -> str:
    return one_line(source.text(key), 100) or source.number(key)


def _day(issue: Fields, event: Fields) -> str:
    return (issue.text("firstSeen", "first_seen") or event.text("dateCreated", "timestamp", "datetime"))[:40]
