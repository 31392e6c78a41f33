"""A GitHub issue, pull request or security advisory as JSON, as the REST API, webhooks, `gh` and OSV give it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import Details, Document
from reviewer.catalog.documents.json_field import Fields
from reviewer.catalog.documents.markdown import write_markdown
from reviewer.catalog.documents.writer import Run, Writer

_LONGEST = 300
_MOST_COMMENTS = 100
_MOST_LISTED = 30
_REPOSITORY = re.compile(r"https?://[\w.-]{1,100}/(?:repos/)?([\w.-]{1,100})/([\w.-]{1,100})(?=/|$)")


def read_issue(fields: Fields, name: str) -> Document | None:
    """An issue or pull request, with its comments where they are given.

    Args:
        fields: the object; also one that holds it under "issue" or "pull_request", comments beside it.
        name: of the document, for errors.

    Returns:
        The document; None where it is no such thing.

    Raises:
        PostmortemError: it is too long.
    """
    issue = next((inner for key in ("issue", "pull_request") if (inner := fields.inside(key)).text("title")), fields)
    if not issue.text("title") or not issue.has("body"):
        return None
    source = issue.text("html_url", "url")
    repository = _repository_of(source, issue.text("repository_url"), fields.inside("repository").text("full_name"))
    writer = Writer(name)
    writer.write("heading", [Run(one_line(issue.text("title"), _LONGEST))], 1)
    write_markdown(issue.text("body"), writer, name, below=1)
    for comment in _comments(fields, issue):
        writer.write("heading", [Run("Comment")], 2)
        write_markdown(comment, writer, name, below=2)
    merged = issue.text("merged_at", "mergedAt")
    commit = issue.text("merge_commit_sha") or issue.inside("mergeCommit").text("oid")
    details = Details(
        title=one_line(issue.text("title"), _LONGEST),
        organisation=repository.partition("/")[0],
        source=source if "//api." not in source else "",
        published=issue.text("created_at", "createdAt")[:40],
        repository=repository,
        fix=commit if merged else "",
        tags=tuple(_labels(issue)),
    )
    return writer.document("github-issue", details)


def read_advisory(fields: Fields, name: str) -> Document | None:
    """A security advisory: of a repository, a global one, or one in the form of OSV.

    Args:
        fields: the object; also one that holds it under "security_advisory" or "repository_advisory".
        name: of the document, for errors.

    Returns:
        The document; None where it is no such thing.

    Raises:
        PostmortemError: it is too long.
    """
    advisory = fields.inside("security_advisory", "repository_advisory") or fields
    body = advisory.text("description", "details")
    if not advisory.text("summary") or not body or advisory.text("title"):
        return None
    identifiers = list(dict.fromkeys(_identifiers(advisory)))
    if not identifiers and not advisory.has("severity"):
        return None
    links = list(_links(advisory))
    repository = _repository_of(
        advisory.text("source_code_location"), advisory.text("html_url"), *(link for _, link in links)
    )
    writer = Writer(name)
    writer.write("heading", [Run(one_line(advisory.text("summary"), _LONGEST))], 1)
    write_markdown(body, writer, name, below=1)
    _write_list(writer, "Weaknesses", [(text, "") for text in _weaknesses(advisory)])
    _write_list(writer, "Affected packages", [(text, "") for text in _packages(advisory)])
    _write_list(writer, "References", [(f"Fix {link}" if kind == "FIX" else link, link) for kind, link in links])
    details = Details(
        title=one_line(advisory.text("summary"), _LONGEST),
        organisation=repository.partition("/")[0],
        source=advisory.text("html_url") or next((link for _, link in links if "/advisories/" in link), ""),
        published=advisory.text("published_at", "published")[:40],
        repository=repository,
        tags=tuple(identifier.lower() for identifier in identifiers),
    )
    return writer.document("github-advisory", details)


def _comments(fields: Fields, issue: Fields) -> Iterator[str]:
    seen = 0
    for holder in (fields, issue) if fields is not issue else (issue,):
        for comment in holder.each("comments"):
            if seen < _MOST_COMMENTS and comment.text("body"):
                seen += 1
                yield comment.text("body")


def _labels(issue: Fields) -> Iterator[str]:
    for name in issue.texts("labels"):
        yield one_line(name, 60)
    for label in issue.each("labels"):
        if label.text("name"):
            yield one_line(label.text("name"), 60)


def _identifiers(advisory: Fields) -> Iterator[str]:
    listed = [identifier.text("value") for identifier in advisory.each("identifiers")]
    named = [advisory.text("ghsa_id"), advisory.text("cve_id"), advisory.text("id")]
    for value in (*named, *listed, *advisory.texts("aliases")):
        if re.fullmatch(r"(?:CVE|GHSA|PYSEC|OSV)-[\w-]{1,40}", value, re.IGNORECASE):
            yield value


def _links(advisory: Fields) -> Iterator[tuple[str, str]]:
    """Sort and address of each reference."""
    found = [("", link) for link in advisory.texts("references")]
    found += [(item.text("type"), item.text("url")) for item in advisory.each("references")]
    for kind, link in found[:_MOST_LISTED]:
        if link:
            yield kind, one_line(link, _LONGEST)


def _weaknesses(advisory: Fields) -> Iterator[str]:
    for weakness in advisory.each("cwes"):
        yield one_line(f"{weakness.text('cwe_id')} {weakness.text('name')}", 200)
    yield from advisory.texts("cwe_ids")
    yield from advisory.inside("database_specific").texts("cwe_ids")


def _packages(advisory: Fields) -> Iterator[str]:
    for key in ("vulnerabilities", "affected"):
        for affected in list(advisory.each(key))[:_MOST_LISTED]:
            name = affected.inside("package").text("name")
            range_ = affected.text("vulnerable_version_range")
            mended = affected.text("patched_versions", "first_patched_version")
            mended = mended or affected.inside("first_patched_version").text("identifier")
            if name:
                yield one_line(f"{name} {range_}{f', mended in {mended}' if mended else ''}", 200)


def _write_list(writer: Writer, heading: str, items: list[tuple[str, str]]) -> None:
    if items:
        writer.write("heading", [Run(heading)], 2)
    for text, link in items[:_MOST_LISTED]:
        writer.write("item", [Run(text, link)])


def _repository_of(*places: str) -> str:
    """ "owner/name" from the first address of a repository; "" where there is none."""
    for place in places:
        found = _REPOSITORY.match(place)
        if found is not None and found[1] not in ("advisories", "orgs", "users"):
            return f"{found[1]}/{found[2].removesuffix('.git')}"
        if re.fullmatch(r"[\w.-]{1,100}/[\w.-]{1,100}", place):
            return place
    return ""
